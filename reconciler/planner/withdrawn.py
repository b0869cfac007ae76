"""Carrier accounts that the project file has no more, with what is still there and ours.

Nobody is asked about them, so nothing of theirs is planned; and it is never called clean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reconciler.engine.made import MadePart
from reconciler.engine.plan import Held, Part
from reconciler.model.account_object import AccountObject
from reconciler.model.address import Address, account_name, connector_of
from reconciler.planner.sources import Sources


def withdrawn(sources: Sources, connectors: Collection[str]) -> dict[str, list[Address]]:
    """What the last applies left of accounts themselves, by a connector that there is no more.

    Args:
        sources: Where it is read from.
        connectors: Those that there are.

    Raises:
        Unavailable: The ledger cannot be read.
    """
    found: dict[str, list[Address]] = {}
    for kind, cls in sources.kinds.items():
        if not issubclass(cls, AccountObject):
            continue
        for left in sources.ledger.applied_of(kind):
            connector = connector_of(left.address.tenant)
            if connector and connector not in connectors:
                found.setdefault(connector, []).append(left.address)
    return {connector: sorted(found[connector]) for connector in sorted(found)}


def withdrawn_parts(sources: Sources, connectors: Collection[str]) -> Iterator[Part]:
    """A part for each of those accounts, that does nothing and names what is there."""
    for connector, addresses in withdrawn(sources, connectors).items():
        held = tuple(
            Held(
                address=str(at),
                what="unchecked",
                detail=f"not checked: reconciler.yaml has no connector {connector} any more, and"
                f" this was left at its account. {way_out(connector)}",
                next=f"reconciler connectors forget {connector} --reason TEXT",
            )
            for at in addresses
        )
        yield MadePart(account_name(connector), "account", held=held).sealed().typed()


def way_out(connector: str) -> str:
    """What to do about what was left at such an account."""
    return (
        f"To take it away, put connectors.{connector} back without it, and apply; if the account is"
        " given up, forget it."
    )
