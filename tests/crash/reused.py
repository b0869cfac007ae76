"""Databases in memory whose content is exchanged under a connection that stays.

SQLite reads the schema anew and compiles every statement and its triggers anew for each
connection, which took a third of the time of a simulated run. A connection notices that
another one wrote by a counter in the file's header and keeps its statements as long as the
schema's cookie is the same ("Database File Format" 1.3.7 and 1.3.9).
"""

from __future__ import annotations

import itertools
import sqlite3
import weakref
from typing import Any

_COUNTER, _VALID_FOR = slice(24, 28), slice(92, 96)
"""Where a header counts its writes: offsets 24 and 92, 4 bytes each."""

STATEMENTS = 1000
"""More than a run has: those that ask for some of many are one for each count."""


class _Pair:
    """A shared database in memory: the connection that is used, and one to exchange all of it."""

    _names = itertools.count()

    def __init__(self, content: bytes) -> None:
        name = f"file:/{next(self._names)}?vfs=memdb"
        self.used = sqlite3.connect(
            name,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
            uri=True,
        )
        self._other = sqlite3.connect(name, isolation_level=None, uri=True)
        self.put(content)
        self.used.execute("PRAGMA foreign_keys = ON")
        self._roots = self._seen()

    def put(self, content: bytes) -> None:
        """Have this content; the schema's cookie goes with it."""
        with_content = sqlite3.connect(":memory:")
        with_content.deserialize(content)
        cookie = with_content.execute("PRAGMA schema_version").fetchone()[0]
        with_content.backup(self._other)
        with_content.close()
        self._other.execute(f"PRAGMA schema_version = {cookie}")

    def takes(self, content: bytes) -> bool:
        """Have this content unless its tables are others than those that were there."""
        self.put(content)
        return self._seen() == self._roots

    def _seen(self) -> list[tuple[Any, ...]]:
        return self.used.execute("SELECT name, rootpage FROM sqlite_master").fetchall()


_idle: list[_Pair] = []


def _leave(pair: _Pair) -> None:
    """Keep a connection for the next who needs one."""
    if pair.used.in_transaction:
        pair.used.rollback()
    _idle.append(pair)


class Reused:
    """What is used of a connection; it is the next one's when nobody uses this one any more."""

    def __init__(self, content: bytes) -> None:
        pair = _idle.pop() if _idle else None
        self._pair = pair if pair is not None and pair.takes(content) else _Pair(content)
        self._raw = self._pair.used
        self.execute = self._raw.execute
        self.executemany = self._raw.executemany
        self.rollback = self._raw.rollback
        self._content = (-1, b"")
        weakref.finalize(self, _leave, self._pair)

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    def serialize(self) -> bytes:
        """What is committed, as bytes that are equal where the content is.

        Within a transaction it is what was there when this was last called, which has to have
        been right before that began.
        """
        changes = self._raw.total_changes
        if not self._raw.in_transaction and changes != self._content[0]:
            content = bytearray(self._raw.serialize())
            content[_COUNTER] = content[_VALID_FOR] = bytes(4)
            self._content = changes, bytes(content)
        return self._content[1]
