"""Numbers in quarantine, read without anything that plans: what may end by the clock alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.database import Database
from reconciler.engine.quarantine import is_over
from reconciler.model.supply import NumberState, PoolNumber


def ended(database: Database, quarantine_days: int, now: datetime) -> Iterator[PoolNumber]:
    """The numbers whose quarantine is over as far as their records say.

    A plan asks our journal as well and takes the later day of the two, so that a number that is
    due is always among these.
    """
    rows = database.execute(
        "SELECT e164, tenant, quarantined_at, release_after FROM number WHERE state = 'quarantined'"
    )
    for e164, tenant, since, after in rows:
        record = PoolNumber(
            e164,
            NumberState.QUARANTINED,
            tenant or "",
            quarantined_at=since or "",
            release_after=after or "",
        )
        if is_over(record, quarantine_days, now):
            yield record
