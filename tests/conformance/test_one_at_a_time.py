"""The faults that the one-at-a-time platform has to order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.errors import Unavailable
from reconciler.model.address import Address
from reconciler.protocols import Done, NotSent, Outcome, Refused, Unknown, Write
from tests.conformance.one_at_a_time import OneAtATime

SALES = Address("acme", "ring_group", "sales")
WRITE = Write(SALES, 0, {"ring": "20s"}, by="jo", at="2026-11-22T01:02:03Z")


@pytest.fixture
def platform() -> Iterator[OneAtATime]:
    made = OneAtATime()
    yield made
    made.close()


@pytest.mark.parametrize("outcome", [Unknown("time-out"), NotSent("refused"), Refused("no")])
def test_an_ordered_answer_comes_once_and_nothing_is_done(
    platform: OneAtATime, outcome: Outcome
) -> None:
    platform.fail_next(outcome)

    assert platform.write([WRITE]) == outcome

    assert platform.read_some([SALES]) == {}
    assert platform.written == []
    assert isinstance(platform.write([WRITE]), Done)


def test_a_write_takes_effect_and_its_answer_is_lost(platform: OneAtATime) -> None:
    platform.fail_next(Unknown("time-out"), done=True)

    assert platform.write([WRITE]) == Unknown("time-out")

    assert platform.read_some([SALES])[SALES].spec == {"ring": "20s"}
    assert platform.written == [WRITE]
    again = platform.write([WRITE])
    assert isinstance(again, Refused)
    assert again.by == "jo"


def test_a_read_fails_as_often_as_it_was_ordered_to(platform: OneAtATime) -> None:
    platform.fail_reads(2)

    for read in (platform.revisions, lambda: platform.read("acme")):
        with pytest.raises(Unavailable):
            read()
    assert platform.read("acme").revision == 0
