"""The lines of one YAML entry in a plan: its act, its place, and what changes, indented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reconciler.engine.fields import FieldChange, defaults
from reconciler.engine.made import AnyOperation, MadeBeside
from reconciler.engine.plan import Beside, Cost, FieldDifference, Operation, by_entry
from reconciler.model.act import PARTINGS, Action, Cause, Reversibility
from reconciler.model.resource import Resource
from reconciler.report.text import (
    WIDTH,
    Line,
    Span,
    Style,
    at_right,
    labelled,
    line,
    padded,
)
from reconciler.report.values import change_text, field_name, value_text

INDENT = 17
"""Columns before the details of an entry."""

SYMBOLS: Mapping[Action, tuple[str, Style]] = {
    Action.CREATE: (" +", "add"),
    Action.ORDER: (" +", "add"),
    Action.ASSIGN: (" +", "add"),
    Action.PORT: (" >", "add"),
    Action.UPDATE: (" ~", "change"),
    Action.PUBLISH: (" ~", "change"),
    Action.ADOPT: (" =", "change"),
    Action.REPLACE: ("-/+", "gone"),
    Action.DELETE: (" -", "gone"),
    Action.QUARANTINE: ("(-)", "gone"),
    Action.RELEASE: (" !", "danger"),
    Action.REMOVE: (" !", "danger"),
    Action.MOVE: (" !", "danger"),
}
"""What stands before the word of an act; the word always stands beside it."""

_ACTS = {
    action: (padded(f"{symbol} {action}", 15), style) for action, (symbol, style) in SYMBOLS.items()
}
"""How an entry begins."""

_SAYS_ITSELF = (Action.CREATE, Action.UPDATE, Action.PUBLISH)
"""Acts whose reason is that YAML says so, which needs no line but where a `;` says more."""

_MOST_NAMED = 10
"""Of the objects that a rename re-points."""

_GOES = PARTINGS | {Action.DELETE, Action.QUARANTINE}


@dataclass(frozen=True, slots=True)
class View:
    """How a plan is shown.

    Attributes:
        width: Columns.
        full: Whether to show every field and value in full.
        saved_as: The file that the plan was saved to, "" for none.
        kinds: Every kind by name: a new object's fields that are at their default are left
            out. Without it all are shown.
        advises: Whether to end with what to type next: not where it is done at once.
        plain: Whether a part may be told as plain text, as nobody shows it in colours.
    """

    width: int = WIDTH
    full: bool = False
    saved_as: str = ""
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    advises: bool = True
    plain: bool = False


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """What one YAML entry becomes: the act that names its line, and all acts of it in order."""

    main: AnyOperation
    operations: tuple[AnyOperation, ...]

    @property
    def name(self) -> str:
        """What its line is about: the entry, or what alone is taken away from it."""
        return self.main.address if self.main.action is Action.DELETE else self.main.entry

    @property
    def reverts_drift(self) -> bool:
        """Whether all of it only puts back what somebody changed behind git's back."""
        return all(operation.cause is Cause.DRIFT for operation in self.operations)


def entries_of(operations: Sequence[AnyOperation]) -> tuple[PlanEntry, ...]:
    """Fold operations under their entries, in the order in which each entry is first met."""
    words = {name: word for word, names in by_entry(operations).items() for name in names}
    grouped: dict[str, list[AnyOperation]] = {}
    for operation in operations:
        grouped.setdefault(operation.entry, []).append(operation)
    return tuple(
        PlanEntry(_main(name, words[name], mine), tuple(mine)) for name, mine in grouped.items()
    )


def _main(entry: str, word: str, operations: Sequence[AnyOperation]) -> AnyOperation:
    if len(operations) == 1:
        return operations[0]
    able = [operation for operation in operations if operation.action == word]
    return next((operation for operation in able if operation.address == entry), able[0])


def reference(address: str) -> str:
    """An address inside its tenant: `kind/name`."""
    return address.split("/", 1)[-1]


