"""The steps of a plan before they are in order, and what is known of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.engine.diff import FieldChange
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from reconciler.model.reference import EXTERNAL
from reconciler.model.resource import Key, Resource, Spec
from reconciler.model.state import Observed, Wanted

Ident = tuple[Address, int]
"""What tells a step apart: its address and its stage."""


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

    @property
    def ident(self) -> Ident:
        """What tells it apart from every other step."""
        return self.address, self.stage

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


@dataclass(frozen=True, slots=True)
class Edge:
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


class Circle(Exception):  # noqa: N818 - a finding of the search, turned into a gate
    """No order keeps the rules; `steps` is a smallest set that is in each other's way."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        super().__init__(", ".join(str(step.address) for step in steps))


Known = dict[tuple[Address, int], tuple[Spec, frozenset[str]]]
"""What specs point at, by address and the identity of the spec, which is kept beside it."""


class Steps:
    """All steps of a tenant with the indexes that the rules need, each built once."""

    def __init__(self, steps: Sequence[Step], known: Known | None = None) -> None:
        """Index `steps`. `known` keeps what their specs point at from round to round."""
        self._known: Known = {} if known is None else known
        self.all = {step.ident: step for step in steps}
        self.arriving: dict[str, Step] = {}
        self.going: dict[str, Step] = {}
        self.publishing: dict[str, Step] = {}
        self.stages: dict[Address, list[int]] = {}
        for step in sorted(steps, key=lambda item: item.ident):
            reference = step.address.reference
            self.stages.setdefault(step.address, []).append(step.stage)
            if step.publishes:
                self.publishing[reference] = step
                continue
            if step.arrives:
                self.arriving[reference] = step
            if step.goes:
                self.going[reference] = step
        self.needs_before = {i: self._needs(s, s.before) for i, s in self.all.items()}
        self.needs_after = {i: self._needs(s, s.after) for i, s in self.all.items()}

    def _needs(self, step: Step, spec: Spec | None) -> frozenset[str]:
        if spec is None:
            return frozenset()
        at = step.address, id(spec)
        if at not in self._known:
            self._known[at] = spec, needs(step.cls, step.address.name, spec)
        return self._known[at][1]

    def later(self, step: Step) -> Iterator[Ident]:
        """The further writes of a step's object, in their sequence."""
        stages = self.stages[step.address]
        idents = ((step.address, stage) for stage in stages if stage > step.stage)
        return (ident for ident in idents if not self.all[ident].publishes)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all.values())


def needs(cls: type[Resource], name: str, spec: Spec | None) -> frozenset[str]:
    """What a spec points at, as `kind/name`; nothing for one that its kind cannot read."""
    if spec is None:
        return frozenset()
    try:
        made = cls.model_validate(dict(spec))
    except ValueError:
        return frozenset()  # changed from outside into something that is none of ours
    found = {ref.reference for _, ref in made.references() if ref.kind != EXTERNAL}
    return frozenset(found) | cls.rests_on(name, spec)


def keys_of(step: Step, spec: Spec | None) -> set[Key]:
    """The unique values that a step's object has with `spec`."""
    if spec is None or step.publishes:
        return set()
    return set(step.cls.keys(step.address.name, spec))
