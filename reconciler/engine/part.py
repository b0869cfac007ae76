"""One part of a plan: all that it does for one tenant, and what stops, waits or is only told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Self

from reconciler.engine.operation import FieldDifference, Money, Operation, Record, digested
from reconciler.model.address import ACCOUNT
from reconciler.model.canonical import canonical_plain, digest_plain
from reconciler.model.ordered import canonical_ordered


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
    """Where the limit is set. Not digested."""
    currency: str = ""
    """Of what `planned` and `allowed` are amounts. Not digested."""


class Held(Record):
    """Something that waits, is due, or is not known."""

    address: str
    """`tenant/kind/name`."""
    what: Literal["waiting", "due", "unknown", "parked", "unchecked", "unsupported", "not_taken"]
    """Why it is held."""
    detail: str
    """A full sentence."""
    next: str = ""
    """The command that goes on with it."""
    field: str = ""
    """The one setting that is held, while all the rest of it is planned; "" for all of it."""


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
    awaiting: Money = Decimal("0.00")
    """More each month with all that waits for an approval, which the sums before leave out."""
    bill: Money | None = None
    """What the tenant costs each month once git holds; none where it has no budget."""
    budget: Money | None = None
    """What the tenant may cost each month; none for no budget."""


REMOVALS = ":removals"
"""What stands behind an account's name in the part that removes, which comes after all others."""


def tenant_of(part: str) -> str:
    """The tenant that a part is about; a carrier account, `@voicetel`, has two of them."""
    return part.removesuffix(REMOVALS)


def stage_of(part: str) -> int:
    """When a part is begun: what accounts get before all tenants, what they lose after them."""
    if part.startswith(ACCOUNT):
        return 2 if part.endswith(REMOVALS) else 0
    return 1


class Part(Record):
    """All that a plan does for one tenant, or one of the two parts for a carrier account."""

    part: str
    """The tenant's name; of an account `@voicetel`, and `@voicetel:removals` for what goes."""
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
    def tenant(self) -> str:
        """The tenant whose objects it changes: an account's name for both of its parts."""
        return tenant_of(self.part)

    @property
    def goes_last(self) -> bool:
        """Whether it is begun only once every part before it is done."""
        return self.part.endswith(REMOVALS)

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

    @classmethod
    def read(cls, text: str) -> Self:
        """Type a part from its canonical JSON, which stays at hand."""
        made = cls.model_validate_json(text)
        made.__dict__["text"] = text
        return made

    def digest(self) -> str:
        """Its content digest, computed anew."""
        dumped = self.model_dump(include={"gates", "operations"})
        return digest_plain(digested_part(self.part, dumped["gates"], dumped["operations"]))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy it; what is changed in the copy is not what its text says."""
        made = super().model_copy(update=update, deep=deep)
        made.__dict__.pop("text", None)
        return made

    @cached_property
    def text(self) -> str:
        """Its canonical JSON, as it stands in a saved plan."""
        return canonical_plain(self.model_dump())

    def bodies(self) -> Mapping[str, str]:
        """Each operation in canonical JSON, by its id: cut from the text, not made anew."""
        operations = json.loads(self.text)["operations"]
        return {each["id"]: canonical_ordered(each) for each in operations}


def digested_part(
    part: str, gates: Iterable[Mapping[str, Any]], operations: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the content digest covers of a part, from the dumps of what is in it."""
    told = [
        {name: value for name, value in gate.items() if name not in {"currency", "place"}}
        for gate in gates
    ]
    return {"gates": told, "operations": list(map(digested, operations)), "part": part}
