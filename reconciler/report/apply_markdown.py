"""How an apply ended as the comment of a pull request: trouble first, then what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reconciler.engine.plan import Held, Plan
from reconciler.model.address import ACCOUNT
from reconciler.report.apply import not_planned_of, waiting_of
from reconciler.report.due import approvals_due, due_sentences
from reconciler.report.markdown import (
    MOST_ROWS,
    Fold,
    alert,
    code,
    composed,
    marker,
    part_name,
    table,
    words,
)
from reconciler.report.outcome import STATUSES, PartReport, Report, Result
from reconciler.report.text import printable

_SIGNS = {"done": "+", "failed": "-", "unknown": "!", "parked": "!", "not_seen": "!"}
_TROUBLE = frozenset({"unknown", "parked", "failed", "not_seen"})


def apply_md(report: Report, plan: Plan | None = None) -> str:
    """How an apply ended: what is unknown or failed first, then what waits and for what.

    Args:
        report: As `apply.report.Report`.
        plan: What was applied, for what waited when it was made; None for a resume.
    """
    results = [result for part in report.parts for result in part.results]
    held = waiting_of(report, plan)
    tally = Counter([*(result.status for result in results), *("waiting" for _ in held)])
    done = ", ".join(f"{tally[s]} {s.replace('_', ' ')}" for s in STATUSES if tally[s])
    well = "complete" if not report.exit_code else "not complete"
    head = [
        marker("apply", _tenants(report.parts)[:MOST_ROWS]),
        f"### 📞 Telephony apply {well}: {done or 'nothing to do'}",
        "",
        *alert("CAUTION" if report.exit_code else "NOTE", list(_dangers(report, results))),
        *alert("WARNING", list(_not_planned(plan))),
        *alert("NOTE", list(_waiting(report, results, held))),
        *table(("tenant", *(s.replace("_", " ") for s in STATUSES)), _rows(report, held)),
    ]
    folds = [_fold(part) for part in report.parts if part.results]
    end = [f"Run {code(report.run_id)} · exit {int(report.exit_code)}"]
    return composed(head, folds, end)


def _tenants(parts: Iterable[PartReport]) -> list[str]:
    """The tenants of a report: a comment is found again by them, whatever accounts had to do."""
    return [part.part for part in parts if not part.part.startswith(ACCOUNT)]


def _dangers(report: Report, results: Sequence[Result]) -> Iterator[str]:
    for result in (*results, *report.left):
        if result.status in _TROUBLE:
            note = words(result.note or "no reason was given")
            yield f"{code(result.address)} {result.status}: {note}"
    yield from (f"{code(p.part)} {p.status}: {words(p.detail)}" for p in report.parts if p.detail)


def _waiting(report: Report, results: Sequence[Result], held: Sequence[Held]) -> Iterator[str]:
    """What needs a person's word, and what a carrier or somebody else still works on."""
    for sentence, flags in due_sentences(approvals_due([*results, *report.left])):
        yield f"{sentence}: {code(flags)}"
    for result in (*results, *report.left):
        if result.status == "waiting":
            yield f"{code(result.address)} waits: {words(result.note or 'no reason was given')}"
    for each in held:
        way_on = f" (next: {code(each.next)})" if each.next else ""
        yield f"{code(each.address)} waits: {words(each.detail)}{way_on}"


def _not_planned(plan: Plan | None) -> Iterator[str]:
    """What was left as it was: each reason once, with the first that it is the reason of."""
    alike: dict[str, list[str]] = {}
    for each in not_planned_of(plan):
        alike.setdefault(each.detail, []).append(each.address)
    for detail, addresses in list(alike.items())[:MOST_ROWS]:
        others = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        yield f"{code(addresses[0])}{others} left as it was: {words(detail)}"


def _rows(report: Report, held: Sequence[Held]) -> list[list[str]]:
    """How each part ended; what waits counts where it stands, whatever else was done there."""
    waits = Counter(each.address.partition("/")[0] for each in held)
    rows = []
    for part in report.parts:
        tally = Counter(result.status for result in part.results)
        tally["waiting"] += waits.pop(part.part, 0)
        rows.append(_row(part.part, tally))
    return [*rows, *(_row(name, Counter(waiting=count)) for name, count in sorted(waits.items()))]


def _row(name: str, tally: Counter[str]) -> list[str]:
    return [code(name), *(str(tally[status] or "") for status in STATUSES)]


def _fold(part: PartReport) -> Fold:
    lines = tuple(_result(result) for result in part.results)
    return Fold(f"<b>{part_name(part.part)}</b>: what was done", lines, "diff")


def _result(result: Result) -> str:
    note = f": {printable(result.note)}" if result.note else ""
    sign = _SIGNS.get(result.status, " ")
    return f"{sign} {result.status} {result.action} {printable(result.address)}{note}"
