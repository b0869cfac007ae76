"""From the three states of a tenant to its part of a plan: diff, order, guard, written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.engine.cost import Price
from reconciler.engine.diff import Change, Scene, diff
from reconciler.engine.guard import Limits, budget_gates, limit_gates
from reconciler.engine.hold import (
    hold_back,
    with_entries_whole,
    without_unchecked,
    without_wanted_elsewhere,
)
from reconciler.engine.order import in_order
from reconciler.engine.plan import (
    Drifted,
    FieldDifference,
    Gate,
    Held,
    Note,
    Operation,
    Part,
    Total,
)
from reconciler.engine.renames import renamed
from reconciler.engine.renames_first import put_first
from reconciler.engine.steps import Circle, Ordered, Pointers
from reconciler.engine.underway import Underway, age_gates, told
from reconciler.engine.written import Writing, difference, written_down
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.model.resource import Home, Naming
from reconciler.model.supply import NumberState


@dataclass(frozen=True, slots=True)
class Question:
    """All that is known when one tenant's part is made.

    Attributes:
        tenant: The tenant.
        scene: Its three states. `scene.frozen` holds addresses with an open operation.
        limits: What may be done without being asked again.
        held: What waits or is not known, told as it is.
        unchecked: Connectors that could not be read, with the reason.
        unread: Kinds at a connector that could not be read, by both, with the reason.
        orders: Orders that their carriers work on.
        price: What something costs at a connector, by kind and name; None when nobody knows.
        revision: The platform's revision of the tenant.
        notes: What is told beside where something is to be done, and stops nothing.
        budget: What the tenant may cost a month, by currency.
        bill: What it will cost, by currency; asked where there is a budget.
    """

    tenant: str
    scene: Scene
    limits: Limits = field(default_factory=Limits)
    held: tuple[Held, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[tuple[str, str], str] = field(default_factory=dict)
    orders: tuple[Underway, ...] = ()
    price: Callable[[str, str, str], Price | None] = lambda *of: None  # noqa: ARG005
    revision: int = 0
    notes: tuple[Note, ...] = ()
    budget: Mapping[str, Decimal] = field(default_factory=dict)
    bill: Callable[[], Mapping[str, Decimal]] = dict


def make_part(question: Question) -> Part:
    """Decide everything about one tenant. Pure: equal questions give equal parts."""
    pointers = Pointers(question.scene.desired)
    renaming = renamed(with_entries_whole(question.scene), pointers)
    scene, blind = without_unchecked(renaming.scene, question.unchecked, question.unread)
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
    written = list(written_down(Writing(scene, pointers, question.price), ordered))
    operations = tuple(map(Operation.model_validate, written))
    present = Counter(a.kind for a, have in scene.observed.items() if have.managed)
    gates.extend(limit_gates(operations, present, question.limits, _serving(scene)))
    gates.extend(age_gates(question.orders, question.limits))
    totals, unpriced = _totals(operations)
    gates.extend(_budget_gates(question, totals))
    part = Part(
        part=question.tenant,
        revision=question.revision,
        operations=operations,
        gates=tuple(gates),
        drifted=tuple(_drifted(change) for change in difference.reported),
        unmanaged=tuple(str(have.address) for have in difference.unmanaged),
        held=(
            *question.held,
            *blind,
            *renaming.held,
            *moving,
            *map(told, question.orders),
            *waiting,
            *_due(operations),
        ),
        notes=(*renaming.notes, *(question.notes if operations or gates else ())),
        totals=totals,
        unpriced=unpriced,
        unchanged=difference.unchanged,
    )
    return part.sealed(written)


def _serving(scene: Scene) -> Mapping[str, list[str]]:
    """List what the platform has of ours, by kind, without numbers that serve nobody now."""
    found: dict[str, list[str]] = {}
    for address, have in scene.observed.items():
        cls = scene.kinds.get(address.kind)
        if cls is None or cls.home is not Home.PLATFORM or not have.managed:
            continue
        supply = scene.supply.get(address.name) if cls.naming is Naming.E164 else None
        record = supply.pool if supply is not None else None
        if record is None or record.state not in _SERVES_NOBODY:
            found.setdefault(address.kind, []).append(str(address))
    return found


_SERVES_NOBODY = frozenset({NumberState.QUARANTINED, NumberState.PORTING_IN})


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


# What it comes to.


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


def _budget_gates(question: Question, totals: Iterable[Total]) -> Iterable[Gate]:
    raised = {total.currency for total in totals if total.monthly > 0} & question.budget.keys()
    if not raised:
        return ()
    allowed = question.limits.allowed
    return budget_gates(raised, question.bill(), question.budget, allowed)


def _drifted(change: Change) -> Drifted:
    have = change.have
    return Drifted(
        address=str(change.address),
        changes=tuple(map(FieldDifference.model_validate, map(difference, change.fields))),
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
        acts = {operation.action for operation in waiting}
        yield Held(
            address=waiting[0].entry,
            what="due",
            detail=next((why for act, why in _DUE.items() if act in acts), _UNREGISTERED),
            next=f"--approve {approval}",
        )


_UNREGISTERED = "without it nobody sees at an emergency call where the caller is"
_DUE = {
    Action.RELEASE: "its quarantine is over; releasing it cannot be undone (TEL413)",
    Action.PORT: "submitting it is paid for at once, and nothing calls it off",
}
