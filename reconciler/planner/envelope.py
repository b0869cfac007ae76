"""What stands around the parts of a plan, gathered while they are made one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from reconciler.engine.guard import Limits, increase_gates
from reconciler.engine.plan import (
    Envelope,
    Gate,
    ObservedSource,
    PartFacts,
    counts,
    stage_of,
    whole_digest,
)
from reconciler.errors import Unavailable
from reconciler.observe import Accounts
from reconciler.planner.balances import balances
from reconciler.planner.sources import Sources

EXPIRES_AFTER = timedelta(hours=24)
"""How long a saved plan may be applied."""


@dataclass(slots=True)
class Gathering:
    """The envelope of a plan while its parts are made one by one."""

    sources: Sources
    accounts: Accounts
    limits: Limits = field(default_factory=Limits)
    parts: list[PartFacts] = field(default_factory=list)
    connectors: set[str] = field(default_factory=set)

    def add(self, part: PartFacts, connectors: Iterable[str]) -> None:
        """Take a part, and the carrier accounts that its tenant has to do with."""
        self.parts.append(part)
        self.connectors |= set(connectors)

    def complete(self, envelope: Envelope) -> Envelope:
        """Fill an envelope with all that its parts say, in the order in which they are begun."""
        parts = sorted(self.parts, key=lambda part: (stage_of(part.part), part.part))
        ids = _account_ids(self.sources, self.connectors & set(self.sources.carriers))
        observed = tuple(_observed(self.sources, self.accounts, sorted(self.connectors)))
        applied = [part for part in parts if not part.refused]
        gates = tuple(_gates(applied, self.limits))
        return envelope.model_copy(
            update={
                "content_digest": whole_digest(parts, envelope.scope),
                "accounts": dict(ids),
                "observed": observed,
                "has_changes": any(part.pending or part.refused for part in parts),
                "summary": counts(parts),
                "cost": self._cost(applied),
                "gates": gates,
                "approvals": _approvals(applied, gates),
                "waiting": tuple(address for part in parts for address in part.waiting),
                "due": tuple(approval for part in parts for approval in part.due),
            }
        )

    def _cost(self, parts: list[PartFacts]) -> dict[str, object]:
        drawn = list(balances(self.accounts.facts, parts))
        return _cost(parts) | ({"balances": drawn} if drawn else {})


def _gates(parts: Iterable[PartFacts], limits: Limits) -> Iterator[Gate]:
    """Find what all parts together pass though none of them does by itself."""
    sums: dict[str, Decimal] = {}
    alone: set[str] = set()
    for part in parts:
        alone |= {limit for limit, _, _ in part.limits}
        for total in part.totals:
            sums[total.currency] = sums.get(total.currency, Decimal(0)) + total.monthly
    if "monthly_increase" not in alone:
        yield from increase_gates(sums, limits, " over all tenants")


def _account_ids(sources: Sources, connectors: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The account behind each connector; one that cannot be opened takes part in nothing."""
    for name in sorted(connectors):
        try:
            yield name, sources.carriers[name].account()
        except Unavailable:
            continue  # its part of the plan is shown as not checked


def _cost(parts: Iterable[PartFacts]) -> dict[str, object]:
    monthly: dict[str, Decimal] = {}
    once: dict[str, Decimal] = {}
    awaiting: dict[str, Decimal] = {}
    unknown: list[str] = []
    for part in parts:
        unknown.extend(part.unpriced)
        for total in part.totals:
            monthly[total.currency] = monthly.get(total.currency, Decimal(0)) + total.monthly
            once[total.currency] = once.get(total.currency, Decimal(0)) + total.once
            awaiting[total.currency] = awaiting.get(total.currency, Decimal(0)) + total.awaiting
    return {
        "totals": [
            {
                "currency": currency,
                "monthly": f"{monthly[currency]:f}",
                "once": f"{once[currency]:f}",
                **({"awaiting": f"{awaiting[currency]:f}"} if awaiting[currency] else {}),
            }
            for currency in sorted(monthly)
        ],
        "unknown": unknown,
    }


def _approvals(parts: Iterable[PartFacts], gates: Iterable[Gate]) -> dict[str, object]:
    listed = list(parts)
    passed = [(part.part, *limit) for part in listed for limit in part.limits]
    passed += [("*", gate.id, gate.allowed, gate.planned) for gate in gates]
    return {
        "required": sorted({approval for part in listed for approval in part.approvals}),
        "given": [],
        "limits": [
            {"limit": limit, "part": part, "allowed": allowed, "planned": planned}
            for part, limit, allowed, planned in passed
        ],
    }


def _observed(
    sources: Sources, accounts: Accounts, connectors: Iterable[str]
) -> Iterator[ObservedSource]:
    at = f"{sources.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    yield ObservedSource(name=sources.platform.name, at=at, complete=True)
    for connector in connectors:
        # As it was when the parts were made: another look may fail, or succeed, by itself.
        read = accounts.read(connector)
        if isinstance(read, str):
            yield ObservedSource(name=connector, at=at, complete=False, detail=read)
        else:
            odd = "; ".join((*read.odd, *read.troubles))
            yield ObservedSource(name=connector, at=read.observed_at, complete=True, detail=odd)
