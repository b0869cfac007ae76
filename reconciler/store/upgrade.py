"""Bring a store to this program's version, a backup first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.database.migrations import Step, migrate, pending, versions
from reconciler.protocols import Clock
from reconciler.store.backup import beside, copy_to, named
from reconciler.store.place import Place, refuse_if_held


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What became of one database.

    Attributes:
        place: Which one.
        steps: What was brought up, or is to be.
        saved: The backup that was made first; None on PostgreSQL and where nothing was done.
    """

    place: Place
    steps: tuple[Step, ...]
    saved: Path | None = None


def behind(place: Place) -> Upgraded:
    """Look what is to be done. Changes nothing.

    Raises:
        Unavailable: It is not there, somebody else's, or of a newer version.
    """
    database = place.open()
    try:
        return Upgraded(place, pending(database, place.components))
    finally:
        database.close()


def upgrade(place: Place, clock: Clock) -> Upgraded:
    """Bring one database up, in one transaction.

    Raises:
        Locked: Somebody works with it.
        Unavailable: It cannot be done; nothing was changed.
    """
    database = place.open()
    saved: list[Path] = []

    def before(steps: Sequence[Step]) -> None:
        del steps
        refuse_if_held(database, clock, "migrated")
        if place.is_file:
            why = f"migrate-{named(versions(database))}"
            target = beside(place.path, why, clock.now())
            copy_to(place.path, target)
            saved.append(target)

    try:
        steps = migrate(database, place.components, before)
    finally:
        database.close()
    return Upgraded(place, steps, saved[0] if saved else None)
