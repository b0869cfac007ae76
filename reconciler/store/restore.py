"""A backup becomes the store again: at once or not at all, and known ever after.

The copy is brought to this version and marked before it takes the store's place, so that a
kill at any moment leaves the store as it was, or restored and marked. It takes the place
inside one write of the database itself: a process that has the old file open sees it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconciler.database import Database, open_database
from reconciler.database.migrations import known, migrate, refuse_newer
from reconciler.database.sqlite import SQLITE_PREFIX, dialect, failure, take_place
from reconciler.errors import Locked, Stale, Unavailable, WrongUsage
from reconciler.ledger.sql import COMPONENT as LEDGER
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import Clock, no_checkpoint
from reconciler.store.backup import beside, copy_to, read_only, staged
from reconciler.store.place import Content, Place, content_of, refuse_if_held


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        path: The store.
        saved: Where what was there before is kept; None when nothing was.
        damaged: Whether that was too damaged to be copied, and was moved as it was.
        content: What the backup said of itself.
        serial: The serial from which plans count now; 0 where there is no ledger.
        open_operations: How many operations are not over: recovery looks for them.
    """

    path: Path
    saved: Path | None
    damaged: bool
    content: Content
    serial: int
    open_operations: int


def restore(
    place: Place, backup: Path, clock: Clock, who: str, *, lineage_changes: bool = False
) -> Restored:
    """Put a backup in the place of a store.

    Args:
        place: The store.
        backup: A file that `store backup` or `store migrate` made.
        clock: The time of the mark.
        who: Who does it, for the mark.
        lineage_changes: Whether the backup may be of another ledger.

    Raises:
        WrongUsage: The backup is not there, or is the store itself.
        Unavailable: The backup is damaged, is no store of ours or is of a newer version.
        Locked: Somebody works with the store.
        Stale: The backup is of another ledger.
    """
    path = place.path
    content = examined(place, backup)
    at = clock.now()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _live(path, clock) as live:
        there = _content_there(live)
        if live is not None and there is not None:
            _refuse_lineage(there, content, allowed=lineage_changes)
        with staged(backup, path) as made:
            lost = there.serial if there is not None else None if _exists(path) else 0
            serial, left = _brought_up(place, made, clock, who, lost, backup)
            if live is None:
                saved = _kept_aside(path, at)
                take_place(made, path)
            else:
                saved = beside(path, "restore", at)
                copy_to(live, saved)
                _overwrite(live, made)
    return Restored(path, saved, live is None and saved is not None, content, serial, left)


def by_hand(place: Place, clock: Clock, who: str) -> int:
    """Mark a ledger that was restored by other means; the serial from which plans count.

    Raises:
        Locked: Somebody works with it.
        Unavailable: It cannot be written, or is of another version.
    """
    database = place.open()
    try:
        refuse_if_held(database, clock, "marked")
        return SqlLedger(database, clock, who).mark_restored(None, "by hand")
    finally:
        database.close()


def examined(place: Place, backup: Path) -> Content:
    """Look whether a file is a backup that this program can put in a store's place.

    Raises:
        WrongUsage: It is not there, or is the store itself.
        Unavailable: It is damaged, no store of ours, of a newer version, or of another part.
    """
    if not backup.is_file():
        raise WrongUsage(f"There is no file {backup}.", "Name one that store backup made.")
    if place.path.exists() and place.path.samefile(backup):
        raise WrongUsage("The backup is the store itself.", "Name one that store backup made.")
    database = Database(_read(backup), dialect(str(backup)), no_checkpoint, str(backup))
    try:
        faults = [str(row[0]) for row in database.execute("PRAGMA integrity_check(1)")]
        if faults != ["ok"]:
            raise Unavailable(
                f"The backup {backup} is damaged: {faults[0]}.", "Name another backup."
            )
        content = content_of(database)
    finally:
        database.close()
    wanted = {component.name for component in place.components}
    if not wanted <= content.versions.keys():
        missing = ", ".join(sorted(wanted - content.versions.keys()))
        raise Unavailable(
            f"The file {backup} has no {missing} tables.", "Name one that store backup made."
        )
    for component in place.components:
        refuse_newer(component, content.versions[component.name], known(component, "sqlite"))
    return content


def _read(path: Path) -> sqlite3.Connection:
    try:
        return read_only(path)
    except sqlite3.Error as error:
        raise failure(error, str(path)) from None


@contextmanager
def _live(path: Path, clock: Clock) -> Iterator[Database | None]:
    """The store held for us alone; None where it is not there or cannot be read at all."""
    database = _opened(path)
    if database is None:
        yield None
        return
    try:
        refuse_if_held(database, clock, "restored")
        yield database
    finally:
        database.close()


def _opened(path: Path) -> Database | None:
    """Open the store so that nobody else can: whoever has it open now is in the way.

    Raises:
        Locked: Somebody has.
        WrongUsage: There is something that is no file.
    """
    if not _exists(path):
        return None
    if not path.is_file():
        raise WrongUsage(f"{path} is no file.", "Move it away; see platform.url.")
    if path.stat().st_size == 0:
        return None
    connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    database = Database(connection, dialect(str(path)), no_checkpoint, str(path))
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        database.close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Locked(
                f"Another process has the store {path} open; nothing was restored.",
                "Wait until it has ended: reconciler locks",
            ) from None
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return None
        raise failure(error, str(path)) from None
    if not sound:
        database.close()
        return None
    return database


def _content_there(live: Database | None) -> Content | None:
    """What the store says of itself; None when nothing can be read. Another's is refused."""
    return content_of(live) if live is not None else None


def _refuse_lineage(there: Content, backup: Content, *, allowed: bool) -> None:
    if allowed or not there.lineage or there.lineage == backup.lineage:
        return
    raise Stale(
        f"The backup is of the ledger {backup.lineage or '(none)'}; the store has"
        f" {there.lineage}. Nothing was restored.",
        "If the other ledger is meant to take this one's place, say --lineage-changes.",
    )


def _brought_up(
    place: Place, made: Path, clock: Clock, who: str, lost: int | None, backup: Path
) -> tuple[int, int]:
    """Bring the copy to this version and mark it; the serial that counts, and what is open."""
    database = open_database(f"{SQLITE_PREFIX}{made}", create=False)
    try:
        migrate(database, place.components)
        serial, left = 0, 0
        if LEDGER in place.components:
            ledger = SqlLedger(database, clock, who)
            serial = ledger.mark_restored(lost, backup.name)
            left = len(ledger.open_operations())
        database.raw(lambda connection: connection.execute("PRAGMA journal_mode = DELETE"))
    finally:
        database.close()
    return serial, left


def _overwrite(live: Database, made: Path) -> None:
    copy = read_only(made)
    try:
        live.raw(copy.backup)
    finally:
        copy.close()


def _kept_aside(path: Path, at: datetime) -> Path | None:
    """Keep what could not be read: somebody may get something out of it yet.

    Its log goes first, as it would be played into whatever file has the name next; the file
    itself keeps its name until the other takes it, so that no kill leaves a project without
    a store, which the next plan would make anew.
    """
    if not _exists(path):
        return None
    saved = beside(path, "restore-damaged", at)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(saved.with_name(saved.name + ending))
    os.link(path, saved)
    return saved


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()
