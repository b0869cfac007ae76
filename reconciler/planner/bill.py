"""What a tenant is billed for at carriers once git holds: what it asks for, and what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.engine.cost import Price
from reconciler.model.address import Address
from reconciler.model.state import Applied, Wanted
from reconciler.planner.sources import Sources, is_carried


@dataclass(frozen=True, slots=True)
class Billed:
    """One thing that a carrier bills.

    Attributes:
        address: What it is.
        connector: The carrier account.
        kept: Whether git has it no more: a number in quarantine is billed until its release.
        order: The order that is to bring it, and git has it there only; None for none.
    """

    address: Address
    connector: str
    kept: bool = False
    order: Address | None = None


def billed(
    sources: Sources, wanted: Mapping[Address, Wanted], applied: Mapping[Address, Applied]
) -> Iterator[Billed]:
    """Everything of a tenant that a carrier bills, by address; an order's place has what it brings.

    An order that git has no more brings nothing: its numbers stand for themselves.
    """
    for address in sorted(wanted.keys() | applied.keys()):
        if not is_carried(sources, address):
            continue
        kept = address not in wanted
        if kept and not sources.kinds[address.kind].supplies:
            continue  # it goes with its line
        spec = applied[address].spec if kept else wanted[address].spec
        at = str(spec.get("connector") or "")
        if at and sources.kinds[address.kind].brings:
            for kind, name in sources.kinds[address.kind].bills_for(spec):
                yield Billed(Address(address.tenant, kind, name), at, order=address)
        elif at:
            yield Billed(address, at, kept)


def monthly(
    bill: Iterable[Billed], price: Callable[[str, str, str], Price | None]
) -> dict[str, Decimal]:
    """What all of it costs a month, by currency, without what nobody knows."""
    sums: dict[str, Decimal] = {}
    for one in bill:
        cost = price(one.connector, one.address.kind, one.address.name)
        if cost is not None:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.monthly
    return sums
