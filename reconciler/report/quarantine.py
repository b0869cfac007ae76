"""Numbers that are out of git, still owned and billed, and from when each may be released."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconciler.engine.quarantine import ends_at
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.report.machine import document
from reconciler.report.numbers import number_record
from reconciler.report.text import Line, line, table


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One number in quarantine.

    Attributes:
        number: Its record.
        until: The first instant at which it may be released; None where its record does not
            say since when it is there, so that it is never due.
        due: Whether that is over.
    """

    number: PoolNumber
    until: datetime | None
    due: bool


def quarantines(
    numbers: Iterable[PoolNumber], quarantine_days: int, now: datetime
) -> tuple[Quarantine, ...]:
    """Find the numbers in quarantine, the first to be due first.

    Args:
        numbers: Records of numbers, of any state.
        quarantine_days: How long a number is kept.
        now: The instant, aware.
    """
    found = []
    for number in numbers:
        if number.state is NumberState.QUARANTINED:
            until = ends_at(number, quarantine_days)
            due = until is not None and now >= until and not number.protect
            found.append(Quarantine(number, until, due))
    return tuple(sorted(found, key=_first_due))


def _first_due(item: Quarantine) -> tuple[bool, str, str]:
    until = item.until.isoformat() if item.until else ""
    return item.until is None, until, item.number.e164


def quarantine_text(items: Sequence[Quarantine], now: datetime) -> Iterator[Line]:
    """List them, and say how to end each."""
    if not items:
        yield line("No numbers are in quarantine.")
        return
    heads = ("number", "tenant", "connector", "since", "until", "")
    yield from table(heads, [_row(item, now) for item in items])
    yield line("Take one back: put its line back. Give one back for good, once it is due:")
    yield line("  reconciler apply --approve release:NUMBER")


def quarantine_json(items: Iterable[Quarantine]) -> str:
    """The same for machines."""
    return document("quarantine", {"numbers": [_record(item) for item in items]})


def _row(item: Quarantine, now: datetime) -> tuple[str, ...]:
    number = item.number
    return (
        number.e164,
        number.tenant or "-",
        number.connector or "-",
        number.quarantined_at[:10] or "?",
        f"{item.until:%Y-%m-%d}" if item.until else "?",
        _state(item, now),
    )


def _state(item: Quarantine, now: datetime) -> str:
    if item.number.protect:
        return "protected"
    if item.until is None:
        return "never: since when is not known"
    if item.due:
        return "due"
    days = -(-(item.until - now) // timedelta(days=1))
    return f"{days} day left" if days == 1 else f"{days} days left"


def _record(item: Quarantine) -> dict[str, Any]:
    until = f"{item.until:%Y-%m-%dT%H:%M:%SZ}" if item.until else ""
    approval = f"release:{item.number.e164}"
    return {**number_record(item.number), "until": until, "due": item.due, "approval": approval}
