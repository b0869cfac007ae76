"""One part of a plan for people: its lines, and what the report counts of it.

They are made where the part is at hand, so that a fleet's are made by many processes.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.engine.made import AnyPart
from reconciler.engine.plan import Gate, Note, Total
from reconciler.model.act import Action
from reconciler.report.entries import PlanEntry, View, entries_of, entry_lines, reference
from reconciler.report.held import MOST_LISTED, held_lines
from reconciler.report.text import (
    BLANK,
    Line,
    Span,
    Told,
    as_text,
    at_right,
    labelled,
    line,
    listed,
    number_of,
    packed,
    unpacked,
)
from reconciler.report.values import field_name, sides_text

_HELD_TITLES = {
    "waiting": "Waiting",
    "unknown": "Outcome unknown: left alone until it is settled",
    "parked": "Parked: a person must look",
    "unchecked": "Not checked, so not planned",
    "unsupported": "Not planned: the connector cannot bring it about",
    "not_taken": "In trouble at its carrier",
    "due": "Due",
}


@dataclass(slots=True)
class Sums:
    """What is counted over all parts."""

    acts: Counter[Action] = field(default_factory=Counter)
    idle: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    parts: int = 0
    unchanged: int = 0
    totals: dict[str, tuple[Decimal, Decimal, Decimal]] = field(default_factory=dict)
    unpriced: int = 0
    approvals: list[str] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    refused: int = 0
    """Parts of which nothing is applied."""
    applicable: int = 0
    """Parts of which something may be."""

    def add(self, part: AnyPart, entries: Sequence[PlanEntry]) -> None:
        """Count a part with its entries."""
        self.parts += 1
        self.unchanged += part.unchanged
        self.notes += part.notes
        if part.refused:
            self.refused += 1
        else:
            self._add_applied(part, entries)
        if _is_idle(part):
            self.idle.append(part.part)

    def _add_applied(self, part: AnyPart, entries: Sequence[PlanEntry]) -> None:
        """Count what an apply of a part does; of one that is refused it does nothing."""
        self.unpriced += len(part.unpriced)
        self.acts.update(entry.main.action for entry in entries)
        if part.operations:
            self.applicable += 1
            self.approvals += [op.approval for op in part.operations if op.approval]
            self.gates += part.gates
        for total in part.totals:
            self._add_cost(total.currency, total.monthly, total.once, total.awaiting)

    def merge(self, other: Sums) -> None:
        """Count what another one has counted."""
        self.acts.update(other.acts)
        self.idle += other.idle
        self.notes += other.notes
        self.parts += other.parts
        self.unchanged += other.unchanged
        for currency, amounts in other.totals.items():
            self._add_cost(currency, *amounts)
        self.unpriced += other.unpriced
        self.approvals += other.approvals
        self.gates += other.gates
        self.refused += other.refused
        self.applicable += other.applicable

    def _add_cost(self, currency: str, monthly: Decimal, once: Decimal, awaiting: Decimal) -> None:
        before = self.totals.get(currency, (Decimal(0), Decimal(0), Decimal(0)))
        self.totals[currency] = (before[0] + monthly, before[1] + once, before[2] + awaiting)


def _is_idle(part: AnyPart) -> bool:
    return not (part.operations or part.gates or part.drifted or part.unmanaged or part.held)


@dataclass(frozen=True, slots=True)
class PartText:
    """One part as it is told.

    Attributes:
        part: The tenant's name.
        changes: How much of it changes, in words, beside its name.
        lines: What is told below that; nothing where there is nothing to say of it. One text
            where the view is plain.
        sums: What is counted of it.
    """

    part: str
    changes: str
    lines: tuple[Told, ...]
    sums: Sums

    def packed(self) -> bytes:
        """Itself as bytes for a process of ours; spans one by one would take ten times as long."""
        lines = [made for made in self.lines if not isinstance(made, str)]
        told = packed(lines) if lines else self.lines
        return pickle.dumps((self.part, self.changes, told, self.sums))


def unpacked_part(piece: bytes) -> PartText:
    """Read back what `PartText.packed` wrote, in this process or in one that it started."""
    part, changes, told, sums = pickle.loads(piece)  # noqa: S301 - our own
    return PartText(part, changes, unpacked(told) if isinstance(told, str) else told, sums)


def part_text(part: AnyPart, view: View) -> PartText:
    """Tell one part."""
    entries = entries_of(part.operations)
    sums = Sums()
    sums.add(part, entries)
    count = number_of(len(entries), "operation") if entries else "no changes"
    changes = f"{count}, {part.unchanged} unchanged"
    if _is_idle(part):
        return PartText(part.part, changes, (), sums)
    lines = _lines(part, entries, view)
    return PartText(part.part, changes, (as_text(lines),) if view.plain else tuple(lines), sums)


def _lines(part: AnyPart, entries: Sequence[PlanEntry], view: View) -> Iterator[Line]:
    yield BLANK
    asked = [entry for entry in entries if not entry.reverts_drift]
    for entry in asked:
        yield from entry_lines(entry, view)
    if asked:
        yield BLANK
    yield from _reverts([entry for entry in entries if entry.reverts_drift], view)
    for section in (_calls, _approvals, _limits, _refused, _held, _left, _unmanaged):
        yield from section(part, view)


def _reverts(entries: Sequence[PlanEntry], view: View) -> Iterator[Line]:
    if not entries:
        return
    yield line(Span("Changed behind git's back", "bold"), " (put back as git says)")
    for entry in entries:
        yield from entry_lines(entry, view)
    yield BLANK


def _calls(part: AnyPart, view: View) -> Iterator[Line]:
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
    shown = calls.paths if view.full else calls.paths[:MOST_LISTED]
    for path in shown:
        what = ", ".join(str(path[key]) for key in ("to", "when") if path.get(key))
        gone = "not in service"
        text = f"{what}: {path.get('before') or gone} → {path.get('after') or gone}"
        yield from labelled(str(path.get("verdict", "")), text, view.width, 2)
    yield from _more(len(calls.paths) - len(shown))
    yield BLANK


def _approvals(part: AnyPart, view: View) -> Iterator[Line]:
    needed = sorted({operation.approval for operation in part.operations if operation.approval})
    if not needed:
        return
    yield line(Span("Needs approval", "bold"), " (without it they are skipped)")
    for approval in needed:
        yield line("  ", Span(approval, "danger"))
    yield from _beyond_budget(part.totals, view)
    yield BLANK


def _beyond_budget(totals: Sequence[Total], view: View) -> Iterator[Line]:
    """Tell where an apply that is given the approvals would stop at the tenant's budget."""
    for total in totals:
        if total.awaiting > 0 and total.bill and total.budget and total.bill > total.budget:
            told = (
                f"with all of it the tenant would cost {total.bill:f} {total.currency} a month,"
                f" its budget is {total.budget:f} {total.currency}: an apply that is given it"
                " stops there"
            )
            yield from labelled("", told, view.width, 2, 0)


