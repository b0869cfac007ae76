"""What became of numbers that were to be reserved, or given back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reconciler.errors import Exit, worst
from reconciler.report.machine import document
from reconciler.report.text import Line, Span, Style, line

Word = Literal["reserved", "given back", "unchanged", "refused", "moved"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """What became of one number.

    Attributes:
        e164: The number.
        what: In one word; `moved` is a number that somebody changed meanwhile.
        detail: Why, as a sentence.
        hint: The next step, "" where there is none.
    """

    e164: str
    what: Word
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Reservations:
    """What became of all of them."""

    tenant: str
    numbers: tuple[Reservation, ...]

    @property
    def exit_code(self) -> Exit:
        """Blocked where one is refused, stale where one moved."""
        statuses = {"refused": Exit.BLOCKED, "moved": Exit.STALE}
        return worst(statuses[each.what] for each in self.numbers if each.what in statuses)


def reserve_text(done: Reservations) -> Iterator[Line]:
    """Say of each number what became of it."""
    for each in done.numbers:
        yield line(Span(f"{each.what:<10}", _style(each)), f"  {each.e164}  {each.detail}")
        if each.hint:
            yield line(f"            {each.hint}")


def reserve_json(done: Reservations) -> str:
    """The same for machines."""
    return document(
        "reservations", {"tenant": done.tenant, "numbers": list(_records(done.numbers))}
    )


def _records(numbers: Iterable[Reservation]) -> Iterator[dict[str, str]]:
    for each in numbers:
        what = each.what.replace(" ", "_")
        yield {"e164": each.e164, "what": what, "detail": each.detail, "hint": each.hint}


def _style(each: Reservation) -> Style:
    return "error" if each.what in {"refused", "moved"} else "good"
