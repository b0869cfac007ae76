"""What was changed behind git's back: from parts that were planned without putting drift back.

A tenant is `drifted`, `not_checked`, `unsupported`, `pending` or `clean`, the first of these that
holds. Not checked is never clean; merged and not yet applied is pending, not drift; what a
connector can never hold is as far from git as it was, and nobody's doing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.engine.plan import FieldDifference, Operation, Part
from reconciler.errors import Exit
from reconciler.model.act import Cause
from reconciler.model.address import ACCOUNT
from reconciler.report.accounts import AccountNumbers, account_records, accounts_text
from reconciler.report.entries import entries_of, reference
from reconciler.report.machine import document
from reconciler.report.text import (
    BLANK,
    WIDTH,
    Line,
    Span,
    Style,
    at_right,
    labelled,
    line,
    padded,
)
from reconciler.report.values import field_name, sides_text

STATES = ("drifted", "not_checked", "unsupported", "pending", "clean")

_STYLES: Mapping[str, Style] = {
    "drifted": "change",
    "not_checked": "warning",
    "unsupported": "warning",
    "pending": "dim",
    "clean": "good",
}


@dataclass(frozen=True, slots=True)
class DriftedObject:
    """One object that is not what the last apply left."""

    address: str
    changes: tuple[FieldDifference, ...]
    who: str
    place: str


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What to type about a finding: templates with `{tenant}`, `{scope}` and `{address}`.

    The scope of a tenant is a flag; an account has none, as it is applied with all tenants.

    Attributes:
        revert: Puts it back.
        allow: Comes before that where the project has drift reported, not put back.
        keep: Makes git follow it.
        reverts: Whether the project has what drifted at an address put back.
    """

    revert: str = "reconciler apply{scope}"
    allow: str = "set `drift: revert` for it in reconciler.yaml, then {revert}"
    keep: str = "write the live value into git"
    reverts: Callable[[str], bool] = lambda address: True  # noqa: ARG005

    def back(self, item: DriftedObject) -> str:
        """What puts a field back. What git changed as well is overwritten in any case."""
        both = all(change.cause is Cause.BOTH for change in item.changes)
        if both or self.reverts(item.address):
            return self.revert
        return self.allow.replace("{revert}", self.revert)


@dataclass(frozen=True, slots=True)
class TenantDrift:
    """What was found at one tenant."""

    tenant: str
    drifted: tuple[DriftedObject, ...]
    missing: tuple[Operation, ...]
    unmanaged: tuple[str, ...]
    pending: int
    unchecked: tuple[tuple[str, str], ...]
    unsupported: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> str:
        """The one word for it."""
        if self.drifted or self.missing:
            return "drifted"
        if self.unchecked:
            return "not_checked"
        if self.unsupported:
            return "unsupported"
        return "pending" if self.pending else "clean"


def tenant_drift(part: Part) -> TenantDrift:
    """Sort a part, planned without putting drift back, into what it says about drift."""
    missing = tuple(op for op in part.operations if op.before is None and _drifted(op))
    gone = {operation.entry for operation in missing}
    entries = entries_of(part.operations)
    return TenantDrift(
        tenant=part.part,
        drifted=(*_reported(part), *_overwritten(part.operations)),
        missing=missing,
        unmanaged=part.unmanaged,
        pending=sum(e.main.is_change and e.main.entry not in gone for e in entries),
        unchecked=_held(part, _UNCHECKED),
        unsupported=_held(part, {"unsupported"}),
    )


_UNCHECKED = frozenset({"unchecked", "unknown", "parked", "not_taken"})
"""Why nobody can say of something that it is as it was left."""


def _held(part: Part, whats: Collection[str]) -> tuple[tuple[str, str], ...]:
    return tuple((held.address, held.detail) for held in part.held if held.what in whats)


def drift_exit(parts: Iterable[Part]) -> Exit:
    """2 where something drifted, 7 where all that is wrong is that it was not checked, else 0."""
    states = {tenant_drift(part).state for part in parts}
    if "drifted" in states:
        return Exit.PENDING
    return Exit.UNAVAILABLE if "not_checked" in states else Exit.DONE


def _drifted(operation: Operation) -> bool:
    return operation.cause is not Cause.CONFIG


def _reported(part: Part) -> Iterator[DriftedObject]:
    for drift in part.drifted:
        who = " at ".join(piece for piece in (drift.who, drift.at) if piece)
        yield DriftedObject(drift.address, drift.changes, who, "")


def _overwritten(operations: Iterable[Operation]) -> Iterator[DriftedObject]:
    """Fields that git and somebody else both changed: an apply would overwrite theirs."""
    for operation in operations:
        put_in = any(because.type == "operation" for because in operation.because)
        if operation.before is None or put_in:
            continue
        both = tuple(change for change in operation.changes if change.cause is not Cause.CONFIG)
        if both:
            yield DriftedObject(operation.address, both, operation.who, _place(operation))


