"""What a carrier works on, for minutes or weeks: no change and no failure, and not for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler.engine.guard import Limits
from reconciler.engine.plan import Gate, Held
from reconciler.model.address import Address
from reconciler.model.supply import Progress, Stage

LIMIT = "waiting_days"
"""What `--allow` calls the days that an order may take."""


@dataclass(frozen=True, slots=True)
class Underway:
    """One order that is open.

    Attributes:
        address: Where git has it.
        progress: Where it stands, by its carrier.
        days: For how many whole days it has been open; None when nobody knows.
        letter: Where a person signs what the carrier needs, "" when it is not known.
        location: The emergency location that its numbers are to have once they are there, "" for
            none.
    """

    address: Address
    progress: Progress
    days: int | None = None
    letter: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Settling:
    """Something that was asked for and taken, and that its carrier is not done with.

    Attributes:
        address: Where git has it.
        status: What its carrier does with it, in plain words.
        days: For how many whole days; None when nobody knows.
        next: The command that asks whether it is over; "" where every plan does.
    """

    address: Address
    status: str
    days: int | None = None
    next: str = ""


def settling(one: Settling) -> Held:
    """Tell what something waits for."""
    words = f"{one.status}{_since(one.days)}"
    return Held(address=str(one.address), what="waiting", detail=words, next=one.next)


def told(order: Underway) -> Held:
    """Tell what it waits for, in its carrier's words, and what a person does."""
    said = order.progress
    date = f", comes on {said.date}" if said.date else ", no date yet"
    since = _since(order.days)
    words = f": {said.message}" if said.message else ""
    return Held(
        address=str(order.address),
        what="waiting",
        detail=f"{said.status}{since}{date}{words}".rstrip(".") + f".{_emergency(order)}",
        next=_next(order),
    )


def _since(days: int | None) -> str:
    return f", for {days} day{'s' * (days != 1)}" if days else ""


def _emergency(order: Underway) -> str:
    """What nobody else says: no carrier takes an address for a number that is not there yet."""
    if not order.location:
        return ""
    return (
        f" Its numbers have no emergency address until the apply after it is complete, which"
        f" registers location/{order.location}: run one that day."
    )


def _next(order: Underway) -> str:
    link = order.progress.link
    if order.progress.stage is Stage.STUCK:
        return f"settle that with the carrier{f' at {link}' if link else ''}; it goes on by itself"
    if order.progress.date:
        return ""
    if order.letter:
        return f"sign the letter of authority, if nobody has: {order.letter}"
    return f"its letter of authority: ask at {link}" if link else "ask its carrier for the letter"


def age_gates(
    orders: Iterable[Underway], rest: Iterable[Settling], limits: Limits
) -> Iterator[Gate]:
    """Find what takes longer than is allowed: somebody has forgotten it."""
    once = limits.allowed.get(LIMIT, Decimal(0))
    most = max(once, Decimal(limits.waiting_days))
    for order in orders:
        if order.days is not None and order.days > most:
            said = order.progress
            yield _gate(Settling(order.address, said.status, order.days), "open", said.link, limits)
    for one in rest:
        if one.days is not None and one.days > most:
            yield _gate(one, "waiting", "", limits)


def _gate(one: Settling, word: str, link: str, limits: Limits) -> Gate:
    return Gate(
        id=LIMIT,
        kind="limit",
        address=str(one.address),
        detail=f"{one.address.reference} has been {word} for {one.days} days"
        f" ({one.status}), allowed are {limits.waiting_days}"
        f"{f'. Ask at {link}' if link else ''}.",
        hint=f"--allow {LIMIT}={one.days}",
        planned=str(one.days),
        allowed=str(limits.waiting_days),
        place=limits.places.get(LIMIT, ""),
    )
