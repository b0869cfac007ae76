"""When a quarantine is over: after its days, and after any date before which nothing is released.

The FCC's minimum aging of a number is 45 days (47 CFR 52.15(f)(1)(ii)).
"""

from __future__ import annotations

from dataclasses import replace
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


def believed(record: PoolNumber, journalled_at: str, release_after: str) -> PoolNumber:
    """Take the later of what a record says and what we wrote down ourselves.

    The record is a public table: a date that was moved back there must not end a quarantine.

    Args:
        record: The number's record.
        journalled_at: When the journal says that it was quarantined, "" when it does not.
        release_after: What the last apply left as the date before which it stays, or "".
    """
    return replace(
        record,
        quarantined_at=_later(record.quarantined_at, journalled_at),
        release_after=_later(record.release_after, release_after),
    )


def _later(first: str, other: str) -> str:
    """The later of two dates or instants in ISO 8601; one that cannot be read says nothing."""
    return max((text for text in (first, other) if _instant(text)), key=_instant, default=first)


def _instant(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def is_over(record: PoolNumber, quarantine_days: int, now: datetime) -> bool:
    """Whether a number may be released now, its protection aside."""
    until = ends_at(record, quarantine_days)
    return until is not None and now >= until
