"""Carrier accounts: what each is and can do, whether it answers, and what differs from ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal

from reconciler.errors import Exit
from reconciler.protocols import Capabilities
from reconciler.report.machine import document
from reconciler.report.text import (
    BLANK,
    Line,
    Span,
    Style,
    labelled,
    line,
    listed,
    number_of,
    table,
)

Resolved = Literal["present", "missing", "not tried"]
Mode = Literal["real", "sandbox"]


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
class Purse:
    """What is known of an account's money and of its few requests, without asking.

    Attributes:
        tells_balance: Whether its carrier tells what is left.
        balance: What was left when it was last read; None where that is not known.
        currency: Three capital letters (ISO 4217), "" where it is not known.
        at: UTC instant with Z at which it was read.
        limit: How many requests about the account the carrier takes in an hour; None for as
            many as one likes.
        used: How many of them are used.
        next_at: UTC instant with Z at which the next frees up, "" where none is used.
    """

    tells_balance: bool = False
    balance: Decimal | None = None
    currency: str = ""
    at: str = ""
    limit: int | None = None
    used: int = 0
    next_at: str = ""


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


def accounts_text(
    accounts: Sequence[Account], elsewhere: Mapping[str, int], width: int
) -> Iterator[Line]:
    """Tell of each connector what it is, and of numbers at one that the project does not have.

    `elsewhere` counts those by the connector's name.
    """
    if not accounts:
        yield line("The project file has no connectors.")
    for n, one in enumerate(accounts):
        yield from (BLANK,) if n else ()
        yield line(Span(one.name, "bold"), f"  {one.kind}, {one.mode}")
        for label, text in _facts(one):
            yield from labelled(label, text, width, 2, 12)
    for name, count in sorted(elsewhere.items()):
        yield line(
            Span("warning", "warning"),
            f" {number_of(count, 'number')} of ours at {name}, which is not in the project file.",
        )


def _facts(one: Account) -> Iterator[tuple[str, str]]:
    if one.account:
        yield "account", one.account
    yield "hand-off", one.handoff or "none by default"
    if one.capabilities is not None:
        yield "holds", _holds(one.capabilities)
        yield "orders", _orders(one.capabilities)
    yield "credentials", "; ".join(map(_credential, one.credentials)) or "none needed"
    yield "numbers", _numbers(one.counted)
    if one.purse is not None:
        yield from purse_facts(one.purse)
    if one.trouble:
        yield "trouble", one.trouble


def purse_facts(purse: Purse) -> Iterator[tuple[str, str]]:
    """What is known of an account's money and of its few requests, as label and text."""
    if purse.balance is not None:
        yield "balance", f"{purse.balance:f} {purse.currency}, as read at {purse.at}"
    elif purse.tells_balance:
        yield "balance", "not read yet; a plan that buys reads it"
    else:
        yield "balance", "this carrier does not say"
    if purse.limit is not None:
        free = f", the next frees up at {purse.next_at}" if purse.next_at else ""
        yield "requests", f"{purse.used} of {purse.limit} about the account used{free}"


def _holds(known: Capabilities) -> str:
    told = [_fields("", known.fields, known)]
    for kind, names in sorted(known.others.items()):
        later = " (later)" if kind in known.asynchronous else ""
        told.append(_fields(f"{kind}{later}: ", names, known))
    return "; ".join(told)


def _fields(start: str, names: Iterable[str], known: Capabilities) -> str:
    later = dict.fromkeys(known.asynchronous, " (later)")
    blind = dict.fromkeys(known.write_only, " (never read back)")
    told = (f"{name}{later.get(name, '')}{blind.get(name, '')}" for name in sorted(names))
    return start + ", ".join(told)


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


def accounts_json(accounts: Iterable[Account], elsewhere: Mapping[str, int]) -> str:
    """The same for machines."""
    told = [_account(one) for one in accounts]
    return document("connectors", {"connectors": told, "elsewhere": dict(elsewhere)})


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
        "numbers": None if counted is None else _record(counted),
        "trouble": one.trouble,
        "purse": None if one.purse is None else _purse(one.purse),
    }


def _purse(purse: Purse) -> dict[str, Any]:
    told = _record(purse)
    return told | {"balance": None if purse.balance is None else f"{purse.balance:f}"}


