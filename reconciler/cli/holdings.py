"""What we know as ours, from the ledger and the pool: at carrier accounts, and in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reconciler.cli.session import Session
from reconciler.engine.quarantine import believed
from reconciler.kinds import KINDS
from reconciler.model.number_fields import has
from reconciler.model.resource import Home
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import NUMBER

Ours = Mapping[tuple[str, str], str]
"""By kind and name: the tenant whose it is, "" for what the pool has for nobody."""

AT_CARRIERS = tuple(
    sorted(kind for kind, cls in KINDS.items() if cls.home is Home.CARRIER and not cls.brings)
)
"""Kinds that stand in the listing of an account; orders that bring numbers have one of theirs."""

ORDERS = tuple(sorted(kind for kind, cls in KINDS.items() if cls.brings))
"""Kinds of those orders."""


def ours_by_connector(session: Session) -> Mapping[str, Ours]:
    """By connector, all that the last applies left there and all that the pool has from there.

    Raises:
        Unavailable: The platform or the ledger cannot be read.
    """
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for record in session.platform.numbers_of():
        if record.connector and record.state is not NumberState.RELEASED:
            found[record.connector][NUMBER, record.e164] = record.tenant
    for kind in AT_CARRIERS:
        for left in session.ledger.applied_of(kind):
            connector = has(left.spec, "connector")
            found[connector][kind, left.address.name] = left.address.tenant
    return found


def without_connector(session: Session) -> Mapping[str, Ours]:
    """The same, with orders, of connectors that the project file does not have, by connector.

    Raises:
        Unavailable: The platform or the ledger cannot be read.
    """
    known = session.project.settings.connectors
    found = {name: dict(held) for name, held in ours_by_connector(session).items()}
    for kind in ORDERS:
        for left in session.ledger.applied_of(kind):
            held = found.setdefault(has(left.spec, "connector"), {})
            held[kind, left.address.name] = left.address.tenant
    return {name: found[name] for name in sorted(found) if name and name not in known}


def coming(session: Session) -> frozenset[str]:
    """The numbers that orders of ours are to bring: ours, and not there yet."""
    porting = NumberState.PORTING_IN
    return frozenset(one.e164 for one in session.platform.numbers_of() if one.state is porting)


def quarantined(session: Session, records: Iterable[PoolNumber]) -> Iterator[PoolNumber]:
    """Those records that are in quarantine, each with the later of its own date and the journal's.

    Raises:
        Unavailable: The ledger cannot be read.
    """
    listed = [record for record in records if record.state is NumberState.QUARANTINED]
    names = [record.e164 for record in listed]
    journal = session.ledger.quarantined_at(session.platform.name, names)
    return (believed(record, journal.get(record.e164, ""), "") for record in listed)
