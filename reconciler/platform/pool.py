"""The number pool: one record a number, which outlives the tenant's YAML line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from reconciler.database import Conflict, Database, Row
from reconciler.errors import Unavailable
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.platform.refusal import MOVING, moved, refused_as_it_is
from reconciler.protocols import Write

T = TypeVar("T")

MOST_PARAMETERS = 500
"""In one statement; the lowest limit of an SQLite in use is 999."""

_SETTINGS = (
    "state, tenant, connector, country, type, protect, quarantined_at, release_after, left_by"
)
_COLUMNS = f"e164, {_SETTINGS}, version, updated_by"
_INSERTED = f"{_COLUMNS}, updated_at"
_WIDTH = _INSERTED.count(",") + 1
_SET = ", ".join(f"{column} = ?" for column in _SETTINGS.split(", "))
_CHANGE = (
    f"UPDATE number SET {_SET}, version = version + 1, updated_by = ?, updated_at = ?"
    " WHERE e164 = ? AND version = ?"
)
_PRELOADED = "preload"


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut `items` into lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def marks(count: int) -> str:
    """`count` parameters: ``?, ?, ?``."""
    return ", ".join("?" * count)


class Pool:
    """Records of numbers in the table `number`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def some(self, e164s: Collection[str]) -> dict[str, PoolNumber]:
        """The records of those numbers that have one."""
        found: dict[str, PoolNumber] = {}
        for chunk in chunks(sorted(set(e164s)), MOST_PARAMETERS):
            where = f"WHERE e164 IN ({marks(len(chunk))})"
            found |= {number.e164: number for number in self._select(where, chunk)}
        return found

    def of(self, tenant: str | None) -> tuple[PoolNumber, ...]:
        """All records of a tenant, or of everybody, sorted by number."""
        if tenant is None:
            return tuple(self._select("ORDER BY e164"))
        return tuple(self._select("WHERE tenant = ? ORDER BY e164", (tenant,)))

    def load(self, numbers: Iterable[PoolNumber], at: str) -> int:
        """Add the records that are not there yet, all or none; how many that were.

        Raises:
            Unavailable: One of them is no record of a number.
        """
        wanted = {number.e164: number for number in reversed(list(numbers))}
        try:
            with self._database.transaction():
                missing = wanted.keys() - self.some(wanted).keys()
                rows = (wanted[e164] for e164 in sorted(missing))
                size = MOST_PARAMETERS // _WIDTH
                return sum(self._insert_new(chunk, at) for chunk in chunks(rows, size))
        except Conflict:
            raise Unavailable(
                "The pool takes none of these numbers: one is not E.164, or is assigned to nobody.",
                "Correct the list and load it again.",
            ) from None

    def change(self, write: Write) -> None:
        """Do a write's change of a record, if it has one.

        Raises:
            Refusal: The record is not at the version that was relied on.
        """
        if write.pool is None:
            return
        expect, after = write.pool.expect_version, write.pool.after
        if expect:
            changed = self._database.count(_CHANGE, _changing(write.by, write.at, after, expect))
        else:
            changed = self._insert(write.by, write.at, after)
        if not changed:
            self.refuse_if_moved(write)
            raise refused_as_it_is(after.e164, MOVING)

    def change_all(self, writes: Sequence[Write]) -> None:
        """Do the changes of records of several writes: of those that are there at once.

        Raises:
            Refusal: A record is not at the version that was relied on.
        """
        there, rows = [], []
        for write in writes:
            if write.pool is None or not write.pool.expect_version:
                self.change(write)
                continue
            there.append(write)
            expect, after = write.pool.expect_version, write.pool.after
            rows.append(_changing(write.by, write.at, after, expect))
        if len(rows) == 1:
            self.change(there[0])
        elif rows and self._database.many(_CHANGE, rows) != len(rows):
            raise refused_as_it_is(there[0].address, MOVING)

    def refuse_if_moved(self, write: Write) -> None:
        """Raise a Refusal naming who moved the record that `write` relies on, if it moved."""
        if write.pool is None:
            return
        expect, e164 = write.pool.expect_version, write.pool.after.e164
        rows = self._database.execute(
            "SELECT version, updated_by, updated_at FROM number WHERE e164 = ?", (e164,)
        )
        found = (int(rows[0][0]), rows[0][1] or "", rows[0][2]) if rows else None
        if (found[0] if found else 0) != expect:
            raise moved(e164, expect, found)

    def _insert(self, by: str, at: str, number: PoolNumber) -> int:
        if self.some((number.e164,)):
            return 0
        return self._database.count(
            f"INSERT INTO number ({_INSERTED}) VALUES ({marks(_WIDTH)})",
            (number.e164, *_settings(number), 1, by, at),
        )

    def _insert_new(self, numbers: Sequence[PoolNumber], at: str) -> int:
        # Another process may load the same list; the first of the two has loaded a number.
        values = ", ".join([f"({marks(_WIDTH)})"] * len(numbers))
        parameters: list[object] = []
        for number in numbers:
            by = number.updated_by or _PRELOADED
            parameters += (number.e164, *_settings(number), 1, by, at)
        return self._database.count(
            f"INSERT INTO number ({_INSERTED}) VALUES {values} ON CONFLICT DO NOTHING", parameters
        )

    def _select(self, where: str, parameters: Sequence[object] = ()) -> Iterator[PoolNumber]:
        rows = self._database.execute(f"SELECT {_COLUMNS} FROM number {where}", parameters)
        return map(_to_number, rows)


def _changing(by: str, at: str, number: PoolNumber, expect: int) -> tuple[object, ...]:
    return (*_settings(number), by, at, number.e164, expect)


def _settings(number: PoolNumber) -> tuple[object, ...]:
    return (
        number.state.value,
        number.tenant,
        number.connector,
        number.country,
        number.type,
        number.protect,
        number.quarantined_at,
        number.release_after,
        number.left_by,
    )


def _to_number(row: Row) -> PoolNumber:
    e164, state, tenant, connector, country, type_, protect, *rest = row
    quarantined_at, release_after, left_by, version, updated_by = rest
    return PoolNumber(
        e164=e164,
        state=NumberState(state),
        tenant=tenant,
        connector=connector,
        country=country,
        type=type_,
        protect=bool(protect),
        quarantined_at=quarantined_at,
        release_after=release_after,
        version=version,
        updated_by=updated_by or "",
        left_by=left_by,
    )
