"""When a quarantine is over: after its days, and after any date before which nothing is released.

The FCC's minimum aging of a number is 45 days (47 CFR 52.15(f)(1)(ii)).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from reconciler.model.supply import NumberState, PoolNumber


def ends_at(record: PoolNumber, quarantine_days: int) -> datetime | None:
    """The first instant at which a number may be released.

    None: it is not in quarantine, or its record does not say since when it is.
    """
    if record.state is not NumberState.QUARANTINED:
        return None
    try:
        since = datetime.fromisoformat(record.quarantined_at)
        if since.tzinfo is None:
            return None
        until = since.astimezone(UTC) + timedelta(days=quarantine_days)
        if record.release_after:
            day = date.fromisoformat(record.release_after) + timedelta(days=1)
            until = max(until, datetime(day.year, day.month, day.day, tzinfo=UTC))
    except (ValueError, TypeError, OverflowError):
        return None  # a record changed by hand into something that is no date: never due
    return until


def is_over(record: PoolNumber, quarantine_days: int, now: datetime) -> bool:
    """Whether a number may be released now, its protection aside."""
    until = ends_at(record, quarantine_days)
    return until is not None and now >= until
