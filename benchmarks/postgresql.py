"""How fast many tenants are read, one by one, together, and through COPY; on both databases.

    python tests/start_postgresql.py -- python -m benchmarks.postgresql [TENANTS [OBJECTS]]

The ways take turns in one run and their medians are compared, so that a busy machine does not
decide. A ratio of 3 means a third of the time of one read per tenant.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reconciler.database import Database, open_database
from reconciler.platform.sql import _MANY, SqlPlatform
from tests.postgresql import schema, server, with_options

TURNS = 5
SPEC = (
    '{"caller_id":"+16175550144","email":"desk@acme.example","location":"hq",'
    '"members":["extension/101","extension/102"],"name":"Front desk",'
    '"overflow":{"after":"25s","to":"voicemail_box/101"},"ring":"20s"}'
)
TYPES = ("text", "int8", "text", "text", "text", "int8", "bool", "text", "text", "text")


def filled(database: Database, tenants: int, objects: int) -> SqlPlatform:
    """A platform with so many tenants of so many objects."""
    platform = SqlPlatform(database)
    with database.transaction():
        for tenant in range(tenants):
            database.many(
                "INSERT INTO object (tenant, kind, name, spec, version, managed, updated_by)"
                " VALUES (?, 'extension', ?, ?, 1, ?, 'bench')",
                [(f"t{tenant:05}", str(n), SPEC, True) for n in range(objects)],
            )
    database.execute("ANALYZE")
    return platform


def through_copy(database: Database, names: list[str]) -> int:
    """Read the rows of all tenants through COPY, undecoded; how many."""

    def rows(connection: Any) -> int:
        text = _MANY.format(marks=", ".join(["%s"] * len(names)))
        statement, both = f"COPY ({text}) TO STDOUT", (*names, *names)
        with connection.cursor() as cursor, cursor.copy(statement, both) as copy:
            copy.set_types(TYPES)
            return sum(1 for _ in copy.rows())

    return database.raw(rows)


def through_select(database: Database, names: list[str]) -> int:
    """Read the same rows by one SELECT, undecoded; how many."""
    marks = ", ".join(["?"] * len(names))
    return len(database.execute(_MANY.format(marks=marks), (*names, *names)))


def ways(platform: SqlPlatform, names: list[str]) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every way to read all tenants."""
    database = platform._database  # noqa: SLF001 - the same connection for all of them
    chunks = [names[start : start + 100] for start in range(0, len(names), 100)]
    yield "one read per tenant", lambda: sum(len(platform.read(n).objects) for n in names)
    yield (
        "read_many",
        lambda: sum(len(read.objects) for read in platform.read_many(names)),
    )
    yield "  its rows alone", lambda: sum(through_select(database, chunk) for chunk in chunks)
    if database.engine == "postgresql":
        yield "  through COPY", lambda: sum(through_copy(database, chunk) for chunk in chunks)


def measured(platform: SqlPlatform, names: list[str]) -> None:
    """Print wall and CPU seconds of each way, and the ratio to one read per tenant."""
    all_ways = dict(ways(platform, names))
    wall: dict[str, list[float]] = {name: [] for name in all_ways}
    cpu: dict[str, list[float]] = {name: [] for name in all_ways}
    for _ in range(TURNS):
        for name, way in all_ways.items():
            started, used = time.perf_counter(), time.process_time()
            way()
            wall[name].append(time.perf_counter() - started)
            cpu[name].append(time.process_time() - used)
    first = statistics.median(wall["one read per tenant"])
    for name in all_ways:
        middle = statistics.median(wall[name])
        spent = statistics.median(cpu[name])
        print(f"  {name:22} {middle:7.3f} s wall {spent:7.3f} s CPU   x {first / middle:.1f}")


def main(arguments: list[str]) -> None:
    """Measure both databases."""
    tenants, objects = (*map(int, arguments), *(1000, 20)[len(arguments) :])
    names = [f"t{n:05}" for n in range(tenants)]
    with tempfile.TemporaryDirectory(prefix="reconciler-bench-") as folder:
        database = open_database(f"sqlite:///{Path(folder)}/store.db")
        print(f"SQLite, {tenants} tenants of {objects} objects")
        measured(filled(database, tenants, objects), names)
        database.close()
    with schema(server()) as name:
        database = open_database(with_options(server(), f"-csearch_path={name}"))
        print(f"PostgreSQL, {tenants} tenants of {objects} objects")
        measured(filled(database, tenants, objects), names)
        database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
