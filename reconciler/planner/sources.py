"""Where plans are made from, and what decides about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.engine.cost import PriceList
from reconciler.engine.guard import Limits
from reconciler.model.address import Address
from reconciler.model.naming import Naming
from reconciler.model.resource import Home, Resource
from reconciler.model.supply import Parting
from reconciler.protocols import Carrier, Clock, Ledger, Platform


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides about a plan beside the three states.

    Attributes:
        limits: What may be done without being asked again.
        quarantine_days: How long a number is kept after its line has gone.
        reverts_drift: Whether what only drifted at an address is put back.
        prices: What carriers charge that do not say so themselves, by connector.
        partings: How numbers leave that somebody said so of: nothing else is planned then.
    """

    limits: Limits = field(default_factory=Limits)
    quarantine_days: int = 45
    reverts_drift: Callable[[Address], bool] = lambda address: True  # noqa: ARG005
    prices: PriceList = field(default_factory=dict)
    partings: Mapping[str, Parting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a plan is made from: reads only.

    Attributes:
        platform: Where calls are handled.
        ledger: Our own records.
        carriers: Carrier accounts by connector.
        clock: Time.
        kinds: Every kind by name.
    """

    platform: Platform
    ledger: Ledger
    carriers: Mapping[str, Carrier]
    clock: Clock
    kinds: Mapping[str, type[Resource]]


@dataclass(frozen=True, slots=True)
class Coming:
    """What a plan does at accounts, for the tenants whose numbers have to do with it.

    Attributes:
        gets: By connector, what it gets before any tenant is begun, as `kind/name`.
        loses: By connector, what is ours there and not in git any more, as a setting names it.
    """

    gets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    loses: Mapping[str, frozenset[str]] = field(default_factory=dict)


NOTHING = Coming()
"""For a plan that does nothing at accounts."""


def is_carried(sources: Sources, address: Address) -> bool:
    """Whether objects of an address live at a carrier."""
    cls = sources.kinds.get(address.kind)
    return cls is not None and cls.home is Home.CARRIER


def is_number(kinds: Mapping[str, type[Resource]], address: Address) -> bool:
    """Whether an address has a number's name."""
    return kinds[address.kind].naming is Naming.E164
