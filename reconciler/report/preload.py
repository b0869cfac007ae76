"""What became of a list of numbers: loaded, there already, refused line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.errors import Problem
from reconciler.model.supply import PoolNumber
from reconciler.report.machine import document
from reconciler.report.numbers import number_record
from reconciler.report.problems import problem_record
from reconciler.report.text import BLANK, Line, Span, line, number_of


@dataclass(frozen=True, slots=True)
class There:
    """A number of a list that the pool has already; it stays as it is.

    Attributes:
        line: Where it stands in the list.
        record: What the pool says of it.
        differs: Whether the list says something else.
    """

    line: int
    record: PoolNumber
    differs: bool


@dataclass(frozen=True, slots=True)
class Preloaded:
    """What became of a list.

    Attributes:
        added: Records that are new in the pool, or would be.
        there: Numbers that it has already.
        refused: Lines that were not taken.
        repeated: Lines that say again what an earlier one said.
        header: The line that was taken for a header, "" for none.
        unread: Its columns that mean nothing here.
        dry_run: Whether nothing was written.
    """

    added: tuple[PoolNumber, ...]
    there: tuple[There, ...]
    refused: tuple[Problem, ...]
    repeated: int = 0
    header: str = ""
    unread: tuple[str, ...] = ()
    dry_run: bool = False


def preload_text(done: Preloaded) -> Iterator[Line]:
    """Say what became of every line that was not simply loaded, then how many of each."""
    for problem in done.refused:
        yield line(Span(f"{problem.location}", "bold"), f" {problem.code} {problem.detail}")
        yield line(f"    {problem.hint}")
    for item in done.there:
        if item.differs:
            yield line(f"line {item.line}: {item.record.e164} is in the pool with other facts: ")
            yield line(f"    {_facts(item.record)}; it stays so.")
    if done.refused or any(item.differs for item in done.there):
        yield BLANK
    if done.header:
        yield line(f"The first line is a header: {done.header}")
    if done.unread:
        yield line(f"Columns that are not read: {', '.join(done.unread)}")
    would = "would be loaded" if done.dry_run else "loaded"
    yield line(f"{number_of(len(done.added), 'number')} {would}, {_there(done)}.")
    if done.repeated:
        yield line(f"{number_of(done.repeated, 'line')} said again what an earlier one said.")
    if done.refused:
        lines = number_of(len(done.refused), "line")
        yield line(Span(f"{lines} refused: correct the list and load it again.", "error"))
    elif done.dry_run:
        yield line("Nothing was written.")


def preload_json(done: Preloaded) -> str:
    """The same for machines: every number, every line."""
    return document(
        "preload",
        {
            "added": [number_record(record) for record in done.added],
            "there": [_there_record(item) for item in done.there],
            "refused": [problem_record(problem) for problem in done.refused],
            "repeated": done.repeated,
            "header": done.header,
            "unread": list(done.unread),
            "dry_run": done.dry_run,
            "counts": {
                "added": len(done.added),
                "there": len(done.there),
                "refused": len(done.refused),
            },
        },
    )


def _facts(record: PoolNumber) -> str:
    who = f" {record.tenant}" if record.tenant else ""
    where = f"at {record.connector}" if record.connector else "without a connector"
    sort = " ".join(fact for fact in (record.country, record.type) if fact) or "no country or type"
    return f"{record.state}{who}, {where}, {sort}"


def _there(done: Preloaded) -> str:
    counts = Counter(item.record.state.value for item in done.there)
    if not counts:
        return "none was there already"
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    return f"{len(done.there)} there already and left as they are ({states})"


def _there_record(item: There) -> dict[str, Any]:
    return {**number_record(item.record), "line": item.line, "differs": item.differs}
