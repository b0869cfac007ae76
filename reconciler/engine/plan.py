"""The plan: what is saved, shown, digested and applied as it is.

One file is an envelope and one part per tenant. It holds no secrets and no fingerprints of
secrets. `content_digest` covers what will be done and what it relies on, and nothing else:
two plans of one state have the same one, whoever made them, wherever, on which database.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from reconciler.model.act import Action, Cause, Charge, Reversibility
from reconciler.model.canonical import canonical_plain, digest, digest_plain
from reconciler.model.ordered import canonical_ordered, digest_ordered, in_key_order

FORMAT_VERSION = "1.0"
"""Major: readers of another one refuse. Minor: something was added."""

Money = Annotated[Decimal, PlainSerializer(lambda value: f"{value:f}", return_type=str)]
"""An amount as decimal text; never a float."""


class Record(BaseModel):
    """A group of fields of the plan. Readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class FieldDifference(Record):
    """One field that an operation changes."""

    path: str
    """A JSON pointer into the object, such as `/ring`."""
    op: Literal["add", "remove", "replace"]
    """Whether the field comes, goes or changes."""
    before: Any = None
    """What is there."""
    after: Any = None
    """What it becomes."""
    cause: Cause
    """Why: git changed it, somebody else did, or both."""


class Because(Record):
    """One reason for an operation."""

    type: Literal["config", "drift", "operation"]
    """What kind of reason: git, drift, or another operation."""
    text: str
    """The field, or the words that explain a step put in."""


class Source(Record):
    """The place in git that an operation comes from."""

    file: str
    """The file, from the project folder."""
    line: int
    """From 1."""
    column: int
    """From 1."""


class Cost(Record):
    """What an operation costs: priced, free, or unknown (never summed)."""

    state: Literal["priced", "free", "unknown"] = "free"
    """`unknown` is never summed."""
    currency: str = ""
    """Three capital letters (ISO 4217)."""
    monthly: Money = Decimal("0.00")
    """Each month, as decimal text."""
    once: Money = Decimal("0.00")
    """Once, as decimal text."""


class Precondition(Record):
    """Exactly what an operation relies on, read again right before it runs."""

    fingerprint: str
    """SHA-256 of all that follows."""
    spec: dict[str, Any] | None = None
    """The object as it was; none when it must not be there."""
    published: str = ""
    """Digest of what is live, for what makes something else live."""
    exists: tuple[str, ...] = ()
    """Objects that it points at and that no earlier operation brings about."""
    record: dict[str, str] | None = None
    """State, tenant and connector of the number's record; none when it has none."""


class Beside(Record):
    """Another object that a rename changes in the same write."""

    address: str
    """`tenant/kind/name` from then on."""
    was: str = ""
    """The address that it has until then, where that is another one."""
    before: dict[str, Any]
    """The whole object as it is."""
    after: dict[str, Any]
    """The same with the new names in it."""
    graph: dict[str, Any] | None = None
    """What becomes live with it."""
    published: str = ""
    """Digest of what is live until then."""
    remember: dict[str, Any] | None = None
    """What counts as applied afterwards; none for what is not ours."""


