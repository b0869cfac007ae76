from __future__ import annotations

import pytest

from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import CarrierAct, Done, NotSent, Prepared, Refused
from tests.carriers.dial9.world import (
    BARE,
    E164,
    E164_OTHER,
    ELSEWHERE,
    HANDOFF,
    NATIONAL,
    WANTED,
    opened,
    order,
)

LIST = "/api/v2/numbers/list"
SAVE = ("/api/v2/numbers/save", "/api/v2/numbers/update")
DELETE = "/api/v2/numbers/delete"


# The whole way with a faithful carrier.


def test_an_empty_unit_holds_nothing(world):
    listing = world.carrier.observe()

    assert (listing.holdings, listing.odd) == ({}, ())
    assert listing.observed_at == "2026-11-01T12:00:00Z"
    assert listing.account == world.carrier.account()


def test_a_number_is_bought_handed_over_and_read_back(world):
    bought = world.do(order())

    assert isinstance(bought, Done)
    assert (bought.external_id, bought.acquired_at) == ("4243", "2026-11-01T12:00:00Z")
    assert (bought.amount, bought.currency) == (None, "")
    told = {"connector": "d9", "pass_caller_id": True, "carrier_record": True}
    assert world.holding().spec == told
    assert isinstance(world.do(world.update(WANTED)), Done)
    assert world.carrier.observe().holdings == {
        E164: Holding("d9", "4243", "2026-11-01T12:00:00Z", WANTED)
    }
    assert world.charged() == [E164]


def test_a_release_names_the_id_and_the_number_comes_back_under_another(world):
    world.do(order())

    assert isinstance(world.do(world.release()), Done)
    assert world.carrier.observe().holdings == {}
    assert world.do(order()).external_id == "4244"


def test_a_number_that_is_another_one_by_now_is_not_released(world):
    world.do(order())
    old = world.release()
    world.do(old)
    world.do(order())

    refused = world.carrier.prepare(old)

    assert isinstance(refused, Refused)
    assert refused.moved
    assert world.holding().external_id == "4244"


def test_what_a_release_relies_on_is_read_again_once_it_is_old(world, clock):
    world.do(order())
    act = world.release()
    world.poke("state", "deleted")
    assert isinstance(world.carrier.prepare(act), Prepared)

    clock.sleep(11)

    assert isinstance(world.carrier.prepare(act), Refused)


def test_one_fresh_list_serves_many_releases(near):
    e164s = [E164, E164_OTHER, "+442079460102"]
    for e164 in e164s:
        near.do(order(e164))
    acts = [near.release(e164) for e164 in e164s]
    near.carrier.observe()
    near.fault("500", path=LIST)

    for act in acts:
        assert isinstance(near.do(act), Done)


def test_each_setting_is_changed_by_itself(world):
    world.do(order())
    world.do(world.update(WANTED))

    for after in (
        WANTED | {"handoff": ELSEWHERE},
        WANTED | {"pass_caller_id": False},
        WANTED | {"carrier_record": True},
        WANTED | {"carrier_caller_id_prefix": "Sales:"},
        WANTED | {"carrier_caller_id_prefix": "Büro 2"},
        WANTED,
    ):
        assert isinstance(world.do(world.update(after)), Done)
        assert world.holding().spec == after


def test_what_git_does_not_say_of_the_caller_id_stays_as_it_is(world):
    world.do(order())
    world.poke("passthrough", "false")

    world.do(world.update({"connector": "d9", "handoff": HANDOFF}))

    assert world.holding().spec == WANTED | {"pass_caller_id": False}


def test_what_is_not_ours_to_set_survives_an_update(near):
    near.do(order())
    near.poke("name", "Old line")

    near.do(near.update(WANTED))

    (number,) = near.app.store.numbers()
    assert number.name == "Old line"


def test_a_number_without_a_hand_off_of_its_own_takes_the_accounts(near):
    near.do(order())

    near.do(near.update(BARE))

    assert near.holding().spec == WANTED


def test_a_hand_off_is_never_taken_away(path, clock):
    with opened(path, clock, "telcom", numbers={}) as world:
        world.do(order())
        assert isinstance(
            world.do(world.update({"connector": "d9", "pass_caller_id": False})), Done
        )
        world.poke("destination", "Menu/Main Menu")

        refused = world.carrier.prepare(world.update(BARE))

        assert isinstance(refused, Refused)
        assert "would reach nobody" in refused.reason


@pytest.mark.parametrize(
    ("poked", "shown"),
    [
        ("Menu/Main Menu", {"type": "Menu", "name": "Main Menu"}),
        ("Followme/77", {"type": "Followme", "name": "On call"}),
        ("", None),
    ],
)
def test_where_somebody_else_sent_it_shows_and_is_put_right(near, poked, shown):
    near.do(order())
    near.do(near.update(WANTED))
    near.poke("destination", poked)

    assert near.holding().spec.get("handoff") == shown
    near.do(near.update(WANTED))
    assert near.holding().spec == WANTED


def test_of_two_with_one_name_neither_is_named(near):
    near.do(order())
    with near.app.store.transaction():
        near.app.store._db.execute(
            "INSERT INTO object (id, type, name, facts) VALUES (5000, 'Menu', 'Main Menu', '{}')"
        )
    near.poke("destination", "Menu/5000")

    assert near.holding().spec["handoff"] == "object:Menu/5000"
    refused = near.carrier.prepare(near.update(WANTED | {"handoff": ELSEWHERE}))
    assert isinstance(refused, Refused)
    assert "there are 2 of the type Menu named 'Main Menu'" in refused.reason
    left = WANTED | {"handoff": "object:Menu/262"}
    near.do(near.update(left))
    assert near.holding().spec == left


