"""What an apply did, for people: each step with its tick, what is left, and what to type next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.engine.plan import Drifted, Held, Part, Plan
from reconciler.errors import Exit
from reconciler.model.act import Action
from reconciler.protocols import UNVERIFIED
from reconciler.report.due import approvals_due, due_sentences
from reconciler.report.entries import entries_of, reference
from reconciler.report.held import held_lines
from reconciler.report.machine import document
from reconciler.report.outcome import ALWAYS_TOLD, STATUSES, PartReport, Report, Result, worst
from reconciler.report.text import (
    BLANK,
    WIDTH,
    Line,
    Span,
    Style,
    labelled,
    line,
    number_of,
    padded,
)
from reconciler.report.values import field_name, sides_text

_MARKS: Mapping[str, tuple[str, Style]] = {
    "done": ("✓", "good"),
    "failed": ("✗", "error"),
    "not_started": ("-", "warning"),
    "unknown": ("?", "danger"),
    "parked": ("?", "danger"),
    "not_seen": ("…", "warning"),
    "waiting": ("…", "change"),
    "skipped": ("-", "dim"),
}

_REFERENCE = 27
"""Columns of `kind/name` before a note."""

_NOTE = 9 + 2 + 12 + _REFERENCE + 2
"""Columns before a note: wave, tick, word, reference."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line: all acts of an entry when they are done, else one act."""

    wave: int
    action: str
    address: str
    status: str
    note: str
    approval: str = ""
    op: str = ""
    paid: bool = False
    run_id: str = ""


def apply_text(report: Report, plan: Plan | None = None, width: int = WIDTH) -> Iterator[Line]:
    """Tell how an apply ended.

    Args:
        report: As `apply.report.Report`.
        plan: What was applied, for the waves and the words of the entries; None for a resume.
        width: Columns.
    """
    counts: Counter[str] = Counter()
    left: list[_Row] = []
    drifted: list[Drifted] = []
    held: list[Held] = []
    for part, planned in _with_plan(report, plan):
        drifted += planned.drifted if planned is not None else ()
        held += planned.held if planned is not None else ()
        if part is None:
            continue
        entries = _by_entry(part.results)
        rows = _rows(entries, planned)
        yield from _part(part, rows, len(report.parts) > 1, width)
        for mine in entries.values():
            counts.update(_counted(mine))
        left += [row for row in rows if row.status != "done"]
    earlier = [_row(result, 0) for result in report.left]
    yield from _earlier(earlier, width)
    yield from _drift(drifted, width)
    waiting = _waiting(report, held)
    yield from held_lines("Waiting", waiting, width)
    yield from held_lines("Not checked, or not planned", not_planned(held), width)
    counts["waiting"] += len(waiting)
    yield line(_verdict(report, counts))
    left += earlier
    for row in left:
        if row.status in {"failed", "unknown", "parked", "not_seen"}:
            label = f"  {row.status}"
            text = f"{row.action} {reference(row.address)}: {row.note or 'no reason was given'}"
            yield from labelled(label, text, width, 0, 14)
    yield from _next(report, left)


def apply_json(report: Report, plan: Plan | None = None) -> str:
    """The same for machines: each operation with its own address."""
    held: list[Held] = []
    drifted: list[Drifted] = []
    for planned in _said(plan):
        held += planned.held
        drifted += planned.drifted
    results = [result for part in report.parts for result in part.results]
    found = Counter(result.status for result in results)
    body = {
        "run_id": report.run_id,
        "exit_code": int(report.exit_code),
        "exit_codes": sorted({int(report.exit_code), *map(int, report.held)}),
        "interrupted": report.interrupted,
        "parts": [_part_record(part) for part in report.parts],
        "left": [_result_record(result) | {"next": _way_on(result)} for result in report.left],
        "waiting": [_held_record(each) for each in held if each.what == "waiting"],
        "not_planned": list(map(_held_record, not_planned(held))),
        "drift_left": [each.model_dump(mode="json") for each in drifted],
        "summary": {status: found[status] for status in STATUSES},
    }
    return document("apply", body)


def _held_record(held: Held) -> dict[str, str]:
    return {"address": held.address, "detail": held.detail, "next": held.next}


def _part_record(part: PartReport) -> dict[str, Any]:
    return {
        "part": part.part,
        "status": part.status,
        "detail": part.detail,
        "hint": part.hint,
        "exit_codes": sorted(map(int, part.statuses)),
        "operations": [_result_record(result) for result in part.results],
    }


def _result_record(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "address": result.address,
        "entry": result.entry,
        "action": result.action,
        "status": result.status,
        "note": result.note,
        "attempt": result.attempt,
        "paid": result.paid,
        "approval": result.approval,
        "run_id": result.run_id,
    }


