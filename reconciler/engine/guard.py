"""What stops an apply: limits on how much may go at once, and money without a price.

A plan is always shown; only an apply is stopped. Each limit is let pass once by its own
flag, never by a global force. Percentages count from 10 objects, as in a small tenant one
object is already a large share (octoDNS let 9 of 9 deletes pass for want of a count). Below
that, all at once is stopped: a file cut short leaves a small tenant nothing, one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.engine.made import AnyOperation
from reconciler.engine.plan import Gate
from reconciler.model.act import Action, Charge

PERCENT_FROM = 10
"""From how many objects a percentage counts."""

ALL = 100
"""The percentage that lets all of them go."""

_RULE = {"deletes": " (TEL416)", "quarantines": " (TEL416)"}
"""The rule that a limit stands for, where the catalogue has one."""

_ARRIVES = frozenset({Action.CREATE, Action.ASSIGN, Action.ADOPT})
"""Acts after which a tenant has something that it had not, or not as its own."""


@dataclass(frozen=True, slots=True)
class Share:
    """A limit as a number and as a share; None for no such limit."""

    count: int | None = None
    percent: int | None = None

    @property
    def spares_the_last(self) -> bool:
        """Whether it stops all at once: unless there is no limit, or one of 100 per cent."""
        return self.percent != ALL and (self.count is not None or self.percent is not None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an apply may do without being asked again.

    Attributes:
        deletes: Of a tenant's objects of one kind.
        quarantines: Of a tenant's numbers.
        reroutes: Of a tenant's numbers, how many may change where their calls go.
        monthly_increase: Per currency.
        unknown_cost: How many operations whose cost nobody knows.
        waiting_days: How long a carrier may work on something.
        allowed: What `--allow LIMIT=N` lets pass once, by limit, one about money by `in_currency`.
        places: Where each limit is set, such as ``reconciler.yaml:52``.
    """

    deletes: Share = Share(25, 20)
    quarantines: Share = Share(5, 20)
    reroutes: Share = Share(None, 50)
    monthly_increase: Mapping[str, Decimal] = field(default_factory=dict)
    unknown_cost: int = 0
    waiting_days: int = 30
    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


NAMES = (
    "deletes",
    "quarantines",
    "reroutes",
    "monthly_increase",
    "budget",
    "balance",
    "unknown_cost",
    "waiting_days",
)
"""The limits that `--allow` knows."""

MONEY = ("monthly_increase", "budget", "balance")
"""Those of them that are an amount of one currency."""


def in_currency(limit: str, currency: str) -> str:
    """What lets a limit about money pass is counted by, as people write it: ``budget:USD``."""
    return f"{limit}:{currency}" if currency else limit


def limit_gates(
    operations: Sequence[AnyOperation],
    present: Mapping[str, int],
    limits: Limits,
    serving: Mapping[str, Collection[str]] | None = None,
) -> tuple[Gate, ...]:
    """Find each limit that the operations of one tenant pass.

    Args:
        operations: All of the tenant.
        present: How many objects of each kind the tenant has now.
        limits: What is allowed.
        serving: Per kind, the addresses that the platform has for it now, without numbers in
            quarantine. Left out: nothing is known to be the last.
    """
    gates = tuple(
        gate
        for found in (
            _deletes(operations, present, limits),
            _quarantines(operations, present, limits),
            _reroutes(operations, present, limits),
            _increase(operations, limits),
            _unknown_cost(operations, limits),
        )
        for gate in found
    )
    told = {gate.id: Decimal(gate.planned) for gate in gates}
    last = _last_numbers(operations, serving or {}, limits)
    whole = _everything(operations, serving or {}, limits)
    more = (gate for found in (last, whole) for gate in found)
    return (*gates, *(gate for gate in more if told.get(gate.id, -1) < Decimal(gate.planned)))


def _deletes(
    operations: Iterable[AnyOperation], present: Mapping[str, int], limits: Limits
) -> Iterator[Gate]:
    gone = Counter(op.kind for op in operations if op.action is Action.DELETE)
    for kind, planned in sorted(gone.items()):
        base = present.get(kind, 0)
        yield from _share("deletes", limits.deletes, planned, base, f"objects of {kind}", limits)


def _quarantines(
    operations: Iterable[AnyOperation], present: Mapping[str, int], limits: Limits
) -> Iterator[Gate]:
    leaving = [op for op in operations if op.action is Action.QUARANTINE]
    base = max((present.get(op.kind, 0) for op in leaving), default=0)
    yield from _share("quarantines", limits.quarantines, len(leaving), base, "numbers", limits)


def _reroutes(
    operations: Iterable[AnyOperation], present: Mapping[str, int], limits: Limits
) -> Iterator[Gate]:
    changed = {Action.UPDATE, Action.ADOPT}
    moved = [op for op in operations if op.action in changed and _reroutes_calls(op)]
    base = max((present.get(op.kind, 0) for op in moved), default=0)
    yield from _share("reroutes", limits.reroutes, len(moved), base, "numbers", limits)


def _reroutes_calls(operation: AnyOperation) -> bool:
    """Whether calls to a number go elsewhere afterwards: its record says that it is one."""
    return operation.number_record is not None and any(
        change.path == "/to" or change.path.startswith("/to/") for change in operation.changes
    )


def _share(
    name: str, share: Share, planned: int, base: int, what: str, limits: Limits
) -> Iterator[Gate]:
    over_count = share.count is not None and planned > share.count
    over_percent = (
        share.percent is not None and base >= PERCENT_FROM and planned * 100 > share.percent * base
    )
    once = limits.allowed.get(name, Decimal(-1))
    if not (over_count or over_percent) or Decimal(planned) <= once:
        return
    allowed = f"{share.count}" if over_count else f"{share.percent} % of {base}"
    yield Gate(
        id=name,
        kind="limit",
        detail=f"{planned} {name} of {base} {what}, allowed are {allowed}{_RULE.get(name, '')}.",
        hint=f"--allow {name}={planned}",
        planned=str(planned),
        allowed=allowed,
        place=limits.places.get(name, ""),
    )


