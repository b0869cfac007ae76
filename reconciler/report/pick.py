"""A number that was written into a tenant's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reconciler.engine.cost import Price
from reconciler.errors import Exit, Problem
from reconciler.report.difference import Difference
from reconciler.report.machine import document
from reconciler.report.problems import problem_record
from reconciler.report.text import Line, Span, line

Origin = Literal["pool", "held", "offered", "unsaid", "not asked"]

_HOW = {
    "pool": "it is in the pool: nothing will be bought",
    "held": "{connector} holds it already: nothing will be bought",
    "offered": "{connector} offers it: an apply will order it",
    "unsaid": "{connector} cannot say beforehand whether it has it: an apply will order it",
    "not asked": "{connector} was not asked: an apply will order it unless it holds it",
}


@dataclass(frozen=True, slots=True)
class Picked:
    """What became of it.

    Attributes:
        e164: The number.
        tenant: For whom.
        connector: The carrier account, "" for none.
        origin: How an apply would get it.
        price: What that would cost; None where it is not known or costs nothing more.
        difference: What was written, or would be.
        warnings: What the check says of the new entry.
        written: Whether it was written.
    """

    e164: str
    tenant: str
    connector: str
    origin: Origin
    price: Price | None
    difference: Difference
    warnings: tuple[Problem, ...]
    written: bool

    @property
    def status(self) -> Exit:
        """Pending where it was only shown."""
        return Exit.DONE if self.written else Exit.PENDING

    @property
    def how(self) -> str:
        """How it would be got, as a clause."""
        return _HOW[self.origin].format(connector=self.connector)


def pick_text(done: Picked) -> Iterator[Line]:
    """Say what was written, and what an apply would do about it."""
    word = "picked" if done.written else "would pick"
    yield line(Span(word, "good"), f" {done.e164} for {done.tenant}; {done.how}{_cost(done)}.")
    yield from done.difference.lines()
    for one in done.warnings:
        yield line(Span(one.severity.value, "warning"), f" {one.code} {one.detail} {one.hint}")
    if done.written:
        yield line(f"Nothing was bought.   Next:  reconciler plan {done.tenant}")
    else:
        yield line("Nothing was written.")


def _cost(done: Picked) -> str:
    if done.price is None:
        return "" if done.origin in {"pool", "held"} else ", at a price that is not known"
    price = done.price
    return f", {price.monthly:f} {price.currency} a month and {price.once:f} once"


def pick_json(done: Picked) -> str:
    """The same for machines."""
    price = done.price
    cost = None
    if price is not None:
        cost = {"currency": price.currency, "monthly": price.monthly, "once": price.once}
    return document(
        "pick",
        {
            "e164": done.e164,
            "tenant": done.tenant,
            "connector": done.connector,
            "origin": done.origin.replace(" ", "_"),
            "price": cost,
            "file": done.difference.file,
            "written": done.written,
            "problems": [problem_record(one) for one in done.warnings],
        },
    )
