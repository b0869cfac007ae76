"""How a plan ended: `apply` and `resume`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.engine.plan import Drifted, Record
from reconciler.report.outcome import STATUSES
from reconciler.report.shapes.pieces import Documented

Ended = Annotated[str, Field(json_schema_extra={"enum": list(STATUSES)})]


class Ending(Record):
    """One operation as it ended."""

    id: str
    """Its name in the plan."""
    address: str
    """`tenant/kind/name`."""
    entry: str
    """The address of the YAML entry that it belongs to."""
    action: str
    """The act."""
    status: Ended
    """What became of it."""
    note: str
    """Why, as a sentence."""
    attempt: int
    """How many times it was begun."""
    paid: bool
    """Whether money or a number is at stake."""
    approval: str
    """The approval that it lacks."""
    run_id: str
    """The run whose journal has it."""


class LeftOver(Ending):
    """What an earlier run left that is not over."""

    next: str
    """The command that goes on with it."""


class Waits(Record):
    """Something that its home works on: no change, and no failure."""

    address: str
    """`tenant/kind/name`."""
    detail: str
    """How far it has come, in the carrier's words."""
    next: str
    """What a person does; empty for nothing."""


class NotPlanned(Record):
    """Something that could not be checked, or that its home cannot bring about: it is as it was."""

    address: str
    """`tenant/kind/name`."""
    detail: str
    """Why."""
    next: str
    """What a person does; empty for nothing."""


class EndedPart(Record):
    """One part of a plan as it ended."""

    part: str
    """The tenant."""
    status: str
    """done, incomplete, stale, consumed, blocked, locked, invalid, interrupted or unavailable."""
    detail: str
    """What stands in the way."""
    hint: str
    """The next step."""
    exit_codes: tuple[int, ...]
    """Exit statuses that hold for it."""


class EndedPartWhole(EndedPart):
    """One part of a plan as it ended, with its operations."""

    operations: tuple[Ending, ...]
    """Each operation."""


class EndedRun(Record):
    """How a run ended."""

    run_id: str
    """The run: `reconciler runs show RUN`."""
    exit_code: int
    """The exit status of the command."""
    exit_codes: tuple[int, ...]
    """All exit statuses that hold."""
    interrupted: bool
    """Whether it was stopped by a person."""
    left: tuple[LeftOver, ...]
    """What earlier runs left at these tenants."""
    waiting: tuple[Waits, ...]
    """What waited when the plan was made."""
    not_planned: tuple[NotPlanned, ...]
    """What was left as it was when the plan was made: for this the exit status is 7."""
    drift_left: tuple[Drifted, ...]
    """Drift that was left as it is."""
    summary: dict[str, int]
    """How many operations ended each way."""


class ApplyDocument(Documented, EndedRun):
    """`apply` and `resume`."""

    kind: Literal["apply"]
    """Which document it is."""
    parts: tuple[EndedPartWhole, ...]
    """Each part of the plan."""


class ResultRecord(Documented, Ending):
    """One operation as it ended."""

    record: Literal["result"]
    """Which record it is."""
    part: str
    """The tenant's part of the plan."""


class EndedPartRecord(Documented, EndedPart):
    """One part of a plan as it ended, after its results."""

    record: Literal["part"]
    """Which record it is."""
    operations: int
    """How many results came before."""


class ApplySummaryRecord(Documented, EndedRun):
    """The last line of an apply."""

    record: Literal["summary"]
    """Which record it is."""
