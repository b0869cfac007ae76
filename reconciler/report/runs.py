"""Runs and their journal: what was done, when, by whom, and what is not over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconciler.protocols import Entry, Run, State
from reconciler.report.entries import reference
from reconciler.report.machine import document
from reconciler.report.text import BLANK, WIDTH, Line, Span, labelled, line, table


def runs_text(runs: Sequence[Run]) -> Iterator[Line]:
    """List runs, newest first as they come."""
    if not runs:
        yield line("No runs yet.")
        return
    heads = ("run", "started", "ended", "exit", "who", "tenants")
    rows = [
        (run.run_id, _when(run.started_at), _ended(run), _exit(run), run.who, " ".join(run.parts))
        for run in runs
    ]
    yield from table(heads, rows)


def runs_json(runs: Iterable[Run]) -> str:
    """The same for machines."""
    return document("runs", {"runs": [_run_record(run) for run in runs]})


def run_text(run: Run, entries: Sequence[Entry], width: int = WIDTH) -> Iterator[Line]:
    """Show one run and its journal."""
    ended = f"ended {_ended(run)} with exit {run.exit_code}" if run.finished_at else _cut_off(run)
    yield line(Span(f"Run {run.run_id}", "bold"), f"  {run.command}")
    yield line(f"  started {_when(run.started_at)} by {run.who}, {ended}")
    yield line(f"  plan {run.plan_id or '(none)'}")
    yield BLANK
    if not entries:
        yield from _without_operations(run)
        return
    yield from table(("part", "op", "state", "act", "address", "attempt", "home"), _rows(entries))
    for entry in entries:
        yield from _notes(entry, width)
    yield from _next(run, entries)


def _without_operations(run: Run) -> Iterator[Line]:
    went_on_with = run.command.removeprefix("resume ")
    if went_on_with != run.command:
        yield line(f"It went on with another run:  reconciler runs show {went_on_with}")
    elif run.exit_code:
        yield line("It was stopped before it began anything.")
    else:
        yield line("Nothing was to be done.")


def run_json(run: Run, entries: Iterable[Entry]) -> str:
    """The same for machines."""
    rows = [_entry_record(entry) for entry in entries]
    return document("run", {"run": _run_record(run), "operations": rows})


def _rows(entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    return [
        (
            entry.part,
            entry.op,
            entry.state.value,
            entry.action.value,
            reference(str(entry.address)),
            str(entry.attempt),
            entry.account or entry.home,
        )
        for entry in entries
    ]


def _notes(entry: Entry, width: int) -> Iterator[Line]:
    facts = []
    if entry.waiting:
        facts.append(f"waits: {entry.waiting}")
    if entry.note:
        facts.append(entry.note)
    if entry.idem_key and entry.is_paid:
        facts.append(f"key {entry.idem_key[:8]}, sent {entry.sends} times")
    if entry.amount:
        facts.append(f"{entry.amount} {entry.currency}")
    if entry.doubt and entry.state is not State.UNKNOWN:
        facts.append("an earlier attempt ended unknown")
    if facts:
        yield from labelled(f"{entry.part}/{entry.op}", "; ".join(facts), width, 2, 14)


def _next(run: Run, entries: Sequence[Entry]) -> Iterator[Line]:
    parked = [entry for entry in entries if entry.state is State.PARKED]
    over = [entry for entry in entries if entry.is_open and entry not in parked]
    if not parked and not over:
        return
    yield BLANK
    for entry in parked:
        yield line(
            f"Settle:  reconciler runs settle {run.run_id} {entry.op} "
            "--happened|--did-not --reason TEXT"
        )
    if over:
        yield line(f"Go on:  reconciler resume {run.run_id}")


def _when(instant: str) -> str:
    """To the second: `2026-11-22T01:02:03Z`."""
    return f"{instant[:19]}Z" if "." in instant else instant


def _ended(run: Run) -> str:
    if run.taken_over_by and not run.finished_at:
        return f"by {run.taken_over_by}"
    return _when(run.finished_at) or "(not ended)"


def _cut_off(run: Run) -> str:
    if run.taken_over_by:
        return f"killed; run {run.taken_over_by} found out what became of it, and ended it"
    return "not ended"


def _exit(run: Run) -> str:
    return "" if run.exit_code is None else str(int(run.exit_code))


def _run_record(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "who": run.who,
        "command": run.command,
        "exit_code": run.exit_code,
        "parts": list(run.parts),
        "plan_id": run.plan_id,
        "taken_over_by": run.taken_over_by,
    }


_TOLD = (
    "op_id", "run_id", "plan_id", "part", "seq", "op", "home", "account", "resource_key",
    "attempt", "idem_key", "body_digest", "epoch", "first_sent_at", "sent_at", "deadline",
    "external_id", "external_acquired_at", "amount", "currency", "sends", "absent_at",
    "waiting", "doubt", "note",
)  # fmt: skip
"""What of a journal row is told; its body is the operation as the plan has it."""


def _entry_record(entry: Entry) -> dict[str, Any]:
    return {
        **{name: getattr(entry, name) for name in _TOLD},
        "address": str(entry.address),
        "action": entry.action.value,
        "reversibility": entry.reversibility.value,
        "charge": entry.charge.value,
        "state": entry.state.value,
        "open": entry.is_open,
    }
