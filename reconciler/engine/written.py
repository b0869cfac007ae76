"""Operations as they are written down: plain values, from which plans and digests are made.

The keys of every mapping are in order, so that nothing has to be put in order to be digested.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.engine.charged import FREE, PriceOf, connector_of, cost_of
from reconciler.engine.diff import Scene
from reconciler.engine.fields import FieldChange
from reconciler.engine.made import MadeBeside, MadeOperation, Why, Written
from reconciler.engine.operation import Cost
from reconciler.engine.steps import Beside, Ordered, Pointers, Step
from reconciler.model.act import Action, Cause
from reconciler.model.ordered import SCALARS, digest_ordered, in_key_order
from reconciler.model.resource import Home
from reconciler.model.secret import marked_in
from reconciler.model.spec import Spec
from reconciler.model.supply import PoolNumber, Supply


@dataclass(frozen=True, slots=True)
class Writing:
    """What every line of a plan is written from.

    Attributes:
        scene: The three states of the tenant.
        pointers: What its specs point at.
        price: What something costs at a connector, by kind and name; None when nobody knows.
        brought: The names of what arrives with the plan.
    """

    scene: Scene
    pointers: Pointers
    price: PriceOf
    brought: frozenset[str] = frozenset()
    _ordered: dict[int, tuple[Spec, dict[str, Any]]] = field(default_factory=dict)

    def plain(self, spec: Spec | None) -> dict[str, Any] | None:
        """A spec with its keys in order; made once, as most stand in several places."""
        if spec is None:
            return None
        found = self._ordered.get(id(spec))
        if found is None:  # the spec is kept beside it, so that its id stays its own
            found = self._ordered[id(spec)] = spec, in_key_order(spec)
        return found[1]


def written_down(writing: Writing, ordered: Ordered) -> Iterator[Written]:
    """Each operation, and how it is written down."""
    width = max(2, len(str(len(ordered.steps))))
    ids = {step.ident: f"op-{n:0{width}}" for n, step in enumerate(ordered.steps, start=1)}
    brought = frozenset(reference for step in ordered.steps for reference in _brought(step))
    writing = replace(writing, brought=brought)
    for step in ordered.steps:
        waits = ordered.waits_for[step.ident]
        depends_on = sorted([ids[ident] for ident in waits]) if waits else []
        made = _made(writing, step, ids[step.ident])
        yield Written(made, _values(writing, step, made, depends_on, ordered.waves[step.ident]))


def _brought(step: Step) -> Iterable[str]:
    """The names that a step makes: a plan relies on nothing being there by them."""
    if step.arrives:
        yield step.address.reference
    if step.was is not None:
        yield step.address.reference
        yield from (one.address.reference for one in step.also if one.was is not None)


def _made(writing: Writing, step: Step, op_id: str) -> MadeOperation:
    act, address = step.act, str(step.address)
    return MadeOperation(
        id=op_id,
        address=address,
        kind=step.address.kind,
        entry=_entry(step, address),
        action=act.action,
        home=step.cls.home._value_,
        connector=connector_of(step),
        effects="remote" if act.remote else "none",
        reversibility=act.reversibility,
        charge=act.charge,
        cause=step.cause,
        before=step.before,
        after=step.after,
        changes=step.fields if step.before is None else tuple(map(_as_json, step.fields)),
        number_record=_record(step, writing.scene.supply_of(step.address)),
        reason=act.reason,
        because=tuple(_because(step)),
        source=step.wanted.location if step.wanted is not None else None,
        cost=cost_of(step, writing.scene.supply_of(step.address), writing.price),
        approval=act.approval,
        to=act.to,
        secret=_secrets(step),
        undo=_undo(step),
        who=_who(step),
        was=str(step.was) if step.was is not None else "",
        also=tuple(map(_beside, step.also)),
    )


def _as_json(change: FieldChange) -> FieldChange:
    """A changed field with its values as a reader of the file has them: lists, and no tuples."""
    return change._replace(before=in_key_order(change.before), after=in_key_order(change.after))


def _values(
    writing: Writing, step: Step, made: MadeOperation, depends_on: list[str], wave: int
) -> dict[str, Any]:
    """An operation as plain values."""
    return {  # in the order of its keys, which is not put right afterwards
        "action": made.action._value_,
        "address": made.address,
        "after": writing.plain(step.after),
        "also": [_beside_values(writing, one) for one in step.also],
        "approval": made.approval,
        "because": [{"text": why.text, "type": why.type} for why in made.because],
        "before": writing.plain(step.before),
        "cause": made.cause._value_,
        "changes": differences(step.fields),
        "charge": made.charge._value_,
        "connector": made.connector,
        "cost": _cost_values(made.cost),
        "depends_on": depends_on,
        "effects": made.effects,
        "entry": made.entry,
        "graph": writing.plain(step.graph),
        "home": made.home,
        "id": made.id,
        "in_use": "",
        "kind": made.kind,
        "precondition": _precondition(writing, step, made),
        "reason": made.reason,
        "remember": writing.plain(step.remember),
        "reversibility": made.reversibility._value_,
        "secret": made.secret,
        "source": _source(made),
        "swaps": step.swaps,
        "tenant": step.address.tenant,
        "to": made.to,
        "undo": made.undo,
        "was": made.was,
        "wave": wave,
        "who": made.who,
    }


_UNDO = {
    Action.CREATE: "take the lines out again",
    Action.UPDATE: "put the old value back into YAML",
    Action.DELETE: "put the lines back",
    Action.ADOPT: "nothing is sent",
    Action.ASSIGN: "take the line out: the number is quarantined, not lost",
    Action.QUARANTINE: "put the line back",
    Action.PUBLISH: "put the old lines back: the version before is published again",
}


def _undo(step: Step) -> str:
    if step.was is not None:
        return f"rename it back, with `was: {step.address.name}`"
    if step.goes and not step.act.remote:
        return ""
    return _UNDO.get(step.act.action, "")


def _beside(one: Beside) -> MadeBeside:
    was = str(one.was) if one.was is not None else ""
    return MadeBeside(str(one.address), was, one.before, one.after, one.graph)


def _beside_values(writing: Writing, one: Beside) -> dict[str, Any]:
    return {
        "address": str(one.address),
        "after": writing.plain(one.after),
        "before": writing.plain(one.before),
        "graph": writing.plain(one.graph),
        "published": one.published,
        "remember": writing.plain(one.remember),
        "was": str(one.was) if one.was is not None else "",
    }


def _entry(step: Step, address: str) -> str:
    if step.wanted is not None:
        entry = step.wanted.entry
        return address if entry == step.address else str(entry)
    above = step.cls.folded_under(step.before or step.after or {})
    return str(step.address._replace(kind=above)) if above else address


def differences(changes: Iterable[FieldChange]) -> list[dict[str, Any]]:
    """Changed fields as plain values, keys in order."""
    return [
        {
            "after": after if type(after) in SCALARS else in_key_order(after),
            "before": before if type(before) in SCALARS else in_key_order(before),
            "cause": cause._value_,
            "op": "add" if before is None else "remove" if after is None else "replace",
            "path": path,
        }
        for path, before, after, cause in changes
    ]


def _secrets(step: Step) -> tuple[str, ...]:
    found = dict(marked_in(step.after)) if step.after is not None else {}
    if not found:
        return ()
    had = dict(marked_in(step.before)) if step.before is not None else {}
    return tuple(sorted([name for name, value in found.items() if had.get(name) != value]))


def _because(step: Step) -> Iterable[Why]:
    if step.because:
        yield Why("operation", step.because)
    for change in step.fields if step.before is not None and step.after is not None else ():
        yield Why("drift" if change.cause is Cause.DRIFT else "config", change.path)


def _source(made: MadeOperation) -> dict[str, Any] | None:
    at = made.source
    return {"column": at.column, "file": at.file, "line": at.line} if at is not None else None


def _precondition(writing: Writing, step: Step, made: MadeOperation) -> Mapping[str, Any]:
    exists = _relied_on(writing, step)
    published = step.have.published if step.graph is not None and step.have else ""
    if not exists and not published and made.number_record is None and step.before is None:
        return _nothing_there()
    return _condition(
        exists, published, in_key_order(made.number_record), writing.plain(step.before)
    )


@functools.cache
def _nothing_there() -> Mapping[str, Any]:
    """What most operations of a first plan rely on."""
    return _condition([], "", None, None)


def _condition(
    exists: list[str],
    published: str,
    record: dict[str, str] | None,
    spec: dict[str, Any] | None,
) -> dict[str, Any]:
    relied = {"exists": exists, "published": published, "record": record, "spec": spec}
    return {
        "exists": exists,
        "fingerprint": digest_ordered(relied),
        "published": published,
        "record": record,
        "spec": spec,
    }


def _relied_on(writing: Writing, step: Step) -> list[str]:
    """What it points at that is there already."""
    pointed_at = writing.pointers.of(step.cls, step.address.name, step.after) - writing.brought
    if not pointed_at:
        return []
    kinds = writing.scene.kinds
    return [
        reference
        for reference in sorted(pointed_at)
        if (cls := kinds.get(reference.partition("/")[0])) and cls.home is Home.PLATFORM
    ]


def _record(step: Step, supply: Supply | None) -> dict[str, str] | None:
    """What is relied on of the number's record, or of the number at its carrier."""
    if supply is None:
        return None
    if step.cls.home is Home.CARRIER:
        held = supply.holding
        return {"external_id": held.external_id} if held and held.external_id else None
    return record_facts(supply.pool)


def record_facts(record: PoolNumber | None) -> dict[str, str] | None:
    """What an operation relies on of a number's record."""
    if record is None:
        return None
    return {
        "state": record.state.value,
        "tenant": record.tenant,
        "connector": record.connector,
        "protect": str(record.protect).lower(),
        "release_after": record.release_after,
    }


def _who(step: Step) -> str:
    if step.have is None or step.cause is Cause.CONFIG or not step.have.updated_by:
        return ""
    return f"{step.have.updated_by} at {step.have.updated_at}"


def _cost_values(cost: Cost) -> Mapping[str, Any]:
    return _free() if cost is FREE else _as_values(cost)


@functools.cache
def _free() -> Mapping[str, Any]:
    return _as_values(FREE)


def _as_values(cost: Cost) -> dict[str, Any]:
    return dict(sorted(cost.model_dump().items()))
