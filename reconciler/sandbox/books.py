"""What every sandbox keeps, in an SQLite file of its own: settings, money, events, faults.

All of it is on disk, faults and clock offset too, so that a command in one process plants a
fault in the server of another, and a killed server comes back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from reconciler.database import SQLITE_PREFIX, Component, open_database
from reconciler.database.migrations import migrate
from reconciler.errors import WrongUsage
from reconciler.protocols import Clock
from reconciler.sandbox.sorts import Setting


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken from the account, in its carrier's currency."""

    at: str
    amount: Decimal
    reason: str
    tn: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with the next requests that match.

    Attributes:
        kind: What goes wrong; one that the carrier's sandbox knows.
        method: Which requests, "" for any.
        path: The start of their path.
        times: How many of them.
        after: Whether the request is carried out first.
        status: The status to answer with, 0 for the kind's own.
        message: The error's message, "" for the kind's own.
        seconds: How long it lasts, for what takes time.
        retry_after: The header to send, "" for none.
        changes: Whether it leaves alone what only reads.
    """

    kind: str
    method: str = ""
    path: str = "/"
    times: int = 1
    after: bool = False
    status: int = 0
    message: str = ""
    seconds: float = 0.0
    retry_after: str = ""
    changes: bool = False


class Books:
    """What any sandbox account keeps. Not for two threads at once.

    Attributes:
        component: Its tables.
        tables: Their names.
        kept: Those of them that a reset leaves as they are.
        settings: What a sandbox starts with; each can be changed while it runs.
    """

    component: ClassVar[Component]
    tables: ClassVar[tuple[str, ...]]
    kept: ClassVar[frozenset[str]] = frozenset()
    settings: ClassVar[Mapping[str, Setting]]

    def __init__(self, path: str, clock: Clock | None = None) -> None:
        again = f"Let it begin anew: reconciler sandbox reset {Path(path).stem}"
        self._db = open_database(f"{SQLITE_PREFIX}{path}", mend=again)
        migrate(self._db, (self.component,))
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is written when it ends, nothing if it raises."""
        with self._db.transaction():
            yield

    def reset(self) -> None:
        """Forget everything but what a running server goes on with."""
        with self._db.transaction():
            for table in self.tables:
                if table not in self.kept:
                    self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @staticmethod
    def is_change(method: str, path: str) -> bool:
        """Whether a request changes anything, by its method and path."""
        raise NotImplementedError

    # Time and settings.

    def now(self) -> datetime:
        """The sandbox's time: the clock's, moved by the offset. The epoch without a clock."""
        at = self._clock.now() if self._clock else datetime.fromtimestamp(0, UTC)
        return at.astimezone(UTC) + timedelta(seconds=float(self.setting("clock_offset_seconds")))

    def seconds(self) -> float:
        """The same in seconds."""
        return self.now().timestamp()

    def setting(self, name: str) -> Any:
        """A setting as it was last changed, else as a sandbox starts."""
        rows = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else self.settings[name].start

    def change_setting(self, name: str, value: object) -> None:
        """Change one setting.

        Raises:
            KeyError: There is none of that name.
            WrongUsage: It does not take this value, which may be a secret and is not told.
        """
        sort = self.settings[name].sort
        if not sort.fits(value):
            raise WrongUsage(f"The setting {name} does not take this value.", f"Give {sort.form}.")
        self._db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    # Money.

    def charge(self, amount: Decimal, reason: str, tn: str, order_id: str) -> None:
        """Take money."""
        self._db.execute(
            "INSERT INTO charge (at, amount, reason, tn, order_id) VALUES (?, ?, ?, ?, ?)",
            (self._stamp(), str(amount), reason, tn, order_id),
        )

    def charges(self) -> tuple[Charge, ...]:
        """All that was ever taken, oldest first."""
        rows = self._db.execute("SELECT at, amount, reason, tn, order_id FROM charge ORDER BY n")
        return tuple(Charge(row[0], Decimal(row[1]), *row[2:]) for row in rows)

    def cash(self) -> Decimal:
        """What is left."""
        return Decimal(self.setting("cash")) - sum(
            (charge.amount for charge in self.charges()), Decimal(0)
        )

    def can_pay(self, amount: Decimal) -> bool:
        """Whether this is paid for: at a carrier that does not look, always."""
        return not self.setting("funds_checked") or self.cash() >= amount

    def tell(self, what: str, tn: str = "", detail: str = "") -> None:
        """Add to the list of what happened."""
        self._db.execute(
            "INSERT INTO event (at, what, tn, detail) VALUES (?, ?, ?, ?)",
            (self._stamp(), what, tn, detail),
        )

    # Faults.

    def plant(self, fault: Fault) -> None:
        """Let something go wrong with the next requests that match."""
        options = {name: value for name, value in asdict(fault).items() if name not in _COLUMNS}
        self._db.execute(
            "INSERT INTO fault (kind, method, path, times, options) VALUES (?, ?, ?, ?, ?)",
            (fault.kind, fault.method, fault.path, fault.times, json.dumps(options)),
        )

    def take_fault(self, method: str, path: str) -> Fault | None:
        """The oldest fault that matches, used up by one."""
        with self._db.transaction():
            rows = self._db.execute(
                "SELECT n, kind, method, path, times, options FROM fault WHERE times > 0"
                " AND method IN ('', ?) AND substr(?, 1, length(path)) = path ORDER BY n",
                (method, path),
            )
            for row in rows:
                fault = Fault(*row[1:5], **json.loads(row[5]))
                if not fault.changes or self.is_change(method, path):
                    self._db.execute("UPDATE fault SET times = times - 1 WHERE n = ?", (row[0],))
                    return fault
        return None

    def forget_faults(self) -> None:
        """Let everything go well again."""
        self._db.execute("DELETE FROM fault")

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every table, for looking at. The account's key is left out."""
        return {table: self._rows(table) for table in self.tables if table != "setting"}

    def _rows(self, table: str) -> list[dict[str, Any]]:
        names = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
        rows = self._db.execute(f"SELECT * FROM {table} ORDER BY 1")
        return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ") if self._clock else ""


_COLUMNS = frozenset({"kind", "method", "path", "times"})


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
