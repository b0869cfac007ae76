"""Which database is meant, what is in it, and who works with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.database import SQLITE_PREFIX, Component, Database, open_database
from reconciler.database.migrations import versions
from reconciler.errors import Locked, WrongUsage
from reconciler.ledger.leases import Leases
from reconciler.ledger.owner import provably_dead
from reconciler.ledger.sql import COMPONENT as LEDGER
from reconciler.platform.sql import COMPONENT as PLATFORM
from reconciler.protocols import Clock


@dataclass(frozen=True, slots=True)
class Place:
    """One database of a project.

    Attributes:
        url: Where it is, an SQLite path made absolute.
        components: Whose tables are to be in it.
        what: Its name among the project's databases: ``store``, ``platform`` or ``ledger``.
    """

    url: str
    components: tuple[Component, ...]
    what: str

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file."""
        return self.url.startswith(SQLITE_PREFIX)

    @property
    def path(self) -> Path:
        """Its file.

        Raises:
            WrongUsage: It is a server's; the message says what to use there.
        """
        if not self.is_file:
            raise WrongUsage(
                f"The {self.what} is on PostgreSQL, whose own tools back it up and restore it.",
                "Back up: pg_dump --format=custom --file=FILE. Restore: pg_restore, then"
                " reconciler store restore --by-hand. See docs/howto/postgresql.md.",
            )
        return Path(self.url.removeprefix(SQLITE_PREFIX))

    def open(self) -> Database:
        """Open what is there; nothing is made.

        Raises:
            Unavailable: It is not there, or cannot be opened.
        """
        return open_database(self.url, create=False)


def places(platform_url: str, ledger_url: str) -> tuple[Place, ...]:
    """The databases of a project: one, or the platform's and the ledger's."""
    if platform_url == ledger_url:
        return (Place(platform_url, (PLATFORM, LEDGER), "store"),)
    return (Place(platform_url, (PLATFORM,), "platform"), Place(ledger_url, (LEDGER,), "ledger"))


@dataclass(frozen=True, slots=True)
class Content:
    """What a database says of itself.

    Attributes:
        versions: The version of each component.
        lineage: The ledger's name for life, "" where there is no ledger.
        serial: Its serial, 0 where there is no ledger.
    """

    versions: Mapping[str, int]
    lineage: str = ""
    serial: int = 0


def content_of(database: Database) -> Content:
    """Read what a database says of itself, whatever its version.

    Raises:
        Unavailable: It is somebody else's, or cannot be read.
    """
    found = versions(database)
    if LEDGER.name not in found:
        return Content(found)
    rows = database.execute("SELECT lineage, serial FROM ledger")
    return Content(found, *rows[0]) if rows else Content(found)


def refuse_if_held(database: Database, clock: Clock, act: str) -> None:
    """Stop where somebody may still act on a lease.

    Raises:
        Locked: With who it is.
    """
    if LEDGER.name not in versions(database):
        return
    for held in Leases(database, clock, provably_dead).alive():
        raise Locked(
            f"{held.scope} is being worked on by {held.owner} (run {held.run_id}), until"
            f" {held.expires_at} at the latest; nothing was {act}.",
            f"Wait for it, or free it when you have looked: reconciler unlock {held.nonce}",
        )
