"""Cut the circles of an order: what waits for itself is done in two steps, both shown.

A unique value is given up in a step of its own, or taken in one where it is the other's name
and cannot be given up. New objects that point at each other are made bare and then linked;
old ones are unlinked and then deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from reconciler.engine.fields import FieldChange, field_changes, fields_of_new
from reconciler.engine.steps import Circle, Edge, Ident, Step, Steps
from reconciler.model.act import Act, Action, Reversibility
from reconciler.model.reference import CALL_KINDS
from reconciler.model.resource import Resource
from reconciler.model.spec import Key, Spec

EARLIEST = 100
"""How many steps can be put before one; circles take one or two."""

_ON = "goes on once the way is free"

Made = dict[Ident, Step]
Put = Callable[[Made, Step, frozenset[str]], bool]


def cut(index: Steps, edges: Sequence[Edge], circles: Sequence[frozenset[Ident]]) -> list[Step]:
    """Cut each circle once; what is still in a circle is cut in the next round.

    Raises:
        Circle: One of them cannot be cut.
    """
    made = dict(index.all)
    circle_of = {ident: number for number, circle in enumerate(circles) for ident in circle}
    inside: list[list[Edge]] = [[] for _ in circles]
    for edge in edges:
        number = circle_of.get(edge.first)
        if number is not None and number == circle_of.get(edge.then):
            inside[number].append(edge)
    for circle, within in zip(circles, inside, strict=True):
        if not any(one(made, within) for one in CUTS):
            raise Circle(tuple(index.all[ident] for ident in sorted(circle)))
    return list(made.values())


def _free_a_key(made: Made, inside: Sequence[Edge]) -> bool:
    """Give a key up in a step of its own, before the step that held it."""
    for edge, key in _handed_over(inside):
        holder = made[edge.first]
        freed = without_key(holder.cls, holder.before, key)
        if freed is None or freed == holder.after:
            continue  # the name itself is the key, or giving it up is all that the step does
        why = f"gives {key.value} up, so that {made[edge.then].address.reference} can take it"
        _put_before(made, holder, freed, why)
        return True
    return False


def _take_later(made: Made, inside: Sequence[Edge]) -> bool:
    """Take a key in a step of its own, after everything else of the step that takes it."""
    for edge, key in _handed_over(inside):
        taker = made[edge.then]
        without = without_key(taker.cls, taker.after, key)
        if without is None or without == taker.before or taker.after is None:
            continue
        why = f"takes {key.value} once {made[edge.first].address.reference} has given it up"
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
        made[now.ident] = replace(now, before=before, after=after, fields=found, remember=None)
    before = _left_out(last.after, fields)
    made[step.address, later[-1] + 1] = replace(
        step,
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


def _handed_over(inside: Sequence[Edge]) -> list[tuple[Edge, Key]]:
    found = [(edge, edge.key) for edge in inside if edge.key is not None]
    return sorted(found, key=lambda pair: (pair[0].first, pair[0].then, pair[1].value))


def without_key(cls: type[Resource], spec: Spec | None, key: Key) -> dict[str, Any] | None:
    """Take the field out that claims a key; None when no field that may be absent does."""
    for name, value in (spec or {}).items():
        info = cls.model_fields.get(name)
        claims = value == key.value and key in set(cls.keys("", {name: value}))
        if claims and info is not None and not info.is_required():
            return {other: held for other, held in (spec or {}).items() if other != name}
    return None


def _make_bare(made: Made, inside: Sequence[Edge]) -> bool:
    """Make new objects without their links to one in the circle, and link them afterwards."""
    links = [e for e in inside if e.rule in {"target first", "live first"} and made[e.then].arrives]
    return _cut_links(made, [(made[e.then], made[e.first]) for e in links], _bare_first)


def _unlink(made: Made, inside: Sequence[Edge]) -> bool:
    """Take the links to one in the circle out of objects before they go."""
    links = [e for e in inside if e.rule == "re-point first" and made[e.first].goes]
    return _cut_links(made, [(made[e.first], made[e.then]) for e in links], _unlinked_first)


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
        now = made[step.ident]
        if put(made, now, frozenset({reference})):
            cut_target = reference
    return bool(cut_target)


def _harm(link: tuple[Step, Step]) -> tuple[bool, bool, str, Ident]:
    step, target = link
    called = target.address.kind in CALL_KINDS
    return called, step.cls.published, target.address.reference, step.ident


def _bare_first(made: Made, step: Step, without: frozenset[str]) -> bool:
    bare = _bare(step, step.after, without)
    if bare is None:
        return False
    _put_after(made, step, bare, f"a circle with {', '.join(sorted(without))}")
    return True


def _unlinked_first(made: Made, step: Step, without: frozenset[str]) -> bool:
    bare = _bare(step, step.before, without)
    if bare is None:
        return False
    _put_before(made, step, bare, f"points at {', '.join(sorted(without))}, which goes too")
    return True


def _bare(step: Step, spec: Spec | None, without: frozenset[str]) -> dict[str, Any] | None:
    if spec is None:
        return None
    try:
        bare = step.cls.bare(spec, without)
    except ValueError:
        return None  # changed from outside into something that its kind cannot read
    return None if bare == spec else bare


def _put_before(made: Made, step: Step, middle: Spec, because: str) -> None:
    """Let a step come to `middle` in a step of its own, before it does the rest."""
    stages = range(step.stage - EARLIEST, step.stage)
    earlier = [stage for stage in stages if (step.address, stage) in made]
    stage = max(earlier, default=step.stage - EARLIEST) + 1
    act = Act(Action.UPDATE, "in the way of another step", Reversibility.REVERSIBLE)
    made[step.address, stage] = replace(
        step,
        act=act,
        after=middle,
        fields=_fields(step, step.before, middle),
        stage=stage,
        because=because,
        graph=None,
        remember=None,
    )
    made[step.ident] = replace(step, before=middle, fields=_fields(step, middle, step.after))


def _put_after(made: Made, step: Step, middle: Spec, because: str) -> None:
    """Let a step go as far as `middle`, and do the rest in a step of its own afterwards."""
    fields = _fields(step, step.before, middle)
    made[step.ident] = replace(step, after=middle, fields=fields, remember=None)
    ident = (step.address, step.stage + 1)
    last = made.get(ident)
    final = last.after if last is not None else step.after
    made[ident] = replace(
        step,
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
