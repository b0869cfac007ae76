"""What a sandbox remembers, in an SQLite file of its own: every process sees the same world.

All of it is on disk, faults and clock offset too, so that a command in one process plants a
fault in the server of another, and a killed server comes back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from reconciler.database import SQLITE_PREFIX, Component, open_database
from reconciler.database.migrations import migrate
from reconciler.protocols import Clock
from reconciler.sandbox.records import Records, shown
from reconciler.sandbox.settings import SETTINGS

COMPONENT: Final = Component("sandbox", "reconciler.sandbox")
TABLES: Final = (
    "setting",
    "number",
    "gateway",
    "acl",
    "charge",
    "remembered",
    "cached",
    "event",
    "hit",
    "fault",
    "record",
)
SYSTEM_ROUTES: Final[Mapping[int, str]] = MappingProxyType(
    {1: "USER", 2: "T30", 3: "VOICE_BRIDGE", 4: "DID", 5: "T38", 6: "RTC_BRIDGE", 8: "SDN"}
)
"""Rows of the gateway list that every account has."""

FIRST_GATEWAY: Final = 1000
DEFAULT_ROUTE: Final = 4
DEFAULT_CHANNELS: Final = 23
KEY_SECONDS: Final = 24 * 3600
CACHE_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken from the account, in USD."""

    at: str
    amount: Decimal
    reason: str
    tn: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with the next requests that match.

    Attributes:
        kind: What goes wrong; one of `faults.KINDS`.
        method: Which requests, "" for any.
        path: The start of their path.
        times: How many of them.
        after: Whether the request is carried out first.
        status: The status to answer with, 0 for the kind's own.
        message: The error's message, "" for the kind's own.
        seconds: How long it lasts, for what takes time.
        retry_after: The header to send, "" for none.
    """

    kind: str
    method: str = ""
    path: str = "/v2.2/"
    times: int = 1
    after: bool = False
    status: int = 0
    message: str = ""
    seconds: float = 0.0
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that somebody has or had.

    Attributes:
        state: `active` on the account, `held` by the carrier after a removal, `released` to
            the network for good, `sold` to somebody else.
    """

    tn: str
    state: str
    route: int = DEFAULT_ROUTE
    translated: str = ""
    cnam: bool = False
    forward_to: str | None = None
    porting: bool = False


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where the carrier hands calls to."""

    id: int
    host: str
    prefix: str
    channels: int | None
    system: bool


class Store:
    """One sandbox account. Not for two threads at once."""

    def __init__(self, path: str, clock: Clock | None = None) -> None:
        self._db = open_database(f"{SQLITE_PREFIX}{path}")
        migrate(self._db, (COMPONENT,))
        self._clock = clock
        self.records = Records(self._db)
        with self._db.transaction():
            for number, name in SYSTEM_ROUTES.items():
                self._db.execute(
                    "INSERT OR IGNORE INTO gateway (id, host, system) VALUES (?, ?, 1)",
                    (number, name),
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is written when it ends, nothing if it raises."""
        with self._db.transaction():
            yield

    def reset(self) -> None:
        """Forget everything but the gateways: a server that runs goes on with them."""
        with self._db.transaction():
            for table in TABLES:
                if table != "gateway":
                    self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

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
        return json.loads(rows[0][0]) if rows else SETTINGS[name]

    def change_setting(self, name: str, value: object) -> None:
        """Change one setting; KeyError for one that there is not."""
        if name not in SETTINGS:
            raise KeyError(name)
        self._db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    # Numbers and gateways.

    def numbers(self, state: str = "active") -> tuple[Number, ...]:
        """All numbers in a state, sorted."""
        rows = self._db.execute(
            "SELECT tn, state, route, translated, cnam, forward_to, porting"
            " FROM number WHERE state = ? ORDER BY tn",
            (state,),
        )
        return tuple(_number(row) for row in rows)

    def number(self, tn: str) -> Number | None:
        """One number that somebody has or had."""
        rows = self._db.execute(
            "SELECT tn, state, route, translated, cnam, forward_to, porting"
            " FROM number WHERE tn = ?",
            (tn,),
        )
        return _number(rows[0]) if rows else None

    def save_number(self, number: Number, what: str) -> None:
        """Write a number and the event that changed it."""
        self._db.execute(
            "INSERT INTO number (tn, state, route, translated, cnam, forward_to, porting)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tn) DO UPDATE SET state = excluded.state,"
            " route = excluded.route, translated = excluded.translated, cnam = excluded.cnam,"
            " forward_to = excluded.forward_to, porting = excluded.porting",
            (
                number.tn,
                number.state,
                number.route,
                number.translated or number.tn,
                int(number.cnam),
                number.forward_to,
                int(number.porting),
            ),
        )
        self.tell(what, number.tn)

    def taken(self) -> frozenset[str]:
        """Numbers that the inventory does not offer, whoever has them."""
        return frozenset(row[0] for row in self._db.execute("SELECT tn FROM number"))

    def gateways(self) -> tuple[Gateway, ...]:
        """All gateways, the carrier's own first."""
        rows = self._db.execute(
            "SELECT id, host, prefix, channels, system FROM gateway ORDER BY id"
        )
        return tuple(Gateway(row[0], row[1], row[2], row[3], system=bool(row[4])) for row in rows)

    def gateway(self, number: int) -> Gateway | None:
        """One gateway."""
        return next((gateway for gateway in self.gateways() if gateway.id == number), None)

    def add_gateway(self, host: str, prefix: str = "", channels: int = DEFAULT_CHANNELS) -> Gateway:
        """Make a gateway with the next id."""
        latest = max(gateway.id for gateway in self.gateways())
        made = Gateway(max(latest + 1, FIRST_GATEWAY), host, prefix, channels, system=False)
        self.save_gateway(made)
        return made

    def save_gateway(self, gateway: Gateway) -> None:
        """Write a gateway."""
        self._db.execute(
            "INSERT INTO gateway (id, host, prefix, channels, system) VALUES (?, ?, ?, ?, 0)"
            " ON CONFLICT (id) DO UPDATE SET host = excluded.host, prefix = excluded.prefix,"
            " channels = excluded.channels",
            (gateway.id, gateway.host, gateway.prefix, gateway.channels),
        )

    def remove_gateway(self, number: int) -> None:
        """Drop a gateway of the account's own."""
        self._db.execute("DELETE FROM gateway WHERE id = ? AND system = 0", (number,))

    def acl(self) -> tuple[str, ...]:
        """The SIP access list, as CIDRs."""
        return tuple(row[0] for row in self._db.execute("SELECT cidr FROM acl ORDER BY cidr"))

    def save_acl(self, cidr: str) -> None:
        """Add a network to the list."""
        self._db.execute("INSERT INTO acl (cidr) VALUES (?)", (cidr,))
        self.tell("acl added", detail=cidr)

    def remove_acl(self, cidr: str) -> None:
        """Take a network off the list."""
        self._db.execute("DELETE FROM acl WHERE cidr = ?", (cidr,))
        self.tell("acl removed", detail=cidr)

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

    # What the carrier remembers of requests.

    def remembered(self, key: str) -> tuple[int, bytes] | None:
        """The answer given to an idempotency key within the last 24 hours."""
        rows = self._db.execute(
            "SELECT status, body FROM remembered WHERE key = ? AND at > ?",
            (key, self.seconds() - KEY_SECONDS),
        )
        return (rows[0][0], bytes(rows[0][1])) if rows else None

    def remember(self, key: str, status: int, body: bytes) -> None:
        """Keep the answer given to a key."""
        self._db.execute(
            "INSERT OR REPLACE INTO remembered (key, status, body, at) VALUES (?, ?, ?, ?)",
            (key, status, body, self.seconds()),
        )

    def cached(self, query: str) -> bytes | None:
        """The inventory's answer to the same query within the last ten minutes."""
        rows = self._db.execute(
            "SELECT body FROM cached WHERE query = ? AND at > ?",
            (query, self.seconds() - CACHE_SECONDS),
        )
        return bytes(rows[0][0]) if rows else None

    def cache(self, query: str, body: bytes) -> None:
        """Keep an answer of the inventory."""
        self._db.execute(
            "INSERT OR REPLACE INTO cached (query, body, at) VALUES (?, ?, ?)",
            (query, body, self.seconds()),
        )

    def hits(self, peer: str, *, within_seconds: int) -> int:
        """Count a peer's requests to the scarce endpoints, this one included."""
        now = self.seconds()
        self._db.execute("INSERT INTO hit (at, peer) VALUES (?, ?)", (now, peer))
        rows = self._db.execute(
            "SELECT count(*) FROM hit WHERE peer = ? AND at > ?", (peer, now - within_seconds)
        )
        return int(rows[0][0])

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
                " AND method IN ('', ?) AND substr(?, 1, length(path)) = path ORDER BY n LIMIT 1",
                (method, path),
            )
            if not rows:
                return None
            self._db.execute("UPDATE fault SET times = times - 1 WHERE n = ?", (rows[0][0],))
        return Fault(*rows[0][1:5], **json.loads(rows[0][5]))

    def forget_faults(self) -> None:
        """Let everything go well again."""
        self._db.execute("DELETE FROM fault")

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every table, for looking at, without the API key and other secrets."""
        tables = {table: self._rows(table) for table in TABLES if table != "setting"}
        for row in tables["record"]:
            row["body"] = shown(json.loads(row["body"]))
        return tables

    def _rows(self, table: str) -> list[dict[str, Any]]:
        names = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
        rows = self._db.execute(f"SELECT * FROM {table} ORDER BY 1")
        return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ") if self._clock else ""


_COLUMNS = frozenset({"kind", "method", "path", "times"})


def _number(row: Sequence[Any]) -> Number:
    tn, state, route, translated, cnam, forward_to, porting = row
    return Number(tn, state, route, translated, bool(cnam), forward_to, bool(porting))


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
