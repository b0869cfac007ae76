"""A memory of tenants for which a plan found nothing to do, each by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass

from reconciler.database import Database

_CHUNK = 500
"""Values in one statement."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What was so of one tenant when nothing was to be done for it.

    Attributes:
        tenant: Its name.
        key: Digest of everything in git, and around it, that decides about its plan.
        revision: The platform's revision of it.
        connectors: The carrier accounts that it has to do with, as JSON.
        holdings: Its numbers there as they were read, as JSON.
        part: Its part of the plan, in canonical JSON.
        problems: What is wrong with its files and is no error, as JSON.
    """

    tenant: str
    key: str
    revision: int
    connectors: str
    holdings: str
    part: str
    problems: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A value that a tenant claims among all tenants, and where it says so."""

    tenant: str
    kind: str
    name: str
    scope: str
    value: str
    file: str
    line: int
    position: int


def recall(database: Database) -> dict[str, PlannedRow]:
    """All that is remembered, by tenant."""
    rows = database.execute(
        "SELECT tenant, key, revision, connectors, holdings, part, problems FROM planned"
    )
    return {row[0]: PlannedRow(*row) for row in rows}


def claims_on(database: Database, values: Collection[str]) -> Iterator[ClaimRow]:
    """Everything that is remembered of who claims some values."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        marks = ", ".join("?" for _ in chunk)
        for row in database.execute(
            "SELECT tenant, kind, name, scope, value, file, line, position FROM claimed"
            f" WHERE value IN ({marks})",
            chunk,
        ):
            yield ClaimRow(*row)


def remember(database: Database, rows: Collection[PlannedRow], claims: Iterable[ClaimRow]) -> None:
    """Keep rows, each in place of the one there was of its tenant, with its claims."""
    names = [(row.tenant,) for row in rows]
    with database.transaction():
        database.many("DELETE FROM planned WHERE tenant = ?", names)
        database.many("DELETE FROM claimed WHERE tenant = ?", names)
        database.many(
            "INSERT INTO planned"
            " (tenant, key, revision, connectors, holdings, part, problems)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [astuple(row) for row in rows],
        )
        database.many(
            "INSERT INTO claimed (tenant, kind, name, scope, value, file, line, position)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [astuple(claim) for claim in claims],
        )
