"""Operations as they are written down: plain values, from which plans, texts and digests are made.

The keys of every mapping are in order, so that nothing has to be put in order to be digested.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from reconciler.engine.cost import Price
from reconciler.engine.diff import Scene
from reconciler.engine.fields import FieldChange
from reconciler.engine.plan import Cost
from reconciler.engine.steps import Beside, Ordered, Pointers, Step
from reconciler.model.act import Action, Cause, Charge
from reconciler.model.ordered import digest_ordered, in_key_order
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
    price: Callable[[str, str, str], Price | None]
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


def written_down(writing: Writing, ordered: Ordered) -> Iterator[dict[str, Any]]:
    """Each operation as plain values in the order of their keys, ready to be typed."""
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
    writing: Writing,
    step: Step,
    op_id: str,
    waits: tuple[str, ...],
    wave: int,
) -> dict[str, Any]:
    act, address = step.act, str(step.address)
    return {  # in the order of its keys, which is not put right afterwards
        "action": act.action._value_,
        "address": address,
        "after": writing.plain(step.after),
        "also": [_beside(writing, one) for one in step.also],
        "approval": act.approval,
        "because": tuple(_because(step)),
        "before": writing.plain(step.before),
        "cause": step.cause._value_,
        "changes": [difference(change) for change in step.fields],
        "charge": act.charge._value_,
        "connector": _connector(step),
        "cost": _priced(writing, step),
        "depends_on": waits,
        "effects": "remote" if act.remote else "none",
        "entry": _entry(step, address),
        "graph": writing.plain(step.graph),
        "home": step.cls.home._value_,
        "id": op_id,
        "in_use": "",
        "kind": step.address.kind,
        "precondition": _precondition(writing, step),
        "reason": act.reason,
        "remember": writing.plain(step.remember),
        "reversibility": act.reversibility._value_,
        "secret": _secrets(step),
        "source": _source(step),
        "swaps": step.swaps,
        "tenant": step.address.tenant,
        "undo": _undo(step),
        "was": str(step.was) if step.was is not None else "",
        "wave": wave,
        "who": _who(step),
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


def _beside(writing: Writing, one: Beside) -> dict[str, Any]:
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


def _connector(step: Step) -> str:
    if step.cls.home is not Home.CARRIER:
        return ""
    spec = step.after if step.after is not None else step.before
    return str((spec or {}).get("connector", ""))


def difference(change: FieldChange) -> dict[str, Any]:
    """A changed field as plain values, keys in order."""
    path, before, after, cause = change
    op = "add" if before is None else "remove" if after is None else "replace"
    return {
        "after": in_key_order(after),
        "before": in_key_order(before),
        "cause": cause._value_,
        "op": op,
        "path": path,
    }


def _secrets(step: Step) -> tuple[str, ...]:
    before, after = step.before or {}, step.after or {}
    had = dict(marked_in(before))
    found = [name for name, value in marked_in(after) if had.get(name) != value]
    return tuple(sorted(found)) if found else ()


def _because(step: Step) -> Iterable[dict[str, str]]:
    if step.because:
        yield {"text": step.because, "type": "operation"}
    for change in step.fields if step.before is not None and step.after is not None else ():
        kind = "drift" if change.cause is Cause.DRIFT else "config"
        yield {"text": change.path, "type": kind}


def _source(step: Step) -> dict[str, Any] | None:
    if step.wanted is None:
        return None
    at = step.wanted.location
    return {"column": at.column, "file": at.file, "line": at.line}


def _precondition(writing: Writing, step: Step) -> dict[str, Any]:
    kinds = writing.scene.kinds
    pointed_at = writing.pointers.of(step.cls, step.address.name, step.after) - writing.brought
    relied: dict[str, Any] = {
        "exists": [
            reference
            for reference in sorted(pointed_at)
            if (cls := kinds.get(reference.partition("/")[0])) and cls.home is Home.PLATFORM
        ],
        "published": step.have.published if step.graph is not None and step.have else "",
        "record": in_key_order(_record(step, writing.scene.supply_of(step.address))),
        "spec": writing.plain(step.before),
    }
    return {
        "exists": relied["exists"],
        "fingerprint": digest_ordered(relied),
        "published": relied["published"],
        "record": relied["record"],
        "spec": relied["spec"],
    }


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


def _priced(writing: Writing, step: Step) -> Mapping[str, Any]:
    cost = _cost(writing, step)
    return _free() if cost is _FREE else _as_written(cost)


_FREE = Cost()


@functools.cache
def _free() -> Mapping[str, Any]:
    return _as_written(_FREE)


def _as_written(cost: Cost) -> dict[str, Any]:
    return dict(sorted(cost.model_dump().items()))


def _cost(writing: Writing, step: Step) -> Cost:
    if step.act.charge is Charge.FREE and step.act.action is not Action.RELEASE:
        return _FREE
    if step.cls.home is not Home.CARRIER:
        return _FREE
    price = _summed(writing, step)
    if price is None:
        return Cost(state="unknown")
    if step.act.action is Action.RELEASE:
        price = replace(price, monthly=-price.monthly, once=Decimal("0.00"))
    return Cost(
        state="priced",
        currency=price.currency,
        monthly=price.monthly,
        once=price.once,
        source=price.origin,
    )


def _summed(writing: Writing, step: Step) -> Price | None:
    """The price of all that a step is paid for; None when any of it is known to nobody."""
    spec = step.after if step.after is not None else step.before
    names = step.cls.priced_as(step.address.name, spec or {})
    found = [writing.price(_connector(step), step.address.kind, name) for name in names]
    prices = [price for price in found if price is not None]
    if len(prices) < len(found) or len({price.currency for price in prices}) != 1:
        return None
    monthly = sum((price.monthly for price in prices), Decimal(0))
    return replace(prices[0], monthly=monthly, once=sum((p.once for p in prices), Decimal(0)))
