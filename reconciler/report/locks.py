"""Who works on what right now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.protocols import HeldLease
from reconciler.report.machine import document
from reconciler.report.text import Line, line, table


def locks_text(leases: Sequence[HeldLease]) -> Iterator[Line]:
    """List leases, with the name by which each can be freed."""
    if not leases:
        yield line("Nothing is locked.")
        return
    heads = ("what", "holder", "run", "until", "name")
    yield from table(
        heads,
        [(held.scope, held.owner, held.run_id, held.expires_at, held.nonce) for held in leases],
    )
    yield line("Free one whose holder is gone:  reconciler unlock NAME")


def locks_json(leases: Iterable[HeldLease]) -> str:
    """The same for machines."""
    records = [
        {
            "scope": held.scope,
            "owner": held.owner,
            "run_id": held.run_id,
            "epoch": held.epoch,
            "expires_at": held.expires_at,
            "nonce": held.nonce,
        }
        for held in leases
    ]
    return document("locks", {"locks": records})
