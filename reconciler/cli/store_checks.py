"""What `doctor` looks at in the store: the databases, the clock, locks, what is not over."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.cli.findings import Finding, Status, failed
from reconciler.cli.session import Session
from reconciler.database import SQLITE_PREFIX, Database, open_database
from reconciler.database.migrations import known, versions
from reconciler.errors import Exit, ReconcilerError
from reconciler.ledger.owner import provably_dead
from reconciler.ledger.sql import COMPONENT as LEDGER
from reconciler.platform.sql import COMPONENT as PLATFORM
from reconciler.protocols import Entry, State
from reconciler.settings import shown_url

STORE = "store"
RECORDS = "records"

LEAST_FREE_BYTES = 50 * 1024 * 1024
LITTLE_FREE_BYTES = 500 * 1024 * 1024
SLOW_CLOCK = timedelta(seconds=5)
"""Clocks of machines that share a ledger differ by less when they are kept by NTP."""

_ANYBODY_ELSE = 0o077
_COMPONENTS = {one.name: one for one in (PLATFORM, LEDGER)}


def store(session: Session) -> Iterator[Finding]:
    """Look at the databases. Nothing is made and nothing is migrated."""
    urls = {"platform": session.project.platform_url, "ledger": session.project.ledger_url}
    if session.shares_database:
        yield from _database("database", urls["platform"], ("platform", "ledger"))
    else:
        for name, url in urls.items():
            yield from _database(f"{name} database", url, (name,))


def records(session: Session) -> Iterator[Finding]:
    """Look at the ledger: its clock, its locks, and what is not over."""
    if not is_readable(session):
        yield Finding(RECORDS, "ledger", "skipped", "There is none yet, or it cannot be read.")
        return
    try:
        ledger = session.ledger
        yield _clock(session.clock.now(), ledger.last_time())
        yield from _locks(session)
        yield from _open(ledger.open_operations())
    except ReconcilerError as error:
        yield failed(RECORDS, "ledger", error)


# Databases.


def _database(name: str, url: str, components: tuple[str, ...]) -> Iterator[Finding]:
    if url.startswith(SQLITE_PREFIX):
        path = Path(url.removeprefix(SQLITE_PREFIX))
        yield from _disk(name, path)
        if not path.is_file():
            yield Finding(
                STORE, name, "warn", f"{path} is not there yet.",
                "The first plan or apply makes it.",
            )  # fmt: skip
            return
        yield from _mode(name, path)
    try:
        database = open_database(url)
    except ReconcilerError as error:
        yield failed(STORE, name, error)
        return
    try:
        yield Finding(STORE, name, "ok", shown_url(url))
        yield _writable(name, database)
        for component in components:
            yield _schema(component, database)
    finally:
        database.close()


def _disk(name: str, path: Path) -> Iterator[Finding]:
    folder = next((each for each in path.parents if each.is_dir()), None)
    if folder is None or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            STORE, f"{name} folder", "fail", f"{path.parent} cannot be written.",
            "Change its owner or its mode, or platform.url.", Exit.UNAVAILABLE,
        )  # fmt: skip
        return
    free = shutil.disk_usage(folder).free
    shown = f"{free / 1024 / 1024:,.0f} MiB free in {folder}"
    little = free < LITTLE_FREE_BYTES
    status: Status = "fail" if free < LEAST_FREE_BYTES else "warn" if little else "ok"
    yield Finding(
        STORE, f"{name} folder", status, shown, "Make room: a full disk stops an apply.",
        Exit.UNAVAILABLE,
    )  # fmt: skip


def _mode(name: str, path: Path) -> Iterator[Finding]:
    if path.stat().st_mode & _ANYBODY_ELSE:
        yield Finding(
            STORE, f"{name} mode", "warn", f"Others may read {path}.", f"chmod 600 {path}"
        )


def _writable(name: str, database: Database) -> Finding:
    """Open a transaction that may write, and end it again."""
    try:
        with database.transaction():
            if database.engine == "postgresql":
                read_only = str(database.execute("SHOW transaction_read_only")[0][0]) == "on"
            else:
                read_only = False
    except ReconcilerError as error:
        return failed(STORE, f"{name} writes", error)
    if read_only:
        return Finding(
            STORE, f"{name} writes", "fail", "The server takes no writes: it is a standby.",
            "Point platform.url at the primary.", Exit.UNAVAILABLE,
        )  # fmt: skip
    return Finding(STORE, f"{name} writes", "ok", "a transaction may write")


def _schema(component: str, database: Database) -> Finding:
    name = f"{component} schema"
    try:
        found = versions(database).get(component, 0)
    except ReconcilerError as error:
        return failed(STORE, name, error)
    want = known(_COMPONENTS[component], database.engine)
    if found == want:
        return Finding(STORE, name, "ok", f"version {found}")
    if not found:
        return Finding(STORE, name, "warn", "none yet", "The first plan or apply makes it.")
    next_step = "reconciler store migrate" if found < want else "Install the version that wrote it."
    return Finding(
        STORE,
        name,
        "fail",
        f"version {found}, and this program needs {want}",
        next_step,
        Exit.UNAVAILABLE,
    )


def is_readable(session: Session) -> bool:
    """Whether the ledger is there and of our version: opening it then changes nothing."""
    url = session.project.ledger_url
    path = url.removeprefix(SQLITE_PREFIX)
    if url.startswith(SQLITE_PREFIX) and not Path(path).is_file():
        return False
    try:
        database = open_database(url)
    except ReconcilerError:
        return False
    try:
        return versions(database).get(LEDGER.name) == known(LEDGER, database.engine)
    except ReconcilerError:
        return False
    finally:
        database.close()


# Records.


def _clock(now: datetime, last: str) -> Finding:
    shown = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if last:
        behind = datetime.fromisoformat(last).astimezone(UTC) - now
        if behind > SLOW_CLOCK:
            return Finding(
                RECORDS, "clock", "fail",
                f"{shown} is {behind.total_seconds():,.0f} s before the last record, {last}.",
                "Set the clock (chronyc tracking, timedatectl): plans would expire wrongly.",
                Exit.UNAVAILABLE,
            )  # fmt: skip
    return Finding(RECORDS, "clock", "ok", f"{shown}, last record {last or 'none'}")


def _locks(session: Session) -> Iterator[Finding]:
    held = session.ledger.locks()
    for lease in held:
        if provably_dead(lease.owner):
            yield Finding(
                RECORDS, f"lock {lease.scope}", "warn",
                f"Run {lease.run_id} of {lease.owner} has died and still holds it.",
                f"The next apply takes it; or reconciler unlock {lease.nonce}",
            )  # fmt: skip
        else:
            yield Finding(
                RECORDS, f"lock {lease.scope}", "ok", f"run {lease.run_id} of {lease.owner}"
            )
    if not held:
        yield Finding(RECORDS, "locks", "ok", "none held")


def _open(rows: tuple[Entry, ...]) -> Iterator[Finding]:
    """What earlier runs left: by run, the worst first."""
    doubtful = [row for row in rows if row.state in {State.UNKNOWN, State.PARKED, State.SENT}]
    if not rows:
        yield Finding(RECORDS, "open operations", "ok", "none")
    for run_id in dict.fromkeys(row.run_id for row in rows):
        mine = [row for row in rows if row.run_id == run_id]
        counts = Counter(row.state.value for row in mine)
        told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        paid = any(row.is_paid for row in mine if row in doubtful)
        yield Finding(
            RECORDS, f"run {run_id}", "fail" if paid else "warn",
            f"{told}{': it may have been bought' if paid else ''}",
            f"reconciler resume {run_id}; reconciler runs show {run_id}", Exit.UNKNOWN,
        )  # fmt: skip
