"""Stores as earlier versions of the program left them, made by the migrations of then."""

from __future__ import annotations

from reconciler.database import open_database
from reconciler.database.migrations import known, scripts
from reconciler.ledger.sql import COMPONENT as LEDGER
from reconciler.platform.sql import COMPONENT as PLATFORM

LINEAGE = "0f" * 16

NOW = {"ledger": known(LEDGER, "sqlite"), "platform": known(PLATFORM, "sqlite")}
"""The versions of this program."""


def old_store(url: str, *, ledger: int, platform: int = 1) -> None:
    """Make a store of earlier versions with a little in it, where there is none."""
    database = open_database(url)
    with database.transaction():
        database.execute(
            "CREATE TABLE schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
        )
        for component, version in ((PLATFORM, platform), (LEDGER, ledger)):
            for number, statements in scripts(component, database.engine):
                if number <= version:
                    database.script(statements)
            database.execute("INSERT INTO schema_version VALUES (?, ?)", (component.name, version))
        database.execute(
            "INSERT INTO ledger (only_row, lineage, serial, schema_version, last_time)"
            " VALUES (1, ?, 7, 1, '2026-01-01T00:00:00.000000Z')",
            (LINEAGE,),
        )
        database.execute(
            "INSERT INTO object (tenant, kind, name, spec, updated_by)"
            """ VALUES ('acme', 'extension', '999', '{"name": "Attic"}', 'jo')"""
        )
    database.close()
