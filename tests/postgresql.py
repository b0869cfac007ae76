"""The PostgreSQL server that tests run on: one that is named, or none, which is then said.

`python tests/start_postgresql.py -- COMMAND` names one. Where RECONCILER_POSTGRESQL_REQUIRED is
set a missing server is a failure, so that nothing is skipped unseen.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

SERVER = "RECONCILER_TEST_POSTGRESQL"
REQUIRED = "RECONCILER_POSTGRESQL_REQUIRED"


def server() -> str:
    """The URL of the server; skips the test, or fails it, where there is none."""
    url = os.getenv(SERVER, "")
    if not url:
        _missing(f"no PostgreSQL: {SERVER} names no server")
    if importlib.util.find_spec("psycopg") is None:
        _missing("no PostgreSQL: psycopg is not installed")
    return url


def _missing(reason: str) -> None:
    if os.getenv(REQUIRED):
        pytest.fail(f"{reason}, and {REQUIRED} is set")
    pytest.skip(reason)


def with_options(url: str, options: str) -> str:
    """The URL with options for the session, such as ``-csearch_path=x``."""
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}options={options.replace('=', '%3D').replace(' ', '%20')}"


@contextmanager
def schema(url: str) -> Iterator[str]:
    """A schema of a test's own, gone afterwards; its name."""
    import psycopg  # noqa: PLC0415 - an extra

    name = f"t{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        yield name
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {name} CASCADE")