# Steps.


def _by_entry(results: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.entry, []).append(result)
    return found


def _counted(mine: Sequence[Result]) -> Iterator[str]:
    """How an entry counts: as what it came to, and once more for each approval it waits for."""
    ended = [result for result in mine if result.status != "skipped"]
    if ended:
        yield worst(ended)
    yield from ("skipped" for _ in {r.approval for r in mine if r.status == "skipped"})


def _with_plan(
    report: Report, plan: Plan | None
) -> Iterator[tuple[PartReport | None, Part | None]]:
    """Each part as it ended beside what was planned for it; every part of a plan is made once."""
    ended = {part.part: part for part in report.parts}
    for planned in _said(plan):
        yield ended.pop(planned.part, None), planned
    yield from ((part, None) for part in ended.values())


def _said(plan: Plan | None) -> Iterator[Part]:
    """The parts of which there is anything to say; no other one is made where that is known."""
    if plan is None:
        return
    if not plan.counted:
        yield from plan.parts
        return
    for at, facts in enumerate(plan.counted):
        if not facts.idle:
            yield plan.parts[at]


def _rows(entries: Mapping[str, Sequence[Result]], planned: Part | None) -> list[_Row]:
    """An entry that is done is one line; of one in trouble each act is told by itself."""
    operations = planned.operations if planned is not None else ()
    waves = {operation.id: operation.wave for operation in operations}
    words = {entry.main.entry: entry.main.action.value for entry in entries_of(operations)}
    rows: list[_Row] = []
    for entry, mine in entries.items():
        if worst(mine) == "done":
            wave = max(waves.get(result.id, 0) for result in mine)
            action = words.get(entry, mine[0].action)
            rows.append(_Row(wave, action, entry, "done", _done_note(mine)))
        else:
            rows += [_row(result, waves.get(result.id, 0)) for result in mine]
    return sorted(rows, key=lambda row: row.wave)


def _row(result: Result, wave: int) -> _Row:
    return _Row(
        wave,
        result.action,
        result.address,
        result.status,
        result.note if result.status != "done" else _done_note((result,)),
        result.approval,
        result.id,
        result.paid,
        result.run_id,
    )


def _done_note(results: Sequence[Result]) -> str:
    most = max(result.attempt for result in results)
    told = [f"attempt {most}"] if most > 1 else []
    # What was submitted for good needs a person yet: only its answer says where.
    told += [r.note for r in results if r.action == Action.PORT or r.note.startswith(UNVERIFIED)]
    return "; ".join([*told, *(result.charged for result in results if result.charged)])


def _part(part: PartReport, rows: Sequence[_Row], named: bool, width: int) -> Iterator[Line]:  # noqa: FBT001 - one caller
    if named or part.status not in {"done", "incomplete"}:
        style: Style = "good" if part.status == "done" else "warning"
        yield line(Span(part.part, "bold"), "  ", Span(part.status, style))
    for text in part.detail.split("\n") if part.detail else ():
        yield from labelled("", text, width, 2, 0)
    if part.hint:
        yield from labelled("next", part.hint, width, 2, 4)
    wave = None
    for row in rows:
        label = f"wave {row.wave}" if row.wave and row.wave != wave else ""
        wave = row.wave
        yield from _step(label, row, width)
    yield BLANK


def _step(label: str, row: _Row, width: int) -> Iterator[Line]:
    mark, style = _MARKS.get(row.status, ("?", "danger"))
    notes = [span.text for made in labelled("", row.note, width, _NOTE, -1) for span in made[1:]]
    start = f"{padded(row.action, 11)} {padded(reference(row.address), _REFERENCE)}"
    yield line(padded(label, 9), Span(mark, style), f" {start}  {notes[0]}")
    for note in notes[1:]:
        yield line(" " * _NOTE, note)


def _earlier(rows: Sequence[_Row], width: int) -> Iterator[Line]:
    """What earlier runs left that is not over: it is not of this run, and holds all the same."""
    if not rows:
        return
    yield line(Span("Left by earlier runs", "bold"))
    for row in rows:
        yield from _step("", replace(row, note=f"run {row.run_id}: {row.note}"), width)
    yield BLANK


def _drift(drifted: Sequence[Drifted], width: int) -> Iterator[Line]:
    """Drift that the plan left as it is, by a flag or by the project."""
    if not drifted:
        return
    yield line(Span("Drift that was left as it is", "bold"), "  (reconciler drift)")
    for each in drifted:
        yield line(f"  {each.address}")
        for change in each.changes:
            yield from labelled(field_name(change.path), sides_text(change), width, 4)
    yield BLANK