def _limits(part: AnyPart, view: View) -> Iterator[Line]:
    yield from _gates("Over a limit", [g for g in part.gates if g.kind == "limit"], view)


def _refused(part: AnyPart, view: View) -> Iterator[Line]:
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


def _held(part: AnyPart, view: View) -> Iterator[Line]:
    for what, title in _HELD_TITLES.items():
        mine = [held for held in part.held if held.what == what]
        if what == "due":
            # Releases that are due are operations of the plan already; they have their lines.
            approvals = {f"--approve {op.approval}" for op in part.operations if op.approval}
            mine = [held for held in mine if held.next not in approvals]
        yield from held_lines(
            title, mine, view.width, name=reference, more=" (--full)", whole=view.full
        )


def _left(part: AnyPart, view: View) -> Iterator[Line]:
    if not part.drifted:
        return
    yield line(Span("Drift that this plan leaves as it is", "bold"))
    for drift in part.drifted:
        by = " ".join(piece for piece in (drift.who and f"by {drift.who}", drift.at) if piece)
        yield at_right(line(f"  {reference(drift.address)}"), by, view.width)
        for change in drift.changes:
            yield from labelled(field_name(change.path), sides_text(change), view.width, 4)
    yield BLANK


def _unmanaged(part: AnyPart, view: View) -> Iterator[Line]:
    if not part.unmanaged:
        return
    yield line(Span("There, but not in git and not ours", "bold"), " (left alone)")
    shown = part.unmanaged if view.full else part.unmanaged[:MOST_LISTED]
    for address in shown:
        yield line(f"  {reference(address)}")
    yield from _more(len(part.unmanaged) - len(shown))
    yield BLANK


def _more(count: int) -> Iterator[Line]:
    if count > 0:
        yield line(f"  … {count} more: --full shows all")
