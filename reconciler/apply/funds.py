"""Money before an apply: what the parts take against what accounts have, and what may be more.

A carrier refuses what cannot be paid, but one by one: the first orders of a plan would be
bought and the rest not. So all that the parts still take from an account is held against what
it has, before each part that takes anything; what its carrier does not tell stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.engine.guard import budget_gates, in_currency
from reconciler.engine.plan import Draw, Gate, PartFacts, Rise
from reconciler.facts import Balance, Facts
from reconciler.protocols import NotChecked


@dataclass(frozen=True, slots=True)
class Said:
    """What whoever applies a plan has allowed.

    Attributes:
        approvals: Those that were given: what needs another one takes nothing.
        allowed: Limits let pass once; those about money by limit and currency.
        increase: The most that the monthly bill may rise by all parts, by currency.
        limit: The same by the project's limits, for what an approval adds to a plan.
    """

    approvals: frozenset[str] = frozenset()
    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    increase: Mapping[str, Decimal] = field(default_factory=dict)
    limit: Mapping[str, Decimal] = field(default_factory=dict)

    def passes(self, gate: Gate) -> bool:
        """Whether a gate was let pass: by its limit, or by the most that the bill may rise."""
        if gate.kind != "limit":
            return False
        planned = Decimal(gate.planned)
        rise = self.increase.get(gate.currency) if gate.id == "monthly_increase" else None
        once = self.allowed.get(in_currency(gate.id, gate.currency))
        return any(most is not None and planned <= most for most in (rise, once))


class Funds:
    """What the parts of a plan still take and raise; less with each part that is behind.

    Args:
        facts: What accounts have left.
        counted: All parts; those that something else stops take nothing.
        gates: Gates of the plan as a whole.
        said: What was allowed.
    """

    def __init__(
        self, facts: Facts, counted: Iterable[PartFacts], gates: tuple[Gate, ...], said: Said
    ) -> None:
        self._facts = facts
        self._said = said
        self._gates = tuple(gate for gate in gates if not said.passes(gate))
        self._parts = {p.part: p for p in counted if all(map(said.passes, p.gates))}
        self._rising: dict[str, Decimal] = {}
        self._taken: dict[tuple[str, str], Decimal] = {}
        self._lacking: dict[tuple[str, str], Gate] = {}
        for part in self._parts.values():
            for currency, amount in self._rises(part):
                self._rising[currency] = self._rising.get(currency, Decimal(0)) + amount
            self._count(part, 1)

    def gates_of(self, part: str) -> tuple[Gate, ...]:
        """What stops a part for the sake of money, beside the gates that it has itself."""
        counted = self._parts.get(part)
        return (*self._rise(counted), *self._short(counted)) if counted is not None else ()

    def behind(self, part: str) -> None:
        """Count a part no more: what it took the account has no more, or it took nothing."""
        counted = self._parts.pop(part, None)
        if counted is not None:
            self._count(counted, -1)

    def _count(self, part: PartFacts, sign: int) -> None:
        for draw in part.draws:
            if self._is_taken(draw):
                of = draw.connector, draw.currency
                self._taken[of] = self._taken.get(of, Decimal(0)) + sign * draw.amount

    def _rises(self, part: PartFacts) -> Iterator[tuple[str, Decimal]]:
        """By how much a part raises the bill, with what was approved of it."""
        yield from ((total.currency, total.monthly) for total in part.totals)
        yield from ((one.currency, one.amount) for one in part.rises if self._is_given(one))

    def _rise(self, part: PartFacts) -> Iterable[Gate]:
        approved = {one.currency for one in part.rises if self._is_given(one)}
        rises = approved | {total.currency for total in part.totals if total.monthly > 0}
        yield from (gate for gate in self._gates if gate.currency in rises)
        for currency in sorted(rises):
            yield from self._too_much(currency, approved=currency in approved)
        # The plan has held all else against the budget, and not what only an approval brings.
        over = [total for total in part.totals if total.currency in approved]
        bill = {total.currency: total.bill for total in over if total.bill is not None}
        most = {total.currency: total.budget for total in over if total.budget is not None}
        yield from budget_gates(bill.keys() & most.keys(), bill, most, self._said.allowed)

    def _too_much(self, currency: str, *, approved: bool) -> Iterator[Gate]:
        """Hold what all parts come to against the flag; where approvals add to it, the limit."""
        of_project = self._said.limit.get(currency) if approved else None
        most = self._said.increase.get(currency, of_project)
        amount = self._rising[currency]
        gate = Gate(
            id="monthly_increase",
            kind="limit",
            detail=f"{amount} {currency} more a month over all tenants, allowed are"
            f" {most} {currency}.",
            hint=f"--max-monthly-increase {currency}={amount}",
            planned=str(amount),
            allowed=str(most),
            place="--max-monthly-increase",
            currency=currency,
        )
        if most is not None and amount > most and not self._said.passes(gate):
            yield gate

    def _short(self, part: PartFacts) -> Iterable[Gate]:
        drawn = {(draw.connector, draw.currency) for draw in part.draws if self._is_taken(draw)}
        for of in sorted(drawn):
            # Once too little, for all that draw on it: else those that come later would be
            # bought with what the first ones lacked.
            found = self._lacking.get(of) or self._lacks(*of)
            if found is not None:
                self._lacking[of] = found
                yield found

    def _lacks(self, connector: str, currency: str) -> Gate | None:
        needed = self._taken[connector, currency]
        name = in_currency("balance", currency)
        have = self._left(connector, currency, needed)
        if have is None or needed <= max(have, self._said.allowed.get(name, have)):
            return None
        return Gate(
            id="balance",
            kind="limit",
            detail=f"{connector} has {have} {currency} left, and this needs {needed} {currency}.",
            hint=f"top the account up by {needed - have} {currency}, or order less; to let the"
            f" carrier decide: --allow {name}={needed}",
            planned=str(needed),
            allowed=str(have),
            currency=currency,
        )

    def _is_taken(self, draw: Draw) -> bool:
        return not draw.approval or self._is_given(draw)

    def _is_given(self, waits: Draw | Rise) -> bool:
        return waits.approval in self._said.approvals

    def _left(self, connector: str, currency: str, needed: Decimal) -> Decimal | None:
        """What an account has left; None where that is not known, or is of another currency.

        Too little is asked once more: somebody may just have topped the account up.
        """
        have = self._facts.balance(connector)
        if isinstance(have, Balance) and have.left < needed:
            again = self._facts.balance_now(connector)
            have = have if isinstance(again, NotChecked) else again
        if isinstance(have, NotChecked) or have.currency != currency:
            return None
        return have.left