def _place(operation: Operation) -> str:
    return f"{operation.source.file}:{operation.source.line}" if operation.source else ""


# Text.


def drift_text(
    parts: Iterable[Part],
    ways: WaysOut | None = None,
    width: int = WIDTH,
    accounts: Iterable[AccountNumbers] = (),
) -> Iterator[Line]:
    """Tell what drifted, tenant by tenant, then what carrier accounts have that nobody has."""
    states: Counter[str] = Counter()
    for part in parts:
        found = tenant_drift(part)
        states[found.state] += 1
        yield from _tenant(found, ways or WaysOut(), width)
    yield from accounts_text(accounts, width)
    counted = ", ".join(
        f"{states[state]} {state.replace('_', ' ')}" for state in reversed(STATES) if states[state]
    )
    yield BLANK
    word = "tenant" if states.total() == 1 else "tenants"
    yield line(f"{states.total()} {word}: {counted or 'nothing looked at'}.")


def _tenant(found: TenantDrift, ways: WaysOut, width: int) -> Iterator[Line]:
    waits = f"{found.pending} pending (merged, not applied)" if found.pending else ""
    head = line(
        Span(padded(found.tenant, 8), "bold"), " ", Span(_counts(found), _STYLES[found.state])
    )
    yield at_right(head, waits, width)
    for item in found.drifted:
        yield from _object(item, found.tenant, ways, width)
    for operation in found.missing:
        text = "as git says, and gone from where it was"
        yield from _finding("missing", operation.address, text, _place(operation), width)
        yield from _way("revert", ways.revert, found.tenant, operation.address)
    for address in found.unmanaged:
        yield from _finding("unmanaged", address, "not in git and not ours", "", width)
    for address, why in found.unchecked:
        yield from _finding("unchecked", address, why, "", width)
    for address, why in found.unsupported:
        yield from _finding("not held", address, why, "", width)


def _counts(found: TenantDrift) -> str:
    counts = (
        (len(found.drifted), "drifted"),
        (len(found.missing), "missing"),
        (len(found.unmanaged), "unmanaged"),
        (len(found.unchecked), "NOT CHECKED"),
        (len(found.unsupported), "that a connector cannot hold"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return told or ("clean" if found.state == "clean" else "nothing drifted")


def _object(item: DriftedObject, tenant: str, ways: WaysOut, width: int) -> Iterator[Line]:
    for change in item.changes:
        what = f"{field_name(change.path)}: {_change(change)}"
        yield from _finding("drifted", item.address, what, item.place, width)
    if item.who:
        yield line(f"               by {item.who}")
    yield from _way("revert", ways.back(item), tenant, item.address)
    yield from _way("keep", ways.keep, tenant, item.address)


def _change(change: FieldDifference) -> str:
    also = ", which git changed as well" if change.cause is Cause.BOTH else ""
    return f"{sides_text(change)}{also}"


def _finding(word: str, address: str, text: str, place: str, width: int) -> Iterator[Line]:
    room = width - len(place) - 2 if place else width
    label = f"  {padded(word, 10)} {reference(address)}"
    lines = list(labelled(label, text, room, 0, 44))
    yield at_right(lines[0], place, width)
    yield from lines[1:]


def _way(word: str, template: str, tenant: str, address: str) -> Iterator[Line]:
    if template:
        scope = "" if tenant.startswith(ACCOUNT) else f" --tenant {tenant}"
        text = template.format(tenant=tenant, scope=scope, address=address)
        yield line(f"               {padded(word, 6)} {text}")


# JSON.


def drift_json(parts: Iterable[Part], accounts: Sequence[AccountNumbers] = ()) -> str:
    """The same for machines."""
    listed = list(parts)
    found = [tenant_drift(part) for part in listed]
    states = Counter(item.state for item in found)
    body = {
        "exit_code": int(drift_exit(listed)),
        "tenants": [_record(item) for item in found],
        "accounts": account_records(accounts),
        "summary": {state: states[state] for state in STATES},
    }
    return document("drift", body)


def _record(found: TenantDrift) -> dict[str, Any]:
    return {
        "tenant": found.tenant,
        "state": found.state,
        "drifted": [object_record(item) for item in found.drifted],
        "missing": [operation.address for operation in found.missing],
        "unmanaged": list(found.unmanaged),
        "pending": found.pending,
        "not_checked": held_records(found.unchecked),
        "unsupported": held_records(found.unsupported),
    }


def object_record(item: DriftedObject) -> dict[str, Any]:
    """One object that drifted, as JSON values."""
    changes = [
        {"path": c.path, "op": c.op, "before": c.before, "after": c.after, "cause": c.cause.value}
        for c in item.changes
    ]
    return {"address": item.address, "who": item.who, "place": item.place, "changes": changes}


def held_records(held: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """What could not be checked or held, as JSON values."""
    return [{"address": address, "detail": detail} for address, detail in held]
