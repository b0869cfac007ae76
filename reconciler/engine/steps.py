"""The steps of a plan before they are in order, and what is known of all of them at once."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from reconciler.engine.fields import FieldChange
from reconciler.engine.knots import knotted
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from reconciler.model.pointing import pointed_at
from reconciler.model.reference import CALL_KINDS, Reference
from reconciler.model.resource import Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Observed, Wanted

Ident = tuple[Address, int]
"""What tells a step apart: its address and its stage."""

_PUBLISH: Final = Action.PUBLISH
"""Asked for of every step again and again: an enumeration looks its members up slowly."""


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


class Step(NamedTuple):
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

    @property
    def ident(self) -> Ident:
        """What tells it apart from every other step."""
        return self.address, self.stage

    @property
    def publishes(self) -> bool:
        """Whether it makes a draft live."""
        return self.act.action is _PUBLISH

    @property
    def arrives(self) -> bool:
        """Whether its object is not there before it."""
        return self.before is None and self.after is not None and not self.publishes

    @property
    def goes(self) -> bool:
        """Whether its object is not there after it."""
        return self.after is None and not self.publishes


Edge = tuple[Ident, Ident, Key | None]
"""What comes first, what comes then, and the unique value that the first gives up to it, if any.

Plain, as there are hundreds of them for each tenant.
"""


Link = tuple[tuple[str | int, ...], Reference]
"""A reference of an object, after the path of the field that holds it."""


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
        # Each spec is kept beside what was found in it, so that its id stays its own.
        self._known: dict[tuple[str, int], tuple[Spec, frozenset[str]]] = {}
        self._claimed: dict[tuple[str, str, int], tuple[Spec, frozenset[Key]]] = {}
        self._links: dict[tuple[str, str, int], tuple[Spec, tuple[Link, ...] | None]] = {}
        # What git wants has been typed already, and most of what is there is as git wants it.
        self._typed = {(at.kind, at.name): want for at, want in wanted.items()}

    def of(self, cls: type[Resource], name: str, spec: Spec | None) -> frozenset[str]:
        """What a spec points at, as `kind/name`; nothing for None."""
        if spec is None:
            return _NOTHING
        at = name, id(spec)
        found = self._known.get(at)
        if found is None:
            found = self._known[at] = spec, self._needs(cls, name, spec)
        return found[1]

    def claims(self, cls: type[Resource], name: str, spec: Spec | None) -> frozenset[Key]:
        """The unique values that a spec claims; nothing for None."""
        if spec is None:
            return frozenset()
        at = cls.kind, name, id(spec)
        found = self._claimed.get(at)
        if found is None:
            found = self._claimed[at] = spec, frozenset(cls.keys(name, spec))
        return found[1]

    def links(self, cls: type[Resource], name: str, spec: Spec) -> tuple[Link, ...] | None:
        """Each reference of a spec, with its path; None where its kind cannot read it."""
        at = cls.kind, name, id(spec)
        found = self._links.get(at)
        if found is None:
            found = self._links[at] = spec, self._read(cls, name, spec)
        return found[1]

    def _needs(self, cls: type[Resource], name: str, spec: Spec) -> frozenset[str]:
        typed = self._typed.get((cls.kind, name))
        if typed is not None and typed.points_at is not None and _alike(typed, spec):
            return typed.points_at | cls.rests_on(name, spec)
        links = self.links(cls, name, spec)
        if links is None:
            # Changed from outside into something that is none of ours: callers may follow it still.
            return frozenset(_looks_pointed_at(spec)) | cls.rests_on(name, spec)
        return pointed_at(reference for _, reference in links) | cls.rests_on(name, spec)

    def _read(self, cls: type[Resource], name: str, spec: Spec) -> tuple[Link, ...] | None:
        typed = self._typed.get((cls.kind, name))
        if typed is not None and _alike(typed, spec):
            return tuple(typed.resource.references())
        if typed is not None and spec.items() <= typed.spec.items():
            # A part of what git wants, as a cut leaves it: it points at what its fields point at.
            found = self.links(cls, name, typed.spec) or ()
            return tuple(link for link in found if _as_written(cls, link) in spec)
        try:
            made = cls.model_validate(dict(spec))
        except ValueError:
            return None
        return tuple(made.references())


_NOTHING: Final = frozenset[str]()


def _alike(typed: Wanted, spec: Spec) -> bool:
    return typed.spec is spec or typed.spec == spec


def _as_written(cls: type[Resource], link: Link) -> str:
    """The field that holds a reference, by its name in specs."""
    field = str(link[0][0])
    return cls.model_fields[field].alias or field


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
    """All steps of a tenant with the indexes that the rules need, kept up while circles are cut.

    Attributes:
        all: Every step by its ident.
        arriving: The steps that bring objects about, by `kind/name`.
        going: The steps that take objects away, by `kind/name`.
        publishing: The steps that make drafts live, by `kind/name`.
        stages: The stages of each address, in their sequence.
        needs_before: What each step's object points at before it, as `kind/name`.
        needs_after: What it points at after it.
        freeing: The unique values that a step gives up, for each that gives some up.
    """

    def __init__(self, steps: Iterable[Step], pointers: Pointers) -> None:
        self._pointers = pointers
        self.all: dict[Ident, Step] = {}
        self.arriving: dict[str, Step] = {}
        self.going: dict[str, Step] = {}
        self.publishing: dict[str, Step] = {}
        self.stages: dict[Address, list[int]] = {}
        self.needs_before: dict[Ident, frozenset[str]] = {}
        self.needs_after: dict[Ident, frozenset[str]] = {}
        self.freeing: dict[Ident, frozenset[Key]] = {}
        self.put(steps)

    def put(self, steps: Iterable[Step]) -> None:
        """Take steps in, each in the place of the one with its ident, if there is one.

        Of an object that arrives, or goes, the step that takes the place still brings it about,
        or takes it away: a cut parts what is done, and leaves none of it out.
        """
        for step in steps:
            ident = step.ident
            self._place(ident, step)
            self._weigh(ident, step)

    def _place(self, ident: Ident, step: Step) -> None:
        address, stage = ident
        if ident not in self.all:
            insort(self.stages.setdefault(address, []), stage)
        self.all[ident] = step
        if step.publishes:
            self.publishing[address.reference] = step
        elif step.before is None and step.after is not None:
            self.arriving[address.reference] = step
        elif step.after is None:
            self.going[address.reference] = step

    def _weigh(self, ident: Ident, step: Step) -> None:
        cls, name = step.cls, step.address.name
        self.needs_before[ident] = self._pointers.of(cls, name, step.before)
        self.needs_after[ident] = self._pointers.of(cls, name, step.after)
        freed = self.keys(step, step.before) if step.before is not None else None
        freed = freed and freed - self.keys(step, step.after)
        if freed:
            self.freeing[ident] = freed
        else:
            self.freeing.pop(ident, None)

    @cached_property
    def arriving_together(self) -> dict[str, tuple[str, ...]]:
        """New objects, each with all that are in a knot with it: what they point at is new too.

        The same in every round: a cut parts the links of an object, and takes none away.
        """
        new = self.arriving
        edges: list[tuple[str, str]] = []
        for address, stages in self.stages.items():
            pointer = address.reference
            if pointer in new:
                for stage in stages:
                    needs = self.needs_after[address, stage]
                    edges += [(reference, pointer) for reference in needs if reference in new]
        return knotted(new, edges)

    def later(self, step: Step) -> Iterator[Ident]:
        """The further writes of a step's object, in their sequence."""
        stages = self.stages[step.address]
        if len(stages) == 1:
            return iter(())
        idents = ((step.address, stage) for stage in stages if stage > step.stage)
        return (ident for ident in idents if not self.all[ident].publishes)

    def links(self, step: Step, spec: Spec) -> tuple[Link, ...] | None:
        """Each reference of a step's object with `spec`; None where its kind cannot read that."""
        return self._pointers.links(step.cls, step.address.name, spec)

    def keys(self, step: Step, spec: Spec | None) -> frozenset[Key]:
        """The unique values that a step's object has with `spec`."""
        if step.publishes:
            return frozenset()
        return self._pointers.claims(step.cls, step.address.name, spec)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all.values())
