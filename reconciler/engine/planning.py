"""From the three states of a tenant to its part of a plan: diff, order, guard, written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from reconciler.engine.cost import Price
from reconciler.engine.diff import Change, Difference, Scene, diff
from reconciler.engine.guard import Limits, budget_gates, limit_gates
from reconciler.engine.hold import (
    hold_back,
    with_entries_whole,
    without_unchecked,
    without_wanted_elsewhere,
)
from reconciler.engine.made import AnyOperation, MadePart
from reconciler.engine.order import in_order
from reconciler.engine.part import REMOVALS
from reconciler.engine.plan import (
    Drifted,
    FieldDifference,
    Gate,
    Held,
    Note,
    Part,
    Total,
)
from reconciler.engine.renames import Renaming, renamed
from reconciler.engine.renames_first import put_first
from reconciler.engine.room import in_two, with_room
from reconciler.engine.steps import Circle, Ordered, Pointers
from reconciler.engine.underway import Settling, Underway, age_gates, settling, told
from reconciler.engine.written import Writing, differences, written_down
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from reconciler.model.naming import Naming
from reconciler.model.resource import Home
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
        settling: What was asked for and their carriers are not done with.
        price: What something costs at a connector, by kind and name; None when nobody knows.
        revision: The platform's revision of the tenant.
        notes: What is told beside where something is to be done, and stops nothing.
        budget: What the tenant may cost a month, by currency.
        bill: What it will cost, by currency; asked where there is a budget.
        kept: What is ours on a carrier account and known by another name from now on.
        left: What no connector can bring about, and is left as it is: these objects alone,
            and not what they are folded under.
        staying: What is ours, gone from git, and not removed yet.
        written: How a carrier writes what git writes otherwise, as a sentence, by address.
    """

    tenant: str
    scene: Scene
    limits: Limits = field(default_factory=Limits)
    held: tuple[Held, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[tuple[str, str], str] = field(default_factory=dict)
    orders: tuple[Underway, ...] = ()
    settling: tuple[Settling, ...] = ()
    price: Callable[[str, str, str], Price | None] = lambda *of: None  # noqa: ARG005
    revision: int = 0
    notes: tuple[Note, ...] = ()
    budget: Mapping[str, Decimal] = field(default_factory=dict)
    bill: Callable[[], Mapping[str, Decimal]] = dict
    kept: tuple[Address, ...] = ()
    left: frozenset[Address] = frozenset()
    staying: frozenset[str] = frozenset()
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be done at one tenant, and what is told beside, before it is in order."""

    question: Question
    scene: Scene
    pointers: Pointers
    renaming: Renaming
    difference: Difference
    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    gates: tuple[Gate, ...]

    def part(self) -> MadePart:
        """Everything as one part."""
        return self._told(self._ordered(self.changes)).sealed()

    def parts(self) -> tuple[MadePart, MadePart]:
        """What comes and changes as one part, which tells all else too; what goes as another."""
        kept = map(self._kept, (at for at in self.question.kept if at not in self.scene.frozen))
        come, gone = in_two(self.changes)
        first = self._ordered([*kept, *come])
        stays = self.question.staying
        last = self._ordered([c for c in gone if str(c.address) not in stays])
        name = self.question.tenant
        return (
            replace(self._told(first), kind="account").sealed(),
            replace(last, kind="account", part=f"{name}{REMOVALS}").sealed(),
        )

    def _kept(self, address: Address) -> Change:
        """Have our records know by its new name what goes once nothing needs it any more."""
        have, cls = self.scene.observed[address], self.scene.kinds[address.kind]
        why = "its name is another's now; it stays ours until it is removed"
        act = Act(Action.ADOPT, why, remote=False)
        return Change(address, cls, act, have.spec, have.spec, (), None, have, Cause.CONFIG)

    def _ordered(self, changes: Collection[Change]) -> MadePart:
        """A part that does some changes and tells of them."""
        question, scene, gates = self.question, self.scene, []
        try:
            ordered = put_first(
                self.renaming, in_order(changes, pointers=self.pointers), self.pointers
            )
        except Circle as circle:
            ordered = Ordered((), {}, {})
            gates.append(_circle_gate(circle))
        written = tuple(written_down(Writing(scene, self.pointers, question.price), ordered))
        operations = tuple([each.operation for each in written])
        present = Counter(a.kind for a, have in scene.observed.items() if have.managed)
        gates.extend(limit_gates(operations, present, question.limits, _serving(scene)))
        totals, unpriced = _totals(operations)
        totals = _with_budget(question, totals)
        gates.extend(_budget_gates(question, totals))
        return MadePart(
            part=question.tenant,
            written=written,
            operations=operations,
            gates=tuple(gates),
            held=tuple(_due(operations)),
            totals=totals,
            unpriced=unpriced,
        )

    def _notes(self, part: MadePart) -> Iterable[Note]:
        if part.operations or part.gates or self.gates:
            yield from self.question.notes
        yield from _forms(part.operations, self.question.written)

    def _told(self, part: MadePart) -> MadePart:
        """The same with all that is told of the tenant whatever is done."""
        return replace(
            part,
            revision=self.question.revision,
            gates=(*self.gates, *part.gates),
            drifted=tuple(map(_drifted, self.difference.reported)),
            unmanaged=tuple(str(have.address) for have in self.difference.unmanaged),
            held=(*self.held, *part.held),
            notes=(*self.renaming.notes, *self._notes(part)),
            unchanged=self.difference.unchanged,
        )


def _forms(operations: Iterable[AnyOperation], written: Mapping[str, str]) -> Iterator[Note]:
    """Tell of each form once, where the first object comes to be in it."""
    said: set[str] = set()
    for operation in operations if written else ():
        text = written.get(operation.address, "")
        if text and text not in said:
            said.add(text)
            yield Note(address=operation.entry, text=text)


def made_part(question: Question) -> MadePart:
    """Decide everything about one tenant. Pure: equal questions give equal parts."""
    return _decided(question).part()


def make_part(question: Question) -> Part:
    """The same as a reader of the saved plan has it."""
    return made_part(question).typed()


def make_account_parts(question: Question) -> tuple[Part, Part]:
    """Decide everything about one carrier account: what it gets first, what it loses last."""
    decided = _decided(question)
    changes, held = with_room(decided.scene, decided.changes)
    first, last = replace(decided, changes=changes, held=(*decided.held, *held)).parts()
    return first.typed(), last.typed()


def _decided(question: Question) -> Decided:
    pointers = Pointers(question.scene.desired)
    whole = with_entries_whole(question.scene)
    if question.left:
        whole = replace(whole, frozen=whole.frozen | question.left)
    renaming = renamed(whole, pointers)
    scene, blind = without_unchecked(renaming.scene, question.unchecked, question.unread)
    scene, moving = without_wanted_elsewhere(scene)
    difference = diff(scene)
    changes, waiting, taken = hold_back(scene, difference, pointers)
    refused = (
        _refusal(item.address, item.refusal.code, item.refusal.detail, item.refusal.hint)
        for item in difference.refused
    )
    awaited = (*map(told, question.orders), *map(settling, question.settling))
    old = age_gates(question.orders, question.settling, question.limits)
    held = (*question.held, *blind, *renaming.held, *moving, *awaited, *waiting)
    gates = (*refused, *renaming.gates, *taken, *old)
    return Decided(question, scene, pointers, renaming, difference, changes, held, gates)


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


def _totals(operations: Iterable[AnyOperation]) -> tuple[tuple[Total, ...], tuple[str, ...]]:
    monthly: dict[str, Decimal] = {}
    once: dict[str, Decimal] = {}
    awaiting: dict[str, Decimal] = {}
    unpriced: list[str] = []
    for operation in operations:
        cost = operation.cost
        if cost.state == "unknown":
            unpriced.append(operation.address)
        elif cost.state == "priced" and not operation.approval:
            monthly[cost.currency] = monthly.get(cost.currency, Decimal(0)) + cost.monthly
            once[cost.currency] = once.get(cost.currency, Decimal(0)) + cost.once
        elif cost.state == "priced" and cost.monthly > 0:
            awaiting[cost.currency] = awaiting.get(cost.currency, Decimal(0)) + cost.monthly
    totals = tuple(
        Total(
            currency=currency,
            monthly=monthly.get(currency, _NOTHING),
            once=once.get(currency, _NOTHING),
            awaiting=awaiting.get(currency, _NOTHING),
        )
        for currency in sorted(monthly.keys() | awaiting.keys())
    )
    return totals, tuple(unpriced)


_NOTHING = Decimal("0.00")


def _with_budget(question: Question, totals: tuple[Total, ...]) -> tuple[Total, ...]:
    """The same with what the tenant costs and may cost, where something would make it more."""
    rises = {total.currency for total in totals if total.monthly > 0 or total.awaiting > 0}
    if not rises & question.budget.keys():
        return totals
    bill = question.bill()
    return tuple(
        total.model_copy(
            update={
                "bill": bill.get(total.currency, _NOTHING),
                "budget": question.budget[total.currency],
            }
        )
        if total.currency in rises & question.budget.keys()
        else total
        for total in totals
    )


def _budget_gates(question: Question, totals: Iterable[Total]) -> Iterable[Gate]:
    raised = [total for total in totals if total.monthly > 0 and total.budget is not None]
    bill = {total.currency: total.bill for total in raised if total.bill is not None}
    return budget_gates(bill.keys(), bill, question.budget, question.limits.allowed)


def _drifted(change: Change) -> Drifted:
    have = change.have
    return Drifted(
        address=str(change.address),
        changes=tuple(map(FieldDifference.model_validate, differences(change.fields))),
        who=have.updated_by if have else "",
        at=have.updated_at if have else "",
    )


def _due(operations: Iterable[AnyOperation]) -> Iterable[Held]:
    """One line for each approval that is asked for, whatever number of acts wait for it."""
    asked: dict[str, list[AnyOperation]] = {}
    for operation in operations:
        if operation.approval:
            asked.setdefault(operation.approval, []).append(operation)
    for approval, waiting in asked.items():
        yield Held(
            address=waiting[0].entry,
            what="due",
            detail=_DUE[approval.partition(":")[0]],
            next=f"--approve {approval}",
        )


_DUE = {
    "release": "its quarantine is over; releasing it cannot be undone (TEL413)",
    "remove": "it leaves the account; only the carrier can give it back (TEL413)",
    "move": "it goes to the other account, and nothing of ours reaches it there (TEL413)",
    "emergency": "without it nobody sees at an emergency call where the caller is",
    "port": "submitting it is paid for at once, and nothing calls it off",
    "register": "registering it costs the registry's fees and cannot be taken back",
}
"""What an approval is about, by its first word."""
