"""Every kind and field that a carrier declares: created, changed, cleared, read back just so."""

from __future__ import annotations

import pytest

from reconciler.errors import Unavailable
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Waiting
from tests.conformance.carriers import CARRIERS, NAME, SORTS

FIELDS = [(name, each) for name, sort in SORTS.items() for each in sorted(sort.first)]
CLEARED = [(name, each) for name, each in FIELDS if each in SORTS[name].clearable]
LASTING = [(name, each) for name, each in FIELDS if each not in SORTS[name].clearable]
OTHERS = [(name, kind) for name, sort in SORTS.items() for kind in sort.others]
LATER = 3600
"""Seconds in which a carrier does what takes its time."""


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


# Nothing that is declared is left out, here and in the other files of the suite.


def test_each_field_of_a_number_has_two_values(world):
    sort, can = world.sort, world.carrier.capabilities

    assert sort.first.keys() == sort.second.keys() == can.fields - {"connector"}
    assert all(sort.first[name] != sort.second[name] for name in sort.first)


def test_each_field_of_every_other_kind_has_a_value(world):
    sort, can = world.sort, world.carrier.capabilities
    kept = {kind: names for kind, names in can.others.items() if not KINDS[kind].brings}

    assert kept.keys() == {*sort.others, *sort.objects}
    for kind, names in kept.items():
        # Of an object of the account the first value has all, and others may have less.
        whole = sort.others[kind] if kind in sort.others else sort.objects[kind].values[:1]
        for value in whole:
            assert {"connector", *value} == names, kind


def test_what_can_be_taken_back_is_declared(world):
    sort, can = world.sort, world.carrier.capabilities
    fields = can.fields - {"connector"}
    fields |= {
        f"{kind}.{name}"
        for kind in (*sort.others, *sort.objects)
        for name in can.others[kind] - {"connector"}
    }

    assert fields - can.lasting == sort.clearable


# The settings of a number.


@pytest.fixture(params=FIELDS, ids="-".join)
def settled(request, tmp_path):
    """A number that is bought and handed over, and one field of its carrier."""
    carrier, field_name = request.param
    with CARRIERS[carrier](tmp_path) as made:
        yield made, field_name, made.bought()


def test_a_field_is_created_and_changed_and_then_nothing_differs(settled):
    world, name, bare = settled

    for value in (world.sort.first[name], world.sort.second[name], world.sort.first[name]):
        after = bare | {name: value}
        world.set_to(after)
        assert world.in_sync(after)
        if name not in world.carrier.capabilities.write_only:
            assert world.there().spec.get(name) == world.spelt(after).get(name)


@pytest.mark.parametrize("settled", CLEARED, ids="-".join, indirect=True)
def test_a_field_that_git_takes_back_is_cleared(settled):
    world, name, bare = settled
    world.set_to(bare | {name: world.sort.first[name]})

    world.set_to(bare)

    assert world.in_sync(bare)
    assert name not in world.there().spec


@pytest.mark.parametrize("settled", LASTING, ids="-".join, indirect=True)
def test_what_cannot_be_taken_back_stays_or_is_refused(settled):
    world, name, bare = settled
    value = world.sort.second[name]
    world.set_to(bare | {name: value})
    act = world.change({field: it for field, it in bare.items() if field != name})

    prepared = world.carrier.prepare(act)

    if isinstance(prepared, Prepared):
        assert isinstance(world.send(prepared), Done)
        there = world.there().spec
        assert name in there or name in world.carrier.capabilities.write_only
        assert name == "handoff" or there.get(name, value) == value


def test_setting_what_is_there_changes_nothing(settled):
    world, name, bare = settled
    after = bare | {name: world.sort.first[name]}
    world.set_to(after)
    before = world.there().spec

    world.set_to(after)

    assert world.there().spec == before


def test_all_fields_together_are_set_and_read_back(world):
    bare = world.bought()
    for values in (world.sort.first, world.sort.second):
        after = bare | dict(values)
        world.set_to(after)
        assert world.in_sync(after)


def test_another_number_is_left_alone(world):
    world.bought()
    other = world.sort.numbers[1]
    world.do(world.order(other))
    before = world.there(other)

    world.set_to({"connector": NAME, "handoff": world.sort.second["handoff"]})

    assert world.there(other) == before


# What it holds of a number beside its presence.


@pytest.fixture(params=OTHERS, ids="-".join)
def kept(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        made.bought()
        yield made, kind


def taken_back(world, kind):
    """The second value, without each field of it that can be taken back, and without all."""
    _, whole = world.sort.others[kind]
    names = sorted(name for name in whole if f"{kind}.{name}" in world.sort.clearable)
    for gone in ({name} for name in names):
        yield {name: value for name, value in whole.items() if name not in gone}
        yield whole
    yield {name: value for name, value in whole.items() if name not in names}


def test_another_kind_is_created_changed_cleared_and_deleted_and_then_nothing_differs(kept):
    world, kind = kept
    action = Action.CREATE
    before = world.there()
    first, second = world.sort.others[kind]

    for value in (first, second, *taken_back(world, kind), first):
        after = {"connector": NAME, **value}
        assert isinstance(world.do(world.other(action, kind, after)), Done | Waiting)
        world.clock.sleep(LATER)
        assert world.carrier.observe().others[kind][world.e164].spec == after
        action = Action.UPDATE

    assert isinstance(world.do(world.other(Action.DELETE, kind, None)), Done)
    assert world.e164 not in world.carrier.observe().others[kind]
    assert world.there() == before


def test_another_kind_of_a_number_that_is_not_there_is_refused(kept):
    world, kind = kept
    first, _ = world.sort.others[kind]
    missing = world.sort.numbers[2]

    outcome = world.carrier.prepare(
        CarrierAct(Action.CREATE, missing, {"connector": NAME, **first}, kind=kind)
    )

    assert isinstance(outcome, Refused) or not isinstance(world.send(outcome), Done)


# What it writes in a form of its own.

OTHERWISE = [(name, kind) for name, sort in SORTS.items() for kind in sort.otherwise]


@pytest.fixture(params=OTHERWISE, ids="-".join)
def rewritten(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        made.bought()
        yield made, kind, {"connector": NAME, **made.sort.otherwise[kind]}


def test_what_it_writes_otherwise_is_told_before_and_read_back_so(rewritten):
    world, kind, asked = rewritten
    assert world.carrier.cannot(kind, world.e164, asked) == ""

    form = world.carrier.form(kind, asked)

    assert form != asked
    assert world.carrier.form(kind, form) == world.again().form(kind, form) == form
    assert isinstance(world.do(world.other(Action.CREATE, kind, form)), Done | Waiting)
    world.clock.sleep(60)
    assert world.carrier.observe().others[kind][world.e164].spec == form


def test_what_is_not_in_its_form_is_refused_unsent(rewritten):
    world, kind, asked = rewritten

    world.refused(world.other(Action.CREATE, kind, asked))


def test_a_form_that_cannot_be_asked_for_is_not_guessed(rewritten):
    world, kind, asked = rewritten
    world.fault("500", "form", times=9)

    with pytest.raises(Unavailable):
        world.again().form(kind, asked)


def test_all_else_it_keeps_as_it_is_set(world):
    can = world.carrier.capabilities
    for kind in can.held.keys() - can.rewrites:
        spec = {"connector": NAME, "street": "14 Inkhorn Lane, Suite 4"}
        assert world.carrier.form(kind, spec) == spec
    for kind in can.rewrites:
        for value in world.sort.others[kind]:
            assert world.carrier.form(kind, {"connector": NAME, **value}) == {
                "connector": NAME,
                **value,
            }