def entry_lines(entry: PlanEntry, view: View) -> Iterator[Line]:
    """One entry: head, then details."""
    yield _head(entry, view)
    for label, text in details(entry, view):
        yield from labelled(label, text, view.width, INDENT)


def operation_line(operation: Operation) -> Line:
    """One operation on one line, for --concise: tenant, act, address, fields, place."""
    symbol, style = SYMBOLS[operation.action]
    fields = ",".join(dict.fromkeys(field_name(c.path) for c in operation.changes))
    changed = operation.before is not None and operation.after is not None
    at = operation.source
    tail = f" {fields}" if fields and changed else ""
    tail += f"  {at.file}:{at.line}" if at else ""
    act = Span(f"{symbol.strip()} {operation.action}", style)
    return line(f"{operation.tenant} ", act, f" {_renamed(operation)}{tail}")


def _head(entry: PlanEntry, view: View) -> Line:
    main = entry.main
    act, style = _ACTS[main.action]
    named = main.after or main.before or {}
    title = named.get("name") or named.get("label")
    shown = f' "{title}"' if isinstance(title, str) else ""
    head = line(Span(act, style), f"{reference(entry.name)}{former(entry)}{shown}")
    return at_right(head, place_of(entry), view.width)


def _renamed(operation: AnyOperation) -> str:
    """An address, with the one that it had."""
    was = f" (was {reference(operation.was)})" if operation.was else ""
    return f"{reference(operation.address)}{was}"


def former(entry: PlanEntry) -> str:
    """The name that an entry has until it is renamed, in brackets; "" for none."""
    main = entry.main
    was = next((op.was for op in entry.operations if op.address == main.entry and op.was), "")
    return f" (was {reference(was)})" if was else ""


def place_of(entry: PlanEntry) -> str:
    """Where an entry stands in git, or that it does not any more."""
    for operation in (entry.main, *entry.operations):
        source = operation.source
        if source is not None:
            return f"{source.file}:{source.line}"
    return "not in YAML any more" if entry.main.action in _GOES else ""


# Details, as label and text.


def details(entry: PlanEntry, view: View) -> Iterator[tuple[str, str]]:
    """What is told of an entry under its head, as label and text."""
    main = entry.main
    if main.action in PARTINGS:
        yield "TEL413", f"CANNOT BE UNDONE: {_lost(main, main.connector or _connector(entry))}"
    if main.action is Action.ORDER:
        yield "from", f"{main.connector}, bought; that cannot be undone"
    for operation in entry.operations:
        yield from _of_operation(operation, entry, view)
    lossy = any(operation.reversibility is Reversibility.LOSSY for operation in entry.operations)
    if lossy and main.action not in PARTINGS:
        yield "loses", "it can be made again, but not with its contents"
    in_use = next((op.in_use for op in entry.operations if op.in_use), "")
    if in_use:
        yield "in use", in_use
    if main.action in _GOES and main.effects == "remote":
        yield "keep it", main.undo or "put the line back"
    if _shows_who(entry):
        yield "by", main.who
    cost = _cost(entry.operations)
    if cost:
        yield "cost", cost


def _lost(main: AnyOperation, at: str) -> str:
    match main.action:
        case Action.MOVE:
            account, _, route = main.to.partition("/")
            return (
                f"it goes to account {account} of the carrier, by its route {route}; {at} neither"
                " sees nor reaches it there"
            )
        case Action.REMOVE:
            return f"it leaves {at}, and the carrier may give it to others"
        case _:
            return (
                f"{at} does not give a released number back" if at else "the pool may give it away"
            )


def _connector(entry: PlanEntry) -> str:
    return next((operation.connector for operation in entry.operations if operation.connector), "")


def _shows_who(entry: PlanEntry) -> bool:
    return bool(entry.main.who) and entry.main.cause is not Cause.CONFIG


