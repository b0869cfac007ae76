"""How things are set up, and what stops a command: `config`, `doctor`, errors."""

from __future__ import annotations

from typing import Any, Literal

from reconciler.engine.plan import Record
from reconciler.report.shapes.pieces import Documented


class SettingRecord(Record):
    """One setting that holds."""

    key: str
    """Its dotted key."""
    value: Any
    """Its value; a secret as its reference."""
    origin: Literal["flag", "environment", "file", "default"]
    """What kind of place says so."""
    where: str
    """The flag, the variable, `FILE:LINE`, or `default`."""


class Variable(Record):
    """A variable that looks like ours and that nothing reads."""

    name: str
    """Its name; its value is not shown."""
    hint: str
    """Which one may be meant."""


class Check(Record):
    """One thing that was looked at."""

    group: str
    """machine, project, secrets, store, records or connectors."""
    name: str
    """What was looked at."""
    status: Literal["ok", "warn", "fail", "skipped"]
    """`warn` works and is unwise; `skipped` was not tried."""
    detail: str
    """What was found."""
    next: str
    """The next step."""


class ConfigDocument(Documented):
    """`config`."""

    kind: Literal["config"]
    """Which document it is."""
    project: str
    """The project file."""
    settings: tuple[SettingRecord, ...]
    """Each setting."""
    unknown_variables: tuple[Variable, ...]
    """Variables that nothing reads."""


class DoctorDocument(Documented):
    """`doctor`."""

    kind: Literal["doctor"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    checks: tuple[Check, ...]
    """Each check."""
    summary: dict[Literal["ok", "warn", "fail", "skipped"], int]
    """How many checks ended each way."""


class ErrorDocument(Documented):
    """What stopped a command before it had a report."""

    kind: Literal["error"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    message: str
    """What is wrong, as a sentence."""
    hint: str
    """The next step."""


class StartRecord(Documented):
    """The first line: which report this is."""

    record: Literal["start"]
    """Which record it is."""
    report: Literal["plan", "apply", "drift", "problems"]
    """The report."""
    plan_id: str | None = None
    """The plan, for a plan."""
    tool: dict[str, str] | None = None
    """What wrote it, for an apply."""


class ErrorRecord(Documented):
    """What stopped a command."""

    record: Literal["error"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""
    message: str
    """What is wrong, as a sentence."""
    hint: str
    """The next step."""
