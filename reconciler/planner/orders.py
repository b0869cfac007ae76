"""What is known of orders that are to bring numbers: each beside what its carrier lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from reconciler.engine.underway import Underway
from reconciler.errors import Unavailable
from reconciler.model.address import Address
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, Wanted
from reconciler.model.supply import Holding, Stage, Supply
from reconciler.observe import Accounts
from reconciler.planner.sources import Sources
from reconciler.protocols import Clock

OPEN = frozenset({Stage.OPEN, Stage.STUCK})

LETTER = "letter"
"""What is remembered of an order where a person has to sign for it."""

LOCATION = "location"
"""The emergency location of the numbers that an order brings."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order, as git has it or else as the last apply left it, and as its carrier lists it.

    Attributes:
        address: Where git has it, or had it.
        cls: Its kind.
        spec: Its settings.
        holding: What its carrier lists; None for nothing.
        left: What the last apply left of it; None when none did.
        unread: Why its carrier's list could not be read; "" when it could.
    """

    address: Address
    cls: type[Resource]
    spec: Spec
    holding: Holding | None
    left: Applied | None
    unread: str = ""

    @property
    def connector(self) -> str:
        """The carrier account that has it, else the one that it is to be asked of."""
        return connector_of(self.left, self.spec)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that it is to bring, by git and by what was left of it."""
        specs = (self.spec, self.left.spec if self.left is not None else {})
        listed = [spec.get(self.cls.brings) for spec in specs]
        known = {str(e164) for some in listed if isinstance(some, list) for e164 in some}
        return tuple(sorted(known))


def orders_of(
    sources: Sources,
    desired: Mapping[Address, Wanted],
    applied: Mapping[Address, Applied],
    accounts: Accounts,
    unchecked: Mapping[str, str] = MappingProxyType({}),
) -> dict[Address, Order]:
    """Every order that git has or an apply left, by its address."""
    found: dict[Address, Order] = {}
    for address in sorted(desired.keys() | applied.keys()):
        cls = sources.kinds.get(address.kind)
        if cls is None or cls.home is not Home.CARRIER or not cls.brings:
            continue
        left = applied.get(address)
        spec: Spec = desired[address].spec if address in desired else left.spec if left else {}
        order = Order(address, cls, spec, None, left, unchecked.get(connector_of(left, spec), ""))
        found[address] = _read(order, accounts)
    return found


def connector_of(left: Applied | None, spec: Spec) -> str:
    """The carrier account that has an order, else the one that it is to be asked of."""
    return str((left.spec if left is not None else spec).get("connector", ""))


def _read(order: Order, accounts: Accounts) -> Order:
    """Look for an order in its carrier's list."""
    if order.unread:
        return order
    try:
        held = accounts.orders(order.connector, order.address.kind)
    except Unavailable as error:
        return replace(order, unread=error.message)
    known = {**order.spec, **({} if order.left is None else order.left.spec)}
    return replace(order, holding=order.cls.held_as(order.address.name, known, held))


def observed_spec(order: Order) -> dict[str, Any]:
    """The settings of an order as it is there; what its carrier never tells is as we left it.

    One that somebody else submitted is taken for the one that git means.
    """
    there: Spec = order.holding.spec if order.holding is not None else {}
    ours = order.left.spec if order.left is not None else order.spec
    # Of an order that is over a carrier may not say again which numbers it brought.
    return {**ours, **there}


def order_supplies(
    orders: Mapping[Address, Order], numbers: Mapping[str, Supply], tenant: str
) -> dict[str, Supply]:
    """What is known of numbers and orders together: numbers by E.164, orders by `kind/name`."""
    found = dict(numbers)
    for order in orders.values():
        for e164 in order.numbers:
            if e164 in found:
                found[e164] = _ordered(e164, found[e164], order)
    named = {_of_carrier(one): at for at, one in orders.items() if one.left and one.holding}
    for address, order in orders.items():
        former = named.get(_of_carrier(order), address) if order.holding else address
        found[address.reference] = Supply(
            tenant=tenant,
            holding=order.holding,
            managed=order.left is not None,
            checked=not order.unread,
            connector=order.connector,
            brings={e164: found[e164] for e164 in order.numbers if e164 in found},
            known_as=former.name if former != address and order.left is None else "",
        )
    return found


def _of_carrier(order: Order) -> tuple[str, str, str]:
    """What a carrier itself knows an order by."""
    known = order.holding.external_id if order.holding is not None else ""
    return order.connector, order.address.kind, known


def _ordered(e164: str, known: Supply, order: Order) -> Supply:
    """What is known of a number that an order is to bring: frozen as long as that is open."""
    holding, said = known.holding, order.holding
    if holding is not None and said is not None and said.stage in OPEN:
        holding = replace(holding, frozen=f"{order.address.reference} is open")
    paid = order.cls.bills_for(order.left.spec) if order.left is not None else ()
    return replace(
        known,
        holding=holding,
        order=said,
        checked=known.checked and not order.unread,
        counted=frozenset(kind for kind, name in paid if name == e164),
    )


def underway(orders: Mapping[Address, Order], clock: Clock) -> Iterator[Underway]:
    """The orders of ours that their carriers work on."""
    for address, order in orders.items():
        holding = order.holding
        if holding is None or holding.progress is None or order.left is None:
            continue
        if holding.stage in OPEN:
            letter = str(order.left.spec.get(LETTER, ""))
            location = str(order.spec.get(LOCATION) or "")
            days = days_open(holding, clock)
            yield Underway(address, holding.progress, days, letter, location)


def days_open(holding: Holding, clock: Clock) -> int | None:
    """For how many whole days an order has been open; None when its carrier does not say."""
    since = holding.progress.since if holding.progress is not None else ""
    return (clock.now() - datetime.fromisoformat(since)).days if since else None
