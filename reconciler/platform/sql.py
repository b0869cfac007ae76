"""The platform as SQL tables, on SQLite and PostgreSQL: objects, keys, secrets, versions.

Every write is compare-and-swap on a row's version. A unit of writes is one savepoint: within
an outer transaction a refused unit leaves nothing, and the outer one goes on and journals it.
Source: PostgreSQL manual, SAVEPOINT (a failed statement aborts all back to the savepoint).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.database import Component, Database, Row, prepare
from reconciler.model.address import Address
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.platform.pool import Pool, chunks, marks
from reconciler.platform.stored import from_text
from reconciler.platform.writes import AT, LISTED, SAVEPOINT, Writes
from reconciler.protocols import Outcome, SealedAt, SealedSecret, TenantRead, Write

PAGE = 500
"""How many secrets are read at a time."""

COMPONENT = Component("platform", "reconciler.platform")
"""Its tables and their migrations."""

_OBJECT = (
    "o.tenant, o.kind, o.name, CAST(o.spec AS TEXT), o.version, o.managed, o.updated_at,"
    " o.updated_by,"
    " (SELECT p.digest FROM published_version p"
    " WHERE p.tenant = o.tenant AND p.kind = o.kind AND p.name = o.name"
    " ORDER BY p.version DESC LIMIT 1)"
)

_MANY = """
SELECT t.tenant, t.revision, o.kind, o.name, CAST(o.spec AS TEXT), o.version, o.managed,
  o.updated_at, o.updated_by, p.digest
FROM tenant t
LEFT JOIN object o ON o.tenant = t.tenant
LEFT JOIN (
  SELECT tenant, kind, name, max(version) AS version FROM published_version
  WHERE tenant IN ({marks}) GROUP BY tenant, kind, name
) AS live ON live.tenant = o.tenant AND live.kind = o.kind AND live.name = o.name
LEFT JOIN published_version p ON p.tenant = live.tenant AND p.kind = live.kind
  AND p.name = live.name AND p.version = live.version
WHERE t.tenant IN ({marks})
"""
"""Objects of many tenants at one moment; of a tenant without objects, one row of nulls.

