"""What is wrong with the files: `validate`, and `fix` and `fmt` on the way."""

from __future__ import annotations

from typing import Literal

from reconciler.engine.plan import Record
from reconciler.report.shapes.pieces import Documented, Place


class Related(Place):
    """Another place that belongs to a problem."""

    text: str
    """What is there, in a few words."""


class Fault(Place):
    """One thing that is wrong with the files."""

    code: str
    """Stable: `reconciler explain CODE`."""
    severity: Literal["error", "warning", "info"]
    """`error` refuses to plan; the others are told."""
    summary: str
    """The class of mistake, without names."""
    message: str
    """This mistake, as a sentence."""
    hint: str
    """The next step."""
    address: str
    """The object concerned, `tenant/kind/name`, or nothing."""
    fix: str
    """What `fix` would do about it, or nothing."""
    related: tuple[Related, ...]
    """Other places that belong to it."""


class SilencedFault(Place):
    """A problem that a policy keeps quiet."""

    code: str
    """Stable: `reconciler explain CODE`."""
    severity: Literal["error", "warning", "info"]
    """What it would be."""
    message: str
    """The mistake, as a sentence."""
    address: str
    """The object concerned."""
    reason: str
    """Why it is silenced."""
    until: str
    """The last day on which it is."""


class FaultCounts(Record):
    """How much was looked at, and how many problems of each severity were found."""

    files: int
    """Files that were read."""
    tenants: int
    """Tenants that could be loaded."""
    files_only: bool
    """Whether files were all that was looked at."""
    errors: int
    """Problems that refuse a plan."""
    warnings: int
    """Problems that are told."""
    infos: int
    """Hints."""
    silenced: int
    """Problems that a policy keeps quiet."""


class ProblemsDocument(Documented):
    """`validate`, and whatever stops because of the files."""

    kind: Literal["problems"]
    """Which document it is."""
    problems: tuple[Fault, ...]
    """Each problem, in the order of the files."""
    silenced: tuple[SilencedFault, ...]
    """Each problem that a policy keeps quiet."""
    summary: FaultCounts
    """Counts."""


class ProblemRecord(Documented, Fault):
    """One problem."""

    record: Literal["problem"]
    """Which record it is."""


class SilencedRecord(Documented, SilencedFault):
    """A problem that a policy keeps quiet."""

    record: Literal["silenced"]
    """Which record it is."""


class ProblemsSummaryRecord(Documented, FaultCounts):
    """The last line of problems."""

    record: Literal["summary"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""
