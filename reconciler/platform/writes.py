"""Writes of the SQL platform: each compare-and-swap on a row's version, many as one unit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from reconciler.database import Conflict, Database
from reconciler.model.address import Address
from reconciler.model.canonical import graph_digest
from reconciler.model.spec import Key, Spec
from reconciler.platform.pool import Pool
from reconciler.platform.refusal import MOVING, Refusal, moved, refused_as_it_is
from reconciler.platform.stored import as_text
from reconciler.protocols import Done, Outcome, Write

_Key = tuple[str, str, str]
"""Space, scope and value of what only one object may have."""

SAVEPOINT = "platform_write"
"""What a unit of writes stands in."""

AT = "tenant = ? AND kind = ? AND name = ?"
"""The condition that finds an object by its address."""

_JSON = {"sqlite": "?", "postgresql": "CAST(? AS jsonb)"}
"""A spec as a parameter that may be NULL: PostgreSQL cannot guess the type of that."""

LISTED = {
    "sqlite": "value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)",
    "postgresql": "value ->> 0, value ->> 1, value ->> 2"
    " FROM jsonb_array_elements(CAST(? AS jsonb)) AS listed (value)",
}
"""Addresses as one parameter: seven times as fast as three parameters for each of them."""

_FOR_WRITING = {"sqlite": "", "postgresql": " FOR UPDATE"}
"""SQLite's BEGIN IMMEDIATE has locked the whole database already."""


_INSERT = (
    "INSERT INTO object (spec, version, managed, updated_by, updated_at, tenant, kind, name)"
    " VALUES (?, 1, ?, ?, ?, ?, ?, ?)"
)
_CHANGE = (
    "UPDATE object SET spec = ?, version = version + 1, managed = ?, updated_by = ?,"
    f" updated_at = ? WHERE {AT} AND version = ?"
)
_CLAIM = "INSERT INTO unique_key (space, scope, value, tenant, kind, name)"
_CLAIM_ONE = f"{_CLAIM} VALUES (?, ?, ?, ?, ?, ?)"
_STORE = (
    "INSERT INTO secret (tenant, kind, name, field, token, version) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant, kind, name, field)"
    " DO UPDATE SET token = excluded.token, version = excluded.version"
)


