"""A plan, line by line: `plan -o ndjson`."""

from __future__ import annotations

from typing import Literal

from reconciler.engine.plan import Calls, Drifted, Envelope, Gate, Held, Note, Operation, Total
from reconciler.report.shapes.pieces import Documented, Version


class OperationRecord(Documented, Operation):
    """One operation of a plan."""

    record: Literal["operation"]
    """Which record it is."""
    part: str
    """The tenant's part of the plan."""


class PlanPartRecord(Documented):
    """All else of a tenant's part of a plan, after its operations."""

    record: Literal["part"]
    """Which record it is."""
    part: str
    """The tenant."""
    kind: Literal["tenant", "account"]
    """What the part is about."""
    content_digest: str
    """Digest of what it does."""
    revision: int
    """The platform's revision of the tenant."""
    operations: int
    """How many operations came before."""
    gates: tuple[Gate, ...]
    """What stops an apply of it."""
    drifted: tuple[Drifted, ...]
    """Drift that is left as it is."""
    unmanaged: tuple[str, ...]
    """Objects that are not ours."""
    held: tuple[Held, ...]
    """What waits, is due or is not known."""
    notes: tuple[Note, ...]
    """What is told of it."""
    calls: Calls
    """What callers notice."""
    totals: tuple[Total, ...]
    """What it costs."""
    unpriced: tuple[str, ...]
    """What has no known price."""
    unchanged: int
    """Objects that are as git says."""


class PlanSummaryRecord(Documented, Envelope):
    """The last line of a plan: its envelope."""

    format_version: Version
    """Major: readers of another one refuse. Minor: something was added."""
    record: Literal["summary"]
    """Which record it is."""
