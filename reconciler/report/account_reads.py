"""Carrier accounts that were just read: whether each answers, and what differs from ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.errors import Exit
from reconciler.report.machine import document
from reconciler.report.purse import Purse, purse_facts, purse_record, record_of
from reconciler.report.text import BLANK, Line, Span, Style, line, listed, table

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
            "purse": None if one.purse is None else purse_record(one.purse),
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
        odd: Rows that could not be understood, and what its carrier did not take.
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
            "unowned": [record_of(each) for each in one.unowned],
            "missing": [record_of(each) for each in one.missing],
            "odd": list(one.odd),
            "detail": one.trouble,
            "hint": one.hint,
            "purse": None if one.purse is None else purse_record(one.purse),
        }
        for one in synced
    ]
    return document("connector-sync", {"exit_code": int(status), "connectors": records})
