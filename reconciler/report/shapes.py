"""The form of what is written for machines, for the published schemas. Nothing is made of it.

The records are written where they are known; tests hold what is written against these forms.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.engine.plan import (
    Calls,
    Drifted,
    Envelope,
    Gate,
    Held,
    Note,
    Operation,
    Record,
    Total,
)
from reconciler.report.outcome import STATUSES

Version = Annotated[str, Field(pattern=r"^1\.[0-9]+$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[str, Field(pattern=r"^[0-9-]{10}T[0-9:.]+Z$")]
Ended = Annotated[str, Field(json_schema_extra={"enum": list(STATUSES)})]
State = Literal["drifted", "not_checked", "pending", "clean"]


class Documented(Record):
    """What every document and every record has."""

    format_version: Version
    """Major: readers of another one refuse. Minor: something was added."""


# Pieces.


class Place(Record):
    """A place in a file; columns count characters from 1."""

    file: str
    """The file, as it was named to the command."""
    line: int
    """From 1."""
    column: int
    """From 1."""
    end_column: int
    """The first column after it; 0 when only its start is known."""


class Related(Place):
    """Another place that belongs to a problem."""

    text: str
    """What is there, in a few words."""


class Fault(Place):
    """One thing that is wrong with the files."""

    code: str
    """Stable: `reconciler explain CODE`."""
    severity: Literal["error", "warning", "info"]
    """`error` refuses to plan; the others are told."""
    summary: str
    """The class of mistake, without names."""
    message: str
    """This mistake, as a sentence."""
    hint: str
    """The next step."""
    address: str
    """The object concerned, `tenant/kind/name`, or nothing."""
    fix: str
    """What `fix` would do about it, or nothing."""
    related: tuple[Related, ...]
    """Other places that belong to it."""


class SilencedFault(Place):
    """A problem that a policy keeps quiet."""

    code: str
    """Stable: `reconciler explain CODE`."""
    severity: Literal["error", "warning", "info"]
    """What it would be."""
    message: str
    """The mistake, as a sentence."""
    address: str
    """The object concerned."""
    reason: str
    """Why it is silenced."""
    until: str
    """The last day on which it is."""


class FaultCounts(Record):
    """How much was looked at, and how many problems of each severity were found."""

    files: int
    """Files that were read."""
    tenants: int
    """Tenants that could be loaded."""
    files_only: bool
    """Whether files were all that was looked at."""
    errors: int
    """Problems that refuse a plan."""
    warnings: int
    """Problems that are told."""
    infos: int
    """Hints."""
    silenced: int
    """Problems that a policy keeps quiet."""


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
    drift_left: tuple[Drifted, ...]
    """Drift that was left as it is."""
    summary: dict[str, int]
    """How many operations ended each way."""


class DriftedField(Record):
    """A field that is not as the last apply left it."""

    path: str
    """A JSON pointer into the object."""
    op: Literal["add", "remove", "replace"]
    """What an apply would do."""
    before: Any
    """What is there."""
    after: Any
    """What git says."""
    cause: Literal["config", "drift", "both"]
    """Who changed it: git, somebody else, or both."""


class DriftedObject(Record):
    """An object that is not as the last apply left it."""

    address: str
    """`tenant/kind/name`."""
    who: str
    """Who changed it, and when, where that is known."""
    place: str
    """Where it stands in git."""
    changes: tuple[DriftedField, ...]
    """Its fields."""


class Unchecked(Record):
    """An object that could not be looked at; it is not called clean."""

    address: str
    """`tenant/kind/name`."""
    detail: str
    """Why not."""


class AccountNumbers(Record):
    """What a carrier account has."""

    connector: str
    """The connector."""
    checked: bool
    """Whether it could be read."""
    detail: str
    """Why it could not."""
    numbers: int
    """How many numbers are on it."""
    unmanaged: tuple[str, ...]
    """Those that nobody has: in no tenant's YAML and not in the pool."""
    unmanaged_count: int
    """How many those are."""


class DriftedTenant(Record):
    """What was found at one tenant."""

    tenant: str
    """The tenant."""
    state: State
    """The one word for it."""
    drifted: tuple[DriftedObject, ...]
    """Objects that were changed."""
    missing: tuple[str, ...]
    """Objects that are gone from where they were."""
    unmanaged: tuple[str, ...]
    """Objects that are there, not in git and not ours."""
    pending: int
    """Changes that are merged and not applied."""
    not_checked: tuple[Unchecked, ...]
    """Objects that could not be looked at."""


class SettingRecord(Record):
    """One setting that holds."""

    key: str
    """Its dotted key."""
    value: Any
    """Its value; a secret as its reference."""
    origin: Literal["flag", "environment", "file", "default"]
    """What kind of place says so."""
    where: str
    """The flag, the variable, `FILE:LINE`, or `default`."""


class Variable(Record):
    """A variable that looks like ours and that nothing reads."""

    name: str
    """Its name; its value is not shown."""
    hint: str
    """Which one may be meant."""


