"""What a number costs: what its account pays, else what the project's price file says.

An account's own rate comes first, and the file never overrides it: the file speaks where the
account is silent, and before a list price, as it knows the contract. What nobody says is
unknown, never nought, and an unknown price is never part of a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reconciler.model.numbering import place_of

NUMBER = "carrier_number"
"""The kind that prices are for where nothing else is said."""


Origin = Literal["live", "file", "list"]
"""Who says what something costs: the account's own rates, the price file, a public list."""


@dataclass(frozen=True, slots=True)
class Price:
    """What getting and holding a number costs, per month and once, and who says so."""

    currency: str
    monthly: Decimal
    once: Decimal
    origin: Origin = "file"


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of a price list.

    Attributes:
        currency: Three capital letters (ISO 4217).
        monthly: What holding a number costs a month.
        once: What getting it costs.
        kind: What it is for.
        country: Two letters that it is for, "" for any.
        type: local, national, tollfree or mobile, "" for any.
    """

    currency: str
    monthly: Decimal
    once: Decimal
    country: str = ""
    type: str = ""
    kind: str = NUMBER

    @property
    def closeness(self) -> tuple[bool, bool]:
        """How closely it describes a number: its type says more than its country."""
        return bool(self.type), bool(self.country)


PriceList = Mapping[str, tuple[Rate, ...]]
"""Rates by connector."""


def rate_for(rates: Iterable[Rate], e164: str) -> Rate | None:
    """Find the rate that describes a number most closely; None when none does.

    Country and type are what the number's digits say, so that no line in a tenant's YAML
    makes a number cheaper than it is.
    """
    country, sort = place_of(e164)
    fitting = [r for r in rates if r.country in {"", country} and r.type in {"", sort}]
    return max(fitting, key=lambda rate: rate.closeness, default=None)


def agreed_price(
    e164: str,
    rates: Iterable[Rate],
    currency: str = "",
    monthly: Decimal | None = None,
    once: Decimal | None = None,
    origin: Origin = "live",
) -> Price | None:
    """Put together what a carrier says of a number and what the file says.

    Args:
        e164: The number.
        rates: The connector's rates from the file.
        currency: The carrier's currency, "" when it gives no price.
        monthly: What the carrier says holding it costs; None when it does not say.
        once: What it says getting it costs; None when it does not say.
        origin: Whether that is the account's own rate, or only a public one, which the file
            overrides.

    Returns:
        The price; None when any of it is known to nobody. Two currencies are never mixed.
    """
    rate = rate_for(rates, e164)
    if origin == "list" and rate is not None:
        return Price(rate.currency, rate.monthly, rate.once)
    if monthly is not None and once is not None:
        return Price(currency, monthly, once, origin)
    if rate is None or currency not in {"", rate.currency}:
        return None
    return Price(
        rate.currency,
        rate.monthly if monthly is None else monthly,
        rate.once if once is None else once,
    )
