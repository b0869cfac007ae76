"""A plan for people, and as the JSON that is saved.

Text is told part by part as the parts come, so that a fleet is never in memory. Only the last
line, ``Plan 9f2c-71ab: 1 to create, ...``, keeps its shape for those who parse it all the same.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.engine.guard import in_currency
from reconciler.engine.plan import Envelope, Gate, Note, Part, Total, short
from reconciler.engine.plan_file import plan_chunks
from reconciler.model.act import Action
from reconciler.report.entries import (
    View,
    entries_of,
    money,
    operation_line,
    reference,
)
from reconciler.report.plan_part import PartText, Sums, part_text
from reconciler.report.text import (
    BLANK,
    Line,
    Span,
    Style,
    Told,
    at_right,
    labelled,
    line,
    listed,
    number_of,
)

_WORDS = (
    Action.CREATE, Action.ORDER, Action.ASSIGN, Action.PORT, Action.UPDATE, Action.PUBLISH,
    Action.REPLACE, Action.ADOPT, Action.DELETE, Action.QUARANTINE, Action.RELEASE,
    Action.REMOVE, Action.MOVE,
)  # fmt: skip
"""The order of the last line."""


def plan_json(envelope: Envelope, parts: Iterable[Part]) -> Iterator[str]:
    """Write a plan as it is saved, piece by piece: one JSON document in canonical form."""
    return plan_document(envelope, (part.text for part in parts))


def plan_document(envelope: Envelope, texts: Iterable[str]) -> Iterator[str]:
    """The same from parts that are written already, each in canonical JSON."""
    return plan_chunks(envelope.model_dump(mode="json"), texts)


def plan_text(
    envelope: Envelope, parts: Iterable[Part], view: View, now: datetime | None = None
) -> Iterator[Told]:
    """Tell a plan.

    Args:
        envelope: Complete, with its digest.
        parts: One per tenant.
        view: How to show it.
        now: What "observed 38 s ago" counts to; without it the instant itself is shown.
    """
    yield from told_plan(envelope, (part_text(part, view) for part in parts), view, now)


def told_plan(
    envelope: Envelope, told: Iterable[PartText], view: View, now: datetime | None = None
) -> Iterator[Told]:
    """The same from parts that are told already, each with the same view."""
    sums = Sums()
    for part in told:
        sums.merge(part.sums)
        if part.lines:
            yield line(Span(part.part, "bold"), _headline(envelope, part, now))
            yield from part.lines
    yield from _end(envelope, sums, view)


def plan_concise(envelope: Envelope, parts: Iterable[Part]) -> Iterator[Line]:
    """Tell one operation a line, what stops or waits a line each, and the counts."""
    sums = Sums()
    for part in parts:
        sums.add(part, entries_of(part.operations))
        for operation in part.operations:
            yield operation_line(operation)
        for gate in part.gates:
            yield line(f"{part.part} ", Span(gate.kind, "error"), f" {gate.id} {gate.detail}")
        for held in part.held:
            yield line(f"{part.part} {held.what} {reference(held.address)} {held.detail}")
    for gate in envelope.gates:
        yield line("* ", Span(gate.kind, "error"), f" {gate.id} {gate.detail}")
    unsure = [told for told in balance_lines(envelope) if told[0] != "bold"]
    yield from (line("* ", Span("balance", style), f" {text}") for style, text in unsure)
    yield _last(envelope, sums)


# What stands around the parts.


def _headline(envelope: Envelope, part: PartText, now: datetime | None) -> str:
    pieces = [part.changes]
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


def _end(envelope: Envelope, sums: Sums, view: View) -> Iterator[Line]:
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
    totals = [
        Total(currency=currency, monthly=monthly, once=once, awaiting=awaiting)
        for currency, (monthly, once, awaiting) in sorted(sums.totals.items())
    ]
    yield from _cost(totals, sums.unpriced)
    yield from _balances(envelope)
    yield from _whole(envelope)
    yield _last(envelope, sums)
    if view.advises:
        yield from _next(envelope, sums, view)


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
        f"{money(total.monthly)} {total.currency}/month, {total.once:f} {total.currency} once"
        f"{_awaiting(total)}."
        for total in totals
    ]
    if unpriced:
        are = "is" if unpriced == 1 else "are"
        sums.append(f"{number_of(unpriced, 'item')} without a price {are} not counted.")
    yield line(Span("Cost", "bold"), f"   {'  '.join(sums)}")
    yield BLANK


def _awaiting(total: Total) -> str:
    if not total.awaiting:
        return ""
    return f"; {money(total.awaiting)} {total.currency}/month with what waits for approval"


def _balances(envelope: Envelope) -> Iterator[Line]:
    """What each account that is drawn on has left, and what this takes of it."""
    told = list(balance_lines(envelope))
    if not told:
        return
    for style, text in told:
        yield line(Span("Balance", style), f"  {text}")
    yield BLANK


def balance_lines(envelope: Envelope) -> Iterator[tuple[Style, str]]:
    """The same, each with how it looks."""
    for known in envelope.cost.get("balances", ()):
        of = f"{known['connector']}: "
        needs, short = _needs(known)
        if known["state"] == "not_checked":
            yield "warning", f"{of}not checked ({known['detail']}); {needs}"
            continue
        paid = f", with {known['paid']} ordered since {known['at']}" if "paid" in known else ""
        left = f"{of}{known['left']} {known['currency']}{paid}, {needs}"
        if known["state"] != "enough":
            yield "error", f"{left}: apply is stopped until the account is topped up"
        elif short:
            yield "warning", f"{left}: too little for that; top the account up before approving it"
        else:
            yield "bold", left


def _needs(known: Mapping[str, Any]) -> tuple[str, bool]:
    """What an account must have, and whether it lacks what waits for an approval."""
    needs = f"this needs {known['needed']} {known['currency']}"
    more = known.get("awaiting_approval")
    if not more:
        return needs, False
    told = f"{needs}, {more['amount']} {known['currency']} more with what waits for approval"
    return told, more["state"] == "short"


def _whole(envelope: Envelope) -> Iterator[Line]:
    """What all parts together pass."""
    for gate in envelope.gates:
        place = f" ({gate.place})" if gate.place else ""
        yield line(Span("Over a limit", "error"), f"  {gate.id}: {gate.detail}{place}")
        yield line(f"  once: {gate.hint}")
    if envelope.gates:
        yield BLANK


def _last(envelope: Envelope, sums: Sums) -> Line:
    counts = listed((sums.acts[action], f"to {action}") for action in _WORDS)
    name = Span(f"Plan {short(envelope.content_digest)}", "bold")
    refused = f"; {number_of(sums.refused, 'tenant')} refused" if sums.refused else ""
    return line(name, f": {counts or 'nothing to do'}{refused}.")


def _saved(view: View) -> Iterator[Line]:
    if view.saved_as:
        yield line(f"Saved to {view.saved_as} (no secrets in it).")


def _next(envelope: Envelope, sums: Sums, view: View) -> Iterator[Line]:
    yield from _saved(view)
    if sums.refused:
        yield line("Next:")
        yield line("  put right what is refused, then plan again")
    if not sums.applicable:
        return
    command = "reconciler apply"
    if view.saved_as:
        command += f" {shlex.quote(view.saved_as)}"
    command += "".join(f" {flag}" for flag in allowances([*sums.gates, *envelope.gates]))
    yield line("Next:" if not sums.refused else "  or, for the other tenants:")
    yield line(f"  {command}")
    if sums.approvals:
        approved = "".join(f" --approve {a}" for a in dict.fromkeys(sums.approvals))
        yield line("  or, with what needs an approval as well:")
        yield line(f"  {command}{approved}")


def allowances(gates: Iterable[Gate]) -> list[str]:
    """The flag that lets each limit pass once, with the most that any tenant needs."""
    most: dict[str, Decimal] = {}
    for gate in gates:
        named = gate.id == "monthly_increase" and gate.currency
        limit = in_currency(gate.id, gate.currency)
        flag = f"--max-monthly-increase {gate.currency}" if named else f"--allow {limit}"
        with contextlib.suppress(InvalidOperation):  # it may come from a file
            most[flag] = max(most.get(flag, Decimal(0)), Decimal(gate.planned))
    return [f"{flag}={amount:f}" for flag, amount in sorted(most.items())]
