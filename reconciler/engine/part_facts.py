"""What a plan's envelope counts of its parts, without their operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.engine.made import AnyOperation, AnyPart
from reconciler.engine.part import Gate, Total
from reconciler.model.act import Action


@dataclass(frozen=True, slots=True)
class Draw:
    """What a part takes from one carrier account at once, when it is applied.

    Attributes:
        connector: The account.
        currency: Three capital letters (ISO 4217).
        amount: How much.
        approval: The approval without which it takes nothing, "" for none.
    """

    connector: str
    currency: str
    amount: Decimal
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Rise:
    """By how much the monthly bill rises with an approval, when a part is applied.

    Attributes:
        currency: Three capital letters (ISO 4217).
        amount: How much, above nought.
        approval: The approval without which it does not.
    """

    currency: str
    amount: Decimal
    approval: str


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the envelope counts of a part, and a report asks of it, without its operations.

    Attributes:
        part: The tenant's name.
        content_digest: The part's.
        revision: The platform's revision of the tenant.
        pending: Whether it has operations that count as changes.
        refused: Whether git asks for something that will not be done.
        work: Whether an apply has anything to do for it.
        idle: Whether there is nothing at all to say of it.
        acts: How many entries each action is shown for.
        unchanged: How many objects are as they should be.
        totals: What it costs.
        unpriced: Addresses whose cost nobody knows.
        approvals: What waits for an approval.
        limits: Limits that it passes: limit, allowed, planned.
        waiting: Addresses that wait.
        due: Approvals of numbers that may be released.
        unchecked: Whether something in it could not be checked.
        unsupported: Whether a connector cannot hold something in it, or did not take it.
        left_alone: Whether anything is left as it is for that as a whole: it may need what goes.
        operations: How many operations it has.
        homes: The kind and the home of each operation.
        kinds: The kinds of all objects that its operations change.
        draws: What it takes from carrier accounts at once.
        rises: What the totals leave out, as it waits for an approval.
        gates: What stops an apply of it.
    """

    part: str
    content_digest: str
    revision: int
    pending: bool
    refused: bool
    work: bool
    idle: bool
    acts: Mapping[str, int]
    unchanged: int
    totals: tuple[Total, ...]
    unpriced: tuple[str, ...]
    approvals: tuple[str, ...]
    limits: tuple[tuple[str, str, str], ...]
    waiting: tuple[str, ...]
    due: tuple[str, ...]
    unchecked: bool
    unsupported: bool
    left_alone: bool
    operations: int
    homes: frozenset[tuple[str, str]]
    kinds: frozenset[str]
    draws: tuple[Draw, ...] = ()
    rises: tuple[Rise, ...] = ()
    gates: tuple[Gate, ...] = ()


def facts_of(part: AnyPart) -> PartFacts:
    """Count a part."""
    said = (part.operations, part.gates, part.drifted, part.unmanaged, part.held)
    return PartFacts(
        part=part.part,
        content_digest=part.content_digest,
        revision=part.revision,
        pending=any(operation.is_change for operation in part.operations),
        refused=part.refused,
        work=part.has_work,
        idle=not any(said),
        acts={action: len(entries) for action, entries in by_entry(part.operations).items()},
        unchanged=part.unchanged,
        totals=part.totals,
        unpriced=part.unpriced,
        approvals=tuple(sorted({op.approval for op in part.operations} - {""})),
        limits=tuple((g.id, g.allowed, g.planned) for g in part.gates if g.kind == "limit"),
        waiting=tuple(held.address for held in part.held if held.what == "waiting"),
        due=tuple(held.next.removeprefix("--approve ") for held in part.held if held.what == "due"),
        unchecked=any(held.what == "unchecked" for held in part.held),
        unsupported=any(held.what in _BEYOND for held in part.held),
        left_alone=any(held.what in _BEYOND and not held.field for held in part.held),
        operations=len(part.operations),
        homes=frozenset((operation.kind, operation.home) for operation in part.operations),
        kinds=_kinds_of(part.operations),
        draws=_draws(part.operations),
        rises=tuple(_rises(part.operations)),
        gates=part.gates,
    )


_BEYOND = frozenset({"unsupported", "not_taken"})


def _draws(operations: Iterable[AnyOperation]) -> tuple[Draw, ...]:
    """What operations take at once, by account, currency and approval."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for op in operations:
        if op.cost.once and op.connector:  # known, though a monthly price may not be
            of = op.connector, op.cost.currency, op.approval
            sums[of] = sums.get(of, Decimal(0)) + op.cost.once
    return tuple(
        Draw(connector, currency, amount, approval)
        for (connector, currency, approval), amount in sorted(sums.items())
    )


def _rises(operations: Iterable[AnyOperation]) -> Iterator[Rise]:
    for op in operations:
        if op.approval and op.cost.state == "priced" and op.cost.monthly > 0:
            yield Rise(op.cost.currency, op.cost.monthly, op.approval)


def _kinds_of(operations: Iterable[AnyOperation]) -> frozenset[str]:
    """The kinds of all objects that operations change: their own, but where names change."""
    listed = tuple(operations)
    renamed = (at for op in listed if op.was or op.also for at in op.addresses)
    return frozenset(op.kind for op in listed) | {at.split("/")[1] for at in renamed}


def counts(parts: Iterable[PartFacts]) -> dict[str, int]:
    """How many operations of each action, as people count: one line per YAML entry.

    Of a part that is refused nothing is applied, so that nothing of it counts.
    """
    found = {action.value: 0 for action in Action}
    found["unchanged"] = 0
    for part in parts:
        for action, number in () if part.refused else part.acts.items():
            found[action] += number
        found["unchanged"] += part.unchanged
    return found


def by_entry(operations: Iterable[AnyOperation]) -> dict[str, set[str]]:
    """The entries under each action: what one entry is lowered to counts once, by its main act."""
    main: dict[str, AnyOperation] = {}
    for operation in operations:
        held = main.get(operation.entry)
        if held is None or _weight(operation) > _weight(held):
            main[operation.entry] = operation
    found: dict[str, set[str]] = {word: set() for word in _WORDS}
    for entry, operation in main.items():
        found[operation.action].add(entry)  # a word itself, asked for its value at great length
    return found


_WORDS = tuple(action.value for action in Action)


_LIGHT_TO_HEAVY = (
    Action.UPDATE, Action.PUBLISH, Action.ADOPT, Action.DELETE, Action.REPLACE, Action.CREATE,
    Action.ASSIGN, Action.QUARANTINE, Action.PORT, Action.ORDER, Action.RELEASE,
    Action.REMOVE, Action.MOVE,
)  # fmt: skip
_HEAVY = {action: weight for weight, action in enumerate(_LIGHT_TO_HEAVY)}
"""Of the acts that one entry becomes, the later one of these gives the line its word."""

_LIGHT = -1
"""Of what is taken away from an entry that stays: any other act says more about the entry."""


def _weight(operation: AnyOperation) -> tuple[int, bool]:
    own = operation.address == operation.entry
    if operation.action is Action.DELETE and not own:
        return _LIGHT, own
    return _HEAVY[operation.action], own
