"""What the ledger keeps of carrier accounts: budgets, and what was last read of each."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Mapping
from decimal import Decimal

from reconciler.database import Database
from reconciler.ledger import budget, snapshots
from reconciler.ledger.instant import instant_text, parse_instant
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.protocols import KeptFact, Snapshot, Supplied

_PAID = (
    "SELECT amount, currency, body FROM operation WHERE account = ? AND charge <> 'free'"
    " AND state <> 'failed' AND state <> 'intended' AND sent_at >= ?"
)


_SUPPLIED = (
    "SELECT address, action, moved_at, amount, currency, body FROM operation"
    " WHERE home = 'carrier' AND state = 'verified' AND moved_at >= ?"
    " AND action IN ('order', 'port', 'create', 'release', 'remove', 'move', 'delete')"
    " ORDER BY moved_at, op_id"
)


def _supplied(
    address: str, action: str, at: str, amount: str, currency: str, body: str
) -> Supplied:
    told = json.loads(body)
    cost = told.get("cost", {})
    planned = Decimal(cost.get("once", "0"))
    return Supplied(
        address=Address(*address.split("/", 2)),
        connector=str(told.get("connector", "")),
        action=Action(action),
        at=at,
        amount=(Decimal(amount) if amount else planned) or None,
        currency=str(currency or cost.get("currency", "")),
    )


class CarrierMemory:
    """The part of a ledger that knows carrier accounts."""

    _database: Database

    def spend(
        self, bucket: str, *, limit: int, window_seconds: int, now: str
    ) -> tuple[bool, int, str]:
        """Take one request from a budget shared by all processes."""
        return budget.spend(
            self._database, bucket, limit=limit, window_seconds=window_seconds, now=now
        )

    def fill(self, bucket: str, *, limit: int, window_seconds: int, until: str) -> None:
        """Use a budget up until an instant, as its carrier says that it is."""
        budget.fill(self._database, bucket, limit=limit, window_seconds=window_seconds, until=until)

    def spent(self, bucket: str, *, window_seconds: int, now: str) -> tuple[int, str]:
        """How many of a budget are used, and when the next frees up; "" when none is."""
        return budget.spent(self._database, bucket, window_seconds=window_seconds, now=now)

    def paid_since(self, account: str, at: str) -> Mapping[str, Decimal]:
        """What paid operations took, or may have taken, from an account since; by currency.

        What its carrier told counts, else what the plan said; an open outcome counts as paid.
        """
        sums: dict[str, Decimal] = {}
        rows = self._database.execute(_PAID, (account, instant_text(parse_instant(at))))
        for amount, currency, body in rows:
            cost = json.loads(body).get("cost", {})
            told = Decimal(amount) if amount else Decimal(cost.get("once", "0"))
            of = str(currency or cost.get("currency", ""))
            sums[of] = sums.get(of, Decimal("0.00")) + told
        return sums

    def supplied(self, since: str) -> tuple[Supplied, ...]:
        """What came to carrier accounts and went from them since an instant, oldest first."""
        rows = self._database.execute(_SUPPLIED, (instant_text(parse_instant(since)),))
        return tuple(itertools.starmap(_supplied, rows))

    def keep_fact(self, fact: KeptFact) -> None:
        """Keep what a carrier said of an account, in place of what it said before."""
        snapshots.keep_fact(self._database, fact)

    def forget_facts(self, connector: str, topics: Collection[str]) -> None:
        """Keep nothing of what a carrier said of an account about some topics."""
        snapshots.forget_facts(self._database, connector, topics)

    def fact(self, connector: str, topic: str) -> KeptFact | None:
        """What was last kept of an account; None for nothing."""
        return snapshots.fact(self._database, connector, topic)

    def facts(self, connector: str, topics: Collection[str]) -> Mapping[str, KeptFact]:
        """The same of many topics, by topic."""
        return snapshots.facts(self._database, connector, topics)

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep what was read of a carrier account, in place of what was kept before."""
        snapshots.keep(self._database, snapshot)

    def snapshots(self) -> Mapping[str, Snapshot]:
        """What was last kept of each carrier account, by connector."""
        return snapshots.kept(self._database)
