"""The steps of a plan before they are in order, and what is known of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from reconciler.engine.fields import FieldChange
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from reconciler.model.reference import CALL_KINDS, pointed_at
from reconciler.model.resource import Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Observed, Wanted

Ident = tuple[Address, int]
"""What tells a step apart: its address and its stage."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another object that a rename changes in the same write.

    Attributes:
        address: Where it is afterwards.
        cls: Its kind.
        was: The address that it has before, for one that is renamed too; else None.
        before: The spec that it has.
        after: The same with the new names in it; `before` where only records of it change.
        graph: What becomes live with it; None for no change.
        published: Digest of what is live before.
        remember: What counts as applied afterwards; None for what was never applied.
    """

    address: Address
    cls: type[Resource]
    was: Address | None
    before: Spec
    after: Spec
    graph: Mapping[str, Any] | None
    published: str
    remember: Spec | None


@dataclass(frozen=True, slots=True)
class Step:
    """One act at one home, before it has its number in the plan.

    Attributes:
        address: Where.
        cls: Its kind.
        act: The act.
        before: The spec that it finds; None when there is none.
        after: The spec that it leaves; None when the object goes.
        fields: What differs.
        wanted: What git says; None when git has it no more.
        have: What was there when the plan was made.
        graph: What becomes live, for a publish.
        stage: Tells steps of one address apart: 0 for the main one, below 0 what was put
            before it to cut a circle, above 0 what was put after it.
        because: Why a step was put in; "" for one that the difference itself asks for.
        cause: `config`, `drift` or `both`.
        remember: What counts as applied afterwards where that is not `after`.
        was: The address that it has before, for a rename.
        also: What a rename changes in the same write.
        swaps: Whether names are exchanged, so that they are the same before and after.
    """

    address: Address
    cls: type[Resource]
    act: Act
    before: Spec | None
    after: Spec | None
    fields: tuple[FieldChange, ...]
    wanted: Wanted | None
    have: Observed | None
    cause: Cause
    graph: Mapping[str, Any] | None = None
    stage: int = 0
    because: str = ""
    remember: Spec | None = None
    was: Address | None = None
    also: tuple[Beside, ...] = ()
    swaps: bool = False
    ident: Ident = field(init=False, compare=False, repr=False)
    """What tells it apart from every other step; made once, as it is asked for all the time."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ident", (self.address, self.stage))

    @property
    def publishes(self) -> bool:
        """Whether it makes a draft live."""
        return self.act.action is Action.PUBLISH

    @property
    def arrives(self) -> bool:
        """Whether its object is not there before it."""
        return self.before is None and self.after is not None and not self.publishes

    @property
    def goes(self) -> bool:
        """Whether its object is not there after it."""
        return self.after is None and not self.publishes


class Edge(NamedTuple):
    """`first` comes before `then`. `key` is set where a unique value is handed over."""

    first: Ident
    then: Ident
    rule: str
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """Steps in their order, with what each waits for."""

    steps: tuple[Step, ...]
    waits_for: Mapping[Ident, tuple[Ident, ...]]
    waves: Mapping[Ident, int]


class Circle(Exception):
    """No order keeps the rules; `steps` is a smallest set that is in each other's way."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        super().__init__(", ".join(str(step.address) for step in steps))


class Pointers:
    """What specs point at and what they claim: each is read once, and asked for many times."""

    def __init__(self, wanted: Mapping[Address, Wanted] = MappingProxyType({})) -> None:
        self._known: dict[tuple[str, int], tuple[Spec, frozenset[str]]] = {}
        self._claimed: dict[tuple[str, int], tuple[Spec, frozenset[Key]]] = {}
        # What git wants has been typed already, and most of what is there is as git wants it.
        self._typed = {(at.kind, at.name): want for at, want in wanted.items()}

    def of(self, cls: type[Resource], name: str, spec: Spec | None) -> frozenset[str]:
        """What a spec points at, as `kind/name`; nothing for None."""
        if spec is None:
            return frozenset()
        at = name, id(spec)  # the spec is kept beside it, so that its id stays its own
        found = self._known.get(at)
        if found is None:
            typed = self._typed.get((cls.kind, name))
            wanted = typed if typed is not None and typed.spec == spec else None
            found = self._known[at] = spec, _needs(cls, name, spec, wanted)
        return found[1]

    def claims(self, cls: type[Resource], name: str, spec: Spec | None) -> frozenset[Key]:
        """The unique values that a spec claims; nothing for None."""
        if spec is None:
            return frozenset()
        at = f"{cls.kind}/{name}", id(spec)
        found = self._claimed.get(at)
        if found is None:
            found = self._claimed[at] = spec, frozenset(cls.keys(name, spec))
        return found[1]


def _needs(cls: type[Resource], name: str, spec: Spec, wanted: Wanted | None) -> frozenset[str]:
    if wanted is not None and wanted.points_at is not None:
        return wanted.points_at | cls.rests_on(name, spec)
    try:
        made = wanted.resource if wanted is not None else cls.model_validate(dict(spec))
    except ValueError:
        # Changed from outside into something that is none of ours: callers may follow it still.
        return frozenset(_looks_pointed_at(spec)) | cls.rests_on(name, spec)
    return pointed_at(ref for _, ref in made.references()) | cls.rests_on(name, spec)


def _looks_pointed_at(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.partition("/")[0] in CALL_KINDS:
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _looks_pointed_at(item)
    elif isinstance(value, list):
        for item in value:
            yield from _looks_pointed_at(item)


class Steps:
    """All steps of a tenant with the indexes that the rules need, each built once."""

    def __init__(
        self, steps: Sequence[Step], pointers: Pointers, before: Steps | None = None
    ) -> None:
        """Index steps; `before` is the index of which most of them are taken over as they are."""
        self._pointers = pointers
        self.all = {step.ident: step for step in steps}
        self.arriving: dict[str, Step] = {}
        self.going: dict[str, Step] = {}
        self.publishing: dict[str, Step] = {}
        self.stages: dict[Address, list[int]] = {}
        self.needs_before: dict[Ident, frozenset[str]] = {}
        self.needs_after: dict[Ident, frozenset[str]] = {}
        for step in sorted(steps, key=attrgetter("ident")):
            self._add(step)
            name, ident = step.address.name, step.ident
            if before is not None and before.all.get(ident) is step:
                self.needs_before[ident] = before.needs_before[ident]
                self.needs_after[ident] = before.needs_after[ident]
            else:
                self.needs_before[ident] = pointers.of(step.cls, name, step.before)
                self.needs_after[ident] = pointers.of(step.cls, name, step.after)

    def _add(self, step: Step) -> None:
        reference = step.address.reference
        self.stages.setdefault(step.address, []).append(step.stage)
        if step.publishes:
            self.publishing[reference] = step
        elif step.arrives:
            self.arriving[reference] = step
        elif step.goes:
            self.going[reference] = step

    def later(self, step: Step) -> Iterator[Ident]:
        """The further writes of a step's object, in their sequence."""
        stages = self.stages[step.address]
        if len(stages) == 1:
            return iter(())
        idents = ((step.address, stage) for stage in stages if stage > step.stage)
        return (ident for ident in idents if not self.all[ident].publishes)

    def keys(self, step: Step, spec: Spec | None) -> frozenset[Key]:
        """The unique values that a step's object has with `spec`."""
        if step.publishes:
            return frozenset()
        return self._pointers.claims(step.cls, step.address.name, spec)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all.values())