class Operation(Record):
    """One act at one home."""

    id: str
    """Its name within the part: `op-04`."""
    tenant: str
    """The tenant."""
    address: str
    """`tenant/kind/name`."""
    was: str = ""
    """The address that it has until then, for a rename."""
    also: tuple[Beside, ...] = ()
    """What a rename changes in the same write."""
    swaps: bool = False
    """Whether a rename exchanges names: the same ones are there before and after it."""
    kind: str
    """The kind of the object."""
    entry: str
    """The address of the YAML entry whose line it is shown under."""
    action: Action
    """The act."""
    home: Literal["platform", "carrier"]
    """Where the object lives."""
    connector: str = ""
    """The carrier account, for an act there."""
    effects: Literal["remote", "none"] = "remote"
    """`none`: nothing is sent; only our own records change."""
    reversibility: Reversibility
    """Whether it can be undone."""
    charge: Charge
    """Whether it costs money."""
    cause: Cause
    """Why: git changed it, somebody else did, or both."""
    wave: int = 1
    """Operations of one wave rely on none of each other."""
    before: dict[str, Any] | None = None
    """The whole object as it is; none when it is not there."""
    after: dict[str, Any] | None = None
    """The whole object as it will be; none when it goes."""
    graph: dict[str, Any] | None = None
    """What becomes live, for a publish, and for a rename of what is published."""
    remember: dict[str, Any] | None = None
    """What counts as applied afterwards, where that is not `after`: drift that was left."""
    changes: tuple[FieldDifference, ...] = ()
    """The fields that change."""
    secret: tuple[str, ...] = ()
    """Fields whose secret is written by this operation."""
    reason: str
    """Why, in a few words."""
    because: tuple[Because, ...] = ()
    """What it follows from."""
    source: Source | None = None
    """Its place in git."""
    depends_on: tuple[str, ...] = ()
    """Operations that come before it."""
    precondition: Precondition
    """What it relies on."""
    cost: Cost = Cost()
    """What it costs."""
    approval: str = ""
    """The approval without which it is skipped, such as `release:+12015550188`."""
    undo: str = ""
    """How to take it back; empty when that cannot be done."""
    who: str = ""
    """Who changed it behind our back, for what drifted."""

    @property
    def addresses(self) -> frozenset[str]:
        """Every address at which it changes something."""
        return frozenset(address for pair in self.moves for address in pair) - {""}

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """Each address at which it leaves something, with the one that it had; "" for the same."""
        return (self.address, self.was), *((one.address, one.was) for one in self.also)

    @property
    def forgets(self) -> bool:
        """Whether it only lets our records forget an exchange of names."""
        return self.effects == "none" and self.action is Action.UPDATE

    @property
    def is_change(self) -> bool:
        """Whether it counts as a pending change: a release that waits for its approval does not."""
        return not self.approval and self.effects == "remote"

    def digested(self) -> dict[str, Any]:
        """What the content digest covers of it."""
        return _digested(self.model_dump(include=set(_DIGESTED_OF_RENAME)))


_DIGESTED = (
    "action", "address", "after", "approval", "before", "charge", "cost", "depends_on",
    "effects", "graph", "id", "precondition", "reversibility",
)  # fmt: skip

_DIGESTED_OF_RENAME = tuple(sorted((*_DIGESTED, "was", "also", "swaps")))
"""Of a rename only, so that other plans have the digests that they always had."""


def _digested(dumped: Mapping[str, Any]) -> dict[str, Any]:
    names = _DIGESTED_OF_RENAME if dumped["was"] else _DIGESTED
    body = {name: dumped[name] for name in names}
    body["precondition"] = dumped["precondition"]["fingerprint"]
    return body


class Gate(Record):
    """Something that stops an apply of its part until it is allowed or put right."""

    id: str
    """The limit's name, or the code of a refusal."""
    kind: Literal["limit", "refusal"]
    """A limit may be allowed once; a refusal is put right."""
    address: str = ""
    """The object concerned, where it is one."""
    detail: str
    """A full sentence."""
    hint: str
    """The exact flag or line that lets it pass once, or the next step."""
    planned: str = ""
    """What the plan would do, for a limit."""
    allowed: str = ""
    """What may be done, for a limit."""
    place: str = ""
    """Where the limit is set."""


class Held(Record):
    """Something that waits, is due, or is not known."""

    address: str
    """`tenant/kind/name`."""
    what: Literal["waiting", "due", "unknown", "parked", "unchecked", "unsupported"]
    """Why it is held."""
    detail: str
    """A full sentence."""
    next: str = ""
    """The command that goes on with it."""


class Note(Record):
    """Something that an author may want to know; nothing depends on it."""

    address: str
    """`tenant/kind/name`."""
    text: str
    """A full sentence."""


class Drifted(Record):
    """Drift that this plan leaves as it is."""

    address: str
    """`tenant/kind/name`."""
    changes: tuple[FieldDifference, ...]
    """Its fields."""
    who: str = ""
    """Who changed it, where that is known."""
    at: str = ""
    """When, where that is known."""


