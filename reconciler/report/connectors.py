"""Carrier accounts: what each is and can do, as it is known without asking it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.protocols import NUMBER, Capabilities
from reconciler.report.machine import document
from reconciler.report.purse import Purse, purse_facts, purse_record, record_of
from reconciler.report.text import (
    BLANK,
    Line,
    Span,
    labelled,
    line,
    listed,
    number_of,
)

Resolved = Literal["present", "missing", "not tried"]
Mode = Literal["real", "sandbox"]

Elsewhere = Mapping[str, Mapping[str, int]]
"""How much of ours is at connectors that the project does not have: by connector and kind."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that opens an account; never its value.

    Attributes:
        field: Its name.
        reference: Where it comes from, as a sentence names it.
        resolved: Whether it is there; a program is not run for a list.
        detail: Why not.
    """

    field: str
    reference: str
    resolved: Resolved
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many numbers an account had when it was last read.

    Attributes:
        at: UTC instant with Z.
        ours: Numbers that we know as ours.
        others: Numbers that are nobody's here.
        missing: Numbers of ours that were not there.
    """

    at: str
    ours: int
    others: int
    missing: int


@dataclass(frozen=True, slots=True)
class Account:
    """One connector as the project file describes it.

    Attributes:
        name: Its name.
        kind: Which carrier.
        mode: `real` or `sandbox`.
        account: The account's id, "" where it is not known without credentials.
        handoff: Where it hands calls to by default, "" for nowhere.
        capabilities: What it can do; None where that is not known.
        credentials: What opens it.
        counted: What was last read of it; None where nothing was.
        trouble: Why it cannot be opened, though its credentials are there.
        purse: Its money and its few requests; None where it cannot be opened.
    """

    name: str
    kind: str
    mode: Mode
    account: str
    handoff: str
    capabilities: Capabilities | None
    credentials: tuple[Credential, ...]
    counted: Counted | None
    trouble: str = ""
    purse: Purse | None = None


def accounts_text(accounts: Sequence[Account], elsewhere: Elsewhere, width: int) -> Iterator[Line]:
    """Tell of each connector what it is, and what is at one that the project does not have."""
    if not accounts:
        yield line("The project file has no connectors.")
    for n, one in enumerate(accounts):
        yield from (BLANK,) if n else ()
        yield line(Span(one.name, "bold"), f"  {one.kind}, {one.mode}")
        for label, text in _facts(one):
            yield from labelled(label, text, width, 2, 12)
    for name, held in sorted(elsewhere.items()):
        yield line(
            Span("warning", "warning"),
            f" {_counts(held)} of ours at {name}, which is not in the project file.",
        )


def _counts(held: Mapping[str, int]) -> str:
    """Numbers first, and then what else there is."""
    kinds = sorted(held, key=lambda kind: (kind != NUMBER, kind))
    return ", ".join(number_of(held[kind], _word(kind)) for kind in kinds)


def _word(kind: str) -> str:
    return "number" if kind == NUMBER else kind.replace("_", " ")


def _facts(one: Account) -> Iterator[tuple[str, str]]:
    if one.account:
        yield "account", one.account
    yield "hand-off", one.handoff or "none by default"
    if one.capabilities is not None:
        yield "holds", _holds(one.capabilities)
        yield "orders", _orders(one.capabilities)
        yield "lets go", ", ".join(sorted(one.capabilities.removals))
    yield "credentials", "; ".join(map(_credential, one.credentials)) or "none needed"
    yield "numbers", _numbers(one.counted)
    if one.purse is not None:
        yield from purse_facts(one.purse)
    if one.trouble:
        yield "trouble", one.trouble


def _holds(known: Capabilities) -> str:
    told = [_fields("", NUMBER, known)]
    for kind in sorted(known.others):
        whole = bool(known.later(kind))
        told.append(_fields(f"{kind}{_LATER if whole else ''}: ", kind, known))
    return "; ".join(told)


_LATER = " (later)"


def _fields(start: str, kind: str, known: Capabilities) -> str:
    later = dict.fromkeys(known.later(kind) if kind == NUMBER else (), _LATER)
    blind = dict.fromkeys(known.never_told(kind), " (never read back)")
    names = sorted(known.held[kind])
    return start + ", ".join(f"{n}{later.get(n, '')}{blind.get(n, '')}" for n in names)


def _orders(known: Capabilities) -> str:
    if known.keyed:
        how = "a repeated order is known by its key"
    elif known.natural_key:
        how = "a number that we have is not sold to us again"
    else:
        how = "an order is repeated only after a look"
    says = "says" if known.tells_stock else "cannot say"
    return f"{how}; it {says} for certain what it does not offer"


def _credential(one: Credential) -> str:
    return f"{one.field} {one.reference}: {one.resolved}{f' ({one.detail})' if one.detail else ''}"


def _numbers(counted: Counted | None) -> str:
    if counted is None:
        return "never read; reconciler connectors sync reads them"
    told = listed([(counted.ours, "ours"), (counted.others, "not ours")]) or "none"
    missing = f", {counted.missing} of ours not there" if counted.missing else ""
    return f"{told}{missing}, as read at {counted.at}"


def accounts_json(accounts: Iterable[Account], elsewhere: Elsewhere) -> str:
    """The same for machines."""
    told = [_account(one) for one in accounts]
    return document(
        "connectors",
        {"connectors": told, "elsewhere": {name: dict(held) for name, held in elsewhere.items()}},
    )


def _account(one: Account) -> dict[str, Any]:
    counted = one.counted
    return {
        "name": one.name,
        "kind": one.kind,
        "mode": one.mode.replace(" ", "_"),
        "account": one.account,
        "handoff": one.handoff,
        "capabilities": None if one.capabilities is None else _capabilities(one.capabilities),
        "credentials": [
            {
                "field": each.field,
                "reference": each.reference,
                "resolved": each.resolved.replace(" ", "_"),
                "detail": each.detail,
            }
            for each in one.credentials
        ],
        "numbers": None if counted is None else record_of(counted),
        "trouble": one.trouble,
        "purse": None if one.purse is None else purse_record(one.purse),
    }


def _capabilities(known: Capabilities) -> dict[str, Any]:
    return {key: _plain(value) for key, value in record_of(known).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return value
