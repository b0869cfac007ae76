"""What a carrier's connector keeps of objects of the account itself, whichever carrier it is."""

from __future__ import annotations

import pytest

from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Refused
from tests.conformance.carriers import CARRIERS, NAME, SORTS

OBJECTS = [(name, kind) for name, sort in SORTS.items() for kind in sort.objects]


@pytest.fixture(params=OBJECTS, ids="-".join)
def held(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        yield made, kind, made.sort.objects[kind]


def is_there(world, kind, thing):
    """Whether it is there: told by the carrier, else in the sandbox's own records."""
    if thing.seen is not None:
        return thing.seen(world.app.store)
    return world.visible(kind, thing.name) is not None


def test_it_is_made_changed_and_removed_and_then_nothing_differs(held):
    world, kind, thing = held
    action = Action.CREATE if thing.comes else Action.UPDATE

    assert is_there(world, kind, thing) != thing.comes
    for value in thing.values:
        assert isinstance(world.do(world.of_account(action, kind, value)), Done)
        assert is_there(world, kind, thing)
        if thing.seen is None:
            assert world.visible(kind, thing.name) == world.told(kind, value)
        action = Action.UPDATE
    if thing.goes:
        assert isinstance(world.do(world.of_account(Action.DELETE, kind, None)), Done)
        assert not is_there(world, kind, thing)


def test_each_of_its_fields_changes_by_itself(held):
    world, kind, thing = held
    action = Action.CREATE if thing.comes else Action.UPDATE
    first, *others = thing.values
    assert isinstance(world.do(world.of_account(action, kind, first)), Done)

    for other in others:
        for name in sorted(other):
            if other[name] != first[name]:
                goal = {**first, name: other[name]}
                assert isinstance(world.do(world.of_account(Action.UPDATE, kind, goal)), Done)
                assert world.visible(kind, thing.name) == world.told(kind, goal)


def test_what_it_has_no_way_to_remove_is_never_asked_to_go(held):
    world, kind, thing = held
    world.do(
        world.of_account(Action.CREATE if thing.comes else Action.UPDATE, kind, thing.values[0])
    )
    if thing.goes:
        assert kind not in world.carrier.capabilities.permanent
        return
    assert isinstance(world.carrier.prepare(world.of_account(Action.DELETE, kind, None)), Refused)


def test_what_is_not_declared_by_the_carrier_is_not_asked_of_it(held):
    world, kind, thing = held
    for action in (Action.ORDER, Action.RELEASE, Action.PORT):
        act = CarrierAct(action, thing.name, {"connector": NAME, **thing.values[0]}, kind=kind)
        assert isinstance(world.carrier.prepare(act), Refused)