def waiting_of(report: Report, plan: Plan | None) -> list[Held]:
    """What a carrier or somebody else works on, as it was when it was planned.

    What an earlier run left stands in the report itself, and is told once.
    """
    return _waiting(report, (each for part in _said(plan) for each in part.held))


def _waiting(report: Report, held: Iterable[Held]) -> list[Held]:
    told = {result.address for result in report.left}
    return [each for each in held if each.what == "waiting" and each.address not in told]


def not_planned_of(plan: Plan | None) -> list[Held]:
    """What a plan left as it was, of all its parts."""
    return not_planned(each for part in _said(plan) for each in part.held)


def not_planned(held: Iterable[Held]) -> list[Held]:
    """What could not be checked or brought about, each object of it."""
    return [each for each in held if each.what in {"unchecked", "unsupported", "not_taken"}]


# What it means, and what comes next.


def _verdict(report: Report, counts: Counter[str]) -> Span:
    untold = [part for part in report.parts if part.status not in {"done", "incomplete"}]
    well = report.exit_code in {Exit.DONE, Exit.UNAVAILABLE} and not untold
    told = [s for s in STATUSES if counts[s] or s == "done" or (not well and s in ALWAYS_TOLD)]
    figures = ", ".join(f"{counts[status]} {status.replace('_', ' ')}" for status in told)
    if report.interrupted:
        return Span(f"Interrupted: {figures}.", "warning")
    if well:
        blind = " Not everything could be checked." if report.exit_code else ""
        return Span(f"Apply complete: {figures}.{blind}", "good")
    refused = sum(not part.results for part in untold)
    refusals = f", {number_of(refused, 'tenant')} not applied" if refused else ""
    earlier = f", {len(report.left)} left by earlier runs" if report.left else ""
    return Span(f"Apply incomplete: {figures}{refusals}{earlier}.", "error")


_LOST = {
    "order": "It may have been bought.",
    "release": "It may have been given back for good.",
    "remove": "It may have left its account for good.",
    "move": "It may have gone to the other account for good.",
    "port": "It may have been submitted and paid for.",
}
"""What an act may have done for good while nobody knows."""


def _next(report: Report, left: Sequence[_Row]) -> Iterator[Line]:
    unknown = [row for row in left if row.status == "unknown"]
    parked = [row for row in left if row.status == "parked"]
    if unknown:
        words = dict.fromkeys(_LOST[row.action] for row in unknown if row.action in _LOST)
        yield line(
            Span(f"Outcome unknown: {len(unknown)}.", "danger"),
            *(f" {word}" for word in words),
            " It is not tried again until it is known what happened.",
        )
    if parked:
        yield line("Parked: look at the home, then say what happened:")
    for row in parked:
        yield line(f"  {_settle(row.run_id or report.run_id, row.op)}")
    yield from _go_on(report, left)
    for sentence, flags in due_sentences(approvals_due(left)):
        yield line(f"{sentence}: {flags}")
    for run_id in _runs(report, left):
        yield line(f"Journal  reconciler runs show {run_id}")


def _settle(run_id: str, op: str) -> str:
    return f"reconciler runs settle {run_id} {op} --happened|--did-not --reason TEXT"


def _way_on(result: Result) -> str:
    """The command that goes on with what is not over."""
    if result.status == "parked":
        return _settle(result.run_id, result.id)
    return f"reconciler resume {result.run_id}"


def _go_on(report: Report, left: Sequence[_Row]) -> Iterator[Line]:
    """Say what to type next. What failed for certain is never gone on with, only planned anew."""
    status = {row.status for row in left}
    looks = status & {"unknown", "not_seen", "waiting"}
    if status & {"failed"} and not looks:
        yield line("Nothing needs cleaning up: plan again and only what is left remains:")
        yield line("  reconciler plan")
        return
    if status & {"unknown"}:
        yield line("Find out, and go on with what is left:")
    elif status & {"not_seen"}:
        yield line("Said yes, not seen yet; resume looks again:")
    elif status & {"not_started"} or report.interrupted:
        yield line("Nothing needs cleaning up: plan again and only what is left remains, or")
    elif status & {"waiting"}:
        yield line("What waits is finished by its home; look again with")
    else:
        return
    for run_id in _runs(report, left):
        yield line(f"  reconciler resume {run_id}")
    if status & {"failed"}:
        yield line("What failed is planned anew:")
        yield line("  reconciler plan")


def _runs(report: Report, left: Sequence[_Row]) -> list[str]:
    """The runs whose journals hold what is left; this one where nothing is."""
    found = dict.fromkeys(row.run_id for row in left if row.run_id and row.status != "skipped")
    return list(found) or [report.run_id]
