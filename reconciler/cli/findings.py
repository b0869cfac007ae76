"""One thing that `doctor` looked at, and how all of them are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.errors import Exit, ReconcilerError, worst
from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, Span, Style, labelled, line, listed, padded

Status = Literal["ok", "warn", "fail", "skipped"]

_STYLES: dict[str, Style] = {"ok": "good", "warn": "warning", "fail": "error", "skipped": "dim"}
_NAME = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One check.

    Attributes:
        group: machine, project, secrets, store, records or connectors.
        name: What was looked at.
        status: ok, warn (works, and is unwise), fail, or skipped (not tried, and why).
        detail: What was found. Never a secret.
        next: The next step, "" where there is none.
        exit: The exit status that a failure means.
    """

    group: str
    name: str
    status: Status
    detail: str
    next: str = ""
    exit: Exit = Exit.DONE


def failed(group: str, name: str, error: ReconcilerError) -> Finding:
    """A check that ended in an error."""
    return Finding(group, name, "fail", error.message, error.hint, error.exit_code)


def status_of(findings: Iterable[Finding]) -> Exit:
    """The exit status of all of them: a warning changes nothing."""
    return worst(finding.exit for finding in findings if finding.status == "fail")


def findings_text(findings: Sequence[Finding], width: int) -> Iterator[Line]:
    """Tell them by group, each with its next step."""
    group = ""
    for finding in findings:
        if finding.group != group:
            yield from (BLANK,) if group else ()
            yield line(Span(finding.group, "bold"))
            group = finding.group
        yield from _lines(finding, width)
    counts = Counter[str](finding.status for finding in findings)
    order = ("fail", "warn", "skipped", "ok")
    yield BLANK
    yield line(f"{listed((counts[status], status) for status in order)}.")


def _lines(finding: Finding, width: int) -> Iterator[Line]:
    start = padded(f"  {finding.status}", 11)
    for n, made in enumerate(labelled(finding.name, finding.detail, width - 11, 0, _NAME)):
        first = Span(start, _STYLES[finding.status]) if n == 0 else Span(" " * 11)
        yield (first, *made)
    if finding.next and finding.status != "ok":
        for made in labelled("next:", finding.next, width - 11, _NAME + 1, 5):
            yield (Span(" " * 11), *made)


def findings_json(findings: Sequence[Finding]) -> str:
    """The same for machines."""
    counts = Counter(finding.status for finding in findings)
    body = {
        "exit_code": int(status_of(findings)),
        "checks": [
            {
                "group": finding.group,
                "name": finding.name,
                "status": finding.status,
                "detail": finding.detail,
                "next": finding.next,
            }
            for finding in findings
        ],
        "summary": {status: counts[status] for status in ("ok", "warn", "fail", "skipped")},
    }
    return document("doctor", body)
