"""What a sandbox keeps as JSON, by kind and name: all that nothing is ever searched in."""

from __future__ import annotations

import json
from typing import Any, Final

from reconciler.database import Database

SECRET: Final = frozenset({"pin", "password", "lcAccountNumber"})
"""What a look at a sandbox does not show, wherever it stands in a record."""


class Records:
    """JSON objects by kind and name. Not for two threads at once."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """One record; empty when there is none."""
        rows = self._db.execute("SELECT body FROM record WHERE kind = ? AND name = ?", (kind, name))
        return dict(json.loads(rows[0][0])) if rows else {}

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """All records of a kind by name, in the order of their making."""
        rows = self._db.execute(
            "SELECT name, body FROM record WHERE kind = ? ORDER BY rowid", (kind,)
        )
        return {name: json.loads(body) for name, body in rows}

    def put(self, kind: str, name: str, body: dict[str, Any]) -> None:
        """Write a record; an empty one is dropped."""
        if not body:
            self.drop(kind, name)
            return
        self._db.execute(
            "INSERT INTO record (kind, name, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
            (kind, name, json.dumps(body)),
        )

    def drop(self, kind: str, name: str) -> bool:
        """Forget a record; whether there was one."""
        return bool(self._db.count("DELETE FROM record WHERE kind = ? AND name = ?", (kind, name)))


def shown(value: object) -> object:
    """A record as it may be looked at, without what is secret in it."""
    if isinstance(value, dict):
        return {name: "***" if name in SECRET else shown(item) for name, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value
