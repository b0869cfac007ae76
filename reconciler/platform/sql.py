"""The platform as SQL tables, on SQLite and PostgreSQL: objects, keys, secrets, versions.

Every write is compare-and-swap on a row's version. A unit of writes is one savepoint: within
an outer transaction a refused unit leaves nothing, and the outer one goes on and journals it.
Source: PostgreSQL manual, SAVEPOINT (a failed statement aborts all back to the savepoint).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.database import Component, Conflict, Database, Row, prepare
from reconciler.model.address import Address
from reconciler.model.canonical import graph_digest
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.platform.pool import MOST_PARAMETERS, Pool, chunks, marks
from reconciler.platform.refusal import MOVING, Refusal, moved, refused_as_it_is
from reconciler.platform.stored import as_text, from_text
from reconciler.protocols import Done, Outcome, SealedAt, SealedSecret, TenantRead, Write

PAGE = 500
"""How many secrets are read at a time."""

COMPONENT = Component("platform", "reconciler.platform")
"""Its tables and their migrations."""

_AT = "tenant = ? AND kind = ? AND name = ?"

_OBJECT = (
    "o.tenant, o.kind, o.name, CAST(o.spec AS TEXT), o.version, o.managed, o.updated_at,"
    " o.updated_by,"
    " (SELECT p.digest FROM published_version p"
    " WHERE p.tenant = o.tenant AND p.kind = o.kind AND p.name = o.name"
    " ORDER BY p.version DESC LIMIT 1)"
)

_JSON = {"sqlite": "?", "postgresql": "CAST(? AS jsonb)"}
"""A spec as a parameter that may be NULL: PostgreSQL cannot guess the type of that."""

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

_TENANTS_AT_ONCE = 100
"""So many that the trips to a server do not count, so few that memory does not either."""

_FOR_WRITING = {"sqlite": "", "postgresql": " FOR UPDATE"}
"""SQLite's BEGIN IMMEDIATE has locked the whole database already."""


