"""What a step costs: what it is paid for itself, and what is billed by the month because of it.

What an order brings is billed once it is there, weeks after anybody could still decide about it.
So its price by the month is a cost of the order, and of nothing that comes after it: neither of
the numbers when they stand for themselves, nor of what they are registered for with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from reconciler.engine.cost import Price
from reconciler.engine.operation import Cost
from reconciler.engine.steps import Step
from reconciler.model.act import PARTINGS, Action, Charge
from reconciler.model.resource import Home
from reconciler.model.supply import Supply

PriceOf = Callable[[str, str, str], Price | None]
"""What something costs at a connector, by kind and name; None when nobody knows."""

FREE: Final = Cost()
_NOTHING: Final = Decimal("0.00")
_LEAST_SURE: Final = ("list", "file", "live")


def cost_of(step: Step, supply: Supply | None, price: PriceOf) -> Cost:
    """What a step costs. `supply`: what is known of the number that it is about."""
    if step.cls.home is not Home.CARRIER:
        return FREE
    if step.act.action is Action.UPDATE and step.cls.brings:
        return _of_change(step, price)
    if step.act.charge is Charge.FREE and step.act.action not in PARTINGS:
        return FREE
    spec = step.after if step.after is not None else step.before or {}
    names = step.cls.priced_as(step.address.name, spec)
    once = [price(connector_of(step), step.address.kind, name) for name in names]
    later = [price(connector_of(step), *one) for one in step.cls.bills_for(spec)]
    cost = _summed(once, later)
    if step.act.action in PARTINGS:
        return cost.model_copy(update={"monthly": -cost.monthly, "once": _NOTHING})
    if supply is not None and step.address.kind in supply.counted:
        return cost.model_copy(update={"state": "priced", "monthly": _NOTHING})
    return cost


def connector_of(step: Step) -> str:
    """The carrier account that a step is done at, "" for none."""
    if step.cls.home is not Home.CARRIER:
        return ""
    spec = step.after if step.after is not None else step.before or {}
    return str(spec.get("connector") or "")


def _of_change(step: Step, price: PriceOf) -> Cost:
    """What is billed otherwise because of an order that changes; most changes cost nothing."""
    before = frozenset(step.cls.bills_for(step.before or {}))
    after = frozenset(step.cls.bills_for(step.after or {}))
    if before == after:
        return FREE
    at = connector_of(step)
    more = _summed((), [price(at, *one) for one in sorted(after - before)])
    less = _summed((), [price(at, *one) for one in sorted(before - after)])
    if "unknown" in {more.state, less.state} or len({more.currency, less.currency} - {""}) > 1:
        return Cost(state="unknown")
    known = more if more.state == "priced" else less
    return known.model_copy(update={"monthly": more.monthly - less.monthly})


def _summed(once: Iterable[Price | None], later: Iterable[Price | None]) -> Cost:
    """The price of all that a step is paid for and leads to.

    Unknown where any of it is known to nobody; what it takes at once is told all the same, as an
    account is drawn on for that.
    """
    paid, billed = list(once), list(later)
    if not paid and not billed:
        return FREE
    known = [one for one in (*paid, *billed) if one is not None]
    currencies = {one.currency for one in known}
    taken = sum((one.once for one in paid if one is not None), Decimal(0))
    if len(known) == len(paid) + len(billed) and len(currencies) == 1:
        return Cost(
            state="priced",
            currency=known[0].currency,
            monthly=sum((one.monthly for one in known), Decimal(0)),
            once=taken,
            source=min((one.origin for one in known), key=_LEAST_SURE.index),
        )
    of = {one.currency for one in paid if one is not None}
    if billed and None not in paid and len(of) == 1:
        return Cost(state="unknown", currency=of.pop(), once=taken)
    return Cost(state="unknown")
