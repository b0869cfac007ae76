"""`numbers reserve`: keep a number of the pool for a tenant, or let go of it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.cli.preload import require_tenant
from reconciler.cli.recorded import recorded
from reconciler.cli.session import Session
from reconciler.kinds.number import Number
from reconciler.model.address import Address
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import Done, PoolChange, Write
from reconciler.report.numbers import told_state
from reconciler.report.reserve import Reservation, Reservations, Word


def reserve(
    session: Session, e164s: Iterable[str], tenant: str, *, give_back: bool = False
) -> Reservations:
    """Reserve each number for a tenant, or give each back; one that cannot be is told.

    Raises:
        InvalidConfig: No file describes the tenant.
    """
    if not give_back:
        require_tenant(session, tenant)
    wanted = tuple(dict.fromkeys(e164s))
    records = session.platform.numbers(wanted)
    return Reservations(
        tenant,
        tuple(_one(session, e164, records.get(e164), tenant, give_back) for e164 in wanted),
    )


def _one(
    session: Session,
    e164: str,
    record: PoolNumber | None,
    tenant: str,
    give_back: bool,
) -> Reservation:
    if record is None:
        return Reservation(
            e164, "refused", "is not in the pool.", "Load it: reconciler numbers preload FILE"
        )
    mine = record.state is NumberState.RESERVED and record.tenant == tenant
    free = record.state is NumberState.AVAILABLE
    if mine if not give_back else free:
        return Reservation(e164, "unchanged", f"is {_state(record)} already.")
    if mine:
        after = replace(record, state=NumberState.AVAILABLE, tenant="")
        return _written(session, record, after, tenant, "given back")
    if free:
        after = replace(record, state=NumberState.RESERVED, tenant=tenant)
        return _written(session, record, after, tenant, "reserved")
    return Reservation(e164, "refused", f"is {_state(record)}.", _instead(record))


def _state(record: PoolNumber) -> str:
    return f"{told_state(record)}{f' ({record.tenant})' if record.tenant else ''}"


def _instead(record: PoolNumber) -> str:
    match record.state:
        case NumberState.RESERVED:
            return f"Only {record.tenant}'s reservation can be given back: --tenant {record.tenant}"
        case NumberState.RELEASED:
            return "It is not ours any more. Order it from YAML, where its carrier offers it."
        case _:
            return "It is in use. Take its line out of the tenant's YAML to give it up."


def _written(
    session: Session, record: PoolNumber, after: PoolNumber, tenant: str, what: Word
) -> Reservation:
    """Write one change, compare-and-swap, with its record in the audit chain."""
    event = "reserve" if what == "reserved" else "give-back"
    address = Address(tenant, Number.kind, record.e164)
    write = Write(
        address=address,
        expect_version=0,  # a number that nobody has yet is no object
        spec=None,
        by=f"{session.who} (numbers {event})",
        at=f"{session.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        pool=PoolChange(record.version, after),
    )
    facts = {"number": record.e164, "tenant": tenant}
    outcome = recorded(session, event, facts, lambda: session.platform.write([write]))
    if isinstance(outcome, Done):
        return Reservation(record.e164, what, f"is {_state(after)} now.")
    return Reservation(
        record.e164, "moved", f"was not changed: {outcome.reason}", "Look at it again, then retry."
    )
