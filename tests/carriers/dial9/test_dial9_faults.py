"""Faults and lists of Dial 9: what the outcome is, and what the world is then."""

from __future__ import annotations

import pytest

from reconciler.errors import Exit, Unavailable
from reconciler.protocols import Done, NotSent, Refused, Unknown
from reconciler.sandbox.dial9.numbers import internal
from reconciler.sandbox.dial9.store import Number
from tests.carriers.dial9.world import (
    E164,
    E164_OTHER,
    WANTED,
    opened,
    order,
)

LIST = "/api/v2/numbers/list"
SAVE = ("/api/v2/numbers/save", "/api/v2/numbers/update")
DELETE = "/api/v2/numbers/delete"


# Lists.


def test_a_list_of_many_pages_is_read_whole(near):
    near.change(number_rate="0", shelf=200)
    with near.app.store.transaction():
        for line in range(150):
            store = near.app.store
            store.save(Number(store.next_id(), f"02079460{line:03d}", acquired=0.0), "planted")

    assert len(near.carrier.observe().holdings) == 150


def test_a_list_in_base_form_is_asked_for_in_full(path, clock):
    with opened(path, clock, "connect") as world:
        world.change(short_list=True)
        world.do(order())
        world.do(world.update(WANTED))

        assert world.holding().spec == WANTED


def test_odd_rows_and_utility_numbers_hide_nobody(near):
    near.do(order())
    near.do(order(E164_OTHER))
    near.change(odd_rows=True)

    listing = near.carrier.observe()

    assert set(listing.holdings) == {E164, E164_OTHER}
    assert len(listing.odd) == 2
    assert "\x1b" not in "".join(listing.odd)


def test_a_utility_number_is_never_taken_for_a_public_one(near):
    near.change(utility_listed=True)
    with near.app.store.transaction():
        for dialled in ("201", "*55", "999", "112", "02079460107"):
            internal(near.app.store, dialled)

    listing = near.carrier.observe()

    assert (listing.holdings, listing.odd) == ({}, ())


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("html", {}),
        ("html", {"status": 404}),
        ("truncated", {}),
        ("garbage", {}),
        ("500", {}),
        ("503", {"times": 3}),
        ("301", {}),
        ("429", {"times": 3}),
        ("refuse", {}),
        ("plain-error", {}),
        ("denied", {}),
        ("unknown-status", {}),
        ("unknown-code", {}),
        ("drop", {"times": 3}),
        ("slow", {"times": 3, "seconds": 31}),
    ],
    ids=str,
)
def test_a_list_that_is_not_whole_is_no_list(near, kind, options):
    near.do(order())
    near.fault(kind, path=LIST, **options)

    with pytest.raises(Unavailable) as caught:
        near.carrier.observe()
    assert caught.value.exit_code is Exit.UNAVAILABLE


@pytest.mark.parametrize("kind", ["503", "drop", "429"])
def test_a_list_that_fails_twice_is_read_the_third_time(near, kind):
    near.do(order())
    near.fault(kind, path=LIST, times=2)

    assert set(near.carrier.observe().holdings) == {E164}


def test_an_example_of_the_documents_has_a_blank_in_a_key(near):
    near.do(order())
    near.fault("blank-data", path=LIST)

    assert set(near.carrier.observe().holdings) == {E164}


@pytest.mark.parametrize("kind", ["500", "html", "drop"])
def test_a_look_up_that_cannot_be_read_is_no_listing(near, kind):
    near.fault(kind, path="/api/v2/extensions/list", times=3)

    with pytest.raises(Unavailable):
        near.carrier.observe()


@pytest.mark.parametrize("kind", ["refuse", "plain-error", "denied", "unknown-code"])
def test_a_look_up_that_is_refused_says_nothing_of_what_is_there(near, kind):
    near.fault(kind, path="/api/v2/extensions/list")

    with pytest.raises(Unavailable, match="extensions/list was answered"):
        near.carrier.observe()


def test_a_look_up_in_a_unit_that_the_credentials_do_not_open_says_nothing(path, clock):
    with opened(path, clock, "telcom", unit=5) as world, pytest.raises(Unavailable) as caught:
        world.carrier.observe()

    assert "UnitNotFound" in caught.value.message


def test_a_type_that_this_edition_does_not_list_is_told_as_that(near):
    near.change(without=["call_groups/list", "extensions/list"])
    near.do(order())
    act = near.update({**WANTED, "handoff": {"type": "CallGroup", "name": "Sales"}})

    outcome = near.carrier.prepare(act)

    assert isinstance(outcome, Refused)
    assert "this API lists no CallGroup" in outcome.reason


# Faults: what the outcome is, and what the world is then.


