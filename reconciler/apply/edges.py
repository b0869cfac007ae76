"""What an apply works with: every edge passed in once, so that a simulator can pass its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reconciler.engine.plan import Operation
from reconciler.model.resource import Resource
from reconciler.protocols import (
    Carrier,
    Checkpoint,
    Clock,
    Ledger,
    Platform,
    SecretSink,
    SecretSource,
    no_checkpoint,
)

LEASE_SECONDS = 60.0
"""How long a lease lasts without being renewed; every journal write renews it."""

CLIENT_DEADLINE_SECONDS = 30.0
"""When we stop waiting for an answer."""

SEND_WITHIN_SECONDS = 2.0
"""A process paused for longer between the commit and the first byte does not send."""


def silent(event: str, facts: Mapping[str, Any]) -> None:
    """Tell nobody."""
    del event, facts


@dataclass(frozen=True, slots=True)
class Edges:
    """The outside, as an apply sees it.

    Attributes:
        platform: Where calls are handled.
        carriers: Carrier accounts by connector.
        ledger: Our own records.
        clock: Time.
        kinds: Every kind by name.
        who: Who does it, for people: ``jo@host``.
        owner: Which process does it, for the lease.
        shares_database: Whether platform and ledger commit as one.
        secrets: Resolves and seals; None when no key is configured.
        sink: Where generated secrets go; None when nobody said.
        checkpoint: Passed at every boundary.
        tell: Told of progress.
        new_id: Makes the id of a run.
        lock_timeout_seconds: How long a lease that somebody holds is waited for.
    """

    platform: Platform
    carriers: Mapping[str, Carrier]
    ledger: Ledger
    clock: Clock
    kinds: Mapping[str, type[Resource]]
    who: str
    owner: str
    shares_database: bool = False
    secrets: SecretSource | None = None
    sink: SecretSink | None = None
    checkpoint: Checkpoint = no_checkpoint
    tell: Callable[[str, Mapping[str, Any]], None] = field(default=silent)
    new_id: Callable[[], str] = field(default=lambda: secrets.token_hex(6))
    lock_timeout_seconds: float = 0.0


def facts_of(operation: Operation, op_id: str, note: str) -> Mapping[str, Any]:
    """What is told of an operation on its way; `op_id` is its name in the journal."""
    return {
        "op_id": op_id,
        "op": operation.id,
        "address": operation.address,
        "action": operation.action.value,
        "note": note,
    }


def instant(moment: datetime) -> str:
    """Write an instant as it stands in records: UTC with microseconds and Z."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{text.removesuffix('+00:00')}Z"  # eight times as fast as strftime


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one recorded instant to another."""
    return (read_instant(later) - read_instant(earlier)).total_seconds()


def read_instant(text: str) -> datetime:
    """Read what `instant` wrote, also without microseconds."""
    return datetime.fromisoformat(text)
