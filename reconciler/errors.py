"""What can go wrong, as values with a place and as exceptions with an exit status.

Problems are values: every one found is collected and told at once. Exceptions stop work::

    ReconcilerError                 1  unexpected failure
    ├── InvalidConfig               3  the desired state cannot be used as written
    ├── InvalidPlan                 3  a plan file is damaged or not a plan
    ├── Blocked                     4  an approval is missing or a limit is passed
    ├── Stale                       6  the plan no longer fits the world, or was used before
    ├── Locked                      6  somebody else holds the lease
    │   └── Fenced                  6  our lease was taken over while we worked
    ├── Unavailable                 7  a platform, carrier, ledger or secret cannot be reached
    │   └── Damaged                 7  a file of ours cannot be read any more
    └── WrongUsage                 64  the command line makes no sense
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


class Exit(enum.IntEnum):
    """Exit statuses of every command (design: the same meaning everywhere)."""

    DONE = 0
    UNEXPECTED = 1
    PENDING = 2
    INVALID = 3
    BLOCKED = 4
    INCOMPLETE = 5
    STALE = 6
    UNAVAILABLE = 7
    UNKNOWN = 8
    USAGE = 64
    INTERRUPTED = 130


PRECEDENCE = (
    Exit.UNKNOWN,
    Exit.INCOMPLETE,
    Exit.STALE,
    Exit.BLOCKED,
    Exit.INVALID,
    Exit.PENDING,
    Exit.UNAVAILABLE,
)
"""Which status is returned where several hold: the first of these."""


def worst(statuses: Iterable[Exit]) -> Exit:
    """Pick the status to exit with when several hold at once."""
    held = set(statuses)
    return next((status for status in PRECEDENCE if status in held), Exit.DONE)


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span on one line of a file, 1-based; columns count characters."""

    file: str
    line: int = 1
    column: int = 1
    end_column: int = field(default=0, compare=False)
    """First column after the span; 0 when only its start is known."""
    text: str = field(default="", compare=False, repr=False)
    """The line itself, so that a report can draw a caret without reading the file again."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(enum.StrEnum):
    """How bad a problem is: `error` refuses to plan, the others are told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class SetValue:
    """Write `value` at `path`; a key that is not there yet goes to the end of its mapping."""

    path: tuple[str | int, ...]
    value: Any
    """Text, True, False, None, or lists and dictionaries of them."""
    file: str = ""
    """As messages show it; filled in where the edit gets its place."""


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Let the key at `path` be called `name`."""

    path: tuple[str | int, ...]
    name: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the entry at `path` out, with the comments that belong to it."""

    path: tuple[str | int, ...]
    file: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Write `text` for the characters from `start` to `end`, where a file is no YAML yet."""

    start: int
    end: int
    text: str
    file: str = ""


Edit = SetValue | RenameKey | Remove | ReplaceText


@dataclass(frozen=True, slots=True)
class Fix:
    """What certainly mends a problem: `reconciler fix` does it.

    Attributes:
        title: What is done, as an order: "Quote the #."
        edits: The edits; all of them or none.
    """

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the desired state, told so that its author can fix it.

    Attributes:
        code: Stable, as in `reconciler explain TEL201`.
        summary: The class of mistake. Fixed text: no names, no values.
        detail: This mistake, with names and values, as a full sentence. Never a secret.
        hint: The next step, as an order or a "Did you mean ...?".
        location: The YAML node at fault.
        severity: `error`, `warning` or `info`.
        related: Other places that belong to it, each with a few words.
        address: `tenant/kind/name` of the object concerned, "" when there is none.
        fix: What mends it for certain; None where a person must decide.
    """

    code: str
    summary: str
    detail: str
    hint: str
    location: Location
    severity: Severity = Severity.ERROR
    related: tuple[tuple[Location, str], ...] = ()
    address: str = ""
    fix: Fix | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.location} {self.code} {self.summary}\n  {self.detail}\n  hint: {self.hint}"


def by_place(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems the way a reader goes through files, each told once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.location, p.code, p.detail)))


class ReconcilerError(Exception):
    """Stops a command. `exit_code` is its status, `hint` the next step."""

    exit_code = Exit.UNEXPECTED

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message if not hint else f"{message}\n  hint: {hint}")


class InvalidConfig(ReconcilerError):
    """The desired state cannot be used as written."""

    exit_code = Exit.INVALID

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = by_place(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InvalidPlan(ReconcilerError):
    """A plan file is damaged, edited or not a plan of ours."""

    exit_code = Exit.INVALID


class Blocked(ReconcilerError):
    """An approval is missing or a limit is passed."""

    exit_code = Exit.BLOCKED


class Stale(ReconcilerError):
    """The plan no longer fits the world, or was used before."""

    exit_code = Exit.STALE


class Locked(ReconcilerError):
    """Somebody else holds the lease."""

    exit_code = Exit.STALE


class Fenced(Locked):
    """Our lease was taken over while we worked: nothing more may be written."""


class Unavailable(ReconcilerError):
    """A platform, carrier, ledger or secret cannot be reached, read or believed."""

    exit_code = Exit.UNAVAILABLE


class Damaged(Unavailable):
    """A file of ours is there and cannot be read any more."""


class WrongUsage(ReconcilerError):
    """The command line makes no sense."""

    exit_code = Exit.USAGE
