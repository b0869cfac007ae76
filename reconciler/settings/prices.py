"""The price file, `prices:` of the project file: what carriers that tell no price charge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.engine.cost import PriceList, Rate
from reconciler.errors import Problem, by_place
from reconciler.model.money import Amount, Currency
from reconciler.model.resource import Model
from reconciler.model.types import Country, Name
from reconciler.settings.codes import Path, Place, did_you_mean, dotted, quoted, told
from reconciler.settings.faults import typed


class NumberRate(Model):
    """What numbers of one sort cost."""

    country: Country | None = None
    """Two letters; left out: of any country."""

    type: Literal["local", "national", "tollfree", "mobile"] | None = None
    """What its digits say it is; left out: of any type."""

    monthly: Amount
    """What holding one costs a month, such as ``"1.00"``."""

    once: Amount
    """What getting one costs, such as ``"0.50"``; ``"0.00"`` for nothing."""


class RecordRate(Model):
    """What one thing beside a number costs."""

    monthly: Amount
    """What it costs a month; ``"0.00"`` for nothing."""

    once: Amount = Decimal(0)
    """What making it costs; left out: nothing."""


class PortRate(Model):
    """What porting one number in costs."""

    once: Amount
    """What submitting it costs; ``"0.00"`` for nothing."""


class Tariff(Model):
    """What one carrier account charges."""

    currency: Currency
    """Three capital letters (ISO 4217); nothing is ever converted."""

    numbers: tuple[NumberRate, ...] = Field(min_length=1, max_length=1000)
    """Rates of numbers; of those that fit, one with a type counts before one with a country."""

    emergency_record: RecordRate | None = None
    """What registering an address for emergency calls costs; left out: nobody knows."""

    port: PortRate | None = None
    """What porting a number in costs; left out: nobody knows."""


class Prices(Model):
    """The price file: it speaks where a carrier does not say what it charges."""

    schema_version: Annotated[str, Field(pattern=r"^1$", alias="schema")] = "1"
    """The version of this form: 1."""

    connectors: Mapping[Name, Tariff] = Field(default_factory=dict, max_length=100)
    """Carrier accounts, by their names in the project file."""

    def rates(self) -> PriceList:
        """The same, as costs are reckoned from it."""
        return {name: tuple(_rates(tariff)) for name, tariff in self.connectors.items()}


def parse_prices(
    value: Mapping[str, Any], place: Place, connectors: Collection[str]
) -> tuple[PriceList, tuple[Problem, ...]]:
    """Type the price file.

    Args:
        value: The file's values: text, True, False, None, dicts and lists.
        place: Places in it, such as `Document.place`.
        connectors: Names of the project's carrier accounts.

    Returns:
        Rates by connector, none where there is any problem; and all problems.
    """
    prices, problems = typed(Prices, "prices", value, place)
    if prices is not None:
        problems = by_place([*_unknown(prices, place, connectors), *_twice(prices, place)])
    return (prices.rates() if prices is not None and not problems else {}), problems


def _rates(tariff: Tariff) -> Iterator[Rate]:
    for each in tariff.numbers:
        yield Rate(tariff.currency, each.monthly, each.once, each.country or "", each.type or "")
    record = tariff.emergency_record
    if record is not None:
        yield Rate(tariff.currency, record.monthly, record.once, kind="emergency_record")
    if tariff.port is not None:
        yield Rate(tariff.currency, Decimal(0), tariff.port.once, kind="port")


def _unknown(prices: Prices, place: Place, connectors: Collection[str]) -> Iterator[Problem]:
    for name in prices.connectors:
        if name not in connectors:
            path: Path = ("connectors", name)
            detail = f"{dotted(path)}: the project file has no connector {quoted(name)}."
            hint = did_you_mean(name, connectors, "Name one of the project's connectors.")
            yield told("E146", place(path, key=True), detail, hint)


def _twice(prices: Prices, place: Place) -> Iterator[Problem]:
    """Find rates of which nobody could say which one counts."""
    for name, tariff in prices.connectors.items():
        first: dict[tuple[str | None, str | None], int] = {}
        for index, rate in enumerate(tariff.numbers):
            before = first.setdefault((rate.country, rate.type), index)
            if before != index:
                path: Path = ("connectors", name, "numbers", index)
                line = place((*path[:-1], before)).line
                detail = f"{dotted(path)}: line {line} has a rate for the same numbers already."
                yield told("E146", place(path), detail, "Keep one, or add a country or a type.")
