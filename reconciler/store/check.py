"""Whether a store is whole: pages, schema and triggers, rows, audit chain. Changes nothing.

What the schema must be is not written down twice: the migrations are run beside it, in memory
or in a transaction that is rolled back, and both are compared. Sources: SQLite `PRAGMA
integrity_check` and `foreign_key_check`; PostgreSQL manual, 9.26 (`pg_get_*def`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from reconciler.database import Component, Database
from reconciler.database.migrations import known, refuse_newer, scripts, versions
from reconciler.errors import Unavailable
from reconciler.ledger.audit import AuditChain
from reconciler.ledger.sql import COMPONENT as LEDGER
from reconciler.platform.sql import COMPONENT as PLATFORM
from reconciler.store.place import Place

MOST = 20
"""How many faults of one sort are told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which part of the check, and a sentence."""

    part: str
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found in one database.

    Attributes:
        place: Which one.
        versions: The version of each component.
        behind: Components that `store migrate` has work for.
        faults: What is wrong; nothing when it is whole.
        notes: What is told and is no fault.
    """

    place: Place
    versions: Mapping[str, int]
    behind: tuple[str, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()


def check(place: Place) -> Checked:
    """Check one database.

    Raises:
        Unavailable: It cannot be opened at all, or is of a newer version.
    """
    database = place.open()
    try:
        there = versions(database)
        for component in place.components:
            want = known(component, database.engine)
            refuse_newer(component, there.get(component.name, 0), want)
        behind = tuple(
            component.name
            for component in place.components
            if there.get(component.name, 0) < known(component, database.engine)
        )
        notes: list[str] = []
        faults = tuple(_faults(database, place, there, notes))
        return Checked(place, there, behind, faults, tuple(notes))
    finally:
        database.close()


def _faults(
    database: Database, place: Place, there: Mapping[str, int], notes: list[str]
) -> Iterator[Fault]:
    damaged = tuple(_pages(database))
    yield from damaged
    if damaged:
        return  # whatever else were told of a damaged file could be wrong
    yield from (
        Fault("schema", f"The tables of {component.name} are missing.")
        for component in place.components
        if component.name not in there
    )
    parts = tuple(component for component in place.components if component.name in there)
    yield from _schema(database, parts, there, notes)
    try:
        yield from _rows(database, parts)
        broken = AuditChain(database).verify() if LEDGER in parts else ""
    except Unavailable as error:  # a table is missing: said above, and what could not be read here
        broken = error.message
    if broken:
        yield Fault("audit" if "audit" in broken else "rows", broken)


# Pages.


def _pages(database: Database) -> Iterator[Fault]:
    if database.engine != "sqlite":
        return  # the server keeps them; see `pg_amcheck` and data checksums
    try:
        found = database.execute(f"PRAGMA integrity_check({MOST})")
    except Unavailable as error:
        yield Fault("pages", error.message)
        return
    for row in found:
        if row[0] != "ok":
            yield Fault("pages", " ".join(str(row[0]).split()))


# Schema.

Schema = dict[tuple[str, str], str]
"""What each table, index, trigger or function is made of, by its sort and name."""

_SQLITE_SCHEMA = (
    "SELECT type, CASE type WHEN 'trigger' THEN tbl_name || '.' || name ELSE name END,"
    " coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_OF_OURS = (
    "c.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d"
    " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
)
_POSTGRESQL_SCHEMA = f"""
SELECT 'table', c.relname::text, string_agg(concat_ws(' ', a.attname, format_type(a.atttypid,
    a.atttypmod), a.attcollation::regcollation, CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    pg_get_expr(f.adbin, f.adrelid)), ', ' ORDER BY a.attname)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    AND NOT a.attisdropped
  LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
  WHERE c.relkind IN ('r', 'p') AND {_OF_OURS} GROUP BY c.relname
UNION ALL
SELECT 'constraint', concat_ws('.', c.relname, o.conname), pg_get_constraintdef(o.oid)
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
  WHERE {_OF_OURS}
UNION ALL
SELECT 'index', x.relname::text, pg_get_indexdef(x.oid)
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
  WHERE {_OF_OURS}
UNION ALL
SELECT 'trigger', concat_ws('.', c.relname, t.tgname), concat_ws(' ', pg_get_triggerdef(t.oid),
    CASE WHEN t.tgenabled <> 'O' THEN 'not enabled' END)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE NOT t.tgisinternal AND {_OF_OURS}
UNION ALL
SELECT 'function', p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc p
  WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f'
    AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""


def _schema(
    database: Database, parts: tuple[Component, ...], there: Mapping[str, int], notes: list[str]
) -> Iterator[Fault]:
    found = _found(database)
    if database.engine == "sqlite":
        wanted = _wanted_in_memory(parts, there)
    else:
        try:
            wanted = _wanted_beside(database, parts, there)
        except Unavailable as error:
            notes.append(f"The schema was not compared: {error.message}")
            return
    yield from _differences(wanted, found)
    strange = sorted(
        name for sort, name in found.keys() - wanted.keys() if sort == "table"
        and name != "schema_version"
    )  # fmt: skip
    if strange:
        notes.append(f"Tables that are not ours: {', '.join(strange)}.")


def _differences(wanted: Schema, found: Schema) -> Iterator[Fault]:
    for (sort, name), text in sorted(wanted.items()):
        if (sort, name) not in found:
            yield Fault("schema", f"The {sort} {name} is missing.")
        elif found[sort, name] != text:
            yield Fault("schema", f"The {sort} {name} is not as the migrations make it.")
    tables = {name for sort, name in wanted if sort == "table"}
    for sort, name in sorted(found.keys() - wanted.keys()):
        if sort == "trigger" and name.partition(".")[0] in tables:
            yield Fault("schema", f"The trigger {name} is none of ours and changes our tables.")


def _found(database: Database) -> Schema:
    sql = _SQLITE_SCHEMA if database.engine == "sqlite" else _POSTGRESQL_SCHEMA
    rows = database.execute(sql)
    if database.engine == "sqlite":
        return {(sort, name): _words(text) for sort, name, text in rows}
    schema = str(database.execute("SELECT quote_ident(current_schema())")[0][0])
    return {(sort, name): _without(schema, text) for sort, name, text in rows}


def _wanted_in_memory(parts: tuple[Component, ...], there: Mapping[str, int]) -> Schema:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for statement in _statements(parts, there, "sqlite"):
            made.execute(statement)
        return {(sort, name): _words(text) for sort, name, text in made.execute(_SQLITE_SCHEMA)}


def _wanted_beside(
    database: Database, parts: tuple[Component, ...], there: Mapping[str, int]
) -> Schema:
    """Run the migrations in a schema of their own, and take it all back."""
    with database.rehearsal():
        database.execute("CREATE SCHEMA reconciler_check")
        database.execute("SET LOCAL search_path = reconciler_check")
        database.script(_statements(parts, there, "postgresql"))
        return _found(database)


def _statements(
    parts: tuple[Component, ...], there: Mapping[str, int], engine: str
) -> Iterator[str]:
    for component in parts:
        for number, statements in scripts(component, engine):
            if number <= there[component.name]:
                yield from statements


def _words(text: str) -> str:
    return " ".join(text.split())


def _without(schema: str, text: str) -> str:
    """A definition without the schema it is in."""
    bare = re.sub(rf"(?<![\w\"]){re.escape(schema)}\.", "", text)
    return _words(re.sub(r"search_path TO '?[^\n]*", "search_path", bare))


# Rows.

_NO_OBJECT = (
    "SELECT tenant, kind, name FROM {table} AS own WHERE NOT EXISTS (SELECT 1 FROM object"
    " WHERE object.tenant = own.tenant AND object.kind = own.kind AND object.name = own.name)"
    " ORDER BY 1, 2, 3 LIMIT ?"
)
_NO_PART = (
    "SELECT op_id FROM operation WHERE NOT EXISTS (SELECT 1 FROM plan_used WHERE"
    " plan_used.plan_id = operation.plan_id AND plan_used.part = operation.part)"
    " ORDER BY op_id LIMIT ?"
)


def _rows(database: Database, parts: tuple[Component, ...]) -> Iterator[Fault]:
    if PLATFORM in parts:
        for table in ("unique_key", "secret", "published_version"):
            for row in database.execute(_NO_OBJECT.format(table=table), (MOST,)):
                at = "/".join(map(str, row))
                yield Fault("rows", f"A row of {table} is of {at}, which is not there.")
    if LEDGER in parts:
        for row in database.execute(_NO_PART, (MOST,)):
            yield Fault("rows", f"Operation {row[0]} is of a part that was never used.")
        if not database.execute("SELECT 1 FROM ledger"):
            yield Fault("rows", "The ledger has no lineage.")
