"""What a carrier's connector keeps of objects of the account itself, whichever carrier it is."""

from __future__ import annotations

import pytest

from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Unknown
from tests.conformance.carriers import CARRIERS, NAME, SORTS
from tests.conformance.test_carrier import WRITES, expected

OBJECTS = [(name, kind) for name, sort in SORTS.items() for kind in sort.objects]


@pytest.fixture(params=OBJECTS, ids="-".join)
def held(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        for name, value in made.sort.objects[kind].switches.items():
            made.switch(name, value)
        yield made, kind, made.sort.objects[kind]


def there(world, kind):
    """The object as another process sees it; what is never told is not looked for."""
    return world.again().observe().others.get(kind, {}).get(world.sort.objects[kind].name)


def told(world, kind, spec):
    blind = world.carrier.capabilities.never_told(kind)
    return {name: value for name, value in {"connector": NAME, **spec}.items() if name not in blind}


def first_act(thing):
    return Action.CREATE if thing.comes else Action.UPDATE


def unlisted(world, kind):
    return kind not in world.carrier.capabilities.listed


def test_it_is_made_changed_and_removed_and_then_nothing_differs(held):
    world, kind, thing = held
    action = first_act(thing)

    for value in thing.values:
        assert isinstance(world.do(world.of_account(action, kind, value)), Done)
        if not unlisted(world, kind):
            assert there(world, kind).spec == told(world, kind, value)
        action = Action.UPDATE
    if thing.goes:
        assert isinstance(world.do(world.of_account(Action.DELETE, kind, None)), Done)
        assert there(world, kind) is None


def test_what_it_has_no_way_to_remove_is_never_asked_to_go(held):
    world, kind, thing = held
    world.do(world.of_account(first_act(thing), kind, thing.values[0]))
    if thing.goes:
        assert kind not in world.carrier.capabilities.permanent
        return
    assert isinstance(world.carrier.prepare(world.of_account(Action.DELETE, kind, None)), Refused)


def test_what_is_not_declared_by_the_carrier_is_not_asked_of_it(held):
    world, kind, thing = held
    for action in (Action.ORDER, Action.RELEASE, Action.PORT):
        act = CarrierAct(action, thing.name, {"connector": NAME, **thing.values[0]}, kind=kind)
        assert isinstance(world.carrier.prepare(act), Refused)


@pytest.mark.parametrize(("fault", "after"), WRITES)
def test_a_write_that_meets_a_fault_is_told_for_what_it_is(held, fault, after):
    world, kind, thing = held
    act = world.of_account(first_act(thing), kind, thing.values[0])
    before = there(world, kind)
    prepared = world.carrier.prepare(act)
    assert isinstance(prepared, Prepared)
    done = after or fault == "slow"
    carried_out = fault in {"truncated", "garbage", "duplicate"}
    seconds = {"seconds": 31.0} if fault == "slow" else {}
    world.sort.steps["object"] = thing.step
    world.fault(fault, "object", after=after and not carried_out, **seconds)

    outcome = world.send(prepared)

    wanted = (expected(fault), Refused) if fault == "duplicate" else expected(fault)
    assert isinstance(outcome, wanted if isinstance(wanted, type) else flat(wanted)), outcome
    if not unlisted(world, kind):
        now = there(world, kind)
        assert (now is not None and now.spec == told(world, kind, thing.values[0])) == (
            done or (before is not None and before.spec == told(world, kind, thing.values[0]))
        )


def flat(types):
    return tuple(x for each in types for x in (each if isinstance(each, tuple) else (each,)))


def test_an_answer_about_another_thing_proves_nothing(held):
    world, kind, thing = held
    act = world.of_account(first_act(thing), kind, thing.values[0])
    prepared = world.carrier.prepare(act)
    world.sort.steps["object"] = thing.step
    world.fault("garbage", "object")

    assert isinstance(world.send(prepared), Unknown)