One SELECT is what reads fastest on both engines: through COPY, psycopg hands each row to
Python by itself, at three times the work (`benchmarks/postgresql.py`).
"""

_ADDRESSES_AT_ONCE = 5_000

_TENANTS_AT_ONCE = 100
"""So many that the trips to a server do not count, so few that memory does not either."""


class SqlPlatform:
    """`protocols.Platform` over one `Database`, which may be the ledger's too."""

    transactional: bool = True

    def __init__(self, database: Database, name: str = "sql") -> None:
        self.name = name
        self._database = database
        self._pool = Pool(database)
        self._writes = Writes(database, self._pool)
        prepare(database, COMPONENT)

    # Reads. Each is one statement (or one a chunk), so that it sees one moment.

    def revisions(self) -> Mapping[str, int]:
        """The revision of each tenant that has or had anything here."""
        return dict(self._database.execute("SELECT tenant, revision FROM tenant"))

    def read(self, tenant: str) -> TenantRead:
        """All objects of `tenant` and its revision, at one moment."""
        rows = self._database.execute(
            f"SELECT (SELECT revision FROM tenant WHERE tenant = ?), {_OBJECT}"
            " FROM (SELECT 1 AS present) AS always LEFT JOIN object o ON o.tenant = ?",
            (tenant, tenant),
        )
        objects = (_to_observed(row[1:]) for row in rows if row[1] is not None)
        return TenantRead(rows[0][0] or 0, {seen.address: seen for seen in objects})

    def read_many(self, tenants: Sequence[str]) -> Iterator[TenantRead]:
        """As `read` for each of `tenants`, a hundred at one moment."""
        for chunk in chunks(tenants, _TENANTS_AT_ONCE):
            found = self._read_chunk(chunk)
            for tenant in chunk:
                revision, rows = found.pop(tenant, (0, []))
                seen = map(_to_observed, rows)
                yield TenantRead(revision, {one.address: one for one in seen})

    def _read_chunk(self, tenants: Sequence[str]) -> dict[str, tuple[int, list[Row]]]:
        rows = self._database.execute(_MANY.format(marks=marks(len(tenants))), (*tenants, *tenants))
        found: dict[str, tuple[int, list[Row]]] = {}
        for tenant, revision, *rest in rows:
            _, objects = found.setdefault(tenant, (revision, []))
            if rest[0] is not None:
                objects.append((tenant, *rest))
        return found

    def read_some(self, addresses: Collection[Address]) -> Mapping[Address, Observed]:
        """The objects at `addresses` that exist."""
        found: dict[Address, Observed] = {}
        for chunk in chunks(sorted(set(addresses)), _ADDRESSES_AT_ONCE):
            rows = self._database.execute(
                f"SELECT {_OBJECT} FROM object o WHERE (o.tenant, o.kind, o.name) IN"
                f" (SELECT {LISTED[self._database.engine]})",
                (json.dumps(chunk),),
            )
            found |= {seen.address: seen for seen in map(_to_observed, rows)}
        return found

    def numbers(self, e164s: Collection[str]) -> Mapping[str, PoolNumber]:
        """The records of those numbers that have one, whoever's they are."""
        return self._pool.some(e164s)

    def numbers_of(self, tenant: str | None = None) -> tuple[PoolNumber, ...]:
        """All records of a tenant, or of everybody, sorted by number."""
        return self._pool.of(tenant)

    def load_numbers(self, numbers: Iterable[PoolNumber], *, at: str = "") -> int:
        """Add records to the pool; one that exists is left as it is. Returns how many were new."""
        return self._pool.load(numbers, at)

    def published(self, address: Address) -> tuple[int, Mapping[str, Any]] | None:
        """The live version of an object and its graph; None when nothing is live."""
        rows = self._database.execute(
            f"SELECT version, CAST(graph AS TEXT) FROM published_version WHERE {AT}"
            " ORDER BY version DESC LIMIT 1",
            address,
        )
        return (rows[0][0], from_text(rows[0][1])) if rows else None

    def sealed(self, address: Address) -> Mapping[str, SealedSecret]:
        """The secrets stored beside an object, by field, still sealed."""
        rows = self._database.execute(
            f"SELECT field, token, version FROM secret WHERE {AT}", address
        )
        return {field: SealedSecret(token, version) for field, token, version in rows}

    def all_sealed(self) -> Iterator[SealedAt]:
        """Every secret at rest, whoever's, a page at a time."""
        after = ("", "", "", "")
        while True:
            page = self._database.execute(
                "SELECT tenant, kind, name, field, token FROM secret"
                " WHERE (tenant, kind, name, field) > (?, ?, ?, ?)"
                f" ORDER BY tenant, kind, name, field LIMIT {PAGE}",
                after,
            )
            for tenant, kind, name, field, token in page:
                yield SealedAt(Address(tenant, kind, name), field, token)
            if len(page) < PAGE:
                return
            after = page[-1][:4]

    def reseal(self, changes: Sequence[tuple[SealedAt, str]]) -> int:
        """Put another token of the same value in place of each that is still what was read."""
        with self._database.transaction():
            return sum(
                self._database.count(
                    f"UPDATE secret SET token = ? WHERE {AT} AND field = ? AND token = ?",
                    (token, *held.address, held.field_name, held.token),
                )
                for held, token in changes
            )

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

    # Writes.

    def write(self, writes: Sequence[Write]) -> Outcome:
        """Do `writes` in their order as one unit, or refuse them all.

        `Done.version` is the version of the last write's object, 0 when it was deleted.
        """
        with self._database.transaction():
            self._database.execute(f"SAVEPOINT {SAVEPOINT}")
            outcome = self._writes.attempt(writes)
            self._database.execute(f"RELEASE SAVEPOINT {SAVEPOINT}")
        return outcome


def _to_observed(row: Row) -> Observed:
    tenant, kind, name, spec, version, managed, updated_at, updated_by, published = row
    return Observed(
        address=Address(tenant, kind, name),
        spec=from_text(spec),
        version=version,
        managed=bool(managed),
        updated_at=updated_at,
        updated_by=updated_by or "",
        published=published or "",
    )
