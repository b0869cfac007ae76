"""A part's lease, and how whatever stops the work under it is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from reconciler.apply.edges import LEASE_SECONDS, Edges
from reconciler.apply.report import PartReport, Result, statuses_of
from reconciler.engine.plan import tenant_of
from reconciler.errors import (
    Exit,
    InvalidConfig,
    Locked,
    ReconcilerError,
    Stale,
    Unavailable,
)
from reconciler.protocols import HeldLease, Lease

POLL_SECONDS = 1.0
"""How often a lease that somebody holds is asked for again."""


def take(edges: Edges, tenant: str, run_id: str) -> Lease:
    """Take a tenant's lease, waiting visibly for one that somebody alive holds.

    Raises:
        Locked: It was held for as long as we wait.
    """
    waited = 0.0
    while True:
        edges.checkpoint("lease:before")
        taken = edges.ledger.take(
            (f"tenant/{tenant}",), owner=edges.owner, run_id=run_id, ttl_seconds=LEASE_SECONDS
        )
        if isinstance(taken, Lease):
            edges.checkpoint("lease:after")
            return taken
        if waited >= edges.lock_timeout_seconds:
            raise Locked(
                _held_by(tenant, taken), f"reconciler locks; reconciler unlock {taken.nonce}"
            )
        edges.tell("lock_wait", {"tenant": tenant, "owner": taken.owner, "run": taken.run_id})
        edges.clock.sleep(POLL_SECONDS)
        waited += POLL_SECONDS


def _held_by(tenant: str, lease: HeldLease) -> str:
    return (
        f"{tenant} is being worked on by {lease.owner} (run {lease.run_id}), "
        f"until {lease.expires_at} at the latest."
    )


def under_lease(
    edges: Edges,
    part: str,
    run_id: str,
    work: Callable[[Lease], PartReport],
    written: Callable[[], tuple[Result, ...]],
) -> PartReport:
    """Do the work of a part under its lease; whatever stops it is told, never raised.

    Args:
        edges: The outside.
        part: The part's name; its tenant's lease is taken.
        run_id: Who takes the lease.
        work: What to do once it is ours.
        written: What the journal has of the part by now. Work that was stopped may have been
            begun: then the report says how far it came.
    """
    try:
        lease = take(edges, tenant_of(part), run_id)
    except (ReconcilerError, KeyboardInterrupt) as error:
        return stopped(part, error)
    try:
        return work(lease)
    except (ReconcilerError, KeyboardInterrupt) as error:
        results: tuple[Result, ...] = ()
        with suppress(Unavailable):  # then its own words are all that there is to tell
            results = written()
        return stopped(part, error, results)
    finally:
        edges.ledger.give_back(lease)


_WORDS: tuple[tuple[type[ReconcilerError], str], ...] = (
    (Locked, "locked"),
    (InvalidConfig, "invalid"),
    (Stale, "consumed"),
    (Unavailable, "unavailable"),
)


def stopped(
    part: str, error: ReconcilerError | KeyboardInterrupt, results: tuple[Result, ...] = ()
) -> PartReport:
    """Tell what stopped a part, and how far it had come.

    Raises:
        ReconcilerError: It is none of those that may be met: a defect of ours.
    """
    held = statuses_of(results)
    if isinstance(error, KeyboardInterrupt):
        begun = "Interrupted; what was begun is listed." if results else NOT_BEGUN
        return PartReport(part, "interrupted", results, begun, statuses=held)
    word = next((word for kind, word in _WORDS if isinstance(error, kind)), None)
    if word is None:
        raise error
    return PartReport(
        part, word, results, error.message, error.hint, held | {Exit(error.exit_code)}
    )


NOT_BEGUN = "Interrupted before it began."
"""Told of a part of which nothing was written."""