def _of_operation(
    operation: AnyOperation, entry: PlanEntry, view: View
) -> Iterator[tuple[str, str]]:
    if operation.was:
        yield from _rename(operation)
        return
    if operation is not entry.main:
        yield operation.action, _beside(operation, view)
        return
    put_in = _put_in(operation)
    if put_in:
        yield "why", put_in
    elif view.full or operation.action not in _SAYS_ITSELF or "; " in operation.reason:
        yield "why", operation.reason
    if operation.effects == "none":
        yield "", "nothing is sent"
    if operation.before is None and operation.after is not None and not view.full:
        text = "; ".join(_fields(operation, view))
        if text:
            yield "with", text
    elif operation.after is not None:
        yield from _field_lines(operation, view)


def _rename(operation: AnyOperation) -> Iterator[tuple[str, str]]:
    """Everything that changes with a name; nothing of it is made anew."""
    yield "why", operation.reason
    for one in operation.also:
        if one.was:
            yield "rename", f"{reference(one.address)} (was {reference(one.was)})"
    pointing = [reference(one.address) for one in operation.also if _is_repointed(one)]
    if pointing:
        more = f" and {len(pointing) - _MOST_NAMED} more" if len(pointing) > _MOST_NAMED else ""
        yield "re-point", f"{', '.join(pointing[:_MOST_NAMED])}{more}, in the same step"


def _is_repointed(one: Beside | MadeBeside) -> bool:
    return not one.was and (one.before != one.after or one.graph is not None)


def _beside(operation: AnyOperation, view: View) -> str:
    """Another act of the same entry, on one line."""
    where = "" if operation.address == operation.entry else reference(operation.address)
    what = "; ".join(_fields(operation, view)) if operation.after is not None else ""
    if operation.action is Action.PUBLISH:
        what = "what callers meet becomes the new version"
    text = ": ".join(piece for piece in (where, what) if piece) or operation.reason
    return " ".join(piece for piece in (text, _put_in(operation)) if piece)


def _put_in(operation: AnyOperation) -> str:
    """Why a step was put in that the difference itself does not ask for."""
    for why in operation.because:
        if why.type == "operation":
            return f"(a step of its own: {why.text})"
    return ""


def _field_lines(operation: AnyOperation, view: View) -> list[tuple[str, str]]:
    if operation.before is None:
        return _arrival(operation, view)
    return [(field_name(change.path), _with_cause(change, view)) for change in operation.changes]


def _fields(operation: AnyOperation, view: View) -> list[str]:
    return [f"{name} {text}" for name, text in _field_lines(operation, view)]


def _with_cause(change: FieldDifference | FieldChange, view: View) -> str:
    text = change_text(change, full=view.full)
    if change.cause is Cause.BOTH:
        return f"{text}   overwrites a change made behind git's back"
    return f"{text}   put back" if change.cause is Cause.DRIFT else text


def _arrival(operation: AnyOperation, view: View) -> list[tuple[str, str]]:
    """The fields that a new object is made with, those at their default left out."""
    after = operation.after or {}
    cls = view.kinds.get(operation.kind)
    usual: Mapping[str, Any] = defaults(cls) if cls is not None and not view.full else {}
    secret = operation.secret
    return [
        (name, "(secret, new)" if name in secret else value_text(after[name], full=view.full))
        for name in sorted(after)
        if name in secret or name not in usual or usual[name] != after[name]
    ]


# Money.


def money(amount: Decimal) -> str:
    """An amount with its sign, such as ``+0.85``."""
    return f"{amount:+f}"


_ORIGINS = {"live": "priced live", "file": "from the price file", "list": "list price"}


def _origin(cost: Cost) -> str:
    said = _ORIGINS.get(cost.source, "")
    return f" ({said})" if said else ""


def _cost(operations: Iterable[AnyOperation]) -> str:
    texts = []
    for cost in (operation.cost for operation in operations):
        if cost.state == "unknown":
            once = f"; {cost.once:f} {cost.currency} once" if cost.once else ""
            texts.append(f"unknown: no price for it is known{once}")
        elif cost.state == "priced":
            once = f", {cost.once:f} {cost.currency} once" if cost.once else ""
            texts.append(f"{money(cost.monthly)} {cost.currency}/month{once}{_origin(cost)}")
    return "; ".join(texts)
