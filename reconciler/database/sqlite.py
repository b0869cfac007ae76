"""SQLite: opening a file, and what it says when it cannot.

Sources: SQLite "Result and Error Codes", "Write-Ahead Logging", "Database File Format" 1.3.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from reconciler.database.connection import Database, Dialect
from reconciler.errors import Damaged, Unavailable
from reconciler.protocols import Checkpoint, no_checkpoint

SQLITE_PREFIX = "sqlite:///"
BUSY_MILLISECONDS = 5000
MEMORY = ":memory:"

_RESTORE = (
    "Look at it: reconciler store check. Then put a backup back: reconciler store restore FILE"
)
_SENTENCES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "The disk is full: the database {path} cannot be written",
        "Make room, then run the command again; nothing was half written.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The database {path} is read-only",
        "Let this user write the file and its folder, or mount the file system for writing.",
    ),
    sqlite3.SQLITE_BUSY: (
        f"The database {{path}} was locked by another process for {BUSY_MILLISECONDS // 1000} s",
        "Run the command again; reconciler locks lists who works.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The database {path} cannot be read or written",
        "Look at the disk, its quota and this process's limits; nothing was half written.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database {path} cannot be opened",
        "Check that it is a file, that its folder is there and writable, and on a local disk.",
    ),
}
_DAMAGES: dict[int, str] = {
    sqlite3.SQLITE_CORRUPT: "The database {path} is damaged",
    sqlite3.SQLITE_NOTADB: "The file {path} is no SQLite database, or is damaged",
}
_OURS = (
    "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)"
    " OR EXISTS (SELECT 1 FROM pragma_table_info('schema_version') WHERE name = 'component')"
)
_OTHER = ("The database {path} failed", "Check that it is there, writable and not full.")


def failure(error: Exception, path: str, mend: str = _RESTORE) -> Unavailable:
    """Tell a driver's error as a sentence with the next step; `mend` is that of a damage."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGES:
        return Damaged(f"{_DAMAGES[code].format(path=path)}: {error}.", mend)
    sentence, hint = _SENTENCES.get(code, _OTHER)
    return Unavailable(f"{sentence.format(path=path)}: {error}.", hint)


def open_sqlite(
    path: str,
    checkpoint: Checkpoint = no_checkpoint,
    *,
    create: bool = True,
    mend: str = "",
) -> Database:
    """Open a file; one that is not there is made when `create` says so.

    Args:
        path: Where it is.
        checkpoint: Passed at every boundary of a named transaction.
        create: Whether to make one that is not there.
        mend: The next step when it is damaged; left out: put a backup back.

    Raises:
        Damaged: It is empty, or no database.
        Unavailable: It cannot be opened.
    """
    try:
        if path != MEMORY:
            _present(Path(path), create=create, mend=mend)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (sqlite3.Error, OSError) as error:
        raise _not_opened(path, error) from None
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        if connection.execute(_OURS).fetchone()[0]:  # somebody else's file is left as it is
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        connection.close()
        raise failure(error, path, mend or _RESTORE) from None
    return Database(connection, dialect(path, mend or _RESTORE), checkpoint, path)


def dialect(path: str, mend: str = _RESTORE) -> Dialect:
    """How sqlite3 speaks of the file at `path`, whose damage is mended so."""
    return Dialect(
        engine="sqlite",
        refused=(sqlite3.IntegrityError,),
        broken=(sqlite3.Error,),
        words=str,
        failure=lambda error: failure(error, path, mend),
    )


def _not_opened(path: str, error: Exception) -> Unavailable:
    if isinstance(error, sqlite3.Error):
        return failure(error, path)
    reason = error.strerror if isinstance(error, OSError) else str(error)
    sentence, hint = _SENTENCES[sqlite3.SQLITE_CANTOPEN]
    return Unavailable(f"{sentence.format(path=path)}: {reason}.", hint)


def _present(path: Path, *, create: bool, mend: str) -> None:
    """See to it that there is a file with a header; an empty one is what is left of a store."""
    if not path.exists():
        if not create:
            raise Unavailable(
                f"There is no database {path}.",
                "Check platform.url and ledger.url; reconciler plan makes a new one.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    if path.is_file() and path.stat().st_size == 0:
        raise Damaged(
            f"The database {path} is empty: 0 bytes, and none of ours ever was.",
            mend
            or "Put a backup back: reconciler store restore FILE. Remove the file only if nothing"
            " was applied yet.",
        )


def _make(path: Path) -> None:
    """Make the file whole or not at all, for its owner only: it holds journal and tokens.

    It gets its name when its header is on disk, so that an empty file is always a damage.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    made = Path(name)
    try:
        with closing(sqlite3.connect(name, isolation_level=None)) as connection:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal" or not made.stat().st_size:  # told by no error of its own
            raise Unavailable(
                f"The database {path} cannot be made: its first page could not be written.",
                "Make room, look at quota and limits, and keep it on a local disk.",
            )
        put_in_place(made, path)
    finally:
        for left in (made, Path(f"{name}-wal"), Path(f"{name}-shm"), Path(f"{name}-journal")):
            left.unlink(missing_ok=True)


def take_place(made: Path, path: Path) -> None:
    """Give a finished file its name, whatever had it; on disk when done."""
    _flushed(made)
    made.replace(path)
    _flushed(path.parent)


def put_in_place(made: Path, path: Path) -> None:
    """Give a finished file its name unless something has it already; on disk when done."""
    _flushed(made)
    with suppress(FileExistsError):
        try:
            os.link(made, path)
        except PermissionError:  # a file system without links
            if not path.exists():
                made.rename(path)
    _flushed(path.parent)


def _flushed(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
