"""Each kind and field created, changed and cleared by a real apply: then a plan is empty."""

from __future__ import annotations

import pytest

from reconciler.model.act import Action
from reconciler.protocols import Done
from tests.conformance.carriers import CARRIERS, NAME, SORTS
from tests.conformance.keeping import awaited, keeping, operations, told
from tests.conformance.writes import LATER

OTHERS = [(name, kind) for name, sort in SORTS.items() for kind in sort.others]
OBJECTS = [(name, kind) for name, sort in SORTS.items() for kind in sort.objects]
GOING = [(name, kind) for name, kind in OBJECTS if SORTS[name].objects[kind].goes]
FIELDS = [(name, each) for name, sort in SORTS.items() for each in sorted(sort.first)]


@pytest.fixture
def opened(tmp_path):
    def of(carrier):
        return CARRIERS[carrier](tmp_path)

    return of


def settled(keeper, address, waits=()):
    """Apply, which has something to do about an address, and then let a plan be empty."""
    plan, report = keeper.apply()
    assert [one for one in operations(plan) if one.address == address], told(plan)
    assert {part.status for part in report.parts} == {"done"}, report
    results = [one for part in report.parts for one in part.results]
    assert {one.status for one in results} <= {"done", "waiting"}, results
    after = keeper.plan()
    assert told(after) == []
    if awaited(after):
        keeper.world.clock.sleep(LATER)
        keeper.apply()
        after = keeper.plan()
    assert (told(after), awaited(after)) == ([], list(waits))


def bought(keeper):
    """A number that is bought and handed over."""
    bare = {"handoff": keeper.world.sort.first["handoff"]}
    keeper.number(bare)
    settled(keeper, f"acme/carrier_number/{keeper.world.e164}")
    return bare


@pytest.mark.parametrize(("carrier", "name"), FIELDS)
def test_a_field_of_a_number_is_created_changed_and_cleared_and_then_a_plan_is_empty(
    opened, carrier, name
):
    with opened(carrier) as world, keeping(world) as keeper:
        address = f"acme/carrier_number/{world.e164}"
        bare = bought(keeper)

        first, second = world.sort.first[name], world.sort.second[name]
        there = world.spelt({"connector": NAME, name: second}).get(name)
        is_second = name in world.carrier.capabilities.fields and world.there().spec.get(name) in (
            second,
            there,
        )
        for value in (first, second, first) if is_second else (second, first):
            keeper.number(bare | {name: value})
            settled(keeper, address)
            assert world.there().spec.get(name, value) == value
        if name in world.sort.clearable:
            keeper.number(bare)
            settled(keeper, address)
            assert name not in world.there().spec
        assert world.charged() == [world.e164]


@pytest.mark.parametrize(("carrier", "kind"), OTHERS)
def test_each_field_beside_a_number_is_created_changed_and_cleared_and_then_a_plan_is_empty(
    opened, carrier, kind
):
    with opened(carrier) as world, keeping(world) as keeper:
        address = f"acme/{kind}/{world.e164}"
        bought(keeper)

        for values in steps_beside(world.sort, kind):
            keeper.beside(kind, values)
            settled(keeper, address)
            there = world.carrier.observe().others[kind][world.e164]
            assert there.spec == {"connector": NAME, **values}
        keeper.beside(kind, None)
        settled(keeper, address)
        assert world.carrier.observe().others[kind] == {}


def steps_beside(sort, kind):
    """Made without what can be taken back; then each field of the second value; then without."""
    first, second = sort.others[kind]
    clearable = {name for name in first if f"{kind}.{name}" in sort.clearable}
    now = {name: value for name, value in first.items() if name not in clearable}
    yield now
    for name in sorted(second):
        for value in (first[name], second[name]) if name in clearable else (second[name],):
            if now.get(name) != value:
                now = {**now, name: value}
                yield now
    for gone in sorted(clearable):
        yield {name: value for name, value in second.items() if name != gone}


@pytest.mark.parametrize(("carrier", "kind"), OBJECTS)
def test_an_object_of_the_account_is_created_changed_and_removed_and_then_a_plan_is_empty(
    opened, carrier, kind
):
    with opened(carrier) as world, keeping(world) as keeper:
        thing = world.sort.objects[kind]
        address = f"@{NAME}/{kind}/{thing.name}"
        for need, name, values in world.sort.needs:
            keeper.own(need, name, values)
        keeper.apply()

        for values in steps_of(thing):
            keeper.own(kind, thing.name, values)
            settled(keeper, address, waits=[address] if thing.reviewed else [])
            if thing.seen is None:
                assert world.visible(kind, thing.name) == world.told(kind, values)
        if thing.goes:
            keeper.own(kind, thing.name, None)
            settled(keeper, address)
            assert world.visible(kind, thing.name) is None


@pytest.mark.parametrize(("carrier", "kind"), GOING)
def test_an_object_that_somebody_else_removed_is_made_again(opened, carrier, kind):
    with opened(carrier) as world, keeping(world) as keeper:
        thing = world.sort.objects[kind]
        keeper.own(kind, thing.name, thing.values[0])
        for need, name, values in world.sort.needs:
            keeper.own(need, name, values)
        keeper.apply()
        assert told(keeper.plan()) == []

        assert isinstance(world.do(world.of_account(Action.DELETE, kind, None)), Done)

        settled(keeper, f"@{NAME}/{kind}/{thing.name}")
        assert world.visible(kind, thing.name) == world.told(kind, thing.values[0])


def steps_of(thing):
    """Its first value, that with each field of another one, and the others."""
    first, *others = thing.values
    yield first
    for other in others:
        for name in sorted(other):
            if other[name] != first[name]:
                yield {**first, name: other[name]}
                yield first
    yield from others


@pytest.mark.parametrize("carrier", [name for name, sort in SORTS.items() if sort.port])
def test_a_port_is_submitted_once_and_then_a_plan_is_empty(opened, carrier):
    with opened(carrier) as world, keeping(world) as keeper:
        keeper.port("spring", world.sort.port)
        settled(keeper, "acme/port/spring", waits=["acme/port/spring"])
        assert len(world.carrier.orders("port")) == 1
