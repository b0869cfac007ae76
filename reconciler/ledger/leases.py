"""Leases: one row per scope, fenced by an epoch that grows with each grant.

The epoch decides, not the expiry: a lease that ran out but was not taken is still its
holder's and is simply renewed. A row stays for ever, as its epoch must never start again.
SQLite is bound to one host and takes this process's clock; PostgreSQL takes its own, as the
clocks of its clients differ.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

from reconciler.database import Database
from reconciler.errors import Fenced
from reconciler.ledger.instant import epoch_text
from reconciler.protocols import Clock, HeldLease, Lease

_COLUMNS = "scope, epoch, owner, run_id, nonce, expires_at"

_GRANT = """
INSERT INTO lease (scope, epoch, owner, run_id, nonce, ttl_seconds, expires_at)
VALUES (?, 1, ?, ?, ?, ?, {now} + ?)
ON CONFLICT (scope) DO UPDATE SET epoch = lease.epoch + 1, owner = excluded.owner,
  run_id = excluded.run_id, nonce = excluded.nonce, ttl_seconds = excluded.ttl_seconds,
  expires_at = excluded.expires_at
WHERE lease.expires_at <= excluded.expires_at - excluded.ttl_seconds OR lease.nonce = ?
RETURNING epoch
"""
"""Grants a scope that is free, has run out, or is held under the nonce of somebody dead."""


class _HeldByOther(Exception):
    def __init__(self, held: HeldLease) -> None:
        self.held = held
        super().__init__(held.scope)


class Leases:
    """The leases of one ledger."""

    def __init__(self, database: Database, clock: Clock, dead: Callable[[str], bool]) -> None:
        self._database = database
        self._clock = clock
        self._dead = dead

    def take(
        self, scopes: Collection[str], *, owner: str, run_id: str, ttl_seconds: float
    ) -> Lease | HeldLease:
        """Take all scopes or none, in sorted order so that two takers never cross."""
        nonce = secrets.token_hex(16)
        epochs = {}
        try:
            with self._database.transaction("lease-take"):
                for scope in sorted(set(scopes)):
                    epochs[scope] = self._grant(scope, owner, run_id, nonce, ttl_seconds)
        except _HeldByOther as refused:
            return refused.held
        return Lease(epochs, owner, run_id, nonce)

    def check(self, lease: Lease) -> None:
        """Find the lease still ours and renew it, inside the transaction that relies on it.

        Raises:
            Fenced: Somebody took a scope of it over.
        """
        now, at = self._now()
        for scope, epoch in sorted(lease.epochs.items()):
            ours = self._database.count(
                f"UPDATE lease SET expires_at = {now} + ttl_seconds"
                " WHERE scope = ? AND epoch = ? AND nonce = ?",
                (*at, scope, epoch, lease.nonce),
            )
            if not ours:
                raise self._fenced(scope)

    def renew(self, lease: Lease) -> None:
        """Prolong a lease by its time to live."""
        with self._database.transaction("lease-renew"):
            self.check(lease)

    def give_back(self, lease: Lease) -> None:
        """End a lease where it is still ours; the epochs stay."""
        with self._database.transaction("lease-give-back"):
            self._database.many(
                "UPDATE lease SET expires_at = 0 WHERE scope = ? AND epoch = ? AND nonce = ?",
                [(scope, epoch, lease.nonce) for scope, epoch in sorted(lease.epochs.items())],
            )

    def locks(self) -> tuple[HeldLease, ...]:
        """All leases that have not run out, by scope."""
        now, at = self._now()
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM lease WHERE expires_at > {now} ORDER BY scope", at
        )
        return tuple(_held(*row) for row in rows)

    def alive(self) -> tuple[HeldLease, ...]:
        """The leases whose holder may still act on them: all but those of the provably dead."""
        return tuple(held for held in self.locks() if not self._dead(held.owner))

    def end_all(self) -> None:
        """End every lease and fence whoever held it, inside a transaction."""
        self._database.execute("UPDATE lease SET epoch = epoch + 1, expires_at = 0")

    def free(self, nonce: str) -> tuple[HeldLease, ...]:
        """Free the scopes held under `nonce` and raise their epochs, inside a transaction."""
        rows = self._database.execute(
            "UPDATE lease SET epoch = epoch + 1, expires_at = 0"
            f" WHERE nonce = ? AND expires_at > 0 RETURNING {_COLUMNS}",
            (nonce,),
        )
        return tuple(sorted((_held(*row) for row in rows), key=lambda held: held.scope))

    def _grant(self, scope: str, owner: str, run_id: str, nonce: str, ttl_seconds: float) -> int:
        now, at = self._now()
        ttl = float(ttl_seconds)
        sql = _GRANT.format(now=now)
        values = (scope, owner, run_id, nonce, ttl, *at, ttl)
        rows = self._database.execute(sql, (*values, None))
        if not rows:
            holder = self._holder(scope)
            if not self._dead(holder.owner):
                raise _HeldByOther(holder)
            rows = self._database.execute(sql, (*values, holder.nonce))
        if not rows:
            raise _HeldByOther(self._holder(scope))
        return int(rows[0][0])

    def _holder(self, scope: str) -> HeldLease:
        rows = self._database.execute(f"SELECT {_COLUMNS} FROM lease WHERE scope = ?", (scope,))
        return _held(*rows[0])

    def _fenced(self, scope: str) -> Fenced:
        rows = self._database.execute(f"SELECT {_COLUMNS} FROM lease WHERE scope = ?", (scope,))
        by = f" It went to run {rows[0][3]} of {rows[0][2]}." if rows else ""
        return Fenced(
            f"The lease on {scope} was taken over while this run worked; this step was not"
            f" written.{by}",
            "See `reconciler locks`; once that run has ended, run this command again.",
        )

    def _now(self) -> tuple[str, tuple[float, ...]]:
        """How a statement says "now" in seconds since 1970, and what to bind for it."""
        if self._database.engine == "postgresql":
            return "extract(epoch FROM clock_timestamp())::double precision", ()
        return "?", (self._clock.now().timestamp(),)


def _held(
    scope: str, epoch: int, owner: str, run_id: str, nonce: str, expires_at: float
) -> HeldLease:
    return HeldLease(scope, int(epoch), owner, run_id, nonce, epoch_text(expires_at))
