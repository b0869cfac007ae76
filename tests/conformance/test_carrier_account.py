"""What every carrier says of the account itself: typed, or not checked and why; never an error."""

from __future__ import annotations

import pytest

from reconciler.protocols import AccountFacts, CallRecords, Charges, NotChecked
from tests.conformance.carriers import CANARY, CARRIERS, SORTS
from tests.conformance.faults import Read, met, of_lists

ASKED = {
    "about": (AccountFacts, {"balance", "rates", "services", "settings"}),
    "calls": (CallRecords, {"calls"}),
    "charges": (Charges, {"charges"}),
}
"""What each question gives, and what of it a carrier may declare that it tells."""

FAULTS = [
    (name, fault) for name, sort in SORTS.items() for fault in of_lists(sort.kind, sort.faults)
]


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


@pytest.fixture(params=ASKED)
def question(request):
    return request.param


def ask(world, question):
    of = [world.sort.numbers] if question == "calls" else []
    return getattr(world.carrier, question)(*of)


def test_what_it_declares_is_told_and_nothing_else(world, question):
    form, topics = ASKED[question]
    told = ask(world, question)

    if not topics & world.carrier.capabilities.tells:
        assert isinstance(told, NotChecked)
    if isinstance(told, NotChecked):
        assert told.reason
        assert not told.reason.endswith(".")
    else:
        assert isinstance(told, form)
        assert told.at == "2026-11-01T12:00:00Z"


def test_each_fact_that_it_declares_is_there(world):
    told = world.carrier.about()
    tells = ASKED["about"][1] & world.carrier.capabilities.tells

    assert all(getattr(told, topic) not in (None, {}) for topic in tells)
    assert isinstance(told, NotChecked) is not bool(tells)
    if isinstance(told, AccountFacts):
        assert len(told.currency) == 3


@pytest.mark.parametrize(("carrier", "fault"), FAULTS, ids=str)
def test_what_cannot_be_asked_is_not_checked_and_stops_nothing(tmp_path, carrier, fault, question):
    with CARRIERS[carrier](tmp_path) as world:
        every = ("", "/") if fault != "stale" else world.sort.reads["numbers"]
        world.fault_at(fault, every, times=9)

        told = ask(world, question)

        if met(world.sort.kind, fault).read is Read.BROKEN:
            assert isinstance(told, NotChecked)
        if isinstance(told, NotChecked):
            assert CANARY not in told.reason


def test_asking_changes_nothing_and_costs_nothing(world, question):
    before = world.desk.books(world.path)

    ask(world, question)

    after = world.desk.books(world.path)
    assert (after["charges"], after["numbers"]) == (before["charges"], before["numbers"])
