"""Each test runs on SQLite and, where a server is named, on PostgreSQL in a schema of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.database import Database, open_database
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import Lease
from tests.ledger.records import HandClock, take

SERVER = os.environ.get("RECONCILER_TEST_POSTGRESQL", "")  # noqa: TID251 - a test's own switch


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/reconciler.db"
        return
    if not SERVER:
        pytest.skip("RECONCILER_TEST_POSTGRESQL names no server")
    schema = f"test_{secrets.token_hex(8)}"
    admin = open_database(SERVER)
    admin.execute(f"CREATE SCHEMA {schema}")
    mark = "&" if "?" in SERVER else "?"
    yield f"{SERVER}{mark}options=-csearch_path%3D{schema}"
    admin.execute(f"DROP SCHEMA {schema} CASCADE")
    admin.close()


@pytest.fixture
def opened(url: str) -> Iterator[list[Database]]:
    made: list[Database] = []
    yield made
    for database in made:
        database.close()


@pytest.fixture
def connect(url: str, opened: list[Database]):
    """Open one more connection to the same database."""

    def connect() -> Database:
        opened.append(open_database(url))
        return opened[-1]

    return connect


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(connect) -> Database:
    return connect()


@pytest.fixture
def ledger(database: Database, clock: HandClock) -> SqlLedger:
    return SqlLedger(database, clock, "jo@host", dead=lambda _: False)


@pytest.fixture
def second(connect, ledger: SqlLedger, clock: HandClock) -> SqlLedger:
    """The same ledger, as another process has it."""
    return SqlLedger(connect(), clock, "al@host", dead=lambda _: False)


@pytest.fixture
def lease(ledger: SqlLedger) -> Lease:
    return take(ledger)
