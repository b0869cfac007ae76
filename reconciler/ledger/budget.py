"""Request budgets of carrier accounts, shared by all processes through the ledger.

One row of `carrier_budget` is one request; a budget is how many of them may lie within a
window that slides with the clock.
"""

from __future__ import annotations

from datetime import timedelta

from reconciler.database import Database
from reconciler.ledger.instant import instant_text, parse_instant


def spend(
    database: Database, bucket: str, *, limit: int, window_seconds: int, now: str
) -> tuple[bool, int, str]:
    """Take one request from `bucket`.

    Returns:
        Whether there was one, how many are used now, and when the next frees up: the instant
        at which the oldest leaves the window, "" when none is used.
    """
    window = timedelta(seconds=window_seconds)
    instant = parse_instant(now)
    with database.transaction("budget"):
        _alone(database)
        database.execute(
            "DELETE FROM carrier_budget WHERE bucket = ? AND at <= ?",
            (bucket, instant_text(instant - window)),
        )
        used, oldest = database.execute(
            "SELECT count(*), min(at) FROM carrier_budget WHERE bucket = ?", (bucket,)
        )[0]
        granted = used < limit
        if granted:
            at = instant_text(instant)
            database.execute("INSERT INTO carrier_budget (bucket, at) VALUES (?, ?)", (bucket, at))
            used, oldest = used + 1, min(oldest or at, at)
    return granted, used, instant_text(parse_instant(oldest) + window) if oldest else ""


def fill(database: Database, bucket: str, *, limit: int, window_seconds: int, until: str) -> None:
    """Use `bucket` up: none of it frees up before `until`, whatever we had counted."""
    at = instant_text(parse_instant(until) - timedelta(seconds=window_seconds))
    with database.transaction("budget"):
        _alone(database)
        database.execute(
            "UPDATE carrier_budget SET at = ? WHERE bucket = ? AND at < ?", (at, bucket, at)
        )
        rows = database.execute("SELECT count(*) FROM carrier_budget WHERE bucket = ?", (bucket,))
        for _ in range(limit - int(rows[0][0])):
            database.execute("INSERT INTO carrier_budget (bucket, at) VALUES (?, ?)", (bucket, at))


def spent(database: Database, bucket: str, *, window_seconds: int, now: str) -> tuple[int, str]:
    """How many of `bucket` are used, and when the next frees up; "" when none is used."""
    window = timedelta(seconds=window_seconds)
    since = instant_text(parse_instant(now) - window)
    used, oldest = database.execute(
        "SELECT count(*), min(at) FROM carrier_budget WHERE bucket = ? AND at > ?", (bucket, since)
    )[0]
    return int(used), instant_text(parse_instant(oldest) + window) if oldest else ""


def _alone(database: Database) -> None:
    """Two that count at once would both see room; readers are not held up."""
    if database.engine == "postgresql":
        database.execute("LOCK TABLE carrier_budget IN EXCLUSIVE MODE")
