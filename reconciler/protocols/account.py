"""What a carrier says of an account itself: money, rates, calls, recurring charges.

Carriers allow few such requests (VoiceTel six an hour from one address), so that each is asked
of a budget first that all processes share, and what was read is kept. What could not be asked
is `NotChecked`, a value with its reason: it is never read as nought, nor as "no calls".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Nothing is known, and why.

    Attributes:
        reason: A clause, such as ``5 of 6 requests an hour used, next at 15:04 UTC``.
        again_at: UTC instant with Z from which it may be asked again; "" where nobody knows.
    """

    reason: str
    again_at: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many scarce requests a carrier takes within a window that slides with the clock.

    Attributes:
        bucket: What they are counted under; the same for all that the carrier counts together.
        limit: How many it takes.
        ours: How many of them we use, so that a person behind the same address is not shut out.
        window_seconds: How long one counts.
    """

    bucket: str
    limit: int
    ours: int
    window_seconds: int


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account as its carrier describes it; what it does not tell is None or left out.

    Attributes:
        at: UTC instant with Z at which it was read.
        name: The account's own name at the carrier.
        currency: Three capital letters (ISO 4217) of all its money.
        balance: What is left to spend; below zero where it is owed.
        rates: What one thing costs, by the carrier's word for it in ours: `number` a month,
            `cnam` a look-up, `minute`, and others.
        services: What is switched on.
        settings: What can be set: `caller_id` (E.164), `timezone` (IANA), `notify` (bool) and
            `notify_threshold` (whole units of the currency); None for what is told to be set to
            nothing. What is left out was not told.
    """

    at: str
    name: str = ""
    currency: str = ""
    balance: Decimal | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    services: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """How a number was used.

    Attributes:
        calls: How many calls to it and from it.
        last: UTC instant with Z at which the last one began.
    """

    calls: int
    last: str


@dataclass(frozen=True, slots=True)
class CallRecords:
    """The calls of an account, counted; whom it spoke with is not kept.

    Attributes:
        at: UTC instant with Z at which they were read.
        since: UTC instant with Z from which every call is among them.
        numbers: Which of its numbers were used, by E.164; its others were not.
    """

    at: str
    since: str
    numbers: Mapping[str, Use] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charges:
    """What an account is billed every month, as its carrier lists it.

    Attributes:
        at: UTC instant with Z at which it was read.
        currency: Three capital letters (ISO 4217).
        total: The carrier's own sum; None where it gives none.
        lines: Each charge: what for, and how much.
    """

    at: str
    currency: str
    total: Decimal | None
    lines: tuple[tuple[str, Decimal], ...] = ()


Fact = AccountFacts | CallRecords | Charges


class Budgets(Protocol):
    """Counts scarce requests of all processes; a ledger is one.

    Raises:
        Unavailable: The count cannot be kept: then nothing is asked.
    """

    def spend(
        self, bucket: str, *, limit: int, window_seconds: int, now: str
    ) -> tuple[bool, int, str]:
        """Take one request from a bucket.

        Returns:
            Whether there was one, how many are used now, and when the next frees up.
        """
        ...

    def fill(self, bucket: str, *, limit: int, window_seconds: int, until: str) -> None:
        """Use a bucket up until an instant, as its carrier says that it is."""
        ...
