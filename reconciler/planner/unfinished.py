"""What is begun and not over: our own operations, and what carriers do later or did not take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from reconciler.engine.plan import Held, Operation
from reconciler.engine.underway import Settling
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.state import Applied, Wanted
from reconciler.model.supply import Holding
from reconciler.planner.sources import Sources
from reconciler.protocols import Clock, Entry, State


class Open(NamedTuple):
    """Operations of a tenant, or at an account, that are not over.

    Attributes:
        held: What is told of those whose outcome is not known.
        settling: Those that their homes announced.
        frozen: What none of a plan may touch.
    """

    held: tuple[Held, ...]
    settling: tuple[Settling, ...]
    frozen: frozenset[Address]


class Taken(NamedTuple):
    """Something that git wants, as its carrier has it."""

    address: Address
    want: Wanted
    holding: Holding


def not_taken(taken: Iterable[Taken]) -> Iterator[Held]:
    """What is as git wants it and its carrier did not take, found out later by its list."""
    for address, want, holding in taken:
        if holding.trouble:
            step = f"correct it at {want.location}, or settle it with the carrier"
            yield Held(address=str(address), what="not_taken", detail=holding.trouble, next=step)


def settling_of(
    sources: Sources,
    taken: Iterable[Taken],
    applied: Mapping[Address, Applied],
    told: Collection[Address],
) -> Iterator[Settling]:
    """What is ours and as git wants it, and its carrier is not done with.

    Args:
        sources: Where plans are made from.
        taken: What carriers have.
        applied: What the last apply left, and when.
        told: What an operation that is not over tells of already.
    """
    for address, want, holding in taken:
        left = applied.get(address)
        if not holding.waiting or left is None or address in told:
            continue
        if all(holding.spec.get(name, value) == value for name, value in want.spec.items()):
            yield Settling(address, holding.waiting, _days(left.at, sources.clock))


def open_at(sources: Sources, tenant: str) -> Open:
    """What is told of a tenant's operations that are not over, and what they freeze."""
    return _open(sources.ledger.open_operations(tenant), sources.clock)


def _open(rows: Iterable[Entry], clock: Clock) -> Open:
    """Freeze what an operation is not over for; what was only intended is closed, not awaited."""
    held: list[Held] = []
    settling: list[Settling] = []
    frozen: set[Address] = set()
    for row in rows:
        if row.state is State.INTENDED:
            continue
        frozen.add(row.address)
        if row.action is Action.UPDATE:
            changed = map(parse_address, Operation.model_validate_json(row.body).addresses)
            frozen |= {address for address in changed if address is not None}
        if row.waiting and row.state is not State.PARKED:
            days = _days(row.sent_at, clock)
            settling.append(Settling(row.address, row.waiting, days, _next(row)))
            continue
        what = "parked" if row.state is State.PARKED else "unknown"
        unseen = "said yes, and not seen yet" if row.state is State.DONE else ""
        detail = row.waiting or row.note or unseen or f"{row.action} is not over"
        held.append(Held(address=str(row.address), what=what, detail=detail, next=_next(row)))
    return Open(tuple(held), tuple(settling), frozenset(frozen))


def _next(row: Entry) -> str:
    if row.state is State.PARKED:
        return f"reconciler runs settle {row.run_id} {row.op} --happened|--did-not --reason TEXT"
    return f"reconciler resume {row.run_id}"


def _days(since: str, clock: Clock) -> int | None:
    """For how many whole days it has been so; None when nobody wrote down since when."""
    return (clock.now() - datetime.fromisoformat(since)).days if since else None
