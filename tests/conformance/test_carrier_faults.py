"""Every write of every carrier, at every fault of its sandbox: told for what it is."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from reconciler.model.act import Action
from reconciler.protocols import Done, NotSent, Prepared, Refused, Waiting
from tests.conformance.carriers import CARRIERS, NAME, SORTS, resumed
from tests.conformance.faults import ELSEWHERE, FAULTS, met, moments, unclassified
from tests.conformance.writes import LATER, writes_of

WRITES = {name: writes_of(sort) for name, sort in SORTS.items()}
USUAL = frozenset({"404", "429", "drop", "duplicate", "empty", "no-effect", "refuse", "truncated"})
"""What every write of the account itself meets in each run; those of a number meet all."""

CASES = [
    pytest.param(carrier, write, fault, after, marks=[] if usual else [pytest.mark.slow])
    for carrier, sort in SORTS.items()
    for write in WRITES[carrier]
    for fault, after in moments(sort.kind, sort.faults, write)
    for usual in [write.split("-")[0] not in sort.objects or fault in USUAL]
]

REPEATED = frozenset({"drop", "no-effect", "refuse"})
"""After these, what is free is done again, and then it is there."""


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


def test_every_fault_has_a_class(world):
    assert unclassified(world.sort.faults) == []


def test_every_class_is_of_a_fault():
    every = {(sort.kind, fault) for sort in SORTS.values() for fault in sort.faults}

    assert {fault for _, fault in every} == FAULTS.keys()
    assert ELSEWHERE.keys() <= every


def test_every_kind_that_is_declared_is_written(world):
    can, writes = world.carrier.capabilities, writes_of(world.sort)

    assert {name.split("-", 1)[0] for name in writes} >= can.others.keys()
    assert {way.value for way in can.removals} <= writes.keys()


def name(value):
    if isinstance(value, bool):
        return "after" if value else "before"
    return None


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Each write with its request ready, and what is there before: made once for all faults."""

    @cache
    def made(carrier, write):
        one = WRITES[carrier][write]
        with CARRIERS[carrier](tmp_path_factory.mktemp("begun")) as world:
            one.begin(world)
            ready = world.carrier.prepare(one.act(world))
            assert isinstance(ready, Prepared), ready
            assert not one.is_done(world)
            return ready, world.left(), Counter(world.charged())

    return made


@pytest.mark.parametrize(("carrier", "write", "fault", "after"), CASES, ids=name)
def test_a_write_that_meets_a_fault_is_told_for_what_it_is(
    tmp_path, prepared, carrier, write, fault, after
):
    one, expected = WRITES[carrier][write], met(SORTS[carrier].kind, fault)
    ready, left, before = prepared(carrier, write)
    with resumed(SORTS[carrier], tmp_path, left) as world:
        world.fault_at(fault, one.step, after=after)

        outcome = world.send(ready)

        world.mended()
        world.clock.sleep(LATER)
        done = after if expected.done is None else expected.done
        assert one.is_done(world) == done
        assert isinstance(outcome, expected.outcomes), outcome
        if isinstance(outcome, Refused | NotSent):
            assert not done or (expected.says_no and not one.lasting), outcome
        if not done and not one.paid and fault in REPEATED:
            world.do(one.act(world))
            world.clock.sleep(LATER)
            assert one.is_done(world)
        charged = Counter(world.charged()) - before
        assert set(charged.values()) <= {1}
        assert bool(charged) == (one.paid and done)


def test_an_address_that_the_carrier_refuses_is_told(world):
    for kind, (first, _) in world.sort.others.items():
        world.bought()
        world.fault("address-refused", f"{kind}-refused")
        prepared = world.carrier.prepare(
            world.other(Action.CREATE, kind, {"connector": NAME, **first})
        )
        if isinstance(prepared, Refused):
            assert world.e164 not in world.again().observe().others[kind]
            continue
        assert isinstance(world.send(prepared), Done | Waiting)
        world.clock.sleep(LATER)
        there = world.again().observe().others[kind][world.e164]
        assert there.trouble
