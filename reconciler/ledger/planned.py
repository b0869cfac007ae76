"""A memory of tenants for which a plan found nothing to do, each by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass

from reconciler.database import Database

_CHUNK = 500
"""Values in one statement."""

_COLUMNS = (
    "tenant, key, revision, connectors, holdings, part, problems, silenced, left_over, sounds"
)


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
        silenced: What is wrong with them and is not told, as JSON.
        left_over: Numbers of its last apply that git has no more, as JSON.
        sounds: The sound files that it names, as JSON; believed while all are there.
    """

    tenant: str
    key: str
    revision: int
    connectors: str
    holdings: str
    part: str
    problems: str
    silenced: str = "[]"
    left_over: str = "[]"
    sounds: str = "[]"


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
    rows = database.execute(f"SELECT {_COLUMNS} FROM planned")
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
    """Keep rows, each in place of the one there was of its tenant, with its claims.

    No two tenants are ever remembered that claim the same: of two rows neither is kept, and one
    that was kept before is forgotten, so that the next plan of both looks at them. Whoever
    believes the memory need not hold it against itself.
    """
    told = list(claims)
    twice = _claimed_twice(told)
    fresh = [row for row in rows if row.tenant not in twice]
    kept = {row.tenant for row in fresh}
    told = [claim for claim in told if claim.tenant in kept]
    with database.transaction():
        if database.engine == "postgresql":  # SQLite has one writer at a time anyway
            database.execute("LOCK TABLE claimed IN SHARE ROW EXCLUSIVE MODE")
        _forget(database, {row.tenant for row in rows})
        _forget(database, _rivals(database, told))
        database.many(
            f"INSERT INTO planned ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [astuple(row) for row in fresh],
        )
        database.many(
            "INSERT INTO claimed (tenant, kind, name, scope, value, file, line, position)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [astuple(claim) for claim in told],
        )


def _claimed_twice(claims: Iterable[ClaimRow]) -> set[str]:
    """Tenants that claim what another of them claims."""
    first: dict[tuple[str, str], str] = {}
    twice: set[str] = set()
    for claim in claims:
        had = first.setdefault((claim.scope, claim.value), claim.tenant)
        if had != claim.tenant:
            twice |= {had, claim.tenant}
    return twice


def _rivals(database: Database, claims: Iterable[ClaimRow]) -> set[str]:
    """Tenants in the memory that claim what is claimed now."""
    wanted = {(claim.scope, claim.value) for claim in claims}
    had = claims_on(database, {value for _, value in wanted})
    return {claim.tenant for claim in had if (claim.scope, claim.value) in wanted}


def _forget(database: Database, tenants: Collection[str]) -> None:
    names = [(tenant,) for tenant in sorted(tenants)]
    database.many("DELETE FROM planned WHERE tenant = ?", names)
    database.many("DELETE FROM claimed WHERE tenant = ?", names)
