"""One operation of a plan: what is done, why, where it comes from and what it relies on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

from reconciler.model.act import Action, Cause, Charge, Reversibility
from reconciler.model.canonical import digest_plain

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
    """`unknown`: what it costs a month is known to nobody, and is no part of any sum."""
    currency: str = ""
    """Three capital letters (ISO 4217)."""
    monthly: Money = Decimal("0.00")
    """Each month, as decimal text."""
    once: Money = Decimal("0.00")
    """Once, as decimal text; may be known where the monthly price is not."""
    source: Literal["", "live", "file", "list"] = ""
    """Who says so: the account's own rates, the price file, or a public list. Not digested."""


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
    to: str = ""
    """Where a move takes the number: the other account and the route there, such as `99/4`."""
    undo: str = ""
    """How to take it back; empty when that cannot be done."""
    who: str = ""
    """Who changed it behind our back, for what drifted."""
    in_use: str = ""
    """How much a number that leaves service is called, or why that is unknown. Not digested."""

    @property
    def addresses(self) -> frozenset[str]:
        """Every address at which it changes something."""
        return frozenset(address for pair in self.moves for address in pair) - {""}

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """Each address at which it leaves something, with the one that it had; "" for the same."""
        return (self.address, self.was), *((one.address, one.was) for one in self.also)

    @property
    def number_record(self) -> dict[str, str] | None:
        """What it relies on of the number's record; none when it has none."""
        return self.precondition.record

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
        return digested(self.model_dump(include=set(_DIGESTED_OF_RENAME)))


_DIGESTED = (
    "action", "address", "after", "approval", "before", "charge", "cost", "depends_on",
    "effects", "graph", "id", "precondition", "reversibility",
)  # fmt: skip

_DIGESTED_OF_COST = ("currency", "monthly", "once", "state")

_DIGESTED_OF_RENAME = tuple(sorted((*_DIGESTED, "was", "also", "swaps")))
"""Of a rename only, so that other plans have the digests that they always had."""


def digested(dumped: Mapping[str, Any]) -> dict[str, Any]:
    """What the content digest covers of an operation, from its dump."""
    names = _DIGESTED_OF_RENAME if dumped["was"] else _DIGESTED
    body = {name: dumped[name] for name in names}
    body["precondition"] = dumped["precondition"]["fingerprint"]
    # The same amount is the same plan, whoever said it.
    body["cost"] = {name: dumped["cost"][name] for name in _DIGESTED_OF_COST}
    return body


def fingerprint(relied_on: Mapping[str, Any]) -> str:
    """The fingerprint of what an operation relies on."""
    return digest_plain({key: relied_on[key] for key in relied_on if key != "fingerprint"})
