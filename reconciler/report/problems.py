"""Problems of the desired state: with a caret under the place, one a line, or as JSON.

The layout is that of rustc: code and sentence, place, the line itself, a caret with the class
of mistake, the next step, and other places that belong to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.engine.policy import Silenced
from reconciler.errors import Location, Problem, Severity, by_place
from reconciler.report.machine import document
from reconciler.report.text import (
    BLANK,
    WIDTH,
    Line,
    Span,
    Style,
    columns,
    line,
    number_of,
    printable,
)

FOLDED_FROM = 20
"""More problems of one code than this are told once in full, the rest by place."""

PLACES_SHOWN = 20

FILES_ONLY = "Only files were read. A tenant whose file is gone is found by:  reconciler plan"
"""Told where the platform was not looked at."""

_STYLES: Mapping[Severity, Style] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "dim",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: how many files of how many tenants.

    `files_only`: nothing else was, so that a tenant whose file is gone is not known of.
    """

    files: int
    tenants: int
    files_only: bool = False
    silenced: tuple[Silenced, ...] = ()
    """What policies hide."""


def problems_text(
    problems: Iterable[Problem], checked: Checked, width: int = WIDTH
) -> Iterator[Line]:
    """Tell every problem in full, and sum them up."""
    found = by_place(problems)
    many = {code for code, n in Counter(p.code for p in found).items() if n > FOLDED_FROM}
    told: set[str] = set()
    for problem in found:
        if problem.code in told:
            continue
        yield from _in_full(problem, width)
        if problem.code in many:
            told.add(problem.code)
            yield from _others([p for p in found if p.code == problem.code][1:])
        yield BLANK
    yield line(_sentence(found, checked))
    if checked.files_only:
        yield line(FILES_ONLY)


def problems_concise(problems: Iterable[Problem], checked: Checked) -> Iterator[Line]:
    """Tell every problem on one line: place, code, sentence, next step."""
    found = by_place(problems)
    for problem in found:
        hint = f" ({problem.hint})" if problem.hint else ""
        code = Span(problem.code, _STYLES[problem.severity])
        yield line(f"{problem.location} ", code, f" {problem.detail}{hint}")
    yield line(_sentence(found, checked))
    if checked.files_only:
        yield line(FILES_ONLY)


def problems_json(problems: Iterable[Problem], checked: Checked) -> str:
    """The same for machines."""
    found = by_place(problems)
    body = {
        "problems": [problem_record(p) for p in found],
        "silenced": [silenced_record(each) for each in checked.silenced],
        "summary": problems_summary(found, checked),
    }
    return document("problems", body)


def problems_summary(found: Sequence[Problem], checked: Checked) -> dict[str, Any]:
    """What was looked at, and how much of each was found."""
    return {
        "files": checked.files,
        "tenants": checked.tenants,
        "files_only": checked.files_only,
        **counts(found),
        "silenced": len(checked.silenced),
    }


def silenced_record(silenced: Silenced) -> dict[str, Any]:
    """One problem that is not told: the rule, the object, and who wanted it so, until when."""
    silence = silenced.silence
    return {
        "code": silenced.problem.code,
        "severity": silenced.problem.severity.value,
        "message": silenced.problem.detail,
        "address": silenced.problem.address,
        **_place(silenced.problem.location),
        "reason": silence.reason if silence else "",
        "until": silence.until if silence else "",
    }


def problem_record(problem: Problem) -> dict[str, Any]:
    """One problem as JSON values; a plan holds its warnings in the same form."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "summary": problem.summary,
        "message": problem.detail,
        "hint": problem.hint,
        "address": problem.address,
        "fix": problem.fix.title if problem.fix else "",
        **_place(problem.location),
        "related": [{**_place(at), "text": text} for at, text in problem.related],
    }


def _place(at: Location) -> dict[str, Any]:
    return {"file": at.file, "line": at.line, "column": at.column, "end_column": at.end_column}


# In full.


def _in_full(problem: Problem, width: int) -> Iterator[Line]:
    style = _STYLES[problem.severity]
    at = problem.location
    gutter = len(str(at.line)) if at.text else 1
    head = Span(f"{problem.severity}[{problem.code}]", style)
    yield line(head, Span(f": {problem.detail}", "bold"))
    yield line(Span(" " * gutter + "--> ", "dim"), f"{at}")
    if at.text:
        yield from _excerpt(at, gutter, Span(problem.summary, style), width)
    else:
        yield _note(gutter, "note", problem.summary)
    for place, text in problem.related:
        yield line(Span(" " * gutter + " ::: ", "dim"), f"{place} {text}")
    if problem.hint:
        yield _note(gutter, "help", problem.hint)
    if problem.fix:
        yield _note(gutter, "fix", f"reconciler fix {at.file}:{at.line}")


def _excerpt(at: Location, gutter: int, label: Span, width: int) -> Iterator[Line]:
    """The line, and a caret under the span at fault."""
    before, marked, after = _cut(at, max(width - gutter - 3, 20))
    bar = Span(" " * gutter + " |", "dim")
    yield (bar,)
    yield line(Span(f"{at.line:>{gutter}} | ", "dim"), f"{before}{marked}{after}")
    carets = Span("^" * max(columns(marked), 1), label.style)
    yield line(bar, " " * (columns(before) + 1), carets, " ", label)
    yield (bar,)


def _cut(at: Location, room: int) -> tuple[str, str, str]:
    """The printable line before, in and after the span, cut down to what shows the span."""
    first = at.column - 1
    last = max(at.end_column - 1, first)
    before, marked, after = map(printable, (at.text[:first], at.text[first:last], at.text[last:]))
    if columns(before + marked + after) <= room:
        return before, marked, after
    if columns(before) > room // 2:
        before = "…" + before[-(room // 2) :]
    if columns(before + marked) > room:
        return before, marked[: max(room - columns(before) - 1, 1)] + "…", ""
    left = room - columns(before + marked)
    return before, marked, after if columns(after) <= left else after[: max(left - 1, 0)] + "…"


def _note(gutter: int, word: str, text: str) -> Line:
    return line(Span(" " * gutter + " = ", "dim"), Span(f"{word}: ", "bold"), text)


def _others(problems: Sequence[Problem]) -> Iterator[Line]:
    yield line(f"  and {len(problems)} more of this kind:")
    for problem in problems[:PLACES_SHOWN]:
        yield line(f"    {problem.location} {problem.detail}")
    if len(problems) > PLACES_SHOWN:
        yield line(f"    … {len(problems) - PLACES_SHOWN} more: -o concise lists each on one line")


# The last line.


def counts(problems: Iterable[Problem]) -> dict[str, int]:
    """How many problems there are of each severity."""
    found = Counter(problem.severity for problem in problems)
    return {
        "errors": found[Severity.ERROR],
        "warnings": found[Severity.WARNING],
        "infos": found[Severity.INFO],
    }


def _sentence(problems: Sequence[Problem], checked: Checked) -> str:
    where = f"in {number_of(checked.files, 'file')} ({number_of(checked.tenants, 'tenant')})."
    hidden = f"{len(checked.silenced)} silenced"
    if not problems:
        return f"No problems{f', {hidden}' if checked.silenced else ''} {where}"
    found = counts(problems)
    words = [number_of(found["errors"], "error")] if found["errors"] else []
    words += [number_of(found["warnings"], "warning")] if found["warnings"] else []
    words += [number_of(found["infos"], "hint")] if found["infos"] else []
    words += [hidden] if checked.silenced else []
    worst = min(problems, key=lambda p: list(Severity).index(p.severity))
    return f"{', '.join(words)} {where}   More: reconciler explain {worst.code}"
