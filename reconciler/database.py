"""One small adapter over sqlite3 and psycopg: parameters, transactions, migrations.

SQL is written once, with ``?`` for parameters. What differs between the engines stands in
the numbered migration files, `NNNN.sqlite.sql` and `NNNN.postgresql.sql`, or in two branches
of this file. Sources: SQLite "Isolation" and "WAL" pages; PostgreSQL manual, section 13.3.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

from reconciler.errors import Unavailable
from reconciler.protocols import Checkpoint, no_checkpoint

Row = tuple[Any, ...]
T = TypeVar("T")
SQLITE_PREFIX = "sqlite:///"
BUSY_MILLISECONDS = 5000


class Conflict(Exception):
    """A constraint or a trigger of the database refused a write."""


class Database:
    """One connection, used by one thread."""

    engine: Literal["sqlite", "postgresql"]

    def __init__(
        self,
        engine: Literal["sqlite", "postgresql"],
        connection: Any,
        errors: tuple[type[Exception], type[Exception]],
        checkpoint: Checkpoint,
    ) -> None:
        self.engine = engine
        self._connection = connection
        self._refused, self._broken = errors
        self._checkpoint = checkpoint
        self._depth = 0

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement; its rows, or an empty list when it has none.

        Raises:
            Conflict: A constraint or trigger refused it.
            Unavailable: The database is gone, full, locked for too long or read-only.
        """
        return self._run(lambda: self._fetch(self._cursor(sql, parameters)))

    def count(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run one write; how many rows it changed."""
        return self._run(lambda: int(self._cursor(sql, parameters).rowcount))

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one write for each row of parameters."""
        self._run(lambda: self._executemany(sql, rows))

    @contextmanager
    def transaction(self, name: str = "") -> Iterator[None]:
        """Write inside one transaction; a block within a block is part of the outer one.

        The outermost passes the checkpoints ``<name>:before-begin``, ``:before-commit`` and
        ``:after-commit`` when it has a name.
        """
        if self._depth:
            yield
            return
        self._pass(name, "before-begin")
        self._run(lambda: self._connection.execute(self._begin()))
        self._depth = 1
        try:
            yield
            self._pass(name, "before-commit")
            self._run(lambda: self._connection.execute("COMMIT"))
        except BaseException:
            self._depth = 0
            self._roll_back()
            raise
        self._depth = 0
        self._pass(name, "after-commit")

    def migrate(self, package: str, component: str) -> None:
        """Bring a component's tables to the newest of the numbered files in `package`.

        Raises:
            Unavailable: The database was written by a newer version; nothing is changed.
        """
        files = _migrations(package, self.engine)
        with self.transaction():
            self.execute(
                "CREATE TABLE IF NOT EXISTS schema_version"
                " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
            if self.engine == "postgresql":
                self.execute("LOCK TABLE schema_version IN EXCLUSIVE MODE")
            rows = self.execute(
                "SELECT version FROM schema_version WHERE component = ?", (component,)
            )
            have = rows[0][0] if rows else 0
            if have > len(files):
                raise Unavailable(
                    f"The {component} tables have version {have}; this program knows {len(files)}.",
                    "Install the version of reconciler that wrote them, or a newer one.",
                )
            for script in files[have:]:
                self._script(script)
            if have < len(files):
                self.execute(
                    "INSERT INTO schema_version (component, version) VALUES (?, ?)"
                    " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
                    (component, len(files)),
                )

    def is_current(self, package: str, component: str) -> bool:
        """Whether the component's tables are there and of this program's version."""
        try:
            rows = self.execute(
                "SELECT version FROM schema_version WHERE component = ?", (component,)
            )
        except Unavailable:
            return False
        return bool(rows) and rows[0][0] == len(_migrations(package, self.engine))

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _begin(self) -> str:
        return "BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN"

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except (self._refused, self._broken):
            return  # the engine has rolled back by itself, or the connection is gone

    def _pass(self, name: str, place: str) -> None:
        if name:
            self._checkpoint(f"{name}:{place}")

    def _cursor(self, sql: str, parameters: Sequence[object]) -> Any:
        if self.engine == "postgresql":
            sql = sql.replace("?", "%s")
        return self._connection.execute(sql, tuple(parameters))

    def _fetch(self, cursor: Any) -> list[Row]:
        return list(cursor.fetchall()) if cursor.description else []

    def _executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        if self.engine == "postgresql":
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), [tuple(row) for row in rows])
        else:
            self._connection.executemany(sql, rows)

    def _script(self, script: str) -> None:
        for statement in _statements(script):
            self._run(lambda text=statement: self._connection.execute(text))  # type: ignore[misc]

    def _run(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except self._refused as error:
            raise Conflict(str(error)) from error
        except self._broken as error:
            raise Unavailable(
                f"The database failed: {error}.", "Check that it is there, writable and not full."
            ) from None


def open_database(url: str, *, checkpoint: Checkpoint = no_checkpoint) -> Database:
    """Open `sqlite:///PATH` or `postgresql://...`; an SQLite file is made when missing.

    Raises:
        Unavailable: It cannot be opened.
    """
    if url.startswith(SQLITE_PREFIX):
        return _open_sqlite(url.removeprefix(SQLITE_PREFIX), checkpoint)
    return _open_postgresql(url, checkpoint)


def _open_sqlite(path: str, checkpoint: Checkpoint) -> Database:
    try:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            _private(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(
            f"The database {path} cannot be opened: {error}.",
            "Check that its folder exists, is writable and is on a local disk.",
        ) from None
    return Database("sqlite", connection, (sqlite3.IntegrityError, sqlite3.Error), checkpoint)


def _private(path: str) -> None:
    """Make the file, if it is not there, for its owner only: it holds journal and tokens."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _open_postgresql(url: str, checkpoint: Checkpoint) -> Database:
    try:
        import psycopg  # noqa: PLC0415 - an extra, and 0.3 s of start-up
    except ImportError:
        raise Unavailable(
            "PostgreSQL needs the package psycopg.",
            'Install it: pip install "reconciler[postgresql]".',
        ) from None
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.Error as error:
        raise Unavailable(
            f"The database cannot be reached: {error}.", "Check platform.url."
        ) from None
    refused = (psycopg.IntegrityError, psycopg.errors.RaiseException)
    return Database("postgresql", connection, (refused, psycopg.Error), checkpoint)  # type: ignore[arg-type]


def _migrations(package: str, engine: str) -> list[str]:
    folder = resources.files(package)
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(f".{engine}.sql"))
    return [folder.joinpath(name).read_text(encoding="utf-8") for name in names]


def _statements(script: str) -> Iterator[str]:
    """Split a migration at lines that hold `--;;` alone, as triggers hold semicolons."""
    for statement in script.split("\n--;;\n"):
        if statement.strip():
            yield statement
