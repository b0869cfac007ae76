"""Copies of an SQLite store: consistent while others work, whole or not there, for its owner.

Source: SQLite "Online Backup API"; the copy reads one snapshot of the write-ahead log.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconciler.database import Database
from reconciler.database.sqlite import dialect, failure, put_in_place
from reconciler.errors import Unavailable, WrongUsage
from reconciler.protocols import no_checkpoint
from reconciler.store.place import Content, Place, content_of


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made.

    Attributes:
        source: The store.
        target: The copy.
        content: What the copy says of itself.
        size_bytes: Its size.
    """

    source: Path
    target: Path
    content: Content
    size_bytes: int


def back_up(place: Place, target: Path) -> BackedUp:
    """Copy a store while others may work with it.

    Raises:
        WrongUsage: It is on PostgreSQL, or `target` is there or has no folder.
        Unavailable: It cannot be read, or the copy cannot be written.
    """
    source = place.path
    database = place.open()
    try:
        content_of(database)  # somebody else's database is not copied as if it were ours
        copy_to(database, target)
    finally:
        database.close()
    with closing(read_only(target)) as connection:
        content = content_of(Database(connection, dialect(str(target)), no_checkpoint))
    return BackedUp(source, target, content, target.stat().st_size)


def beside(path: Path, why: str, at: datetime) -> Path:
    """Name a copy beside a database: ``reconciler.db.before-migrate-ledger2-20261122T043300Z``."""
    wanted = path.with_name(f"{path.name}.before-{why}-{at:%Y%m%dT%H%M%SZ}.backup")
    return next(name for name in _numbered(wanted) if not name.exists())


def named(versions: Mapping[str, int]) -> str:
    """Versions in the name of a file: ``ledger2-platform1``."""
    return "-".join(f"{name}{version}" for name, version in sorted(versions.items()))


def copy_to(source: Database | Path, target: Path) -> None:
    """Copy a database to a new file, checked before it gets its name.

    Args:
        source: An open database, or a file.
        target: A file that is not there.

    Raises:
        WrongUsage: There is something at `target`, or no folder for it.
        Unavailable: The copy cannot be written, or what was copied is damaged.
    """
    if target.exists() or target.is_symlink():
        raise WrongUsage(f"{target} is there already.", "Name a new file; none is overwritten.")
    with staged(source, target) as made:
        try:
            put_in_place(made, target)
        except OSError as error:
            raise not_written(target, error) from None
        if not target.exists() or not target.samefile(made):
            raise WrongUsage(f"{target} was made meanwhile.", "Name another file.")


@contextmanager
def staged(source: Database | Path, target: Path) -> Iterator[Path]:
    """A checked copy under a passing name in `target`'s folder; gone when the block ends."""
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
    except OSError as error:
        raise not_written(target, error) from None
    os.close(handle)  # mkstemp made it 0600
    made = Path(name)
    try:
        _copy(source, made, target)
        yield made
    finally:
        for left in _files(made):
            left.unlink(missing_ok=True)


def _copy(source: Database | Path, made: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(made, isolation_level=None)) as copy:
            if isinstance(source, Database):
                source.raw(lambda live: _into(live, copy, Path(source.path), target))
            else:
                with closing(read_only(source)) as there:
                    _into(there, copy, source, target)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            faults = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(1)")]
    except sqlite3.Error as error:
        raise failure(error, str(target)) from None
    if faults != ["ok"]:
        raise Unavailable(
            f"What would be copied is damaged: {' '.join(faults[0].split())}.",
            "Look at all of it: reconciler store check",
        )


def _into(live: sqlite3.Connection, copy: sqlite3.Connection, of: Path, target: Path) -> None:
    try:
        live.backup(copy)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        damaged = code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        raise failure(error, str(of if damaged else target)) from None


def read_only(path: Path) -> sqlite3.Connection:
    """Open a file for reading and nothing else."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def not_written(target: Path, error: OSError) -> Unavailable | WrongUsage:
    """Say why a file cannot be made: a wrong name, or a disk that does not take it."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return WrongUsage(f"There is no folder {target.parent}.", "Name a file in one that is.")
    return Unavailable(
        f"{target} cannot be written: {error.strerror}.", "Make room, or name another place."
    )


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for n in range(2, 10_000):
        yield path.with_name(f"{path.name}.{n}")


def _files(path: Path) -> Iterator[Path]:
    yield path
    for ending in ("-wal", "-shm", "-journal"):
        yield path.with_name(path.name + ending)