def _last_numbers(
    operations: Sequence[AnyOperation], serving: Mapping[str, Collection[str]], limits: Limits
) -> Iterator[Gate]:
    """Stop the last numbers of a tenant from leaving service, unless others come."""
    leaving = {op.address: op.kind for op in operations if op.action is Action.QUARANTINE}
    coming = {op.kind for op in operations if op.action in _ARRIVES}
    for kind in sorted(set(leaving.values()) - coming):
        here = set(serving.get(kind, ()))
        if not here or not here <= leaving.keys() or not limits.quarantines.spares_the_last:
            continue
        which = "the tenant's only number" if len(here) == 1 else f"all {len(here)} numbers"
        detail = f"It would take {which} out of service at once{_RULE['quarantines']}."
        yield from _all_at_once("quarantines", len(here), detail, limits)


def _everything(
    operations: Sequence[AnyOperation], serving: Mapping[str, Collection[str]], limits: Limits
) -> Iterator[Gate]:
    """Stop a tenant from being emptied, as a file does that was cut short after its head."""
    here = {address for addresses in serving.values() for address in addresses}
    deletes = {op.address for op in operations if op.action is Action.DELETE}
    going = deletes | {op.address for op in operations if op.action is Action.QUARANTINE}
    stays = here - going or any(op.action in _ARRIVES for op in operations)
    if not (here and deletes) or stays or not limits.deletes.spares_the_last:
        return
    what = f"everything that the tenant has at once: {len(deletes)} objects"
    detail = f"It would delete {what}{_RULE['deletes']}."
    yield from _all_at_once("deletes", len(deletes), detail, limits)


def _all_at_once(name: str, planned: int, detail: str, limits: Limits) -> Iterator[Gate]:
    if Decimal(planned) <= limits.allowed.get(name, Decimal(-1)):
        return
    yield Gate(
        id=name,
        kind="limit",
        detail=detail,
        hint=f"--allow {name}={planned}",
        planned=str(planned),
        allowed="all but the last",
        place=limits.places.get(name, ""),
    )


def _increase(operations: Iterable[AnyOperation], limits: Limits) -> Iterator[Gate]:
    sums: dict[str, Decimal] = {}
    for operation in operations:
        cost = operation.cost
        if cost.state == "priced" and not operation.approval:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.monthly
    yield from increase_gates(sums, limits)


def increase_gates(sums: Mapping[str, Decimal], limits: Limits, of: str = "") -> Iterator[Gate]:
    """Find by how much the monthly bill may not rise; `of` says whose, where it is not one's."""
    for currency, amount in sorted(sums.items()):
        limit = limits.monthly_increase.get(currency)
        once = limits.allowed.get(in_currency("monthly_increase", currency), Decimal(-1))
        if limit is None or amount <= limit or amount <= once:
            continue
        yield Gate(
            id="monthly_increase",
            kind="limit",
            detail=f"{amount} {currency} more a month{of}, allowed are {limit} {currency}.",
            hint=f"--max-monthly-increase {currency}={amount}",
            planned=str(amount),
            allowed=str(limit),
            place=limits.places.get("monthly_increase", ""),
            currency=currency,
        )


def budget_gates(
    raised: Collection[str],
    bill: Mapping[str, Decimal],
    budget: Mapping[str, Decimal],
    allowed: Mapping[str, Decimal],
) -> Iterator[Gate]:
    """Find where a tenant would cost more a month than its budget.

    Args:
        raised: Currencies that have a budget and in which the plan raises the bill; what is over
            without that stops nothing.
        bill: What the tenant costs a month afterwards, without what nobody knows.
        budget: What it may cost, by currency.
        allowed: What `--allow budget:USD=AMOUNT` lets pass once, by limit and currency.
    """
    for currency in sorted(raised):
        amount, most = bill.get(currency, Decimal(0)), budget[currency]
        name = in_currency("budget", currency)
        if amount <= most or amount <= allowed.get(name, Decimal(-1)):
            continue
        yield Gate(
            id="budget",
            kind="limit",
            detail=f"The tenant would cost {amount} {currency} a month, its budget is {most}"
            f" {currency}.",
            hint=f"--allow {name}={amount}, or raise budget.monthly.{currency} of the tenant",
            planned=str(amount),
            allowed=str(most),
            place="budget of the tenant",
            currency=currency,
        )


def _unknown_cost(operations: Iterable[AnyOperation], limits: Limits) -> Iterator[Gate]:
    unknown = [op for op in operations if _costs_unknown(op)]
    once = limits.allowed.get("unknown_cost", Decimal(0))
    if len(unknown) <= max(once, Decimal(limits.unknown_cost)):
        return
    names = ", ".join(operation.address for operation in unknown[:3])
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""  # noqa: PLR2004 - as above
    yield Gate(
        id="unknown_cost",
        kind="limit",
        detail=f"Nobody knows what {len(unknown)} operations cost ({names}{more}).",
        hint=f"--allow unknown_cost={len(unknown)}",
        planned=str(len(unknown)),
        allowed=str(limits.unknown_cost),
        place=limits.places.get("unknown_cost", ""),
    )


def _costs_unknown(operation: AnyOperation) -> bool:
    """Whether it may cost anything; who gives an approval of its own has said that it may."""
    paid = operation.charge is not Charge.FREE and not operation.approval
    return paid and operation.cost.state == "unknown"
