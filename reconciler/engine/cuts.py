"""Cut the circles of an order: what waits for itself is done in two steps, both shown.

A unique value is given up in a step of its own, or taken in one where it is the other's name
and cannot be given up. New objects that point at each other are made bare and then linked;
old ones are unlinked and then deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.engine.fields import FieldChange, field_changes, fields_of_new
from reconciler.engine.order_rules import live_first, repoint_first, target_first
from reconciler.engine.steps import Circle, Edge, Ident, Step, Steps
from reconciler.model.act import Act, Action, Reversibility
from reconciler.model.reference import CALL_KINDS
from reconciler.model.resource import Resource
from reconciler.model.spec import Key, Spec

EARLIEST = 100
"""How many steps can be put before one; circles take one or two."""

_ON = "goes on once the way is free"

Put = Callable[["Made", Step, str], bool]
Inside = dict[str, list[Edge]]


class Made(dict[Ident, Step]):
    """The steps of an order while its circles are cut: some are replaced, others come."""

    def __init__(self, index: Steps) -> None:
        super().__init__(index.all)
        self.index = index


def cut(
    index: Steps, edges: Mapping[str, Sequence[Edge]], circles: Sequence[frozenset[Ident]]
) -> list[Step]:
    """Cut each circle once; what is still in a circle is cut in the next round.

    Args:
        index: All steps.
        edges: What comes before what among them, by the rule that says so.
        circles: The idents of steps that wait for each other.

    Returns:
        The steps that were made, each further one or in the place of the one with its ident.

    Raises:
        Circle: One of them cannot be cut.
    """
    made = Made(index)
    for circle, within in zip(circles, _inside(edges, circles), strict=True):
        if not any(one(made, within) for one in CUTS):
            raise Circle(tuple(index.all[ident] for ident in sorted(circle)))
    return [step for ident, step in made.items() if index.all.get(ident) is not step]


def _inside(
    edges: Mapping[str, Sequence[Edge]], circles: Sequence[frozenset[Ident]]
) -> list[Inside]:
    """The edges within each circle, by rule."""
    circle_of = {ident: number for number, circle in enumerate(circles) for ident in circle}
    inside: list[Inside] = [defaultdict(list) for _ in circles]
    for rule, found in edges.items():
        for edge in found:
            number = circle_of.get(edge[0])
            if number is not None and number == circle_of.get(edge[1]):
                inside[number][rule].append(edge)
    return inside


def _free_a_key(made: Made, inside: Inside) -> bool:
    """Give a key up in a step of its own, before the step that held it."""
    for first, then, key in _handed_over(inside):
        holder = made[first]
        freed = without_key(holder.cls, holder.before, key)
        if freed is None or freed == holder.after:
            continue  # the name itself is the key, or giving it up is all that the step does
        why = f"gives {key.value} up, so that {then[0].reference} can take it"
        _put_before(made, holder, freed, why)
        return True
    return False


def _take_later(made: Made, inside: Inside) -> bool:
    """Take a key in a step of its own, after everything else of the step that takes it."""
    for first, then, key in _handed_over(inside):
        taker = made[then]
        without = without_key(taker.cls, taker.after, key)
        if without is None or without == taker.before or taker.after is None:
            continue
        why = f"takes {key.value} once {first[0].reference} has given it up"
        _put_last(made, taker, frozenset(taker.after.keys() - without.keys()), why)
        return True
    return False


def _put_last(made: Made, step: Step, fields: frozenset[str], because: str) -> None:
    """Leave fields out of a step and of all that follow at its address; add them at the end."""
    later = sorted(s for address, s in made if address == step.address and s >= step.stage)
    last = made[step.address, later[-1]]
    for stage in later:
        now = made[step.address, stage]
        before = now.before if stage == step.stage else _left_out(now.before, fields)
        after = _left_out(now.after, fields)
        found = () if now.publishes else _fields(now, before, after)
        made[now.ident] = now._replace(before=before, after=after, fields=found, remember=None)
    before = _left_out(last.after, fields)
    made[step.address, later[-1] + 1] = step._replace(
        act=Act(Action.UPDATE, _ON),
        before=before,
        after=last.after,
        fields=_fields(step, before, last.after),
        stage=later[-1] + 1,
        because=because,
        remember=last.remember,
    )


def _left_out(spec: Spec | None, fields: frozenset[str]) -> Spec | None:
    return None if spec is None else {n: v for n, v in spec.items() if n not in fields}


def _handed_over(inside: Inside) -> list[tuple[Ident, Ident, Key]]:
    edges = (edge for found in inside.values() for edge in found)
    found = [(first, then, key) for first, then, key in edges if key is not None]
    return sorted(found, key=lambda edge: (edge[0], edge[1], edge[2].value))


def without_key(cls: type[Resource], spec: Spec | None, key: Key) -> dict[str, Any] | None:
    """Take the field out that claims a key; None when no field that may be absent does."""
    for name, value in (spec or {}).items():
        info = cls.model_fields.get(name)
        claims = value == key.value and key in set(cls.keys("", {name: value}))
        if claims and info is not None and not info.is_required():
            return {other: held for other, held in (spec or {}).items() if other != name}
    return None


def _make_bare(made: Made, inside: Inside) -> bool:
    """Make new objects without their links to one in the circle, and link them afterwards."""
    edges = (*inside[target_first.__name__], *inside[live_first.__name__])
    links = [(made[then], made[first]) for first, then, _ in edges]
    return _cut_links(made, [link for link in links if link[0].arrives], _bare_first)


def _unlink(made: Made, inside: Inside) -> bool:
    """Take the links to one in the circle out of objects before they go."""
    links = [(made[first], made[then]) for first, then, _ in inside[repoint_first.__name__]]
    return _cut_links(made, [link for link in links if link[0].goes], _unlinked_first)


def _cut_links(made: Made, links: Sequence[tuple[Step, Step]], put: Put) -> bool:
    """Cut every link that can be cut to the first target that has one, as a target is out then.

    Links that no call follows go first (a caller ID), then those of what callers meet at
    once, and last those of what has to be published whole.
    """
    cut_target = ""
    for step, target in sorted(links, key=_harm):
        reference = target.address.reference
        if cut_target and reference != cut_target:
            continue
        if put(made, made[step.ident], reference):
            cut_target = reference
    return bool(cut_target)


def _harm(link: tuple[Step, Step]) -> tuple[bool, bool, str, Ident]:
    step, target = link
    called = target.address.kind in CALL_KINDS
    return called, step.cls.published, target.address.reference, step.ident


def _bare_first(made: Made, step: Step, without: str) -> bool:
    bare = _bare(made, step, step.after, without)
    if bare is None:
        return False
    _put_after(made, step, bare, f"a circle with {without}")
    return True


def _unlinked_first(made: Made, step: Step, without: str) -> bool:
    bare = _bare(made, step, step.before, without)
    if bare is None:
        return False
    _put_before(made, step, bare, f"points at {without}, which goes too")
    return True


def _bare(made: Made, step: Step, spec: Spec | None, without: str) -> dict[str, Any] | None:
    links = made.index.links(step, spec) if spec is not None else None
    if spec is None or links is None:
        return None  # changed from outside into something that its kind cannot read
    paths = [path for path, reference in links if reference.reference == without]
    bare = step.cls.bare(spec, paths) if paths else None
    return None if bare == spec else bare


def _put_before(made: Made, step: Step, middle: Spec, because: str) -> None:
    """Let a step come to `middle` in a step of its own, before it does the rest."""
    stages = range(step.stage - EARLIEST, step.stage)
    earlier = [stage for stage in stages if (step.address, stage) in made]
    stage = max(earlier, default=step.stage - EARLIEST) + 1
    act = Act(Action.UPDATE, "in the way of another step", Reversibility.REVERSIBLE)
    made[step.address, stage] = step._replace(
        act=act,
        after=middle,
        fields=_fields(step, step.before, middle),
        stage=stage,
        because=because,
        graph=None,
        remember=None,
    )
    made[step.ident] = step._replace(before=middle, fields=_fields(step, middle, step.after))


def _put_after(made: Made, step: Step, middle: Spec, because: str) -> None:
    """Let a step go as far as `middle`, and do the rest in a step of its own afterwards."""
    fields = _fields(step, step.before, middle)
    made[step.ident] = step._replace(after=middle, fields=fields, remember=None)
    ident = (step.address, step.stage + 1)
    last = made.get(ident)
    final = last.after if last is not None else step.after
    made[ident] = step._replace(
        act=Act(Action.UPDATE, _ON),
        before=middle,
        after=final,
        fields=_fields(step, middle, final),
        stage=step.stage + 1,
        because=because if last is None else f"{last.because}; {because}",
    )


def _fields(step: Step, before: Spec | None, after: Spec | None) -> tuple[FieldChange, ...]:
    """The fields of a part of a step, each with the cause that it has in the whole."""
    if before is None and after is not None:
        return fields_of_new(after, step.cause)
    causes = {item.path: item.cause for item in step.fields}
    found = field_changes(step.cls, before or {}, after or {}, None)
    return tuple(item._replace(cause=causes.get(item.path, step.cause)) for item in found)


CUTS = (_free_a_key, _take_later, _make_bare, _unlink)
"""Every way to cut a circle, the least harmful first."""
