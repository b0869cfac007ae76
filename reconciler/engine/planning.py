"""From the three states of a tenant to its part of a plan: diff, order, guard, written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from reconciler.engine.cost import Price
from reconciler.engine.diff import Change, FieldChange, Scene, diff
from reconciler.engine.guard import Limits, limit_gates
from reconciler.engine.hold import (
    hold_back,
    with_entries_whole,
    without_unchecked,
    without_wanted_elsewhere,
)
from reconciler.engine.order import in_order
from reconciler.engine.plan import (
    Cost,
    Drifted,
    FieldDifference,
    Gate,
    Held,
    Operation,
    Part,
    Total,
    fingerprint,
)
from reconciler.engine.renames import renamed
from reconciler.engine.renames_first import put_first
from reconciler.engine.steps import Beside, Circle, Ordered, Pointers, Step
from reconciler.model.act import Action, Cause, Charge
from reconciler.model.address import Address
from reconciler.model.resource import Home, Naming
from reconciler.model.secret import marked_in
from reconciler.model.supply import NumberState, PoolNumber, Supply


@dataclass(frozen=True, slots=True)
class Question:
    """All that is known when one tenant's part is made.

    Attributes:
        tenant: The tenant.
        scene: Its three states. `scene.frozen` holds addresses with an open operation.
        limits: What may be done without being asked again.
        held: What waits or is not known, told as it is.
        unchecked: Connectors that could not be read, with the reason.
        price: What something costs at a connector, by kind and name; None when nobody knows.
        revision: The platform's revision of the tenant.
    """

    tenant: str
    scene: Scene
    limits: Limits = field(default_factory=Limits)
    held: tuple[Held, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)
    price: Callable[[str, str, str], Price | None] = lambda *of: None  # noqa: ARG005
    revision: int = 0


def make_part(question: Question) -> Part:
    """Decide everything about one tenant. Pure: equal questions give equal parts."""
    pointers = Pointers(question.scene.desired.values())
    renaming = renamed(with_entries_whole(question.scene), pointers)
    scene, blind = without_unchecked(renaming.scene, question.unchecked)
    scene, moving = without_wanted_elsewhere(scene)
    difference = diff(scene)
    changes, waiting, taken = hold_back(scene, difference, pointers)
    gates = [
        _refusal(item.address, item.refusal.code, item.refusal.detail, item.refusal.hint)
        for item in difference.refused
    ]
    gates.extend((*renaming.gates, *taken))
    try:
        ordered = put_first(renaming, in_order(changes, pointers=pointers), pointers)
    except Circle as circle:
        ordered = Ordered((), {}, {})
        gates.append(_circle_gate(circle))
    operations = tuple(_operations(_Writing(question, scene, pointers), ordered))
    present = Counter(a.kind for a, have in scene.observed.items() if have.managed)
    gates.extend(limit_gates(operations, present, question.limits, _serving(scene)))
    totals, unpriced = _totals(operations)
    part = Part(
        part=question.tenant,
        revision=question.revision,
        operations=operations,
        gates=tuple(gates),
        drifted=tuple(_drifted(change) for change in difference.reported),
        unmanaged=tuple(str(have.address) for have in difference.unmanaged),
        held=(*question.held, *blind, *renaming.held, *moving, *waiting, *_due(operations)),
        notes=renaming.notes,
        totals=totals,
        unpriced=unpriced,
        unchanged=difference.unchanged,
    )
    return part.sealed()


def _serving(scene: Scene) -> Mapping[str, list[str]]:
    """List what the platform has of ours, by kind; a number in quarantine serves nobody."""
    found: dict[str, list[str]] = {}
    for address, have in scene.observed.items():
        cls = scene.kinds.get(address.kind)
        if cls is None or cls.home is not Home.PLATFORM or not have.managed:
            continue
        supply = scene.supply.get(address.name) if cls.naming is Naming.E164 else None
        record = supply.pool if supply is not None else None
        if record is None or record.state is not NumberState.QUARANTINED:
            found.setdefault(address.kind, []).append(str(address))
    return found


def _refusal(address: Address | str, code: str, detail: str, hint: str) -> Gate:
    return Gate(id=code, kind="refusal", address=str(address), detail=detail, hint=hint)


def _circle_gate(circle: Circle) -> Gate:
    names = ", ".join(str(step.address) for step in circle.steps)
    return _refusal(
        circle.steps[0].address,
        "E401",
        f"No order of these changes leaves every reference whole: {names}.",
        "Apply a part of them first, so that one no longer points at the other.",
    )


# Writing it down.


@dataclass(frozen=True, slots=True)
class _Writing:
    """What every line of a plan is written from; `brought` is what arrives with the plan."""

    question: Question
    scene: Scene
    pointers: Pointers
    brought: frozenset[str] = frozenset()


def _operations(writing: _Writing, ordered: Ordered) -> Iterable[Operation]:
    width = max(2, len(str(len(ordered.steps))))
    ids = {step.ident: f"op-{n:0{width}}" for n, step in enumerate(ordered.steps, start=1)}
    brought = frozenset(reference for step in ordered.steps for reference in _brought(step))
    writing = replace(writing, brought=brought)
    for step in ordered.steps:
        waits = tuple(sorted(ids[ident] for ident in ordered.waits_for[step.ident]))
        yield _operation(writing, step, ids[step.ident], waits, ordered.waves[step.ident])


def _brought(step: Step) -> Iterable[str]:
    """The names that a step makes: a plan relies on nothing being there by them."""
    if step.arrives:
        yield step.address.reference
    if step.was is not None:
        yield step.address.reference
        yield from (one.address.reference for one in step.also if one.was is not None)


def _operation(
    writing: _Writing,
    step: Step,
    op_id: str,
    waits: tuple[str, ...],
    wave: int,
) -> Operation:
    # Typed in one go, with all that is nested: half the time of typing each by itself.
    made: dict[str, Any] = {
        "id": op_id,
        "tenant": step.address.tenant,
        "address": str(step.address),
        "was": str(step.was) if step.was is not None else "",
        "also": tuple(map(_beside, step.also)),
        "swaps": step.swaps,
        "kind": step.address.kind,
        "entry": str(_entry(step)),
        "action": step.act.action,
        "home": step.cls.home.value,
        "connector": _connector(step),
        "effects": "remote" if step.act.remote else "none",
        "reversibility": step.act.reversibility,
        "charge": step.act.charge,
        "cause": step.cause,
        "wave": wave,
        "before": _plain(step.before),
        "after": _plain(step.after),
        "graph": _plain(step.graph),
        "remember": _plain(step.remember),
        "changes": tuple(map(_difference, step.fields)),
        "secret": _secrets(step),
        "reason": step.act.reason,
        "because": tuple(_because(step)),
        "source": _source(step),
        "depends_on": waits,
        "precondition": _precondition(writing, step),
        "cost": _cost(writing.question, step),
        "approval": step.act.approval,
        "undo": _undo(step),
        "who": _who(step),
    }
    return Operation.model_validate(made)


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
    return _UNDO.get(step.act.action, "")


def _beside(one: Beside) -> dict[str, Any]:
    return {
        "address": str(one.address),
        "was": str(one.was) if one.was is not None else "",
        "before": dict(one.before),
        "after": dict(one.after),
        "graph": _plain(one.graph),
        "published": one.published,
        "remember": _plain(one.remember),
    }


def _entry(step: Step) -> Address:
    if step.wanted is not None:
        return step.wanted.entry
    above = step.cls.folded_under(step.before or step.after or {})
    return step.address._replace(kind=above) if above else step.address


def _connector(step: Step) -> str:
    if step.cls.home is not Home.CARRIER:
        return ""
    spec = step.after if step.after is not None else step.before
    return str((spec or {}).get("connector", ""))


def _plain(spec: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if spec is None else dict(spec)


def _difference(change: FieldChange) -> dict[str, Any]:
    op = "add" if change.before is None else "remove" if change.after is None else "replace"
    return {
        "path": change.path,
        "op": op,
        "before": change.before,
        "after": change.after,
        "cause": change.cause,
    }


def _secrets(step: Step) -> tuple[str, ...]:
    before, after = step.before or {}, step.after or {}
    had = dict(marked_in(before))
    return tuple(sorted(name for name, value in marked_in(after) if had.get(name) != value))


def _because(step: Step) -> Iterable[dict[str, str]]:
    if step.because:
        yield {"type": "operation", "text": step.because}
    for change in step.fields if step.before is not None and step.after is not None else ():
        kind = "drift" if change.cause is Cause.DRIFT else "config"
        yield {"type": kind, "text": change.path}


def _source(step: Step) -> dict[str, Any] | None:
    if step.wanted is None:
        return None
    at = step.wanted.location
    return {"file": at.file, "line": at.line, "column": at.column}


def _precondition(writing: _Writing, step: Step) -> dict[str, Any]:
    kinds = writing.scene.kinds
    pointed_at = writing.pointers.of(step.cls, step.address.name, step.after) - writing.brought
    known = (reference for reference in pointed_at if reference.split("/")[0] in kinds)
    exists = {r for r in known if kinds[r.split("/")[0]].home is Home.PLATFORM}
    relied: dict[str, Any] = {
        "spec": _plain(step.before),
        "published": step.have.published if step.graph is not None and step.have else "",
        "exists": sorted(exists),
        "record": _record(step, writing.scene.supply.get(step.address.name)),
    }
    return {"fingerprint": fingerprint(relied), **relied}


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


_FREE = Cost()


def _cost(question: Question, step: Step) -> Cost:
    if step.act.charge is Charge.FREE and step.act.action is not Action.RELEASE:
        return _FREE
    if step.cls.home is not Home.CARRIER:
        return _FREE
    price = question.price(_connector(step), step.address.kind, step.address.name)
    if price is None:
        return Cost(state="unknown")
    if step.act.action is Action.RELEASE:
        return Cost(state="priced", currency=price.currency, monthly=-price.monthly)
    return Cost(state="priced", currency=price.currency, monthly=price.monthly, once=price.once)


def _totals(operations: Iterable[Operation]) -> tuple[tuple[Total, ...], tuple[str, ...]]:
    monthly: dict[str, Decimal] = {}
    once: dict[str, Decimal] = {}
    unpriced: list[str] = []
    for operation in operations:
        cost = operation.cost
        if cost.state == "unknown":
            unpriced.append(operation.address)
        elif cost.state == "priced" and not operation.approval:
            monthly[cost.currency] = monthly.get(cost.currency, Decimal(0)) + cost.monthly
            once[cost.currency] = once.get(cost.currency, Decimal(0)) + cost.once
    totals = tuple(
        Total(currency=currency, monthly=monthly[currency], once=once[currency])
        for currency in sorted(monthly)
    )
    return totals, tuple(unpriced)


def _drifted(change: Change) -> Drifted:
    have = change.have
    return Drifted(
        address=str(change.address),
        changes=tuple(map(FieldDifference.model_validate, map(_difference, change.fields))),
        who=have.updated_by if have else "",
        at=have.updated_at if have else "",
    )


def _due(operations: Iterable[Operation]) -> Iterable[Held]:
    """One line for each approval that is asked for, whatever number of acts wait for it."""
    asked: dict[str, list[Operation]] = {}
    for operation in operations:
        if operation.approval:
            asked.setdefault(operation.approval, []).append(operation)
    for approval, waiting in asked.items():
        released = any(operation.action is Action.RELEASE for operation in waiting)
        yield Held(
            address=waiting[0].entry,
            what="due",
            detail=_RELEASED if released else _UNREGISTERED,
            next=f"--approve {approval}",
        )


_RELEASED = "its quarantine is over; releasing it cannot be undone (TEL413)"
_UNREGISTERED = "without it nobody sees at an emergency call where the caller is"
