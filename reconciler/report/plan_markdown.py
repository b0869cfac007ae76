"""A plan as the comment of a pull request: danger, one table, details folded by tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.engine.plan import Envelope, Part, short
from reconciler.model.act import PARTINGS, Action
from reconciler.report.entries import PlanEntry, View, details, entries_of, former, money, place_of
from reconciler.report.entries import reference as of_tenant
from reconciler.report.markdown import (
    Fold,
    alert,
    code,
    code_free,
    composed,
    marker,
    part_name,
    table,
    words,
)
from reconciler.report.plan import allowances, balance_lines
from reconciler.report.text import number_of, printable
from reconciler.report.values import field_name, sides_text

_COLUMNS = (
    Action.CREATE, Action.ORDER, Action.ASSIGN, Action.PORT, Action.UPDATE, Action.PUBLISH,
    Action.REPLACE, Action.ADOPT, Action.DELETE, Action.QUARANTINE, Action.RELEASE,
    Action.REMOVE, Action.MOVE,
)  # fmt: skip

_SIGNS: Mapping[Action, str] = {
    Action.CREATE: "+",
    Action.ORDER: "+",
    Action.ASSIGN: "+",
    Action.PORT: "+",
    Action.DELETE: "-",
    Action.RELEASE: "-",
    Action.REMOVE: "-",
    Action.MOVE: "-",
}
"""What colours a line of a `diff`: `!` is orange."""

_MOST_WARNINGS = 10
_MOST_FLAGS = 10


def plan_md(envelope: Envelope, parts: Iterable[Part], view: View) -> str:
    """Tell a plan in less than 65,536 characters."""
    listed = [part for part in parts if _says_something(part)]
    head = [
        marker("plan", envelope.scope.get("tenants")),
        _title(envelope, listed),
        "",
        *alert("CAUTION", [*_flags(envelope, listed), *_dangers(listed)]),
        *alert("WARNING", list(_cautions(envelope, listed))),
        *_table(envelope, listed),
    ]
    folds = [_fold(part, view) for part in listed]
    return composed(head, folds, ["", _end(envelope, listed)])


def _says_something(part: Part) -> bool:
    return bool(part.operations or part.gates or part.drifted or part.unmanaged or part.held)


def _title(envelope: Envelope, parts: Sequence[Part]) -> str:
    acts = _acts(parts)
    count = sum(acts.values())
    refused = [part for part in parts if part.refused]
    if not count:
        nothing = f"{number_of(len(refused), 'tenant')} refused" if refused else "no changes"
        return f"### 📞 Telephony plan: {nothing}"
    concerned = sum(bool(part.operations) and not part.refused for part in parts)
    pieces = [f"{number_of(count, 'operation')} in {number_of(concerned, 'tenant')}"]
    totals: Sequence[Mapping[str, Any]] = envelope.cost.get("totals", ())
    pieces += [
        f"{money(Decimal(total['monthly']))} {code_free(total['currency'].lower()).upper()}/month"
        for total in totals
    ]
    pieces += [number_of(acts[each], each.value) for each in sorted(PARTINGS) if acts[each]]
    pieces += [f"{number_of(len(refused), 'tenant')} refused"] if refused else []
    return f"### 📞 Telephony plan: {' · '.join(pieces)}"


def _acts(parts: Iterable[Part]) -> Counter[Action]:
    """What an apply does: of a tenant that is refused nothing."""
    applied = (part for part in parts if not part.refused)
    return Counter(entry.main.action for part in applied for entry in entries_of(part.operations))


# What must be seen.


def _dangers(parts: Sequence[Part]) -> Iterator[str]:
    """What cannot be undone, and what stops answering: the worst first, as the list is cut."""
    for action in sorted(PARTINGS):
        yield from _named(parts, action, f"{action.value}s {{}}. This cannot be undone.")
    yield from (
        f"**{part_name(part.part)}**: {number_of(part.calls.lost, 'call path')} lost."
        for part in parts
        if part.calls.lost
    )
    text = "takes {} out of service. It is kept, and can come back."
    yield from _named(parts, Action.QUARANTINE, text)
    yield from _named(parts, Action.ORDER, "buys {}. This cannot be undone.")


def _named(parts: Sequence[Part], action: Action, text: str) -> Iterator[str]:
    for part in parts:
        for entry in entries_of(part.operations):
            if entry.main.action is action:
                number = code(of_tenant(entry.name))
                yield f"**{part_name(part.part)}** {text.format(number)}"


def _flags(envelope: Envelope, parts: Sequence[Part]) -> Iterator[str]:
    """What has to be said to apply all of it: limits first, then each approval."""
    approvals = sorted({op.approval for part in parts for op in part.operations if op.approval})
    limits = [gate for part in parts for gate in part.gates if gate.kind == "limit"]
    limits += envelope.gates
    flags = allowances(limits)
    flags += [f"--approve {approval}" for approval in approvals]
    if flags:
        more = f" and {len(flags) - _MOST_FLAGS} more" if len(flags) > _MOST_FLAGS else ""
        yield f"Whoever applies must add {' '.join(map(code, flags[:_MOST_FLAGS]))}{more}."


def _cautions(envelope: Envelope, parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        for gate in part.gates:
            if gate.kind == "refusal":
                yield f"**{part_name(part.part)}** is refused: {words(gate.detail)}"
        for held in part.held:
            if held.what in {"unknown", "parked", "unchecked", "unsupported", "not_taken"}:
                yield f"{code(held.address)} {held.what.replace('_', ' ')}: {words(held.detail)}"
    unsure = (text for style, text in balance_lines(envelope) if style != "bold")
    yield from (f"Balance of {words(text)}" for text in unsure)
    for source in envelope.observed:
        if not source.complete:
            yield f"{code(source.name)} was not read: {words(source.detail)}"
    for problem in envelope.problems[:_MOST_WARNINGS]:
        place = f"{problem.get('file', '')}:{problem.get('line', '')}"
        message = words(str(problem.get("message", "")))
        yield f"{code(str(problem.get('code', '')))} {message} {code(place)}"


def _table(envelope: Envelope, parts: Sequence[Part]) -> list[str]:
    acts = _acts(parts)
    used = [action for action in _COLUMNS if acts[action]]
    heads = ("tenant", *(action.value for action in used), "calls changed", "cost/month", "checks")
    warned = Counter(
        str(problem.get("address", "")).partition("/")[0] for problem in envelope.problems
    )
    return table(heads, [_row(part, used, warned[part.part]) for part in parts])


def _row(part: Part, used: Sequence[Action], warnings: int) -> list[str]:
    acts = _acts((part,))
    figures = [
        f"**{acts[action]}**" if acts[action] and action in PARTINGS else str(acts[action])
        for action in used
    ]
    return [
        part_name(part.part),
        *figures,
        _calls(part),
        _cost(part),
        number_of(warnings, "warning") if warnings else "",
    ]


def _calls(part: Part) -> str:
    calls = part.calls
    counts = ((calls.changed, "changed"), (calls.new, "new"))
    told = [f"{count} {word}" for count, word in counts if count]
    told += [f"**{calls.lost} lost**"] if calls.lost else []
    return ", ".join(told)


def _cost(part: Part) -> str:
    told = [f"{money(total.monthly)} {printable(total.currency)}" for total in part.totals]
    told += [
        f"{money(total.awaiting)} {printable(total.currency)} with approval"
        for total in part.totals
        if total.awaiting
    ]
    told += [f"{len(part.unpriced)} unknown"] if part.unpriced else []
    return ", ".join(told)


# Details.


def _fold(part: Part, view: View) -> Fold:
    lines = [text for entry in entries_of(part.operations) for text in _entry(entry, view)]
    lines += [f"! limit {printable(g.id)}: {printable(g.detail)}" for g in part.gates]
    for drift in part.drifted:
        lines += [
            f"  left as it is: {of_tenant(drift.address)} {field_name(c.path)}: {sides_text(c)}"
            for c in drift.changes
        ]
    lines += [f"  {h.what} {of_tenant(h.address)}: {h.detail}" for h in part.held]
    lines += [f"  note {of_tenant(n.address)}: {n.text}" for n in part.notes]
    lines += [f"  there, not in git: {of_tenant(address)}" for address in part.unmanaged]
    title = f"<b>{part_name(part.part)}</b>: what changes"
    return Fold(title, tuple(map(printable, lines)), "diff")


def _entry(entry: PlanEntry, view: View) -> Iterator[str]:
    sign = _SIGNS.get(entry.main.action, "!")
    place = place_of(entry)
    name = f"{of_tenant(entry.name)}{former(entry)}"
    yield f"{sign} {entry.main.action} {name}   {place}".rstrip()
    for label, text in details(entry, view):
        yield f"{sign}     {f'{label} ' if label else ''}{text}"


def _end(envelope: Envelope, parts: Sequence[Part]) -> str:
    pieces = [f"Plan {code(short(envelope.content_digest))}"]
    commit = envelope.inputs.get("commit")
    if isinstance(commit, str) and commit:
        dirty = " with changes that are not committed" if envelope.inputs.get("dirty") else ""
        pieces[0] += f" for {code(commit[:7])}{dirty}"
    if envelope.observed:
        pieces.append(f"observed {printable(min(source.at for source in envelope.observed))}")
    relied = sum(len(part.operations) for part in parts)
    if relied:
        pieces.append(f"stale after any change to the {number_of(relied, 'object')}")
    return " · ".join(pieces)
