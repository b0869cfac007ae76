"""What a plan takes from each carrier account at once, against what the account has left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from reconciler.engine.plan import PartFacts
from reconciler.facts import Balance, Facts
from reconciler.protocols import NotChecked

_NOTHING = Decimal("0.00")


def balances(facts: Facts, parts: Iterable[PartFacts]) -> Iterator[dict[str, Any]]:
    """Each account that is drawn on: what is needed, what it has, or why that is not known.

    What waits for an approval of its own is not done without, so it is told apart, with what is
    needed when all of it is approved: an apply with the approvals counts it.
    """
    needed: dict[tuple[str, str], Decimal] = {}
    awaits: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        for draw in part.draws:
            of = draw.connector, draw.currency
            sums = awaits if draw.approval else needed
            sums[of] = sums.get(of, Decimal(0)) + draw.amount
    for connector, currency in sorted(needed.keys() | awaits.keys()):
        of = connector, currency
        amount, more = needed.get(of, _NOTHING), awaits.get(of, _NOTHING)
        yield {
            "connector": connector,
            "currency": currency,
            "needed": f"{amount:f}",
            **_known(facts, connector, currency, amount, more),
        }


def _known(
    facts: Facts, connector: str, currency: str, needed: Decimal, more: Decimal
) -> dict[str, Any]:
    have = facts.balance(connector)
    if not isinstance(have, NotChecked) and have.currency != currency:
        have = NotChecked(f"the account is in {have.currency}")
    awaiting = _awaiting(have, needed, more) if more else {}
    if isinstance(have, NotChecked):
        return {"state": "not_checked", "detail": have.reason, **awaiting}
    told = {"state": _state(have, needed), "left": f"{have.left:f}", "at": have.at, **awaiting}
    return told | ({"paid": f"{have.paid:f}"} if have.paid else {})


def _awaiting(have: Balance | NotChecked, needed: Decimal, more: Decimal) -> dict[str, Any]:
    """What waits for an approval costs, and whether there is enough for that as well."""
    state = "not_checked" if isinstance(have, NotChecked) else _state(have, needed + more)
    return {"awaiting_approval": {"amount": f"{more:f}", "state": state}}


def _state(have: Balance, needed: Decimal) -> str:
    return "enough" if needed <= have.left else "short"
