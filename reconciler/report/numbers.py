"""The records of numbers, as the pool has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reconciler.model.supply import NumberState, PoolNumber
from reconciler.report.machine import document
from reconciler.report.text import Line, line, listed, number_of, table

Until = Mapping[str, datetime | None]
"""Per number in quarantine, the first instant at which it may be released; None for never."""


def numbers_text(numbers: Sequence[PoolNumber], until: Until) -> Iterator[Line]:
    """List numbers in their order, and until when each one in quarantine is kept."""
    if not numbers:
        yield line("No numbers.")
        return
    heads = ("number", "state", "tenant", "connector", "country", "type", "protected", "kept until")
    yield from table(heads, [_row(number, until) for number in numbers])
    counts = Counter(number.state.value for number in numbers)
    states = listed((count, state) for state, count in sorted(counts.items()))
    yield line(f"{number_of(len(numbers), 'number')}: {states}.")


def numbers_json(numbers: Iterable[PoolNumber], until: Until) -> str:
    """The same for machines."""
    records = [{**number_record(number), "until": _until(number, until)} for number in numbers]
    return document("numbers", {"numbers": records})


def _until(number: PoolNumber, until: Until) -> str:
    """Until when it is kept, "" where that is not known or it is not in quarantine."""
    ends = until.get(number.e164)
    return f"{ends:%Y-%m-%dT%H:%M:%SZ}" if ends else ""


def number_record(number: PoolNumber) -> dict[str, Any]:
    """One number's record as JSON values."""
    return {
        "e164": number.e164,
        "state": number.state.value,
        "tenant": number.tenant,
        "connector": number.connector,
        "country": number.country,
        "type": number.type,
        "protect": number.protect,
        "quarantined_at": number.quarantined_at,
        "release_after": number.release_after,
        "version": number.version,
        "updated_by": number.updated_by,
        "left_by": number.left_by,
    }


def told_state(number: PoolNumber) -> str:
    """Tell its state, and of one that left us how it did: `moved to 99/4`."""
    word, _, to = number.left_by.partition(" ")
    if number.state is not NumberState.RELEASED or word not in _LEFT:
        return number.state.value
    return f"{_LEFT[word]} to {to}" if to else _LEFT[word]


_LEFT = {"release": "released", "remove": "removed", "move": "moved"}


def _never(number: PoolNumber) -> str:
    return "?" if number.state is NumberState.QUARANTINED else "-"


def _row(number: PoolNumber, until: Until) -> tuple[str, ...]:
    return (
        number.e164,
        told_state(number),
        number.tenant or "-",
        number.connector or "-",
        number.country or "-",
        number.type or "-",
        "yes" if number.protect else "no",
        _until(number, until)[:10] or _never(number),
    )
