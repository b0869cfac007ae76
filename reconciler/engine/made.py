"""A part of a plan as it is made: written down already, and not typed field by field.

A fleet's parts are written, counted, told and gone again; typing all that was just made would
take as long as deciding it. `MadePart.typed` gives the part that a reader of the file has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from reconciler.engine.fields import FieldChange
from reconciler.engine.operation import Cost, Operation, Record
from reconciler.engine.part import Calls, Drifted, Gate, Held, Note, Part, Total, digested_part
from reconciler.errors import Location
from reconciler.model.act import Action, Cause, Charge, Reversibility
from reconciler.model.ordered import canonical_ordered, digest_ordered, in_key_order
from reconciler.model.spec import Spec


class Why(NamedTuple):
    """One reason for an operation, as `Because` has it."""

    type: Literal["config", "drift", "operation"]
    text: str


class MadeBeside(NamedTuple):
    """What is told of another object that a rename changes; each attribute as `Beside` has it."""

    address: str
    was: str
    before: Spec
    after: Spec
    graph: Spec | None


class MadeOperation(NamedTuple):
    """What is counted and told of an operation; each attribute as `Operation` has it."""

    id: str
    address: str
    kind: str
    entry: str
    action: Action
    home: str
    connector: str
    effects: Literal["remote", "none"]
    reversibility: Reversibility
    charge: Charge
    cause: Cause
    before: Spec | None
    after: Spec | None
    changes: Sequence[FieldChange]
    number_record: Mapping[str, str] | None
    reason: str
    because: Sequence[Why]
    source: Location | None
    cost: Cost
    approval: str
    to: str
    secret: Sequence[str]
    undo: str
    who: str
    was: str
    also: Sequence[MadeBeside]
    in_use: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """Every address at which it changes something."""
        pairs = (self.address, self.was), *((one.address, one.was) for one in self.also)
        return frozenset(address for pair in pairs for address in pair) - {""}

    @property
    def is_change(self) -> bool:
        """Whether it counts as a pending change: a release that waits for its approval does not."""
        return not self.approval and self.effects == "remote"


class Written(NamedTuple):
    """An operation, and its plain values as they stand in a saved plan, keys in order."""

    operation: MadeOperation
    values: dict[str, Any]


AnyOperation = Operation | MadeOperation
"""An operation of a plan, read from a file or just made."""


@dataclass(frozen=True, slots=True)
class MadePart:
    """One part; each attribute as `Part` has it.

    Attributes:
        written: Its operations as they are written down, in their order.
        text: Its canonical JSON, as it stands in a saved plan; "" until it is sealed.
    """

    part: str
    kind: Literal["tenant", "account"] = "tenant"
    content_digest: str = ""
    revision: int = 0
    written: tuple[Written, ...] = ()
    operations: tuple[MadeOperation, ...] = ()
    gates: tuple[Gate, ...] = ()
    drifted: tuple[Drifted, ...] = ()
    unmanaged: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    notes: tuple[Note, ...] = ()
    totals: tuple[Total, ...] = ()
    unpriced: tuple[str, ...] = ()
    unchanged: int = 0
    calls: Calls = field(default_factory=Calls)
    text: str = ""

    @property
    def refused(self) -> bool:
        """Whether git asks for something that will not be done: then it is not applied."""
        return any(gate.kind == "refusal" for gate in self.gates)

    @property
    def has_work(self) -> bool:
        """Whether an apply has anything to do for it."""
        return bool(self.operations or self.gates)

    def sealed(self) -> MadePart:
        """The same with its content digest and its text."""
        gates, parts = _dumped(self.gates), [operation.values for operation in self.written]
        digest = digest_ordered(digested_part(self.part, gates, parts))
        values = {  # in the order of its keys, which is not put right afterwards
            "calls": in_key_order(self.calls.model_dump()),
            "content_digest": digest,
            "drifted": _dumped(self.drifted),
            "gates": gates,
            "held": _dumped(self.held),
            "kind": self.kind,
            "notes": _dumped(self.notes),
            "operations": parts,
            "part": self.part,
            "revision": self.revision,
            "totals": _dumped(self.totals),
            "unchanged": self.unchanged,
            "unmanaged": self.unmanaged,
            "unpriced": self.unpriced,
        }
        return replace(self, content_digest=digest, text=canonical_ordered(values))

    def typed(self) -> Part:
        """The part as a reader of the file has it."""
        made = Part.model_validate(json.loads(self.text))
        made.__dict__["text"] = self.text
        return made


def _dumped(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [in_key_order(record.model_dump()) for record in records]


AnyPart = Part | MadePart
"""A part of a plan, read from a file or just made."""