class Writes:
    """The writes of one `Database`, with the pool of numbers in it."""

    def __init__(self, database: Database, pool: Pool) -> None:
        self._database = database
        self._pool = pool

    def attempt(self, writes: Sequence[Write]) -> Outcome:
        """Do `writes` in their order, or none of them, inside the savepoint of their unit.

        What only makes objects or changes their settings is written together. Where anything
        is in the way of that, all is taken back and written one by one, which tells what it was.
        """
        try:
            return Done(version=self._do_together(writes))
        except (Refusal, Conflict):
            self._undo()
        return self._one_by_one(writes)

    def _do_together(self, writes: Sequence[Write]) -> int:
        version = 0
        for puts, group in groupby(writes, key=_only_puts):
            together = list(group)
            if puts:
                version = self._put_together(together)
            else:
                for write in together:
                    version = self._do(write)
        return version

    def _put_together(self, writes: Sequence[Write]) -> int:
        """Make objects, then change settings. A key that is free only after that is a conflict."""
        new = [write for write in writes if not write.expect_version]
        changed = [write for write in writes if write.expect_version]
        for together, put in ((new, self._put_new), (changed, self._put_changed)):
            if len(together) > 1:
                put(together)
            elif together:
                self._do(together[0])
        return writes[-1].expect_version + 1

    def _put_new(self, writes: Sequence[Write]) -> None:
        """Insert objects with their keys, secrets and records, in a few statements for all.

        Raises:
            Conflict: One of them is there, or what only one may have is another's.
            Refusal: A number's record is not as it was relied on.
        """
        self._database.many(
            _INSERT,
            [(_stored(w, w.spec or {}), True, w.by, w.at, *w.address) for w in writes],
        )
        self._database.many(
            f"DELETE FROM unique_key WHERE {AT}", [write.address for write in writes]
        )
        self._each(_CLAIM_ONE, [(*key, *w.address) for w in writes for key in _keys_of(w)])
        self._put_beside(writes)

    def _put_changed(self, writes: Sequence[Write]) -> None:
        """Give objects new settings, with keys, secrets and records, as `_put_new`.

        Raises:
            Conflict: What only one may have is another's.
            Refusal: One of them, or a number's record, is not as it was relied on.
        """
        rows = [
            (_stored(w, w.spec or {}), True, w.by, w.at, *w.address, w.expect_version)
            for w in writes
        ]
        if self._database.many(_CHANGE, rows) != len(rows):
            raise refused_as_it_is(writes[0].address, MOVING)
        self._claim_changed(writes)
        self._put_beside(writes)

    def _put_beside(self, writes: Sequence[Write]) -> None:
        self._each(_STORE, [row for write in writes for row in _secrets_of(write)])
        self._pool.change_all(writes)

    def _claim_changed(self, writes: Sequence[Write]) -> None:
        """Let objects claim what they do not yet; one that gives a key up has its turn in order."""
        held = self._held({write.address for write in writes})
        more: list[tuple[object, ...]] = []
        for write in writes:
            wanted = _keys_of(write)
            had = held.get(write.address, frozenset())
            held[write.address] = frozenset(wanted)
            if had.issubset(wanted):
                more += [(*key, *write.address) for key in wanted if key not in had]
                continue
            self._each(_CLAIM_ONE, more)
            more = []
            self._claim(write)
        self._each(_CLAIM_ONE, more)

    def _held(self, addresses: Collection[Address]) -> dict[Address, frozenset[_Key]]:
        """The keys that objects claim now."""
        found: dict[Address, frozenset[_Key]] = {}
        for tenant, kind, name, *key in self._database.execute(
            "SELECT tenant, kind, name, space, scope, value FROM unique_key"
            f" WHERE (tenant, kind, name) IN (SELECT {LISTED[self._database.engine]})",
            (json.dumps(sorted(addresses)),),
        ):
            at = Address(tenant, kind, name)
            found[at] = found.get(at, frozenset()) | {(key[0], key[1], key[2])}
        return found

    def _one_by_one(self, writes: Sequence[Write]) -> Outcome:
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
        self._database.execute(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")

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
            self._database.execute(_INSERT, (spec, True, write.by, write.at, *write.address))
            return 1
        changed = self._database.count(
            _CHANGE,
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
            self._database.execute(f"DELETE FROM unique_key WHERE {AT}", one.address)
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
            f" version = version + 1, updated_by = ?, updated_at = ? WHERE {AT} AND version = ?",
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
            f"DELETE FROM object WHERE {AT} AND version = ?",
            (*write.address, write.expect_version),
        )
        if not deleted:
            self._refuse_if_moved(write.address, write.expect_version)
        if not deleted and write.expect_version:
            raise refused_as_it_is(write.address, MOVING)
        return 0

    def _refuse_if_moved(self, address: Address, expect_version: int) -> None:
        rows = self._database.execute(
            f"SELECT version, updated_by, updated_at FROM object WHERE {AT}"
            + _FOR_WRITING[self._database.engine],
            address,
        )
        found = (int(rows[0][0]), rows[0][1] or "", rows[0][2]) if rows else None
        if (found[0] if found else 0) != expect_version:
            raise moved(address, expect_version, found)

    def _claim(self, write: Write) -> None:
        self._database.execute(f"DELETE FROM unique_key WHERE {AT}", write.address)
        keys = _keys_of(write)
        if not keys:
            return
        values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(keys))
        claimed = self._database.count(
            f"{_CLAIM} VALUES {values} ON CONFLICT DO NOTHING",
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
        self._each(_STORE, list(_secrets_of(write)))

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
            f"SELECT version, digest FROM published_version WHERE {AT}"
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


def _only_puts(write: Write) -> bool:
    """Whether it makes an object or changes its settings, and does nothing else."""
    other = write.was is not None or write.also or write.publish is not None
    return write.spec is not None and not other


def _keys_of(write: Write) -> list[_Key]:
    return sorted({(_space(write, key), key.scope, key.value) for key in write.keys})


def _secrets_of(write: Write) -> Iterator[tuple[object, ...]]:
    for name, secret in sorted(write.secrets.items()):
        yield *write.address, name, secret.token, secret.version


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
