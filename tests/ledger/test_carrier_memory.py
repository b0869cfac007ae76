"""What the ledger remembers of carrier accounts: budgets, what was read, what was paid."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from reconciler.ledger.sql import SqlLedger
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.protocols import KeptFact, State, Supplied
from tests.ledger.records import ACCOUNT, NUMBER, bring, consume, order

FACT = KeptFact("vt", "account", ACCOUNT, "2026-11-22T01:00:00Z", "{}")
AT = "2026-11-22T01:00:00Z"
LATER = "2026-11-22T02:00:00Z"


def spend(ledger: SqlLedger, now: str) -> tuple[bool, int, str]:
    return ledger.spend("vt", limit=2, window_seconds=3600, now=now)


def test_a_budget_is_looked_at_without_being_spent(ledger, second):
    assert second.spent("vt", window_seconds=3600, now=AT) == (0, "")
    spend(ledger, AT)
    for _ in range(3):
        assert second.spent("vt", window_seconds=3600, now=AT) == (1, "2026-11-22T02:00:00.000000Z")
    assert second.spent("vt", window_seconds=3600, now=LATER) == (0, "")


@pytest.mark.parametrize("used", [0, 1, 2])
def test_a_budget_that_is_filled_is_spent_until_then(ledger, second, used):
    for _ in range(used):
        assert spend(ledger, AT)[0]

    second.fill("vt", limit=2, window_seconds=3600, until="2026-11-22T02:10:00Z")

    assert spend(ledger, "2026-11-22T02:09:59Z") == (False, 2, "2026-11-22T02:10:00.000000Z")
    assert spend(second, "2026-11-22T02:10:00Z")[0]


def test_filling_one_budget_leaves_the_others(ledger):
    ledger.fill("other", limit=2, window_seconds=3600, until=LATER)
    assert spend(ledger, AT)[0]


def test_a_fact_is_kept_in_place_of_the_last_one_and_forgotten(ledger, second):
    assert ledger.fact("vt", "account") is None
    ledger.keep_fact(FACT)
    newer = KeptFact("vt", "account", ACCOUNT, LATER, '{"a": 1}')
    second.keep_fact(newer)
    ledger.keep_fact(KeptFact("d9", "calls", "x", AT, "{}"))

    assert ledger.fact("vt", "account") == newer
    assert ledger.fact("vt", "calls") is None
    ledger.keep_fact(KeptFact("vt", "other", ACCOUNT, AT, "{}"))
    ledger.forget_facts("vt", ("account", "calls"))
    assert second.fact("vt", "account") is None
    assert second.fact("vt", "other") is not None
    assert second.fact("d9", "calls") is not None


def bought(op: str, number: str):
    body = json.dumps({"connector": "vt", "cost": {"once": "1.00", "currency": "USD"}})
    return order(op, number, body=body)


@pytest.mark.parametrize(
    ("state", "paid"),
    [
        (State.INTENDED, {}),
        (State.SENT, {"USD": Decimal("1.00")}),
        (State.UNKNOWN, {"USD": Decimal("1.00")}),
        (State.PARKED, {"USD": Decimal("1.00")}),
        (State.DONE, {"USD": Decimal("1.00")}),
        (State.FAILED, {}),
    ],
)
def test_what_may_have_been_taken_counts_as_paid(ledger, lease, state, paid):
    consume(ledger, lease, bought("op-01", NUMBER))
    bring(ledger, lease, state)

    assert ledger.paid_since(ACCOUNT, AT) == paid
    assert ledger.paid_since(ACCOUNT, LATER) == {}
    assert ledger.paid_since("another", AT) == {}


def test_what_came_and_went_is_told_since_then(ledger, lease):
    consume(ledger, lease, bought("op-01", NUMBER))
    bring(ledger, lease, State.VERIFIED)
    (told,) = ledger.supplied(AT)

    assert told == Supplied(
        Address("acme", "carrier_number", NUMBER),
        "vt",
        Action.ORDER,
        "2026-11-22T01:02:03.123456Z",
        Decimal("1.00"),
        "USD",
    )
    assert ledger.supplied(LATER) == ()


def test_many_facts_are_told_at_once_and_none_of_another_account(ledger):
    kept = [KeptFact("vt", f"form {n}", ACCOUNT, AT, f'{{"n": {n}}}') for n in range(1200)]
    for one in kept:
        ledger.keep_fact(one)
    ledger.keep_fact(KeptFact("d9", "form 1", "x", AT, "{}"))

    found = ledger.facts("vt", [*(one.topic for one in kept), "form 1200"])

    assert found == {one.topic: one for one in kept}
    assert ledger.facts("vt", ()) == {}
