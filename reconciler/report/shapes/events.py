"""What happens while a plan is applied, as it happens."""

from __future__ import annotations

from typing import Literal

from reconciler.report.shapes.pieces import Documented, Instant


class RunEvent(Documented):
    """A run begins or ends."""

    record: Literal["run_start", "run_end"]
    """Which record it is."""
    at: Instant
    """When."""
    run: str
    """The run."""
    plan_id: str | None = None
    """The plan that it applies."""
    exit_code: int | None = None
    """How it ended."""


class OperationEvent(Documented):
    """Something became of an operation.

    `op_start` is told before a request leaves for a carrier, `op_wait` when the home accepted
    it and is not done, `op_not_sent` when nothing left, `op_done` when it was read back.
    """

    record: Literal[
        "op_start", "op_wait", "op_not_sent", "op_done", "op_failed", "op_unknown", "op_parked"
    ]
    """Which record it is."""
    at: Instant
    """When."""
    op_id: str
    """Its name in the journal: the plan, the part and its name there."""
    op: str
    """Its name in the plan."""
    address: str
    """`tenant/kind/name`."""
    action: str
    """The act."""
    note: str
    """Why, as a sentence."""


class LockEvent(Documented):
    """Somebody else works on a tenant, and is waited for."""

    record: Literal["lock_wait"]
    """Which record it is."""
    at: Instant
    """When."""
    tenant: str
    """The tenant."""
    owner: str
    """Which process works on it."""
    run: str
    """Its run."""


class TroubleEvent(Documented):
    """Something could not be reached."""

    record: Literal["unavailable"]
    """Which record it is."""
    at: Instant
    """When."""
    message: str
    """What is wrong, as a sentence."""
