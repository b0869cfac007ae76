"""The platforms that the suite runs on, each with a way in behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.database import Database, open_database
from reconciler.model.address import Address
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import Outcome, Platform, Write
from tests.conformance.one_at_a_time import OneAtATime
from tests.postgresql import schema, server, with_options

Rows = list[tuple[Any, ...]]


@dataclass
class World:
    """A platform under test.

    Attributes:
        platform: The platform.
        another: Opens a second one on the same store, as another process would.
        raw: Runs plain SQL on a connection that knows nothing of ours (`?` parameters).
        engine: Which SQL `raw` understands.
        refusals: What `raw` raises when the database refuses.
    """

    platform: Platform
    another: Callable[[], Platform]
    raw: Callable[..., Rows]
    engine: str = "sqlite"
    refusals: type[Exception] = sqlite3.IntegrityError

    @property
    def database(self) -> Database:
        """The database that the platform shares, for a platform that shares one."""
        assert isinstance(self.platform, Shared)
        return self.platform.database

    @property
    def somebody(self) -> str:
        """How an edit by plain SQL is signed."""
        return "direct SQL" if self.engine == "sqlite" else "direct SQL as reconciler"

    def edit(self, address: Address, field: str, value: str) -> None:
        """Set one field of a spec in plain SQL, the way a person would."""
        assert '"' not in value
        spec = {
            "sqlite": f"json_set(spec, '$.{field}', '{value}')",
            "postgresql": f"jsonb_set(spec, '{{{field}}}', '\"{value}\"')",
        }[self.engine]
        self.raw(
            f"UPDATE object SET spec = {spec} WHERE tenant = ? AND kind = ? AND name = ?", *address
        )


class Shared(SqlPlatform):
    """The SQL platform on a database that others use as well."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.database = database


class Journaled(Shared):
    """Writes as `apply` does on a shared database: with a journal row in one transaction."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        database.execute("CREATE TABLE IF NOT EXISTS journal (outcome TEXT)")

    def write(self, writes: Sequence[Write]) -> Outcome:
        with self.database.transaction("op-verified"):
            outcome = super().write(writes)
            name = type(outcome).__name__
            self.database.execute("INSERT INTO journal (outcome) VALUES (?)", (name,))
        return outcome


@contextmanager
def sqlite_file(folder: Path) -> Iterator[World]:
    url = f"sqlite:///{folder}/store.db"
    with _world(lambda: Shared(open_database(url)), _plain(folder / "store.db")) as world:
        yield world


@contextmanager
def outer_transaction(folder: Path) -> Iterator[World]:
    url = f"sqlite:///{folder}/store.db"
    with _world(lambda: Journaled(open_database(url)), _plain(folder / "store.db")) as world:
        yield world


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[World]:
    url = f"sqlite:///{folder}/store.db"
    with _world(lambda: OneAtATime(url), _plain(folder / "store.db")) as world:
        yield world


@contextmanager
def postgresql(folder: Path) -> Iterator[World]:
    url = server()
    import psycopg  # noqa: PLC0415 - an extra

    with schema(url) as name:
        ours = with_options(url, f"-csearch_path={name}")
        with _world(lambda: Shared(open_database(ours)), _other_path(url, name)) as world:
            world.engine, world.refusals = "postgresql", psycopg.Error
            yield world


PLATFORMS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    "sqlite": sqlite_file,
    "sqlite-in-an-outer-transaction": outer_transaction,
    "one-at-a-time": one_at_a_time,
    "postgresql": postgresql,
}


@contextmanager
def _world(make: Callable[[], Platform], raw: Callable[..., Rows]) -> Iterator[World]:
    opened: list[Platform] = []

    def another() -> Platform:
        opened.append(make())
        return opened[-1]

    yield World(another(), another, raw)
    for platform in opened:
        platform.close()


def _plain(path: Path) -> Callable[..., Rows]:
    """As the sqlite3 shell: no foreign keys, no pragma of ours."""

    def raw(sql: str, *parameters: object, recursive: bool = False) -> Rows:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute(f"PRAGMA recursive_triggers = {'ON' if recursive else 'OFF'}")
            assert connection.execute("PRAGMA foreign_keys").fetchone() == (0,)
            return connection.execute(sql, parameters).fetchall()

    return raw


def _other_path(url: str, schema: str) -> Callable[..., Rows]:
    """As psql from elsewhere: our tables are not on its search path, it names their schema."""
    import psycopg  # noqa: PLC0415 - an extra

    def raw(sql: str, *parameters: object, recursive: bool = False) -> Rows:
        del recursive
        for table in ("object", "number", "published_version", "unique_key", "secret", "tenant"):
            for verb in ("UPDATE ", "INTO ", "FROM ", "TRUNCATE "):
                sql = sql.replace(f"{verb}{table}", f"{verb}{schema}.{table}")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql.replace("?", "%s"), parameters)
            return cursor.fetchall() if cursor.description else []

    return raw
