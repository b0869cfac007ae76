"""What VoiceTel's sandbox remembers beside what every sandbox keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from reconciler.database import Component
from reconciler.protocols import Clock
from reconciler.sandbox.books import Books, Charge, Fault
from reconciler.sandbox.records import Records, shown
from reconciler.sandbox.settings import SETTINGS

__all__ = ["Books", "Charge", "Fault", "Gateway", "Number", "Store"]

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


class Gateway(NamedTuple):
    """Where the carrier hands calls to."""

    id: int
    host: str
    prefix: str
    channels: int | None
    system: bool


class Store(Books):
    """One sandbox account. Not for two threads at once."""

    component = COMPONENT
    tables = TABLES
    kept = frozenset({"gateway"})
    settings = SETTINGS

    def __init__(self, path: str, clock: Clock | None = None) -> None:
        super().__init__(path, clock)
        self.records = Records(self._db)
        with self._db.transaction():
            for number, name in SYSTEM_ROUTES.items():
                self._db.execute(
                    "INSERT OR IGNORE INTO gateway (id, host, system) VALUES (?, ?, 1)",
                    (number, name),
                )

    @staticmethod
    def is_change(method: str, path: str) -> bool:
        """Whether a request changes anything: all but a GET does."""
        del path
        return method not in {"GET", "HEAD", "OPTIONS"}

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

    def holder(self, tn: str) -> Number | None:
        """The same, but for a number that the network sells again after its release."""
        number = self.number(tn)
        returned = number is not None and number.state == "released"
        return None if returned and not self.setting("released_gone") else number

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
        returned = "" if self.setting("released_gone") else "released"
        rows = self._db.execute("SELECT tn FROM number WHERE state <> ?", (returned,))
        return frozenset(row[0] for row in rows)

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
        """Make a gateway with the next id, which no number is routed to that lost its own."""
        (routed,) = self._db.execute("SELECT coalesce(max(route), 0) FROM number")[0]
        latest = max(int(routed), *(gateway.id for gateway in self.gateways()))
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
        self._db.execute("INSERT OR IGNORE INTO acl (cidr) VALUES (?)", (cidr,))
        self.tell("acl added", detail=cidr)

    def remove_acl(self, cidr: str) -> None:
        """Take a network off the list."""
        self._db.execute("DELETE FROM acl WHERE cidr = ?", (cidr,))
        self.tell("acl removed", detail=cidr)

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

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every table, for looking at, without the API key and other secrets."""
        tables = super().dump()
        for row in tables["record"]:
            row["body"] = shown(json.loads(row["body"]))
        return tables


def _number(row: Sequence[Any]) -> Number:
    tn, state, route, translated, cnam, forward_to, porting = row
    return Number(tn, state, route, translated, bool(cnam), forward_to, bool(porting))
