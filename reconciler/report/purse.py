"""What is known of an account's money and of its few requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any


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


def purse_record(purse: Purse) -> dict[str, Any]:
    """The same for machines."""
    told = record_of(purse)
    return told | {"balance": None if purse.balance is None else f"{purse.balance:f}"}


def record_of(of: Any) -> dict[str, Any]:
    """A dataclass as it stands, by its fields."""
    return {each.name: getattr(of, each.name) for each in fields(of)}
