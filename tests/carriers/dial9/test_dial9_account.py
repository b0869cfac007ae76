"""What Dial 9 says of the account itself: calls in the newer edition, and nothing of money."""

from __future__ import annotations

import pytest

from reconciler.protocols import CallRecords, NotChecked, Use
from tests.carriers.dial9.world import E164, opened

CALLER = "+447700900123"
NOON = 1793534400
"""2026-11-01T12:00:00Z, the time of the test's clock."""


@pytest.fixture
def world(path, clock):
    with opened(path, clock, "connect") as made:
        yield made


def call(world, began, source=CALLER, destination=E164):
    with world.app.store.transaction():
        world.app.store.add_call(source, destination, began, 60)


def test_calls_to_and_from_a_number_are_counted(world):
    call(world, NOON - 7200)
    call(world, NOON - 3600, source=E164, destination=CALLER)

    told = world.carrier.calls([E164])

    assert told == CallRecords(
        "2026-11-01T12:00:00Z",
        "2026-11-01T10:00:00Z",
        {E164: Use(2, "2026-11-01T11:00:00Z")},
    )


def test_of_more_calls_than_are_read_the_newest_are_told(world):
    for n in range(650):
        call(world, NOON - n * 60, destination=E164 if n < 3 else CALLER)

    told = world.carrier.calls([E164])

    assert isinstance(told, CallRecords)
    assert told.numbers[E164].calls == 3
    assert told.since == "2026-11-01T02:01:00Z"


def test_an_empty_list_says_nothing_of_how_far_back_it_goes(world):
    assert isinstance(world.carrier.calls([E164]), NotChecked)


def test_a_list_that_cannot_be_read_is_not_checked(world):
    world.fault("500", path="/api/v2/calls/list", times=9)

    told = world.carrier.calls([E164])

    assert isinstance(told, NotChecked)
    assert "calls/list" in told.reason


def test_money_is_told_to_resellers_only_and_calls_in_one_edition(path, clock):
    with opened(path, clock, "telcom") as old:
        assert isinstance(old.carrier.about(), NotChecked)
        assert isinstance(old.carrier.charges(), NotChecked)
        assert old.carrier.calls([E164]) == NotChecked("this carrier does not say")
        assert old.carrier.capabilities.tells == frozenset()
        assert old.carrier.allowance is None


def test_what_it_tells_is_declared(world):
    assert world.carrier.capabilities.tells == {"calls"}
