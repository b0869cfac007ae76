"""What carriers offer: numbers that can be had, and where they have any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.engine.cost import Price
from reconciler.errors import Exit
from reconciler.protocols import Area, Coverage, Found, Offer, Refused
from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, Span, line, number_of, table

Answer = Found | Coverage | Refused
"""What a carrier says; it has no way to make a search that it refuses."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking one connector.

    Attributes:
        connector: Which.
        answer: What it says; None where it could not be asked.
        prices: What each number would cost, where that is known.
        trouble: Why it could not be asked, as a sentence.
        hint: The next step then.
        status: How that ends the command.
    """

    connector: str
    answer: Answer | None = None
    prices: Mapping[str, Price | None] = field(default_factory=dict)
    trouble: str = ""
    hint: str = ""
    status: Exit = Exit.DONE


def offers_text(asked: Sequence[Asked]) -> Iterator[Line]:
    """List the numbers that each connector offers, and whether there are more."""
    for n, one in enumerate(asked):
        yield from (BLANK,) if n else ()
        yield from _troubled(one)
        if isinstance(one.answer, Found):
            yield from _offers(one, one.answer)
    first = next((o.e164 for one in asked for o in _offered(one)), "")
    if first:
        yield line("Nothing is reserved.   Next:  reconciler numbers pick ", f"{first} ...")


def coverage_text(asked: Sequence[Asked]) -> Iterator[Line]:
    """List where each connector has numbers."""
    for n, one in enumerate(asked):
        yield from (BLANK,) if n else ()
        yield from _troubled(one)
        if isinstance(one.answer, Coverage):
            yield from _areas(one.connector, one.answer)


def offers_json(asked: Iterable[Asked], status: Exit) -> str:
    """The same for machines; `numbers` is null where a connector was not asked."""
    return document(
        "offers", {"exit_code": int(status), "connectors": [_found(one) for one in asked]}
    )


def coverage_json(asked: Iterable[Asked], status: Exit) -> str:
    """The same for machines; `areas` is null where a connector was not asked."""
    return document(
        "coverage", {"exit_code": int(status), "connectors": [_covered(one) for one in asked]}
    )


# Text.


def _troubled(one: Asked) -> Iterator[Line]:
    if isinstance(one.answer, Refused):
        yield line(Span("not asked", "dim"), f"  {one.connector}: {one.answer.reason}")
    if one.trouble:
        yield line(Span("failed", "error"), f"  {one.connector}: {one.trouble}")
    if one.trouble and one.hint:
        yield line(f"        {one.hint}")


def _offered(one: Asked) -> tuple[Offer, ...]:
    return one.answer.offers if isinstance(one.answer, Found) else ()


def _offers(one: Asked, found: Found) -> Iterator[Line]:
    if found.offers:
        heads = ("number", "place", "region", "exchange", "monthly", "once")
        yield from table(heads, [_row(each, one.prices.get(each.e164)) for each in found.offers])
    yield from map(_odd, found.odd)
    count = number_of(len(found.offers), "number") if found.offers else "no such number"
    more = "" if found.complete else ", and it may have others"
    yield line(f"{one.connector} shows {count}{more}.", f" {found.note}" if found.note else "")


def _row(offer: Offer, price: Price | None) -> tuple[str, ...]:
    known = (offer.e164, offer.place or "-", offer.region or "-", offer.exchange or "-")
    if price is None:
        return (*known, "?", "?")
    return (*known, f"{price.monthly:f} {price.currency}", f"{price.once:f} {price.currency}")


def _areas(connector: str, found: Coverage) -> Iterator[Line]:
    if found.areas:
        rows = [
            (
                each.prefix or "-",
                each.place or "-",
                each.region or "-",
                "?" if each.count is None else str(each.count),
            )
            for each in found.areas
        ]
        yield from table(("prefix", "place", "region", "numbers"), rows)
    yield from map(_odd, found.odd)
    count = number_of(len(found.areas), "area") if found.areas else "no such area"
    yield line(f"{connector} has {count}.", f" {found.note}" if found.note else "")


def _odd(told: str) -> Line:
    return line(Span("note", "warning"), f"  {told}")


# Machines.


def _found(one: Asked) -> dict[str, Any]:
    answer = one.answer
    if not isinstance(answer, Found):
        return {**_told(one, "", ()), "complete": False, "numbers": None}
    numbers = [_number(each, one.prices.get(each.e164)) for each in answer.offers]
    told = _told(one, answer.note, answer.odd)
    return {**told, "complete": answer.complete, "numbers": numbers}


def _covered(one: Asked) -> dict[str, Any]:
    answer = one.answer
    if not isinstance(answer, Coverage):
        return {**_told(one, "", ()), "areas": None}
    return {**_told(one, answer.note, answer.odd), "areas": [_area(each) for each in answer.areas]}


def _told(one: Asked, note: str, odd: Iterable[str]) -> dict[str, Any]:
    refused = one.answer.reason if isinstance(one.answer, Refused) else ""
    return {
        "connector": one.connector,
        "detail": refused or one.trouble,
        "hint": one.hint,
        "note": note,
        "odd": list(odd),
    }


def _number(offer: Offer, price: Price | None) -> dict[str, Any]:
    cost = None
    if price is not None:
        cost = {"currency": price.currency, "monthly": price.monthly, "once": price.once}
    place = {"place": offer.place, "region": offer.region, "exchange": offer.exchange}
    return {"e164": offer.e164, **place, "price": cost}


def _area(area: Area) -> dict[str, Any]:
    place = {"prefix": area.prefix, "place": area.place, "region": area.region}
    return {**place, "count": area.count}