def _capabilities(known: Capabilities) -> dict[str, Any]:
    return {key: _plain(value) for key, value in _record(known).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def _record(of: Any) -> dict[str, Any]:
    return {each.name: getattr(of, each.name) for each in fields(of)}


# One read of each.


@dataclass(frozen=True, slots=True)
class AccountRead:
    """What one read of an account gave.

    Attributes:
        name: The connector.
        result: `ok`, `failed`, or `skipped` where this version has no adapter for it.
        seconds: How long it took.
        detail: What it says, as a sentence.
        hint: The next step where it failed.
        status: How that ends the command.
        purse: Its money and its few requests; None where it could not be read.
    """

    name: str
    result: Literal["ok", "failed"]
    seconds: float
    detail: str
    hint: str = ""
    status: Exit = Exit.DONE
    purse: Purse | None = None


_STYLES: Mapping[str, Style] = {"ok": "good", "failed": "error"}


def reads_text(tested: Sequence[AccountRead]) -> Iterator[Line]:
    """Tell what each one said, and how long it took."""
    if not tested:
        yield line("The project file has no connectors.")
    for one in tested:
        told = f"{one.name}: {one.seconds:.2f} s {one.detail}"
        yield line(Span(f"{one.result:<8}", _STYLES[one.result]), told)
        if one.hint:
            yield line(f"        {one.hint}")
        for label, text in purse_facts(one.purse) if one.purse is not None else ():
            yield line(f"        {label}: {text}")


def reads_json(tested: Iterable[AccountRead], status: Exit) -> str:
    """The same for machines."""
    records = [
        {
            "name": one.name,
            "result": one.result,
            "milliseconds": round(one.seconds * 1000),
            "detail": one.detail,
            "hint": one.hint,
            "purse": None if one.purse is None else _purse(one.purse),
        }
        for one in tested
    ]
    return document("connector-tests", {"exit_code": int(status), "connectors": records})


# What is there, against what is ours.


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that is there and nobody's, or ours and not there.

    Attributes:
        kind: Its kind.
        name: Its name: a number's E.164.
        whose: The tenant whose it is, or whose files name it; "" for nobody.
        detail: What else is known of it, as a clause.
    """

    kind: str
    name: str
    whose: str
    detail: str


@dataclass(frozen=True, slots=True)
class Synced:
    """An account as it was just read.

    Attributes:
        name: The connector.
        account: Its id, "" where it could not be read.
        ours: How many things there are ours.
        unowned: What is there and nobody's.
        missing: What is ours and not there.
        odd: Rows that could not be understood.
        trouble: Why it could not be read.
        hint: The next step then.
        status: How that ends the command.
        purse: Its money and its few requests; None where it could not be read.
    """

    name: str
    account: str = ""
    ours: int = 0
    unowned: tuple[Stray, ...] = ()
    missing: tuple[Stray, ...] = ()
    odd: tuple[str, ...] = ()
    trouble: str = ""
    hint: str = ""
    status: Exit = Exit.DONE
    purse: Purse | None = None


def synced_text(synced: Sequence[Synced]) -> Iterator[Line]:
    """Tell of each account what is not as we have it."""
    if not synced:
        yield line("The project file has no connectors.")
    for n, one in enumerate(synced):
        yield from (BLANK,) if n else ()
        yield line(Span(one.name, "bold"), f"  account {one.account}" if one.account else "")
        if one.trouble:
            yield line("  ", Span("not read", "error"), f"  {one.trouble}")
            yield line(f"            {one.hint}")
            continue
        rows = [("nobody's", each) for each in one.unowned]
        rows += [("missing", each) for each in one.missing]
        if rows:
            cells = [
                (word, f"{each.kind}/{each.name}", each.whose or "-", each.detail or "-")
                for word, each in rows
            ]
            yield from table(("what", "object", "tenant", "detail"), cells)
        yield from (line("  ", Span("note", "warning"), f"  {told}") for told in one.odd)
        counts = [(one.ours, "ours"), (len(one.unowned), "nobody's"), (len(one.missing), "missing")]
        yield line(f"{listed(counts) or 'Nothing is there'}.")
        for label, text in purse_facts(one.purse) if one.purse is not None else ():
            yield line(f"{label}: {text}")
    if any(one.unowned for one in synced):
        yield line("What is nobody's is billed all the same. A line in YAML adopts a number.")
    if any(one.missing for one in synced):
        yield line("What is missing is never bought again by itself: ask the carrier.")


def synced_json(synced: Iterable[Synced], status: Exit) -> str:
    """The same for machines."""
    records = [
        {
            "name": one.name,
            "account": one.account,
            "read": not one.trouble,
            "ours": one.ours,
            "unowned": [_record(each) for each in one.unowned],
            "missing": [_record(each) for each in one.missing],
            "odd": list(one.odd),
            "detail": one.trouble,
            "hint": one.hint,
            "purse": None if one.purse is None else _purse(one.purse),
        }
        for one in synced
    ]
    return document("connector-sync", {"exit_code": int(status), "connectors": records})