class SqlPlatform:
    """`protocols.Platform` over one `Database`, which may be the ledger's too."""

    transactional: bool = True

    def __init__(self, database: Database, name: str = "sql") -> None:
        self.name = name
        self._database = database
        self._pool = Pool(database)
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
        for chunk in chunks(sorted(set(addresses)), MOST_PARAMETERS // 3):
            values = ", ".join(["(?, ?, ?)"] * len(chunk))
            rows = self._database.execute(
                f"SELECT {_OBJECT} FROM object o"
                f" WHERE (o.tenant, o.kind, o.name) IN (VALUES {values})",
                [part for address in chunk for part in address],
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
            f"SELECT version, CAST(graph AS TEXT) FROM published_version WHERE {_AT}"
            " ORDER BY version DESC LIMIT 1",
            address,
        )
        return (rows[0][0], from_text(rows[0][1])) if rows else None

    def sealed(self, address: Address) -> Mapping[str, SealedSecret]:
        """The secrets stored beside an object, by field, still sealed."""
        rows = self._database.execute(
            f"SELECT field, token, version FROM secret WHERE {_AT}", address
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
                    f"UPDATE secret SET token = ? WHERE {_AT} AND field = ? AND token = ?",
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
            self._database.execute("SAVEPOINT platform_write")
            outcome = self._attempt(writes)
            self._database.execute("RELEASE SAVEPOINT platform_write")
        return outcome

    def _attempt(self, writes: Sequence[Write]) -> Outcome:
        version = 0
        for write in writes:
            try:
                version = self._do(write)
            except Refusal as refusal:
                self._undo()
                return refusal.refused
            except Conflict:
                self._undo()
                return self._clash(write).refused
        return Done(version=version)

    def _undo(self) -> None:
        self._database.execute("ROLLBACK TO SAVEPOINT platform_write")

    def _do(self, write: Write) -> int:
        if write.was is not None or write.also:
            version = self._change_together(write)
        elif write.spec is not None:
            version = self._put(write, _stored(write, write.spec))
            self._claim(write)
        elif write.publish is not None:
            version = self._stand_on(write)
        else:
            version = self._delete(write)
        if version:
            self._store_secrets(write)
        self._publish(write)
        self._pool.change(write)
        return version

    def _put(self, write: Write, spec: str) -> int:
        if not write.expect_version:
            # One that is there already is a conflict, told by `_clash`.
            self._database.execute(
                "INSERT INTO object (spec, version, managed, updated_by, updated_at,"
                " tenant, kind, name) VALUES (?, 1, ?, ?, ?, ?, ?, ?)",
                (spec, True, write.by, write.at, *write.address),
            )
            return 1
        changed = self._database.count(
            "UPDATE object SET spec = ?, version = version + 1, managed = ?, updated_by = ?,"
            f" updated_at = ? WHERE {_AT} AND version = ?",
            (spec, True, write.by, write.at, *write.address, write.expect_version),
        )
        if not changed:
            self._refuse_if_moved(write.address, write.expect_version)
            raise refused_as_it_is(write.address, MOVING)
        return write.expect_version + 1

    def _change_together(self, write: Write) -> int:
        """Give objects their new names and change what refers to them, as one step.

        Triggers let keys, secrets and published versions follow. An object whose new name is
        still another's waits for it under a name that no object can have.
        """
        together = (write, *write.also)
        for at, expected in _relied_on(write):
            self._refuse_if_moved(at, expected)
        left = {one.was for one in together}
        versions = {one.address: one.expect_version for one in together}
        waiting = [one for one in together if one.was is not None and one.address in left]
        for one in waiting:
            self._readdress(one, one.was, _waiting(one.address), versions)
        for one in together:
            at = _waiting(one.address) if one in waiting else one.was or one.address
            self._readdress(one, at, one.address, versions, one.spec)
        renamed = [one for one in together if one.was is not None]
        for one in renamed:
            self._database.execute(f"DELETE FROM unique_key WHERE {_AT}", one.address)
        for one in renamed:
            self._claim(one)
        for one in write.also:
            self._store_secrets(one)
            self._publish(one)
        return versions[write.address]

    def _readdress(
        self,
        write: Write,
        at: Address | None,
        to: Address,
        versions: dict[Address, int],
        spec: Spec | None = None,
    ) -> None:
        """Move a row, its spec too where one is given; whether it is managed stays."""
        text = _stored(write, spec) if spec is not None else None
        version = versions[write.address]
        versions[write.address] = version + 1
        json = _JSON[self._database.engine]
        changed = self._database.count(
            f"UPDATE object SET tenant = ?, kind = ?, name = ?, spec = coalesce({json}, spec),"
            f" version = version + 1, updated_by = ?, updated_at = ? WHERE {_AT} AND version = ?",
            (*to, text, write.by, write.at, *(at or to), version),
        )
        if not changed:
            raise refused_as_it_is(write.address, MOVING)

    def _stand_on(self, write: Write) -> int:
        self._refuse_if_moved(write.address, write.expect_version)
        if not write.expect_version:
            raise refused_as_it_is(write.address, "there is nothing to publish")
        return write.expect_version

    def _delete(self, write: Write) -> int:
        deleted = self._database.count(
            f"DELETE FROM object WHERE {_AT} AND version = ?",
            (*write.address, write.expect_version),
        )
        if not deleted:
            self._refuse_if_moved(write.address, write.expect_version)
        if not deleted and write.expect_version:
            raise refused_as_it_is(write.address, MOVING)
        return 0

    def _refuse_if_moved(self, address: Address, expect_version: int) -> None:
        rows = self._database.execute(
            f"SELECT version, updated_by, updated_at FROM object WHERE {_AT}"
            + _FOR_WRITING[self._database.engine],
            address,
        )
        found = (int(rows[0][0]), rows[0][1] or "", rows[0][2]) if rows else None
        if (found[0] if found else 0) != expect_version:
            raise moved(address, expect_version, found)

    def _claim(self, write: Write) -> None:
        self._database.execute(f"DELETE FROM unique_key WHERE {_AT}", write.address)
        keys = sorted({(_space(write, key), key.scope, key.value) for key in write.keys})
        if not keys:
            return
        values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(keys))
        claimed = self._database.count(
            f"INSERT INTO unique_key (space, scope, value, tenant, kind, name) VALUES {values}"
            " ON CONFLICT DO NOTHING",
            [part for key in keys for part in (*key, *write.address)],
        )
        if claimed < len(keys):
            for space, scope, value in keys:
                self._refuse_if_taken(write, space, scope, value)
            raise refused_as_it_is(write.address, MOVING)

    def _refuse_if_taken(self, write: Write, space: str, scope: str, value: str) -> None:
        rows = self._database.execute(
            "SELECT tenant, kind, name FROM unique_key WHERE space = ? AND scope = ? AND value = ?",
            (space, scope, value),
        )
        holder = Address(*rows[0]) if rows else write.address
        if holder != write.address:
            raise refused_as_it_is(write.address, f"{scope} {value} is taken by {holder}")

    def _store_secrets(self, write: Write) -> None:
        self._each(
            "INSERT INTO secret (tenant, kind, name, field, token, version)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, kind, name, field)"
            " DO UPDATE SET token = excluded.token, version = excluded.version",
            [
                (*write.address, field, secret.token, secret.version)
                for field, secret in sorted(write.secrets.items())
            ],
        )

    def _each(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        # One row is one trip to a server; executemany is several, even for none.
        if len(rows) > 1:
            self._database.many(sql, rows)
        elif rows:
            self._database.execute(sql, rows[0])

    def _publish(self, write: Write) -> None:
        if write.publish is None:
            return
        graph, digest = _stored(write, write.publish), graph_digest(write.publish)
        rows = self._database.execute(
            f"SELECT version, digest FROM published_version WHERE {_AT}"
            " ORDER BY version DESC LIMIT 1",
            write.address,
        )
        live, live_digest = rows[0] if rows else (0, "")
        if live_digest != digest:
            self._database.execute(
                "INSERT INTO published_version (version, graph, digest, published_by,"
                " published_at, tenant, kind, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (live + 1, graph, digest, write.by, write.at, *write.address),
            )

    def _clash(self, write: Write) -> Refusal:
        """Say why the database refused `write`, from what is there now that it is undone.

        Its own words stay out: they may hold the row, and the row a token.
        """
        try:
            for at, expected in _relied_on(write):
                self._refuse_if_moved(at, expected)
            self._pool.refuse_if_moved(write)
            for key in write.keys if write.was is None else ():
                self._refuse_if_taken(write, _space(write, key), key.scope, key.value)
        except Refusal as refusal:
            return refusal
        return refused_as_it_is(write.address, "it breaks a rule of the platform's tables")


def _relied_on(write: Write) -> Iterator[tuple[Address, int]]:
    """Each address that a write relies on, with the version there; 0 for nothing."""
    together = (write, *write.also)
    left = {one.was for one in together}
    for one in together:
        yield one.was or one.address, one.expect_version
        if one.was is not None and one.address not in left:
            yield one.address, 0


def _waiting(address: Address) -> Address:
    return address._replace(name=f"~{address.name}")


def _stored(write: Write, value: Mapping[str, Any]) -> str:
    """Write a spec or graph as JSON text, or refuse the write it is in."""
    try:
        return as_text(value)
    except ValueError as error:
        raise refused_as_it_is(write.address, str(error)) from None


def _space(write: Write, key: Key) -> str:
    return "" if key.everywhere else write.address.tenant


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
