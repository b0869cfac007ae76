"""The ledger on SQLite or PostgreSQL, usually in the platform's own database."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from reconciler.database import Component, Database, Row, prepare
from reconciler.ledger.audit import AuditChain
from reconciler.ledger.carrier_memory import CarrierMemory
from reconciler.ledger.instant import instant_text, parse_instant
from reconciler.ledger.journal import SqlJournal, used
from reconciler.ledger.leases import Leases
from reconciler.ledger.owner import provably_dead
from reconciler.ledger.rows import COLUMNS, IS_OPEN, as_applied, as_run, entry_of
from reconciler.model.address import Address
from reconciler.model.state import Applied
from reconciler.protocols import (
    EMPTIED,
    Clock,
    Entry,
    HeldLease,
    Lease,
    Run,
    State,
)

COMPONENT = Component("ledger", "reconciler.ledger")
"""Its tables and their migrations."""

SCHEMA_VERSION = 1
UNSEEN = 1_000_000_000
"""How far a serial jumps over those that nobody can read any more."""

_CHUNK = 500

_RUN_COLUMNS = "run_id, started_at, finished_at, who, command, exit_code, plan_id, taken_over_by"

_ACQUIRED = (
    "SELECT DISTINCT resource_key FROM operation WHERE account = ?"
    " AND action IN ('order', 'adopt') AND state = 'verified' AND moved_at >= ?"
    " AND substr(resource_key, 1, 1) = '+'"  # of what is no number its address stands there
)

# What was to take it off and ended in doubt may still land, whatever became of it later. What a
# later purchase of the same number followed explains nothing any more.
_RELEASED = (
    "SELECT DISTINCT resource_key FROM operation WHERE account = ?"
    " AND action IN ('release', 'remove', 'move')"
    " AND (state NOT IN ('intended', 'failed') OR doubt = 1)"
    " AND NOT EXISTS (SELECT 1 FROM operation AS later WHERE later.account = operation.account"
    " AND later.action IN ('order', 'adopt') AND later.resource_key = operation.resource_key"
    " AND later.state = 'verified' AND later.moved_at > operation.moved_at)"
)


class SqlLedger(CarrierMemory):
    """`protocols.Ledger` on one connection, used by one thread.

    Args:
        database: Where its tables are, made when missing.
        clock: The time of every record; on SQLite also of the leases.
        who: Who works, as approvals and the audit chain name them, such as ``jo@host``.
        dead: Whether a lease's owner is gone for certain.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        who: str,
        dead: Callable[[str], bool] = provably_dead,
    ) -> None:
        self._database = database
        self._clock = clock
        self._who = who
        self._leases = Leases(database, clock, dead)
        self._chain = AuditChain(database)
        self._depth = 0
        prepare(database, COMPONENT)
        self._lineage = self._read_lineage() or self._mint()

    # The ledger itself.

    def lineage(self) -> str:
        """The ledger's name for life: 128 random bits in hexadecimal."""
        return self._lineage

    def serial(self) -> int:
        """Rises with every transaction that `transaction` commits; never goes back."""
        return int(self._database.execute("SELECT serial FROM ledger")[0][0])

    def floor(self) -> int:
        """The serial from which plans count: it rises when a backup becomes the ledger again."""
        rows = self._database.execute("SELECT coalesce(max(serial), 0) FROM restored")
        return int(rows[0][0])

    def mark_restored(self, lost_serial: int | None, source: str) -> int:
        """Write down that this ledger comes from a backup; the serial from which plans count.

        All leases end. The serial goes beyond the one that was lost, by `UNSEEN` where nobody
        can tell how far that had come: no serial means two things.

        Args:
            lost_serial: The serial of the ledger that this one takes the place of.
            source: Where it comes from, in words.
        """
        with self.transaction(None, "restore") as journal:
            was = self.serial()
            serial = max(was, lost_serial) + 1 if lost_serial is not None else was + UNSEEN
            self._database.execute("UPDATE ledger SET serial = ?", (serial,))
            self._database.execute(
                "INSERT INTO restored (serial, serial_was, source, who, at) VALUES (?, ?, ?, ?, ?)",
                (serial, was, source, self._who, self._at()),
            )
            self._leases.end_all()
            told = {"serial": serial, "serial_was": was, "lost": lost_serial, "source": source}
            journal.tell("restore", told)
        return serial

    def last_time(self) -> str:
        """The latest instant of any transaction: a floor for a clock that jumped back."""
        return str(self._database.execute("SELECT last_time FROM ledger")[0][0])

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

    # Leases.

    def take(
        self, scopes: Collection[str], *, owner: str, run_id: str, ttl_seconds: float
    ) -> Lease | HeldLease:
        """Take all scopes or none; what is held by somebody alive is returned instead."""
        return self._leases.take(scopes, owner=owner, run_id=run_id, ttl_seconds=ttl_seconds)

    def give_back(self, lease: Lease) -> None:
        """End a lease; one that was taken over is left alone."""
        self._leases.give_back(lease)

    def renew(self, lease: Lease) -> None:
        """Prolong a lease. Raises Fenced when it was taken over."""
        self._leases.renew(lease)

    def locks(self) -> tuple[HeldLease, ...]:
        """All leases that have not run out, by scope."""
        return self._leases.locks()

    def unlock(self, nonce: str, who: str) -> bool:
        """Free exactly the lease that was looked at and fence its holder."""
        with self.transaction(None, "unlock") as journal:
            freed = self._leases.free(nonce)
            if freed:
                scopes = [held.scope for held in freed]
                told = {"scopes": scopes, "owner": freed[0].owner, "of_run": freed[0].run_id}
                journal.tell("unlock", {**told, "nonce": nonce, "by": who})
        return bool(freed)

    # Transactions and runs.

    @contextmanager
    def transaction(self, lease: Lease | None, name: str) -> Iterator[SqlJournal]:
        """Open a transaction that first checks the lease by its epochs and renews it."""
        self._depth += 1
        try:
            with self._database.transaction(name):
                if lease is not None:
                    self._leases.check(lease)
                journal = self._journal(lease)
                yield journal
                journal.end()
                self._chain.flush()
        finally:
            self._depth -= 1
            if not self._depth:
                self._chain.discard()

    def start_run(self, run_id: str, *, who: str, command: str, plan_id: str) -> None:
        """Record that a run begins, or that one that had stopped goes on."""
        with self.transaction(None, "run-start") as journal:
            self._database.execute(
                "INSERT INTO run (run_id, started_at, who, command, plan_id) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (run_id) DO UPDATE SET finished_at = '', exit_code = NULL,"
                " taken_over_by = ''",
                (run_id, self._at(), who, command, plan_id),
            )
            told = {"of_run": run_id, "by": who, "command": command, "plan_id": plan_id}
            journal.tell("run-start", told)

    def finish_run(self, run_id: str, exit_code: int) -> None:
        """Record how it ended."""
        with self.transaction(None, "run-finish") as journal:
            self._database.execute(
                "UPDATE run SET finished_at = ?, exit_code = ? WHERE run_id = ?",
                (self._at(), int(exit_code), run_id),
            )
            journal.tell("run-finish", {"of_run": run_id, "exit_code": int(exit_code)})

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """The latest runs, newest first."""
        return self._runs("ORDER BY started_at DESC, run_id DESC LIMIT ?", limit)

    def run(self, run_id: str) -> Run | None:
        """One run."""
        return next(iter(self._runs("WHERE run_id = ?", run_id)), None)

    # The journal, read.

    def operations(self, run_id: str) -> tuple[Entry, ...]:
        """A run's journal rows in plan order."""
        columns = ", ".join(f"operation.{name}" for name in COLUMNS.split(", "))
        rows = self._database.execute(
            f"SELECT {columns} FROM plan_used JOIN operation ON operation.plan_id ="
            " plan_used.plan_id AND operation.part = plan_used.part WHERE plan_used.run_id = ?"
            " ORDER BY operation.serial, operation.part, operation.seq",
            (run_id,),
        )
        return tuple(map(entry_of, rows))

    def operation(self, op_id: str) -> Entry | None:
        """One journal row."""
        rows = self._database.execute(f"SELECT {COLUMNS} FROM operation WHERE op_id = ?", (op_id,))
        return entry_of(rows[0]) if rows else None

    def entries(self, op_ids: Collection[str]) -> Mapping[str, Entry]:
        """Those journal rows that exist, by their ids."""
        rows = self._of_operations(COLUMNS, op_ids)
        return {entry.op_id: entry for entry in map(entry_of, rows)}

    def states(self, op_ids: Collection[str]) -> Mapping[str, State]:
        """The states of those journal rows that exist, by their ids."""
        rows = self._of_operations("op_id, state", op_ids)
        return {op_id: State(state) for op_id, state in rows}

    def open_operations(self, tenant: str | None = None) -> tuple[Entry, ...]:
        """All rows that are not over, of one tenant or of all, oldest first."""
        only, values = ("", ()) if tenant is None else (" AND tenant = ?", (tenant,))
        rows = self._database.execute(
            f"SELECT {COLUMNS} FROM operation WHERE {IS_OPEN}{only} ORDER BY serial, part, seq",
            values,
        )
        return tuple(map(entry_of, rows))

    def recent_acquisitions(self, account: str, since: str) -> frozenset[str]:
        """Numbers whose order or adoption was verified at that account since an instant."""
        instant = instant_text(parse_instant(since)) if since else ""
        return frozenset(row[0] for row in self._database.execute(_ACQUIRED, (account, instant)))

    def recent_releases(self, account: str) -> frozenset[str]:
        """Numbers that a release of ours may have taken off that account, and not bought since."""
        return frozenset(row[0] for row in self._database.execute(_RELEASED, (account,)))

    def believed_empty_at(self, account: str) -> str:
        """When somebody last said that an account is empty; "" for never."""
        rows = self._database.execute(
            "SELECT max(at) FROM approval WHERE kind = ? AND value = ?", (EMPTIED, account)
        )
        return str(rows[0][0] or "")

    def quarantined_at(self, account: str, e164s: Collection[str]) -> Mapping[str, str]:
        """When each of those numbers was last quarantined there, for those that were."""
        found: dict[str, str] = {}
        for chunk in _chunks(e164s):
            marks = ", ".join("?" for _ in chunk)
            found.update(
                self._database.execute(
                    "SELECT resource_key, max(moved_at) FROM operation WHERE account = ?"
                    f" AND action = 'quarantine' AND resource_key IN ({marks})"
                    " AND state = 'verified' GROUP BY resource_key",
                    (account, *chunk),
                )
            )
        return found

    def used(self, plan_id: str, part: str) -> str:
        """The run that consumed a part, "" when none did."""
        return used(self._database, plan_id, part)

    # What was applied.

    def applied(self, tenant: str) -> Mapping[Address, Applied]:
        """What was left at each address of a tenant by the last apply."""
        found = map(as_applied, self._applied("tenant = ? ORDER BY kind, name", tenant))
        return {one.address: one for one in found}

    def applied_of(self, kind: str) -> tuple[Applied, ...]:
        """What the last applies left of one kind, whoever's, by name."""
        return tuple(map(as_applied, self._applied("kind = ? ORDER BY name, tenant", kind)))

    def _applied(self, which: str, value: str) -> list[Row]:
        return self._database.execute(
            "SELECT tenant, kind, name, spec, run_id, at, published, was FROM applied"
            f" WHERE {which}",
            (value,),
        )

    def owners(self, kind: str, names: Collection[str]) -> Mapping[str, str]:
        """Which tenant last applied each name of a kind, for those that one did."""
        found: dict[str, str] = {}
        for chunk in _chunks(names):
            marks = ", ".join("?" for _ in chunk)
            rows = self._database.execute(
                f"SELECT name, tenant FROM applied WHERE kind = ? AND name IN ({marks})"
                " ORDER BY at, tenant",
                (kind, *chunk),
            )
            found.update(rows)
        return found

    # Audit.

    def audit(self) -> Iterable[Mapping[str, Any]]:
        """The audit chain from its first record: ``n``, ``body``, ``prev``, ``hash``."""
        return self._chain.records()

    def verify_audit(self) -> str:
        """Check the chain; "" when whole, else a sentence naming the first bad record."""
        return self._chain.verify()

    def _journal(self, lease: Lease | None) -> SqlJournal:
        """Raise the serial, which also holds the ledger's row: audit records come one by one."""
        at = self._at()
        rows = self._database.execute(
            "UPDATE ledger SET serial = serial + 1,"
            " last_time = CASE WHEN last_time < ? THEN ? ELSE last_time END RETURNING serial",
            (at, at),
        )
        return SqlJournal(
            self._database,
            self._chain,
            at=at,
            who=self._who,
            lease=lease,
            serial=int(rows[0][0]),
        )

    def _of_operations(self, columns: str, op_ids: Collection[str]) -> Iterator[Row]:
        for chunk in _chunks(op_ids):
            marks = ", ".join("?" for _ in chunk)
            sql = f"SELECT {columns} FROM operation WHERE op_id IN ({marks})"
            yield from self._database.execute(sql, chunk)

    def _runs(self, which: str, value: object) -> tuple[Run, ...]:
        rows = self._database.execute(f"SELECT {_RUN_COLUMNS} FROM run {which}", (value,))
        parts: dict[str, list[str]] = {row[0]: [] for row in rows}
        marks = ", ".join("?" for _ in parts) or "NULL"
        for run_id, part in self._database.execute(
            f"SELECT run_id, part FROM plan_used WHERE run_id IN ({marks}) ORDER BY at, part",
            tuple(parts),
        ):
            parts[run_id].append(part)
        return tuple(as_run(row, parts[row[0]]) for row in rows)

    def _read_lineage(self) -> str:
        rows = self._database.execute("SELECT lineage FROM ledger")
        return str(rows[0][0]) if rows else ""

    def _mint(self) -> str:
        """Name the ledger; of two that make it at once the first one's name stays."""
        with self._database.transaction("ledger-create"):
            at = self._at()
            made = self._database.execute(
                "INSERT INTO ledger (only_row, lineage, serial, schema_version, last_time)"
                " VALUES (1, ?, 0, ?, ?) ON CONFLICT (only_row) DO NOTHING RETURNING lineage",
                (secrets.token_hex(16), SCHEMA_VERSION, at),
            )
            if made:
                told = {"event": "create", "lineage": made[0][0], "at": at, "who": self._who}
                self._chain.append(told)
                self._chain.flush()
        return self._read_lineage()

    def _at(self) -> str:
        return instant_text(self._clock.now())


def _chunks(names: Collection[str]) -> Iterable[Sequence[str]]:
    wanted = sorted(set(names))
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
