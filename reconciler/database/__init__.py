"""One small adapter over sqlite3 and psycopg: parameters, transactions, migrations.

SQL is written once, with ``?`` for parameters. What differs between the engines stands in
the numbered migration files, `NNNN.sqlite.sql` and `NNNN.postgresql.sql`, or in the two files
`sqlite.py` and `postgresql.py` of this folder. Sources: SQLite "Isolation" and "WAL" pages;
PostgreSQL manual, section 13.3.
"""

from __future__ import annotations

from reconciler.database.connection import Conflict, Database, Row
from reconciler.database.migrations import Component, prepare
from reconciler.database.sqlite import SQLITE_PREFIX, open_sqlite
from reconciler.protocols import Checkpoint, no_checkpoint

__all__ = [
    "SQLITE_PREFIX",
    "Component",
    "Conflict",
    "Database",
    "Row",
    "open_database",
    "prepare",
]


def open_database(
    url: str,
    *,
    checkpoint: Checkpoint = no_checkpoint,
    create: bool = True,
    mend: str = "",
) -> Database:
    """Open `sqlite:///PATH` or `postgresql://...`.

    Args:
        url: Which database.
        checkpoint: Passed at every boundary of a named transaction.
        create: Whether to make an SQLite file that is not there.
        mend: The next step when an SQLite file is damaged; left out: put a backup back.

    Raises:
        Damaged: A file is there and cannot be read any more.
        Unavailable: It cannot be opened.
    """
    if url.startswith(SQLITE_PREFIX):
        return open_sqlite(url.removeprefix(SQLITE_PREFIX), checkpoint, create=create, mend=mend)
    from reconciler.database.postgresql import open_postgresql  # noqa: PLC0415 - an extra

    return open_postgresql(url, checkpoint)
