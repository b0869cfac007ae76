"""The records of numbers, as the pool has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconciler.model.supply import PoolNumber
from reconciler.report.machine import document
from reconciler.report.text import Line, line, number_of, table


def numbers_text(numbers: Sequence[PoolNumber]) -> Iterator[Line]:
    """List numbers in their order."""
    if not numbers:
        yield line("No numbers.")
        return
    heads = ("number", "state", "tenant", "connector", "country", "type", "protected")
    yield from table(heads, [_row(number) for number in numbers])
    yield line(f"{number_of(len(numbers), 'number')}.")


def numbers_json(numbers: Iterable[PoolNumber]) -> str:
    """The same for machines."""
    return document("numbers", {"numbers": [number_record(number) for number in numbers]})


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
    }


def _row(number: PoolNumber) -> tuple[str, ...]:
    return (
        number.e164,
        number.state.value,
        number.tenant or "-",
        number.connector or "-",
        number.country or "-",
        number.type or "-",
        "yes" if number.protect else "no",
    )
