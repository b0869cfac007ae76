"""What is wrong with one file while it is read: collected, up to a limit, each with its place."""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias

from reconciler.errors import Location, Problem
from reconciler.loader.codes import told
from reconciler.loader.document import Source

MAX_BYTES = 5 * 1024 * 1024
"""Of a file."""

MAX_LEVELS = 32
"""Of lists and mappings inside each other, the top level counted."""

MAX_NODES = 200_000
"""Keys and values in a file."""

MAX_SCALAR = 64 * 1024
"""Characters of one value or key, as written."""

MAX_PROBLEMS = 100
"""Told of one file."""

Event: TypeAlias = Any
"""One of `yaml.events`; their attributes are untyped and differ from class to class."""


class Stop(Exception):
    """Nothing after this place can be read."""


class Faults:
    """The problems of one file."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def empty(self) -> NoReturn:
        """Tell that a file says nothing, and stop."""
        self.add(
            told(
                "E102",
                self.source.location(0),
                "The file is empty, or holds comments only.",
                "Put back what it said. To give a tenant up, keep the head of its file, take its "
                "entries out, and apply that first.",
            )
        )
        raise Stop

    def too_many(self, event: Event) -> NoReturn:
        """Tell that a file has too many nodes, and stop."""
        self.limit(event, f"The file has more than {MAX_NODES:,} keys and values.")

    def limit(self, event: Event, detail: str) -> NoReturn:
        """Tell that a limit of a file is passed, and stop."""
        self.report("E109", event, detail, "Split the file, or make it flatter.")
        raise Stop

    def report(self, code: str, event: Event, detail: str, hint: str) -> None:
        """Tell of a mistake where an event is."""
        place = self.source.location(event.start_mark.index, event.end_mark.index)
        self.add(told(code, place, detail, hint))

    def add(self, problem: Problem) -> None:
        """Take a problem; the hundredth is the last.

        Raises:
            Stop: It was that.
        """
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            detail = f"{MAX_PROBLEMS} problems were found up to here."
            self.problems.append(told("E119", problem.location, detail, "Mend these first."))
            raise Stop


def too_large(raw: bytes, file: str) -> Problem:
    """Tell that a file is not read at all."""
    detail = f"The file has {len(raw):,} bytes; {MAX_BYTES:,} are allowed."
    return told("E109", Location(file), detail, "Split it by section into a tenant's folder.")
