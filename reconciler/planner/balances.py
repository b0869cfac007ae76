"""What a plan takes from each carrier account at once, against what the account has left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from reconciler.engine.plan import PartFacts
from reconciler.facts import Facts
from reconciler.protocols import NotChecked


def balances(facts: Facts, parts: Iterable[PartFacts]) -> Iterator[dict[str, Any]]:
    """Each account that is drawn on: what is needed, what it has, or why that is not known.

    What waits for an approval of its own is not counted: it is not done without.
    """
    needed: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        for draw in part.draws:
            if not draw.approval:
                of = draw.connector, draw.currency
                needed[of] = needed.get(of, Decimal(0)) + draw.amount
    for (connector, currency), amount in sorted(needed.items()):
        yield {
            "connector": connector,
            "currency": currency,
            "needed": f"{amount:f}",
            **_known(facts, connector, currency, amount),
        }


def _known(facts: Facts, connector: str, currency: str, needed: Decimal) -> dict[str, Any]:
    have = facts.balance(connector)
    if isinstance(have, NotChecked):
        return {"state": "not_checked", "detail": have.reason}
    if have.currency != currency:
        return {"state": "not_checked", "detail": f"the account is in {have.currency}"}
    state = "enough" if needed <= have.left else "short"
    told = {"state": state, "left": f"{have.left:f}", "at": have.at}
    return told | ({"paid": f"{have.paid:f}"} if have.paid else {})
