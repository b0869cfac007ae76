"""The audit chain of the ledger."""

from __future__ import annotations

from typing import Literal

from reconciler.engine.plan import Record
from reconciler.report.shapes.pieces import Instant, Sha256


class JournalBody(Record):
    """What was done. Further fields belong to the event."""

    event: Literal[
        "create", "run-start", "run-finish", "consume", "send", "move", "applied", "approve",
        "settle", "unlock", "renamed", "run-taken-over", "restore", "preload", "preload-refused",
        "reserve", "reserve-refused", "give-back", "give-back-refused", "rotate", "rotate-refused",
    ]  # fmt: skip
    """What happened."""
    at: Instant
    """When."""
    who: str
    """Who did it, such as `jo@host`."""
    run: str | None = None
    """The run whose lease it was done under; empty outside of one."""
    op_id: str | None = None
    """`send`, `move`, `settle`: the operation, as `PLAN/PART/OP`."""
    state: str | None = None
    """`send`, `move`: the state that it goes to."""
    plan_id: str | None = None
    """`consume`, `run-start`: the plan."""
    address: str | None = None
    """`applied`: the object; its `spec_digest` says what it was left as."""


class JournalRecord(Record):
    """One record of the chain: `hash` = SHA-256(`prev` as 32 bytes + the body as stored)."""

    n: int
    """Its number, from 1 without a gap."""
    prev: Sha256
    """The hash of the record before; 64 zeros for the first one."""
    hash: Sha256
    """Its own."""
    body: JournalBody
    """What was done; never a secret."""
