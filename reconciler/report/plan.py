"""A plan for people, and as the JSON that is saved.

Text is told part by part as the parts come, so that a fleet is never in memory. Only the last
line, ``Plan 9f2c-71ab: 1 to create, ...``, keeps its shape for those who parse it all the same.
"""

from __future__ import annotations

import contextlib
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from reconciler.engine.plan import Envelope, Gate, Held, Note, Part, Total, short
from reconciler.engine.plan_file import plan_chunks
from reconciler.model.act import Action
from reconciler.report.entries import (
    PlanEntry,
    View,
    entries_of,
    entry_lines,
    money,
    operation_line,
    reference,
)
from reconciler.report.text import (
    BLANK,
    Line,
    Span,
    at_right,
    labelled,
    line,
    listed,
    number_of,
)
from reconciler.report.values import field_name, sides_text

_WORDS = (
    Action.CREATE, Action.ORDER, Action.ASSIGN, Action.PORT, Action.UPDATE, Action.PUBLISH,
    Action.REPLACE, Action.ADOPT, Action.DELETE, Action.QUARANTINE, Action.RELEASE,
)  # fmt: skip
"""The order of the last line."""

_MOST_LISTED = 10

_HELD_TITLES = {
    "waiting": "Waiting",
    "unknown": "Outcome unknown: left alone until it is settled",
    "parked": "Parked: a person must look",
    "unchecked": "Not checked, so not planned",
    "unsupported": "Not planned: the connector cannot hold it",
    "due": "Due",
}


def plan_json(envelope: Envelope, parts: Iterable[Part]) -> Iterator[str]:
    """Write a plan as it is saved, piece by piece: one JSON document in canonical form."""
    return plan_document(envelope, (part.text for part in parts))


def plan_document(envelope: Envelope, texts: Iterable[str]) -> Iterator[str]:
    """The same from parts that are written already, each in canonical JSON."""
    return plan_chunks(envelope.model_dump(mode="json"), texts)


def plan_text(
    envelope: Envelope, parts: Iterable[Part], view: View, now: datetime | None = None
) -> Iterator[Line]:
    """Tell a plan.

    Args:
        envelope: Complete, with its digest.
        parts: One per tenant.
        view: How to show it.
        now: What "observed 38 s ago" counts to; without it the instant itself is shown.
    """
    sums = _Sums()
    for part in parts:
        sums.add(part)
        if not _is_idle(part):
            yield from _part(envelope, part, view, now)
    yield from _end(envelope, sums, view)


def plan_concise(envelope: Envelope, parts: Iterable[Part]) -> Iterator[Line]:
    """Tell one operation a line, what stops or waits a line each, and the counts."""
    sums = _Sums()
    for part in parts:
        sums.add(part)
        for operation in part.operations:
            yield operation_line(operation)
        for gate in part.gates:
            yield line(f"{part.part} ", Span(gate.kind, "error"), f" {gate.id} {gate.detail}")
        for held in part.held:
            yield line(f"{part.part} {held.what} {reference(held.address)} {held.detail}")
    yield _last(envelope, sums)


@dataclass(slots=True)
class _Sums:
    """What is counted over all parts."""

    acts: Counter[Action] = field(default_factory=Counter)
    idle: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    parts: int = 0
    unchanged: int = 0
    totals: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    unpriced: int = 0
    approvals: list[str] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    refused: int = 0
    """Parts of which nothing is applied."""
    applicable: int = 0
    """Parts of which something may be."""

    def add(self, part: Part) -> None:
        self.parts += 1
        self.unchanged += part.unchanged
        self.unpriced += len(part.unpriced)
        self.notes += part.notes
        self.acts.update(entry.main.action for entry in entries_of(part.operations))
        if any(gate.kind == "refusal" for gate in part.gates):
            self.refused += 1
        elif part.operations:
            self.applicable += 1
            self.approvals += [op.approval for op in part.operations if op.approval]
            self.gates += part.gates
        if _is_idle(part):
            self.idle.append(part.part)
        for total in part.totals:
            monthly, once = self.totals.get(total.currency, (Decimal(0), Decimal(0)))
            self.totals[total.currency] = (monthly + total.monthly, once + total.once)


def _is_idle(part: Part) -> bool:
    return not (part.operations or part.gates or part.drifted or part.unmanaged or part.held)


# One part.


def _part(envelope: Envelope, part: Part, view: View, now: datetime | None) -> Iterator[Line]:
    entries = entries_of(part.operations)
    yield line(Span(part.part, "bold"), _headline(envelope, part, len(entries), now))
    yield BLANK
    asked = [entry for entry in entries if not entry.reverts_drift]
    for entry in asked:
        yield from entry_lines(entry, view)
    if asked:
        yield BLANK
    yield from _reverts([entry for entry in entries if entry.reverts_drift], view)
    for section in (_calls, _approvals, _limits, _refused, _held, _left, _unmanaged):
        yield from section(part, view)