@pytest.mark.parametrize(
    ("kind", "options", "outcome", "bought"),
    [
        ("refuse", {}, Refused, 0),
        ("plain-error", {}, Unknown, 0),
        ("plain-error", {"after": True}, Unknown, 1),
        ("unknown-code", {}, Unknown, 0),
        ("unknown-code", {"after": True}, Unknown, 1),
        ("unknown-status", {}, Unknown, 0),
        ("unknown-status", {"after": True}, Unknown, 1),
        ("denied", {}, Refused, 0),
        ("refuse", {"message": "UnitNotFound"}, Refused, 0),
        ("refuse", {"message": "InsufficientCredit"}, Refused, 0),
        ("refuse", {"message": "MustBeAnAdminOrReseller"}, Refused, 0),
        ("429", {}, Unknown, 0),
        ("500", {}, Unknown, 0),
        ("500", {"after": True}, Unknown, 1),
        ("503", {}, Unknown, 0),
        ("503", {"after": True}, Unknown, 1),
        ("301", {}, Unknown, 0),
        ("html", {}, Unknown, 0),
        ("html", {"status": 404}, Unknown, 0),
        ("truncated", {}, Unknown, 1),
        ("garbage", {}, Unknown, 1),
        ("no-effect", {}, Done, 0),
        ("drop", {}, Unknown, 0),
        ("drop", {"after": True}, Unknown, 1),
        ("slow", {"seconds": 31}, Unknown, 1),
        ("slow", {"seconds": 31, "after": True}, Unknown, 1),
        ("duplicate", {}, Done, 1),
        ("blank-data", {}, Done, 1),
    ],
    ids=str,
)
def test_an_order_that_meets_a_fault(near, kind, options, outcome, bought):
    prepared = near.carrier.prepare(order())
    near.fault(kind, **options)

    got = near.carrier.send(prepared, "op-1")

    assert isinstance(got, outcome), got
    assert len(near.charged()) == len(near.carrier.observe().holdings) == bought


@pytest.mark.parametrize(("edition", "outcome"), [("telcom", Refused), ("connect", NotSent)])
def test_a_number_that_somebody_else_was_faster_to_buy(path, clock, edition, outcome):
    with opened(path, clock, edition) as world:
        prepared = world.carrier.prepare(order())
        world.fault("lost-race")

        got = world.carrier.send(prepared, "op-1")

        assert isinstance(got, outcome)
        assert "CouldNotAcquire" in got.reason
        assert world.charged() == []


def test_without_its_natural_key_a_second_order_costs_twice(path, clock):
    with opened(path, clock, "telcom") as world:
        world.do(order())
        assert isinstance(world.do(order()), Refused)
        world.change(natural_key=False)

        world.do(order())

        assert world.charged() == [E164, E164]


@pytest.mark.parametrize(
    ("kind", "options", "outcome", "left"),
    [
        ("drop", {}, Unknown, 1),
        ("drop", {"after": True}, Unknown, 0),
        ("garbage", {}, Unknown, 0),
        ("truncated", {}, Unknown, 0),
        ("500", {"after": True}, Unknown, 0),
        ("plain-error", {}, Unknown, 1),
        ("plain-error", {"after": True}, Unknown, 0),
        ("unknown-code", {"after": True}, Unknown, 0),
        ("refuse", {}, Refused, 1),
        ("refuse", {"message": "NoAccessToNumber"}, Refused, 1),
        ("denied", {}, Refused, 1),
        ("429", {}, Unknown, 1),
        ("no-effect", {}, Done, 1),
        ("duplicate", {}, Done, 0),
    ],
    ids=str,
)
def test_a_release_that_meets_a_fault(near, kind, options, outcome, left):
    near.do(order())
    act = near.release()
    near.fault(kind, path=DELETE, **options)

    assert isinstance(near.do(act), outcome)
    assert len(near.carrier.observe().holdings) == left


@pytest.mark.parametrize("style", ["", "not-found"])
def test_a_release_of_what_is_gone_may_be_an_earlier_one_that_worked(near, style):
    near.do(order())
    act = near.release()
    prepared = near.carrier.prepare(act)
    near.change(unknown_id=style)
    near.carrier.send(prepared, "op-1")

    assert isinstance(near.carrier.send(prepared, "op-1"), Unknown)


def test_an_update_of_what_is_gone_says_that_it_moved(near):
    near.do(order())
    prepared = near.carrier.prepare(near.update(WANTED))
    near.poke("state", "deleted")

    outcome = near.carrier.send(prepared, "op-1")

    assert isinstance(outcome, Refused)
    assert outcome.moved


@pytest.mark.parametrize(
    ("kind", "options", "outcome"),
    [
        ("drop", {}, Unknown),
        ("drop", {"after": True}, Unknown),
        ("html", {}, Unknown),
        ("refuse", {}, Refused),
        ("plain-error", {}, Refused),
        ("unknown-code", {"after": True}, Refused),
        ("no-effect", {}, Done),
        ("duplicate", {}, Done),
    ],
    ids=str,
)
@pytest.mark.parametrize("path_", SAVE)
def test_an_update_that_meets_a_fault_can_be_repeated(near, kind, options, outcome, path_):
    near.do(order())
    act = near.update(WANTED)
    near.fault(kind, path=path_, **options)
    if path_.endswith("save") == (near.edition == "telcom"):
        assert isinstance(near.do(act), outcome)

    assert isinstance(near.do(act), Done)
    assert near.holding().spec == WANTED
