"""What `apply` hands over, as its report needs it: `apply.report` has exactly this shape.

The report stands on a floor below `apply` and so names the shape, not the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reconciler.errors import Exit

TROUBLE = ("unknown", "parked", "failed", "not_started", "not_seen", "waiting", "skipped")
"""What an operation can be other than done, the worst first."""

STATUSES = (
    "done", "failed", "not_started", "unknown", "parked", "not_seen", "waiting", "skipped",
)  # fmt: skip
"""Every status of an operation, in the order of the last lines."""

ALWAYS_TOLD = ("done", "failed", "not_started", "unknown")
"""Statuses that are counted even when there are none, where an apply did not end well."""


class Result(Protocol):
    """One operation as it ended."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as `apply.report.Result` says
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def entry(self) -> str: ...  # noqa: D102
    @property
    def action(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def note(self) -> str: ...  # noqa: D102
    @property
    def charged(self) -> str: ...  # noqa: D102
    @property
    def attempt(self) -> int: ...  # noqa: D102
    @property
    def paid(self) -> bool: ...  # noqa: D102
    @property
    def approval(self) -> str: ...  # noqa: D102
    @property
    def run_id(self) -> str: ...  # noqa: D102


class PartReport(Protocol):
    """One part of a plan as it ended."""

    @property
    def part(self) -> str: ...  # noqa: D102 - as `apply.report.PartReport` says
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def results(self) -> Sequence[Result]: ...  # noqa: D102
    @property
    def detail(self) -> str: ...  # noqa: D102
    @property
    def hint(self) -> str: ...  # noqa: D102
    @property
    def statuses(self) -> frozenset[Exit]: ...  # noqa: D102


class Report(Protocol):
    """A whole apply as it ended."""

    @property
    def run_id(self) -> str: ...  # noqa: D102 - as `apply.report.Report` says
    @property
    def parts(self) -> Sequence[PartReport]: ...  # noqa: D102
    @property
    def interrupted(self) -> bool: ...  # noqa: D102
    @property
    def held(self) -> frozenset[Exit]: ...  # noqa: D102
    @property
    def left(self) -> Sequence[Result]: ...  # noqa: D102
    @property
    def exit_code(self) -> Exit: ...  # noqa: D102


def worst(results: Sequence[Result]) -> str:
    """The status that several operations of one entry have together."""
    held = {result.status for result in results}
    return next((status for status in TROUBLE if status in held), "done")
