"""What Dial 9 holds of a number itself: recording, prefix and caller ID, sent back whole."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Done, Refused
from tests.carriers.dial9.world import (
    BARE,
    E164,
    E164_OTHER,
    EDITIONS,
    ELSEWHERE,
    NATIONAL,
    WANTED,
    Answers,
    opened,
    order,
    speaking,
)

UNTOLD = {"numbers/list": ("callerid_passthrough",)}
NOWHERE_TOLD = UNTOLD | {"numbers/info": ("callerid_passthrough",)}


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("recording", "true", {"carrier_record": True}),
        ("caller_id_prefix", "Sales:", {"carrier_caller_id_prefix": "Sales:"}),
        ("caller_id_prefix", " Sales: ", {"carrier_caller_id_prefix": "Sales:"}),
        ("caller_id_prefix", " ", {}),
        ("caller_id_prefix", "", {}),
    ],
)
def test_what_somebody_set_there_shows_and_is_taken_back(near, field, value, shown):
    near.do(order())
    near.do(near.update(WANTED))
    near.poke(field, value)

    assert near.holding().spec == WANTED | shown
    near.do(near.update(WANTED))
    assert near.holding().spec == WANTED


@pytest.mark.parametrize(
    "after",
    [
        WANTED,
        {"connector": "d9", "handoff": ELSEWHERE, "pass_caller_id": False, "carrier_record": True}
        | {"carrier_caller_id_prefix": "Sales:"},
    ],
    ids=["bare", "full"],
)
def test_an_update_says_all_of_a_number_whatever_came_between(near, after):
    near.do(order())
    act = near.update(after)
    near.poke("destination", "CallGroup/Sales")
    near.poke("caller_id_prefix", "EVIL")
    near.poke("recording", "false" if "carrier_record" in after else "true")
    near.poke("passthrough", "true" if after["pass_caller_id"] is False else "false")

    assert isinstance(near.do(act), Done)

    assert near.holding().spec == after


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_the_list_does_not_tell_of_the_caller_id_is_read_and_stays(path, clock, edition):
    with opened(path, clock, edition, untold=UNTOLD) as world:
        world.do(order())
        world.poke("passthrough", "false")
        assert "pass_caller_id" not in world.holding().spec

        assert world.carrier.cannot("carrier_number", E164, BARE) == ""
        assert isinstance(world.do(world.update(BARE)), Done)

        (number,) = world.app.store.numbers()
        assert (number.passthrough, number.recording) == (False, False)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("way", ["no such action", "it does not tell either"])
def test_a_caller_id_that_nothing_tells_is_not_guessed(path, clock, edition, way):
    untold = UNTOLD if way == "no such action" else NOWHERE_TOLD
    with opened(path, clock, edition, untold=untold) as world:
        world.do(order())
        world.poke("passthrough", "false")
        world.change(without=["numbers/info"] if way == "no such action" else [])

        refused = world.carrier.prepare(world.update(BARE))

        assert isinstance(refused, Refused)
        assert "give it `pass_caller_id`" in refused.reason
        assert "give it `pass_caller_id`" in world.carrier.cannot("carrier_number", E164, BARE)
        for passes in (True, False):
            said = BARE | {"pass_caller_id": passes}
            assert world.carrier.cannot("carrier_number", E164, said) == ""
            assert isinstance(world.do(world.update(said)), Done)
            (number,) = world.app.store.numbers()
            assert number.passthrough is passes


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("kind", ["500", "html", "denied", "plain-error"])
def test_a_number_that_cannot_be_read_is_not_updated(path, clock, edition, kind):
    with opened(path, clock, edition, untold=UNTOLD) as world:
        world.do(order())
        act = world.update(BARE)
        world.fault(kind, path="/api/v2/numbers/info", times=9)

        with pytest.raises(Unavailable):
            world.carrier.prepare(act)
        assert world.carrier.cannot("carrier_number", E164, BARE) == ""


def test_an_answer_that_is_no_success_tells_nothing_of_a_number(clock):
    number = {"id": 4243, "number": NATIONAL, "callerid_passthrough": True}
    body = json.dumps({"status": "resting", "data": number}).encode()
    carrier = speaking(Answers(info=(200, body, "application/json")), clock, handoff=None)

    with pytest.raises(Unavailable, match="resting"):
        carrier.prepare(CarrierAct(Action.UPDATE, E164, BARE, Holding("d9", "4243")))


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_number_that_is_another_one_by_now_is_not_updated_by_its_old_id(path, clock, edition):
    with opened(path, clock, edition, untold=UNTOLD) as world:
        world.do(order())
        world.do(order(E164_OTHER))
        other = world.holding(E164_OTHER)

        refused = world.carrier.prepare(CarrierAct(Action.UPDATE, E164, BARE, other))

        assert isinstance(refused, Refused)
        assert refused.moved


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_row_without_keys_is_as_one_that_says_nothing(path, clock, edition):
    keys = ("callerid_passthrough", "recording_enabled", "caller_id_prefix")
    with opened(path, clock, edition, untold={"numbers/list": keys}) as world:
        world.do(order())

        assert world.holding().spec == BARE