def test_a_look_up_that_there_is_not_leaves_the_names_that_numbers_tell(near):
    near.change(without=["menus/list", "extensions/list"])
    near.do(order())
    near.poke("destination", "Menu/Main Menu")

    assert near.holding().spec["handoff"] == ELSEWHERE
    refused = near.carrier.prepare(near.update(WANTED))
    assert isinstance(refused, Refused)
    assert "lists no Extension" in refused.reason
    assert "no number leads to one named 'pbx-trunk'" in refused.reason


def test_a_hand_off_that_is_not_there_is_named_with_the_next_step(near):
    near.do(order())
    missing = {"type": "Extension", "name": "nobody"}

    refused = near.carrier.prepare(near.update(WANTED | {"handoff": missing}))

    assert isinstance(refused, Refused)
    assert "there is no Extension named 'nobody'" in refused.reason
    assert "make it there, or correct `handoff`" in refused.reason


# What is on offer.


def test_what_is_shown_is_offered_and_the_rest_is_not_said(near):
    near.change(shelf=10)

    assert near.carrier.stock([E164, "+442079460999", "+12015550144", "+441224000000"]) == {
        E164: Stock.OFFERED,
        "+442079460999": Stock.UNSAID,
        "+12015550144": Stock.ABSENT,
        "+441224000000": Stock.UNSAID,
    }


@pytest.mark.parametrize("kind", ["500", "html", "truncated", "429"])
def test_a_stock_that_is_not_said_is_unavailable(near, kind):
    near.fault(kind, path="/api/v2/numbers/ac", times=3)

    with pytest.raises(Unavailable):
        near.carrier.stock([E164])


def test_a_number_that_is_never_shown_cannot_be_acquired_by_its_token(path, clock):
    with opened(path, clock, "connect") as world:
        refused = world.carrier.prepare(order("+442079460999"))
        world.change(any_prefix=True)

        assert isinstance(refused, Refused)
        assert "never among them" in refused.reason
        assert isinstance(world.do(order("+442079460999")), Done)


def test_a_token_that_has_run_out_is_no_reason_to_give_up(path, clock):
    with opened(path, clock, "connect") as world:
        prepared = world.carrier.prepare(order())
        clock.sleep(301)

        outcome = world.carrier.send(prepared, "op-1")

        assert isinstance(outcome, NotSent)
        assert "NumberNotFound" in outcome.reason
        assert world.charged() == []
        assert isinstance(world.do(order()), Done)


def test_a_token_is_in_no_digest(path, clock):
    with opened(path, clock, "connect") as world:
        first, again = world.carrier.prepare(order()), world.carrier.prepare(order())

        assert first.digest == again.digest
        assert first.requests[0].body != again.requests[0].body
        assert world.carrier.prepare(order(E164_OTHER)).digest != first.digest


def test_an_order_is_the_same_request_each_time_it_is_prepared(path, clock):
    with opened(path, clock, "telcom") as world:
        first, again = world.carrier.prepare(order()), world.carrier.prepare(order())

        assert first == again
        assert first.requests[0].body == f'{{"number":"{NATIONAL}"}}'.encode()
        assert first.requests[0].path == "/numbers/acquire"


# What is refused before anything is sent.


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (CarrierAct(Action.ORDER, "+12015550144", BARE), "+44 numbers only"),
        (CarrierAct(Action.ORDER, "+44999", BARE), "+44 numbers only"),
        (CarrierAct(Action.RELEASE, "+12015550144"), "+44 numbers only"),
        (CarrierAct(Action.ORDER, E164, WANTED), "order cannot hold handoff, pass_caller_id"),
        (
            CarrierAct(Action.UPDATE, E164, BARE | {"cnam": "X"}, Holding("d9", "1")),
            "cannot hold cnam",
        ),
        (CarrierAct(Action.UPDATE, E164, {"connector": "vt"}, Holding("d9", "1")), "is a port"),
        (
            CarrierAct(Action.UPDATE, E164, BARE | {"handoff": "pbx"}, Holding("d9", "1")),
            "no gateway",
        ),
        (CarrierAct(Action.UPDATE, E164, WANTED, Holding("d9")), "told no id"),
        (CarrierAct(Action.UPDATE, E164, WANTED), "told no id"),
        (CarrierAct(Action.RELEASE, E164, None, Holding("d9")), "told no id"),
        (CarrierAct(Action.PORT, E164, BARE), "no way to port"),
    ],
)
def test_what_cannot_be_done_is_refused_unsent(near, act, words):
    outcome = near.carrier.prepare(act)

    assert isinstance(outcome, Refused)
    assert words in outcome.reason


# Money and access.


def test_too_little_credit_stops_the_account(near):
    near.change(cash="0.50")

    outcome = near.do(order())

    assert isinstance(outcome, Refused)
    assert outcome.stops_account
    assert "InsufficientCredit" in outcome.reason
    assert near.charged() == []


@pytest.mark.parametrize("style", ["access-denied", "error"])
def test_wrong_credentials_stop_the_account_and_are_no_empty_list(near, style):
    prepared = near.carrier.prepare(order())
    near.change(token="another", denial=style)

    with pytest.raises(Unavailable, match=r"not permitted|AccessDenied"):
        near.carrier.observe()
    outcome = near.carrier.send(prepared, "op-1")
    assert isinstance(outcome, Refused)
    assert outcome.stops_account


def test_a_unit_that_is_named_is_asked_for(path, clock):
    with opened(path, clock, "connect", unit=7) as world:
        with pytest.raises(Unavailable, match="UnitNotFound"):
            world.carrier.observe()
        world.change(unit_id=7)

        assert isinstance(world.do(order()), Done)
        assert set(world.carrier.observe().holdings) == {E164}