def _headline(envelope: Envelope, part: Part, count: int, now: datetime | None) -> str:
    pieces = [
        f"{number_of(count, 'operation') if count else 'no changes'}, {part.unchanged} unchanged"
    ]
    commit = envelope.inputs.get("commit")
    if isinstance(commit, str) and commit:
        branch = envelope.inputs.get("branch")
        on = f" on {branch}" if isinstance(branch, str) and branch else ""
        dirty = " with changes that are not committed" if envelope.inputs.get("dirty") else ""
        pieces.append(f"{commit[:7]}{on}{dirty}")
    if envelope.observed:
        pieces.append(f"observed {_age(min(source.at for source in envelope.observed), now)}")
    return "".join(f" · {piece}" for piece in pieces)


def _age(at: str, now: datetime | None) -> str:
    if now is None:
        return at
    try:
        seconds = int((now - datetime.fromisoformat(at)).total_seconds())
    except (TypeError, ValueError):
        return at
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word} ago"
    return f"{max(seconds, 0)} s ago"


def _reverts(entries: Sequence[PlanEntry], view: View) -> Iterator[Line]:
    if not entries:
        return
    yield line(Span("Changed behind git's back", "bold"), " (put back as git says)")
    for entry in entries:
        yield from entry_lines(entry, view)
    yield BLANK


def _calls(part: Part, view: View) -> Iterator[Line]:
    calls = part.calls
    if not calls.compared:
        return
    counts = listed(
        (
            (calls.same, "same"),
            (calls.changed, "changed"),
            (calls.new, "new"),
            (calls.lost, "lost"),
        )
    )
    yield line(Span("Calls", "bold"), f"  {number_of(calls.compared, 'path')} compared: {counts}")
    shown = calls.paths if view.full else calls.paths[:_MOST_LISTED]
    for path in shown:
        what = ", ".join(str(path[key]) for key in ("to", "when") if path.get(key))
        gone = "not in service"
        text = f"{what}: {path.get('before') or gone} → {path.get('after') or gone}"
        yield from labelled(str(path.get("verdict", "")), text, view.width, 2)
    yield from _more(len(calls.paths) - len(shown))
    yield BLANK


def _approvals(part: Part, view: View) -> Iterator[Line]:
    del view
    needed = sorted({operation.approval for operation in part.operations if operation.approval})
    if not needed:
        return
    yield line(Span("Needs approval", "bold"), " (without it they are skipped)")
    for approval in needed:
        yield line("  ", Span(approval, "danger"))
    yield BLANK


def _limits(part: Part, view: View) -> Iterator[Line]:
    yield from _gates("Over a limit", [g for g in part.gates if g.kind == "limit"], view)


def _refused(part: Part, view: View) -> Iterator[Line]:
    title = "Refused: nothing of this tenant is applied until it is put right"
    yield from _gates(title, [g for g in part.gates if g.kind == "refusal"], view)


def _gates(title: str, gates: Sequence[Gate], view: View) -> Iterator[Line]:
    if not gates:
        return
    yield line(Span(title, "error"))
    for gate in gates:
        address = f"  {reference(gate.address)}" if gate.address else ""
        head = line("  ", Span(gate.id, "error"), address)
        yield at_right(head, gate.place, view.width)
        yield from labelled("", gate.detail, view.width, 4, 0)
        yield from labelled("next", gate.hint, view.width, 5, 4)
    yield BLANK


def _held(part: Part, view: View) -> Iterator[Line]:
    for what, title in _HELD_TITLES.items():
        mine = [held for held in part.held if held.what == what]
        if what == "due":
            # Releases that are due are operations of the plan already; they have their lines.
            approvals = {f"--approve {op.approval}" for op in part.operations if op.approval}
            mine = [held for held in mine if held.next not in approvals]
        yield from _held_section(title, mine, view)


def _held_section(title: str, held: Sequence[Held], view: View) -> Iterator[Line]:
    if not held:
        return
    yield line(Span(title, "bold"))
    for item in held:
        yield from labelled(reference(item.address), item.detail, view.width, 2, 24)
        if item.next:
            yield line("    next ", item.next)
    yield BLANK


def _left(part: Part, view: View) -> Iterator[Line]:
    if not part.drifted:
        return
    yield line(Span("Drift that this plan leaves as it is", "bold"))
    for drift in part.drifted:
        by = " ".join(piece for piece in (drift.who and f"by {drift.who}", drift.at) if piece)
        yield at_right(line(f"  {reference(drift.address)}"), by, view.width)
        for change in drift.changes:
            yield from labelled(field_name(change.path), sides_text(change), view.width, 4)
    yield BLANK