class Check(Record):
    """One thing that was looked at."""

    group: str
    """machine, project, secrets, store, records or connectors."""
    name: str
    """What was looked at."""
    status: Literal["ok", "warn", "fail", "skipped"]
    """`warn` works and is unwise; `skipped` was not tried."""
    detail: str
    """What was found."""
    next: str
    """The next step."""


# Documents: `-o json`.


class ProblemsDocument(Documented):
    """`validate`, and whatever stops because of the files."""

    kind: Literal["problems"]
    """Which document it is."""
    problems: tuple[Fault, ...]
    """Each problem, in the order of the files."""
    silenced: tuple[SilencedFault, ...]
    """Each problem that a policy keeps quiet."""
    summary: FaultCounts
    """Counts."""


class ApplyDocument(Documented, EndedRun):
    """`apply` and `resume`."""

    kind: Literal["apply"]
    """Which document it is."""
    parts: tuple[EndedPartWhole, ...]
    """Each part of the plan."""


class DriftDocument(Documented):
    """`drift`."""

    kind: Literal["drift"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    tenants: tuple[DriftedTenant, ...]
    """Each tenant."""
    accounts: tuple[AccountNumbers, ...]
    """Each carrier account; none where single tenants were named."""
    summary: dict[State, int]
    """How many tenants are in each state."""


class ConfigDocument(Documented):
    """`config`."""

    kind: Literal["config"]
    """Which document it is."""
    project: str
    """The project file."""
    settings: tuple[SettingRecord, ...]
    """Each setting."""
    unknown_variables: tuple[Variable, ...]
    """Variables that nothing reads."""


class DoctorDocument(Documented):
    """`doctor`."""

    kind: Literal["doctor"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    checks: tuple[Check, ...]
    """Each check."""
    summary: dict[Literal["ok", "warn", "fail", "skipped"], int]
    """How many checks ended each way."""


class ErrorDocument(Documented):
    """What stopped a command before it had a report."""

    kind: Literal["error"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    message: str
    """What is wrong, as a sentence."""
    hint: str
    """The next step."""


Document = (
    ProblemsDocument
    | ApplyDocument
    | DriftDocument
    | ConfigDocument
    | DoctorDocument
    | ErrorDocument
)


# Records: `-o ndjson`, one a line.


class StartRecord(Documented):
    """The first line: which report this is."""

    record: Literal["start"]
    """Which record it is."""
    report: Literal["plan", "apply", "drift", "problems"]
    """The report."""
    plan_id: str | None = None
    """The plan, for a plan."""
    tool: dict[str, str] | None = None
    """What wrote it, for an apply."""


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


class ProblemRecord(Documented, Fault):
    """One problem."""

    record: Literal["problem"]
    """Which record it is."""


class SilencedRecord(Documented, SilencedFault):
    """A problem that a policy keeps quiet."""

    record: Literal["silenced"]
    """Which record it is."""


class ProblemsSummaryRecord(Documented, FaultCounts):
    """The last line of problems."""

    record: Literal["summary"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""


class DriftedRecord(Documented, DriftedObject):
    """An object that drifted."""

    record: Literal["drifted"]
    """Which record it is."""
    tenant: str
    """Its tenant."""


class FoundRecord(Documented):
    """An object that is gone, or that is not ours."""

    record: Literal["missing", "unmanaged"]
    """Which record it is."""
    tenant: str
    """Its tenant."""
    address: str
    """`tenant/kind/name`."""


class UncheckedRecord(Documented, Unchecked):
    """An object that could not be looked at."""

    record: Literal["not_checked"]
    """Which record it is."""
    tenant: str
    """Its tenant."""


class AccountRecord(Documented, AccountNumbers):
    """A carrier account, after all tenants."""

    record: Literal["account"]
    """Which record it is."""


class TenantRecord(Documented):
    """A tenant, after what was found at it."""

    record: Literal["tenant"]
    """Which record it is."""
    tenant: str
    """The tenant."""
    state: State
    """The one word for it."""
    pending: int
    """Changes that are merged and not applied."""


class DriftSummaryRecord(Documented):
    """The last line of drift."""

    record: Literal["summary"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""
    summary: dict[State, int]
    """How many tenants are in each state."""


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
    id: str
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


class ErrorRecord(Documented):
    """What stopped a command."""

    record: Literal["error"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""
    message: str
    """What is wrong, as a sentence."""
    hint: str
    """The next step."""


Line = (
    StartRecord
    | OperationRecord
    | PlanPartRecord
    | PlanSummaryRecord
    | ProblemRecord
    | SilencedRecord
    | ProblemsSummaryRecord
    | DriftedRecord
    | FoundRecord
    | UncheckedRecord
    | TenantRecord
    | AccountRecord
    | DriftSummaryRecord
    | RunEvent
    | OperationEvent
    | LockEvent
    | TroubleEvent
    | ResultRecord
    | EndedPartRecord
    | ApplySummaryRecord
    | ErrorRecord
)


# The journal: the audit chain of the ledger.


class JournalBody(Record):
    """What was done. Further fields belong to the event."""

    event: Literal[
        "create", "run-start", "run-finish", "consume", "send", "move", "applied", "approve",
        "settle", "unlock",
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
