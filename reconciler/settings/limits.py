"""What an apply may do without being asked again, as the project file says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from reconciler.model.money import Amount, Currency
from reconciler.model.resource import Model
from reconciler.model.types import Whole


class Share(Model):
    """The most of something: by count, and by percentage where there are 10 or more.

    Of fewer than 10, all at once are stopped too, unless `percent` is 100.
    """

    percent: Annotated[Whole, Field(ge=0, le=100)] | None = None
    """Per cent of what is there."""

    count: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    """How many."""


class Deletes(Share):
    """Deletes of a tenant's objects of one kind."""

    percent: Annotated[Whole, Field(ge=0, le=100)] | None = 20
    """Per cent of the tenant's objects of the kind."""

    count: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = 25
    """How many."""


class Quarantines(Share):
    """Numbers of a tenant that leave service."""

    percent: Annotated[Whole, Field(ge=0, le=100)] | None = 20
    """Per cent of the tenant's numbers."""

    count: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = 5
    """How many."""


class Reroutes(Share):
    """Numbers of a tenant whose calls go elsewhere than before."""

    percent: Annotated[Whole, Field(ge=0, le=100)] | None = 50
    """Per cent of the tenant's numbers."""


class UnknownCost(Model):
    """Operations whose cost nobody knows."""

    count: Annotated[Whole, Field(ge=0, le=1_000_000)] = 0
    """How many."""


class WaitingDays(Model):
    """What a carrier works on, such as port-ins, addresses that it validates and campaigns."""

    count: Annotated[Whole, Field(ge=0, le=10_000)] = 30
    """For how many days."""


class Limits(Model):
    """`apply` stops above any one of these; `--allow LIMIT=N` lets it pass once."""

    deletes: Deletes = Field(default_factory=Deletes)
    """Of a tenant's objects of one kind."""

    quarantines: Quarantines = Field(default_factory=Quarantines)
    """Of a tenant's numbers."""

    reroutes: Reroutes = Field(default_factory=Reroutes)
    """Of a tenant's numbers, how many may change where their calls go."""

    monthly_increase: Mapping[Currency, Amount] = Field(default_factory=dict, max_length=50)
    """By how much the monthly bill may rise, per currency; one left out has no limit."""

    unknown_cost: UnknownCost = Field(default_factory=UnknownCost)
    """How many operations may have a cost that nobody knows."""

    waiting_days: WaitingDays = Field(default_factory=WaitingDays)
    """For how long a carrier may work on something, such as a port-in or a validation."""