def _unmanaged(part: Part, view: View) -> Iterator[Line]:
    if not part.unmanaged:
        return
    yield line(Span("There, but not in git and not ours", "bold"), " (left alone)")
    shown = part.unmanaged if view.full else part.unmanaged[:_MOST_LISTED]
    for address in shown:
        yield line(f"  {reference(address)}")
    yield from _more(len(part.unmanaged) - len(shown))
    yield BLANK


def _more(count: int) -> Iterator[Line]:
    if count > 0:
        yield line(f"  … {count} more: --full shows all")


# After all parts.


def _end(envelope: Envelope, sums: _Sums, view: View) -> Iterator[Line]:
    if sums.parts == len(sums.idle) == 1 and not sums.refused:
        yield line(
            f"No changes. {sums.idle[0]} is as git says ({number_of(sums.unchanged, 'object')})."
        )
    elif sums.idle:
        names = ", ".join(sums.idle[:5]) + (", …" if len(sums.idle) > 5 else "")  # noqa: PLR2004
        yield line(f"No changes in {number_of(len(sums.idle), 'tenant')}: {names}.")
    yield from _warnings(envelope, view)
    yield from _notes(sums.notes, view)
    if sums.parts == len(sums.idle):
        yield from _saved(view)
        return
    totals = [Total(currency=c, monthly=m, once=o) for c, (m, o) in sorted(sums.totals.items())]
    yield from _cost(totals, sums.unpriced)
    yield _last(envelope, sums)
    if view.advises:
        yield from _next(sums, view)


def _warnings(envelope: Envelope, view: View) -> Iterator[Line]:
    unread = [source for source in envelope.observed if not source.complete]
    for source in unread:
        yield line(Span("Not read", "warning"), f"  {source.name}: {source.detail}")
    if envelope.partial:
        yield line(Span("Partial plan", "warning"), "  only what was asked for was planned")
    if envelope.problems:
        yield line(Span("Warnings", "warning"))
    for problem in envelope.problems:
        head = line(f"  {problem.get('code', '')}  {problem.get('message', '')}")
        yield at_right(head, f"{problem.get('file', '')}:{problem.get('line', '')}", view.width)
    if unread or envelope.partial or envelope.problems:
        yield BLANK


def _notes(notes: Sequence[Note], view: View) -> Iterator[Line]:
    if not notes:
        return
    yield line(Span("Notes", "bold"))
    for note in notes:
        yield from labelled(reference(note.address), note.text, view.width, 2, 24)
    yield BLANK


def _cost(totals: Sequence[Total], unpriced: int) -> Iterator[Line]:
    if not totals and not unpriced:
        return
    sums = [
        f"{money(total.monthly)} {total.currency}/month, {total.once:f} {total.currency} once."
        for total in totals
    ]
    if unpriced:
        are = "is" if unpriced == 1 else "are"
        sums.append(f"{number_of(unpriced, 'item')} without a price {are} not counted.")
    yield line(Span("Cost", "bold"), f"   {'  '.join(sums)}")
    yield BLANK


def _last(envelope: Envelope, sums: _Sums) -> Line:
    counts = listed((sums.acts[action], f"to {action}") for action in _WORDS)
    name = Span(f"Plan {short(envelope.content_digest)}", "bold")
    return line(name, f": {counts or 'nothing to do'}.")


def _saved(view: View) -> Iterator[Line]:
    if view.saved_as:
        yield line(f"Saved to {view.saved_as} (no secrets in it).")


def _next(sums: _Sums, view: View) -> Iterator[Line]:
    yield from _saved(view)
    if sums.refused:
        yield line("Next:")
        yield line("  put right what is refused, then plan again")
    if not sums.applicable:
        return
    command = "reconciler apply"
    if view.saved_as:
        command += f" {shlex.quote(view.saved_as)}"
    command += "".join(f" --allow {limit}={most}" for limit, most in allowances(sums.gates))
    yield line("Next:" if not sums.refused else "  or, for the other tenants:")
    yield line(f"  {command}")
    if sums.approvals:
        approved = "".join(f" --approve {a}" for a in dict.fromkeys(sums.approvals))
        yield line("  or, to give numbers back for good as well:")
        yield line(f"  {command}{approved}")


def allowances(gates: Iterable[Gate]) -> list[tuple[str, str]]:
    """Each limit once, with the most that any tenant needs."""
    most: dict[str, Decimal] = {}
    for gate in gates:
        with contextlib.suppress(InvalidOperation):  # it may come from a file
            most[gate.id] = max(most.get(gate.id, Decimal(0)), Decimal(gate.planned))
    return [(limit, f"{amount:f}") for limit, amount in sorted(most.items())]
