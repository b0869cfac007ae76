"""The audit chain: what was done, each record bound to all before it.

``hash_n = SHA-256(hash_(n-1) + canonical(body_n))``, the earlier hash as its 32 bytes, the
body as the bytes that are stored. The chain of an empty ledger starts from 32 zero bytes. A
body holds references and digests, never a secret. A record is appended in the transaction of
the change it tells of, so that the chain can rebuild the journal: see `replay`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.database import Database
from reconciler.model.canonical import canonical_plain
from reconciler.protocols import State

START = "0" * 64
PAGE = 1000

Record = tuple[int, str, str, str]
"""A row as stored: n, body, prev, hash."""


class AuditChain:
    """The chain in one database: appends, reads and checks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: list[str] = []

    def append(self, body: Mapping[str, Any]) -> None:
        """Add a record of plain values at the end of this transaction."""
        self._pending.append(canonical_plain(body))

    def flush(self) -> None:
        """Write what was appended. The caller holds the ledger's row, so nobody comes between."""
        if not self._pending:
            return
        head = self._database.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")
        rows = list(_linked(self._pending, *(head[0] if head else (0, START))))
        self._database.many("INSERT INTO audit (n, body, prev, hash) VALUES (?, ?, ?, ?)", rows)
        self._pending.clear()

    def discard(self) -> None:
        """Forget what was appended: its transaction is rolled back."""
        self._pending.clear()

    def records(self) -> Iterator[Mapping[str, Any]]:
        """Read the chain: ``n``, ``prev``, ``hash`` and the ``body`` as JSON values."""
        for n, body, prev, link in self._rows():
            yield {"n": n, "prev": prev, "hash": link, "body": json.loads(body)}

    def verify(self) -> str:
        """Check each link, then that the chain rebuilds the journal; "" when both hold."""
        head, states = self._journal()
        before, rebuilt = START, dict[str, str]()
        n = 0
        for row in self._rows(head):
            n += 1
            wrong = _fault(row, n, before)
            if wrong:
                return wrong
            before = row[3]
            if any(event in row[1] for event in _MOVES):  # most records tell of something else
                rebuilt.update(_states(json.loads(row[1])))
        if n < head:
            return f"Record {n + 1} of the audit chain is missing."
        return _difference(n, rebuilt, states)

    def _journal(self) -> tuple[int, dict[str, str]]:
        """Read the head and each operation's state in one statement, so at one moment."""
        rows = self._database.execute(
            "SELECT newest.n, operation.op_id, operation.state"
            " FROM (SELECT coalesce(max(n), 0) AS n FROM audit) AS newest"
            " LEFT JOIN operation ON 1 = 1"
        )
        return int(rows[0][0]), {str(row[1]): str(row[2]) for row in rows if row[1] is not None}

    def _rows(self, last: int | None = None) -> Iterator[Record]:
        after = 0
        while True:
            page = self._database.execute(
                "SELECT n, body, prev, hash FROM audit WHERE n > ? ORDER BY n LIMIT ?",
                (after, PAGE),
            )
            for row in page:
                if last is not None and row[0] > last:
                    return
                yield row[0], row[1], row[2], row[3]
            if len(page) < PAGE:
                return
            after = page[-1][0]


def link_of(prev: str, body: str) -> str:
    """Compute a record's hash from the one before and its stored body."""
    return hashlib.sha256(bytes.fromhex(prev) + body.encode("ascii")).hexdigest()


def replay(records: Iterable[Mapping[str, Any]]) -> dict[str, State]:
    """Rebuild the journal from the chain: the state of each operation, by its id."""
    states: dict[str, State] = {}
    for record in records:
        states.update({op: State(state) for op, state in _states(record["body"]).items()})
    return states


def _linked(bodies: Iterable[str], n: int, prev: str) -> Iterator[Record]:
    for body in bodies:
        n += 1
        link = link_of(prev, body)
        yield n, body, prev, link
        prev = link


def _fault(row: Record, n: int, before: str) -> str:
    """Say what is wrong with the record that should be the n-th; "" when nothing is."""
    found, body, prev, link = row
    if found != n:
        return f"Record {n} of the audit chain is missing."
    if prev != before:
        return f"Record {n} of the audit chain does not follow the record before it."
    if not body.isascii() or link_of(prev, body) != link:
        return f"Record {n} of the audit chain was changed."
    return ""


_MOVES = ('"event":"consume"', '"event":"send"', '"event":"move"')
"""How a record in canonical form says that it brings operations to a state."""


def _states(body: Mapping[str, Any]) -> dict[str, str]:
    """Which operations a record brings to which state."""
    event = body.get("event")
    if event == "consume":
        return {f"{body['plan_id']}/{body['part']}/{row['op']}": "intended" for row in body["ops"]}
    if event in {"send", "move"}:
        return {str(body["op_id"]): str(body["state"])}
    return {}


def _difference(n: int, rebuilt: Mapping[str, str], states: Mapping[str, str]) -> str:
    for op_id in sorted(rebuilt.keys() | states.keys()):
        told, found = rebuilt.get(op_id, "absent"), states.get(op_id, "absent")
        if told != found:
            return (
                f"Record {n} is not the end of the audit chain, or the journal was changed:"
                f" operation {op_id} is {found}, the chain left it {told}."
            )
    return ""
