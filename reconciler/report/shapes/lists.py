"""Our own records: `runs`, `locks`, `numbers list` and `quarantine`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.engine.plan import Record
from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.supply import NumberState
from reconciler.protocols import State
from reconciler.report.shapes.pieces import Documented, Instant

Moment = Annotated[str, Field(pattern=r"^([0-9-]{10}T[0-9:.]+(Z|[+-][0-9:]+))?$")]
"""An instant, or nothing."""


class RunEntry(Record):
    """One apply."""

    run_id: str
    """The run: `reconciler runs show RUN`."""
    started_at: Instant
    """When it began."""
    finished_at: Moment
    """When it ended; nothing where it never said so."""
    who: str
    """Who began it, such as `jo@host`."""
    command: str
    """The command."""
    exit_code: int | None
    """How it ended."""
    parts: tuple[str, ...]
    """The tenants that it began with."""
    plan_id: str
    """The plan that it applied."""
    taken_over_by: str
    """The run that found out what became of it after it was killed, or nothing."""


class RunOperation(Record):
    """One operation as the journal has it."""

    op_id: str
    """Its name in the journal: the plan, the part and its name there."""
    run_id: str
    """The run that consumed it."""
    plan_id: str
    """The plan."""
    part: str
    """The tenant."""
    seq: int
    """Its place in the part, from 0 or 1 on."""
    op: str
    """Its name in the plan."""
    address: str
    """`tenant/kind/name`."""
    action: Action
    """The act."""
    home: Literal["platform", "carrier"]
    """Where the object lives."""
    account: str
    """The account there."""
    resource_key: str
    """What at most one open paid act is about."""
    reversibility: Reversibility
    """Whether it can be undone."""
    charge: Charge
    """Whether it costs money."""
    state: State
    """What is known of it."""
    open: bool
    """Whether it is not over."""
    attempt: int
    """How many times it was begun."""
    idem_key: str
    """The key by which the carrier knows it again."""
    body_digest: str
    """SHA-256 of what was sent with that key."""
    epoch: int
    """The lease that it was sent under."""
    first_sent_at: Moment
    """When it was first sent."""
    sent_at: Moment
    """When it was last sent."""
    deadline: Moment
    """Until when an answer to that may come."""
    external_id: str
    """What the carrier calls it."""
    external_acquired_at: Moment
    """Since when it is there, by the carrier."""
    amount: str
    """What it cost."""
    currency: str
    """In which currency."""
    sends: int
    """How many times it may have left."""
    absent_at: Moment
    """When it was last seen not to be there."""
    waiting: str
    """What is waited for."""
    doubt: bool
    """Whether an attempt ended unknown."""
    note: str
    """Why, as a sentence."""


class Lock(Record):
    """Somebody works on something, and nobody else may."""

    scope: str
    """On what, such as `tenant/acme`."""
    owner: str
    """Which process."""
    run_id: str
    """Its run."""
    epoch: int
    """How many times it was taken."""
    expires_at: Instant
    """When it ends by itself."""
    nonce: str
    """What `unlock` asks for."""


class NumberEntry(Record):
    """The platform's record of a number."""

    e164: str
    """The number."""
    state: NumberState
    """Where it is in its life."""
    tenant: str
    """Who has it or for whom it is reserved, or nobody."""
    connector: str
    """The carrier account that holds it, or none."""
    country: str
    """Two letters, or nothing."""
    type: str
    """local, national, tollfree or mobile, or nothing."""
    protect: bool
    """Whether it may neither be quarantined nor released."""
    quarantined_at: str
    """Since when it is in quarantine."""
    release_after: str
    """A date before which it is not released."""
    version: int
    """Rises with each change."""
    updated_by: str
    """Who changed it last."""
    left_by: str
    """How it left us: `release`, `remove`, or `move` and where to; nothing while it is ours."""
    until: Moment
    """The first instant at which it may be released; nothing outside of quarantine."""


class QuarantinedNumber(NumberEntry):
    """A number that is out of git, still owned and billed."""

    due: bool
    """Whether it may be released now."""
    approval: str
    """What releases it then: `--approve` this."""


class RunsDocument(Documented):
    """`runs list`."""

    kind: Literal["runs"]
    """Which document it is."""
    runs: tuple[RunEntry, ...]
    """The latest runs, newest first."""


class RunDocument(Documented):
    """`runs show`."""

    kind: Literal["run"]
    """Which document it is."""
    run: RunEntry
    """The run."""
    operations: tuple[RunOperation, ...]
    """Its journal, in the order of the plan."""


class LocksDocument(Documented):
    """`locks`."""

    kind: Literal["locks"]
    """Which document it is."""
    locks: tuple[Lock, ...]
    """Every lock that is held."""


class NumbersDocument(Documented):
    """`numbers list`."""

    kind: Literal["numbers"]
    """Which document it is."""
    numbers: tuple[NumberEntry, ...]
    """Each record, sorted by number."""


class QuarantineDocument(Documented):
    """`quarantine`."""

    kind: Literal["quarantine"]
    """Which document it is."""
    numbers: tuple[QuarantinedNumber, ...]
    """Each number, the first to be due first."""
