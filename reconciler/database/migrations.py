"""Numbered migrations: making a store, finding one of another version, bringing it up.

A new store is made by whoever comes first. One of an older version is only ever changed by
`migrate`, which `reconciler store migrate` calls: a command that was to look changes nothing.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from reconciler.database.connection import Database
from reconciler.errors import Unavailable


class Component(NamedTuple):
    """Tables that are versioned as one: their name, and the package with their migrations."""

    name: str
    package: str


class Step(NamedTuple):
    """A component that is behind: the version it has and the one that this program knows."""

    component: Component
    have: int
    want: int


_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('schema_version')",
    "postgresql": (
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('schema_version')"
        " AND attnum > 0 AND NOT attisdropped"
    ),
}
_TABLES = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ),
    "postgresql": (
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_depend d"
        " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
        " ORDER BY c.relname"
    ),
}
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('reconciler schema_version'))"


def tables(database: Database) -> tuple[str, ...]:
    """Names of all tables and views where ours are, ours and others'."""
    return tuple(str(row[0]) for row in database.execute(_TABLES[database.engine]))


def versions(database: Database) -> Mapping[str, int]:
    """The version of each component that is there.

    Raises:
        Unavailable: The database is somebody else's, or cannot be read.
    """
    columns = {row[0] for row in database.execute(_COLUMNS[database.engine])}
    if columns == {"component", "version"}:
        rows = database.execute("SELECT component, version FROM schema_version")
        return {str(component): int(version) for component, version in rows}
    found = tables(database)
    if found:
        shown = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")  # noqa: PLR2004
        raise Unavailable(
            f"{_name(database)} holds something else: {shown}.",
            "Give reconciler a database, or on PostgreSQL a schema, of its own; see platform.url.",
        )
    return {}


def known(component: Component, engine: str) -> int:
    """The newest version of a component that this program has migrations for."""
    return max(_files(component.package, engine))


def prepare(database: Database, component: Component) -> None:
    """Find a component's tables there and of this version; make them in a new store.

    Raises:
        Unavailable: They are of another version, or the database is somebody else's.
    """
    have = versions(database).get(component.name)
    if have is None:
        migrate(database, (component,))
        return
    want = known(component, database.engine)
    if have < want:
        raise Unavailable(
            f"{_name(database)} has the {component.name} tables of version {have};"
            f" this program needs version {want}.",
            "Bring it up, with a backup first: reconciler store migrate",
        )
    refuse_newer(component, have, want)


def refuse_newer(component: Component, have: int, want: int) -> None:
    """Leave alone what a newer program wrote.

    Raises:
        Unavailable: It did.
    """
    if have > want:
        raise Unavailable(
            f"The {component.name} tables have version {have}; this program knows {want}.",
            "Install the version of reconciler that wrote them, or a newer one.",
        )


def pending(database: Database, components: Sequence[Component]) -> tuple[Step, ...]:
    """Which components are behind.

    Raises:
        Unavailable: One is ahead of this program, or the database is somebody else's.
    """
    there = versions(database)
    steps = []
    for component in components:
        have, want = there.get(component.name, 0), known(component, database.engine)
        refuse_newer(component, have, want)
        if have < want:
            steps.append(Step(component, have, want))
    return tuple(steps)


def migrate(
    database: Database,
    components: Sequence[Component],
    before: Callable[[tuple[Step, ...]], None] | None = None,
) -> tuple[Step, ...]:
    """Bring components to the newest version, all in one transaction; what was done.

    Args:
        database: Where.
        components: Which.
        before: Called with what is to be done while nobody else can write and before
            anything is changed: the moment for a backup.

    Raises:
        Unavailable: It cannot be done; nothing was changed.
    """
    with database.transaction("migrate"):
        if database.engine == "postgresql":
            database.execute(_LOCK)
        steps = pending(database, components)
        if steps and before is not None:
            before(steps)
        if steps:
            database.execute(
                "CREATE TABLE IF NOT EXISTS schema_version"
                " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
        for step in steps:
            _bring_up(database, step)
    return steps


def scripts(component: Component, engine: str) -> Iterator[tuple[int, Iterator[str]]]:
    """Each migration, oldest first: the version that it leads to, and its statements."""
    for number, file in sorted(_files(component.package, engine).items()):
        yield number, _statements(file.read_text(encoding="utf-8"))


def _bring_up(database: Database, step: Step) -> None:
    for number, statements in scripts(step.component, database.engine):
        if number > step.have:
            database.script(statements)
    database.execute(
        "INSERT INTO schema_version (component, version) VALUES (?, ?)"
        " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
        (step.component.name, step.want),
    )


@functools.cache
def _files(package: str, engine: str) -> dict[int, Path]:
    """The migration files of an engine by their number: `0005.sqlite.sql` is version 5."""
    folder = Path(importlib.import_module(package).__path__[0])
    return {int(file.name[:4]): file for file in folder.glob(f"*.{engine}.sql")}


def _statements(script: str) -> Iterator[str]:
    """Split a migration at lines that hold `--;;` alone, as triggers hold semicolons."""
    for statement in script.split("\n--;;\n"):
        if statement.strip():
            yield statement


def _name(database: Database) -> str:
    return f"The database {database.path}" if database.path else "The database"