class Calls(Record):
    """What callers notice. Counted once the meaning of a call is compared."""

    compared: int = 0
    """Call paths that were compared."""
    same: int = 0
    """Those that end as before."""
    changed: int = 0
    """Those that end otherwise."""
    new: int = 0
    """Those that were not there."""
    lost: int = 0
    """Those that nobody answers any more."""
    paths: tuple[dict[str, Any], ...] = ()
    """The ones that are not the same, each with what it was and becomes."""


class Total(Record):
    """A sum of costs in one currency."""

    currency: str
    """Three capital letters (ISO 4217)."""
    monthly: Money
    """Each month, as decimal text."""
    once: Money
    """Once, as decimal text."""


class Part(Record):
    """All that a plan does for one tenant (later also: for one carrier account)."""

    part: str
    """The tenant's name."""
    kind: Literal["tenant", "account"] = "tenant"
    """What it is about."""
    content_digest: str = ""
    """Digest of what it does and relies on."""
    revision: int = 0
    """The platform's revision of the tenant when it was read. Not digested."""
    operations: tuple[Operation, ...] = ()
    """What is done, in order."""
    gates: tuple[Gate, ...] = ()
    """What stops an apply of it."""
    drifted: tuple[Drifted, ...] = ()
    """Drift that is left as it is."""
    unmanaged: tuple[str, ...] = ()
    """Objects that are there, not in git and not ours."""
    held: tuple[Held, ...] = ()
    """What waits, is due or is not known."""
    notes: tuple[Note, ...] = ()
    """What is told of it. Not digested."""
    calls: Calls = Calls()
    """What callers notice."""
    totals: tuple[Total, ...] = ()
    """What it costs, by currency."""
    unpriced: tuple[str, ...] = ()
    """What has no known price."""
    unchanged: int = 0
    """Objects that are as git says."""

    @property
    def pending(self) -> tuple[Operation, ...]:
        """The operations that count as changes."""
        return tuple(operation for operation in self.operations if operation.is_change)

    @property
    def refused(self) -> bool:
        """Whether git asks for something that will not be done: then it is not applied."""
        return any(gate.kind == "refusal" for gate in self.gates)

    @property
    def has_work(self) -> bool:
        """Whether an apply has anything to do for it."""
        return bool(self.operations or self.gates)

    def digest(self) -> str:
        """Its content digest, computed anew."""
        return digest_plain(_digested_part(self.model_dump()))

    def sealed(self, written: Sequence[Mapping[str, Any]]) -> Part:
        """The part with its content digest, and with its text at hand.

        Args:
            written: Its operations as `model_dump` has them, all keys in order.
        """
        dumped = in_key_order(self.model_dump(exclude={"operations"}) | {"operations": ()})
        dumped["operations"] = written
        dumped["content_digest"] = digest_ordered(_digested_part(dumped))
        made = self.model_copy(update={"content_digest": dumped["content_digest"]})
        made.__dict__["text"] = canonical_ordered(dumped)
        return made

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy it; what is changed in the copy is not what its text says."""
        made = super().model_copy(update=update, deep=deep)
        made.__dict__.pop("text", None)
        return made

    @cached_property
    def text(self) -> str:
        """Its canonical JSON, as it stands in a saved plan."""
        return canonical_plain(self.model_dump())


def _digested_part(dumped: Mapping[str, Any]) -> dict[str, Any]:
    gates = [
        {name: value for name, value in gate.items() if name != "place"} for gate in dumped["gates"]
    ]
    operations = [_digested(operation) for operation in dumped["operations"]]
    return {"gates": gates, "operations": operations, "part": dumped["part"]}


class ObservedSource(Record):
    """What was read for a plan, when, and whether all of it."""

    name: str
    """The platform or a connector."""
    at: str
    """UTC instant with Z."""
    complete: bool
    """Whether all of it was read; if not, nothing is concluded from it."""
    detail: str = ""
    """Why it was not, or what was odd in it."""


class Envelope(Record):
    """Everything of a plan but its parts."""

    format_version: str = FORMAT_VERSION
    """Major: readers of another one refuse. Minor: something was added."""
    kind: Literal["plan"] = "plan"
    tool: dict[str, str] = Field(default_factory=dict)
    """What made it, and its version."""
    plan_id: str
    """128 random bits: what is consumed."""
    content_digest: str = ""
    """Digest of its parts and scope; its first eight digits name it: `9f2c-71ab`."""
    lineage: str
    """The ledger it was made for."""
    serial: int = 0
    """How far the ledger was."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """The carrier account behind each connector."""
    created: str
    """UTC instant with Z."""
    expires: str
    """UTC instant with Z from which it is not applied."""
    scope: dict[str, Any] = Field(default_factory=dict)
    """What it is about: `tenants` is a list of names, or all."""
    partial: bool = False
    """Whether only a part of what was in scope was planned."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Commit and digests of the files."""
    observed: tuple[ObservedSource, ...] = ()
    """What was read, when, and whether all of it."""
    has_changes: bool = False
    """Whether an apply would change anything by itself."""
    summary: dict[str, int] = Field(default_factory=dict)
    """How many operations of each action, as people count."""
    cost: dict[str, Any] = Field(default_factory=dict)
    """`totals` by currency; `unknown` lists what has no known price."""
    approvals: dict[str, Any] = Field(default_factory=dict)
    """Approvals that it requires, and limits that it passes."""
    problems: tuple[dict[str, Any], ...] = ()
    """Warnings of the files."""
    waiting: tuple[str, ...] = ()
    """Addresses of what a home has not finished."""
    due: tuple[str, ...] = ()
    """Approvals of what is due and is not a pending change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An envelope and its parts: a tuple of them, or what makes each when it is looked at."""

    envelope: Envelope
    parts: Sequence[Part]
    counted: Sequence[PartFacts] = ()
    """What is counted of each part, where that is known already; see `facts`."""

    def facts(self) -> Sequence[PartFacts]:
        """What is counted of each part; none is made for it where that is known."""
        return self.counted or tuple(map(facts_of, self.parts))

    def part(self, name: str) -> Part | None:
        """One part by its name."""
        names: Callable[[], Sequence[str]] | None = getattr(self.parts, "names", None)
        if names is None:
            return next((part for part in self.parts if part.part == name), None)
        known = names()
        at = bisect_left(known, name)
        return self.parts[at] if at < len(known) and known[at] == name else None

    def names(self) -> Sequence[str]:
        """The names of all parts; none of them is made for it."""
        known: Callable[[], Sequence[str]] | None = getattr(self.parts, "names", None)
        return known() if known is not None else [part.part for part in self.parts]

    def count(self) -> int:
        """How many operations there are."""
        return sum(facts.operations for facts in self.facts())

    def texts(self) -> Iterator[str]:
        """Each part in canonical JSON."""
        written: Callable[[], Iterator[str]] | None = getattr(self.parts, "texts", None)
        return written() if written is not None else (part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the envelope counts of a part, and a report asks of it, without its operations.

    Attributes:
        part: The tenant's name.
        content_digest: The part's.
        revision: The platform's revision of the tenant.
        pending: Whether it has operations that count as changes.
        refused: Whether git asks for something that will not be done.
        work: Whether an apply has anything to do for it.
        idle: Whether there is nothing at all to say of it.
        acts: How many entries each action is shown for.
        unchanged: How many objects are as they should be.
        totals: What it costs.
        unpriced: Addresses whose cost nobody knows.
        approvals: What waits for an approval.
        limits: Limits that it passes: limit, allowed, planned.
        waiting: Addresses that wait.
        due: Approvals of numbers that may be released.
        unchecked: Whether something in it could not be checked.
        unsupported: Whether a connector cannot hold something in it.
        operations: How many operations it has.
        homes: The kind and the home of each operation.
        kinds: The kinds of all objects that its operations change.
    """

    part: str
    content_digest: str
    revision: int
    pending: bool
    refused: bool
    work: bool
    idle: bool
    acts: Mapping[str, int]
    unchanged: int
    totals: tuple[Total, ...]
    unpriced: tuple[str, ...]
    approvals: tuple[str, ...]
    limits: tuple[tuple[str, str, str], ...]
    waiting: tuple[str, ...]
    due: tuple[str, ...]
    unchecked: bool
    unsupported: bool
    operations: int
    homes: frozenset[tuple[str, str]]
    kinds: frozenset[str]


def facts_of(part: Part) -> PartFacts:
    """Count a part."""
    said = (part.operations, part.gates, part.drifted, part.unmanaged, part.held)
    return PartFacts(
        part=part.part,
        content_digest=part.content_digest,
        revision=part.revision,
        pending=any(operation.is_change for operation in part.operations),
        refused=part.refused,
        work=part.has_work,
        idle=not any(said),
        acts={action: len(entries) for action, entries in by_entry(part.operations).items()},
        unchanged=part.unchanged,
        totals=part.totals,
        unpriced=part.unpriced,
        approvals=tuple(sorted({op.approval for op in part.operations} - {""})),
        limits=tuple((g.id, g.allowed, g.planned) for g in part.gates if g.kind == "limit"),
        waiting=tuple(held.address for held in part.held if held.what == "waiting"),
        due=tuple(held.next.removeprefix("--approve ") for held in part.held if held.what == "due"),
        unchecked=any(held.what == "unchecked" for held in part.held),
        unsupported=any(held.what == "unsupported" for held in part.held),
        operations=len(part.operations),
        homes=frozenset((operation.kind, operation.home) for operation in part.operations),
        kinds=_kinds_of(part.operations),
    )


def _kinds_of(operations: Iterable[Operation]) -> frozenset[str]:
    """The kinds of all objects that operations change: their own, but where names change."""
    listed = tuple(operations)
    renamed = (at for op in listed if op.was or op.also for at in op.addresses)
    return frozenset(op.kind for op in listed) | {at.split("/")[1] for at in renamed}


def short(content_digest: str) -> str:
    """The form of a digest that people read and type: `9f2c-71ab`."""
    return f"{content_digest[:4]}-{content_digest[4:8]}"


def fingerprint(relied_on: Mapping[str, Any]) -> str:
    """The fingerprint of what an operation relies on."""
    return digest_plain({key: relied_on[key] for key in relied_on if key != "fingerprint"})


def whole_digest(parts: Iterable[Part | PartFacts], scope: Mapping[str, Any]) -> str:
    """The content digest of a plan, from those of its parts."""
    return digest(
        {"parts": [[part.part, part.content_digest] for part in parts], "scope": dict(scope)}
    )


def counts(parts: Iterable[PartFacts]) -> dict[str, int]:
    """How many operations of each action, as people count: one line per YAML entry."""
    found = {action.value: 0 for action in Action}
    found["unchanged"] = 0
    for part in parts:
        for action, number in part.acts.items():
            found[action] += number
        found["unchanged"] += part.unchanged
    return found


def by_entry(operations: Iterable[Operation]) -> dict[str, set[str]]:
    """The entries under each action: what one entry is lowered to counts once, by its main act."""
    main: dict[str, Operation] = {}
    for operation in operations:
        held = main.get(operation.entry)
        if held is None or _weight(operation) > _weight(held):
            main[operation.entry] = operation
    found: dict[str, set[str]] = {action.value: set() for action in Action}
    for entry, operation in main.items():
        found[operation.action.value].add(entry)
    return found


_HEAVY = (
    Action.UPDATE, Action.PUBLISH, Action.ADOPT, Action.DELETE, Action.REPLACE, Action.CREATE,
    Action.ASSIGN, Action.QUARANTINE, Action.PORT, Action.ORDER, Action.RELEASE,
)  # fmt: skip
"""Of the acts that one entry becomes, the later one of these gives the line its word."""


def _weight(operation: Operation) -> tuple[int, bool]:
    return _HEAVY.index(operation.action), operation.address == operation.entry
