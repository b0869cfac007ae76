"""Each test runs on SQLite and, where a server is named, on PostgreSQL in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.database import Database, open_database
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import Lease
from tests.ledger.records import HandClock, take
from tests.postgresql import schema, server, with_options


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/reconciler.db"
        return
    with schema(server()) as name:
        yield with_options(server(), f"-csearch_path={name}")


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
