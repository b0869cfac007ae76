"""The edges with nothing that writes: what a command opens that must not be able to change them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import cast

from reconciler.cli.session import Session
from reconciler.model.address import Address
from reconciler.model.spec import Spec
from reconciler.model.state import Observed
from reconciler.model.supply import Holding, PoolNumber, Stock
from reconciler.observe import Accounts
from reconciler.planner import Sources
from reconciler.protocols import (
    NUMBER,
    AccountFacts,
    Allowance,
    CallRecords,
    Capabilities,
    Carrier,
    Charges,
    Coverage,
    Found,
    Listing,
    NotChecked,
    Platform,
    Price,
    Rates,
    Refused,
    Search,
    TenantRead,
    no_rates,
)


class PlatformReads:
    """The reads of a platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.name = platform.name

    def revisions(self) -> Mapping[str, int]:
        """As `protocols.Platform`."""
        return self._platform.revisions()

    def read(self, tenant: str) -> TenantRead:
        """As `protocols.Platform`."""
        return self._platform.read(tenant)

    def read_many(self, tenants: Sequence[str]) -> Iterator[TenantRead]:
        """As `protocols.Platform`."""
        return self._platform.read_many(tenants)

    def read_some(self, addresses: Collection[Address]) -> Mapping[Address, Observed]:
        """As `protocols.Platform`."""
        return self._platform.read_some(addresses)

    def numbers(self, e164s: Collection[str]) -> Mapping[str, PoolNumber]:
        """As `protocols.Platform`."""
        return self._platform.numbers(e164s)


class CarrierReads:
    """The reads of a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.connector = carrier.connector

    @property
    def capabilities(self) -> Capabilities:
        """As `protocols.Carrier`."""
        return self._carrier.capabilities

    def account(self) -> str:
        """As `protocols.Carrier`."""
        return self._carrier.account()

    def observe(self) -> Listing:
        """As `protocols.Carrier`."""
        return self._carrier.observe()

    def orders(self, kind: str, since: str = "") -> Mapping[str, Holding]:
        """As `protocols.Carrier`."""
        return self._carrier.orders(kind, since)

    def confirms(self, kind: str, name: str) -> bool | None:
        """As `protocols.Carrier`."""
        return self._carrier.confirms(kind, name)

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """As `protocols.Carrier`."""
        return self._carrier.stock(e164s)

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        """As `protocols.Carrier`."""
        return self._carrier.cannot(kind, name, spec)

    def form(self, kind: str, spec: Spec) -> Spec:
        """As `protocols.Carrier`."""
        return self._carrier.form(kind, spec)

    def search(self, wanted: Search) -> Found | Refused:
        """As `protocols.Carrier`."""
        return self._carrier.search(wanted)

    def coverage(self, wanted: Search) -> Coverage | Refused:
        """As `protocols.Carrier`."""
        return self._carrier.coverage(wanted)

    @property
    def allowance(self) -> Allowance | None:
        """As `protocols.Carrier`."""
        return self._carrier.allowance

    def about(self) -> AccountFacts | NotChecked:
        """As `protocols.Carrier`."""
        return self._carrier.about()

    def calls(self, e164s: Collection[str]) -> CallRecords | NotChecked:
        """As `protocols.Carrier`."""
        return self._carrier.calls(e164s)

    def charges(self) -> Charges | NotChecked:
        """As `protocols.Carrier`."""
        return self._carrier.charges()

    def price(
        self, e164: str, kind: str = NUMBER, rates: Callable[[], Rates] = no_rates
    ) -> Price | None:
        """As `protocols.Carrier`."""
        return self._carrier.price(e164, kind, rates)


class _Carriers(Mapping[str, Carrier]):
    def __init__(self, carriers: Mapping[str, Carrier]) -> None:
        self._carriers = carriers

    def __getitem__(self, name: str) -> Carrier:
        return cast("Carrier", CarrierReads(self._carriers[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._carriers)

    def __len__(self) -> int:
        return len(self._carriers)


class ReadingSession(Session):
    """A project opened for looking: its platform and carriers have no method that writes."""

    def sources(self) -> Sources:
        """Where a plan is made from, without any verb that changes it."""
        made = super().sources()
        return Sources(
            platform=cast("Platform", PlatformReads(made.platform)),
            ledger=made.ledger,
            carriers=_Carriers(made.carriers),
            clock=made.clock,
            kinds=made.kinds,
        )

    @property
    def accounts(self) -> Accounts:
        """Listings of carrier accounts, each read once."""
        if "_reading" not in self.__dict__:
            self._reading = Accounts(_Carriers(self.carriers), self.ledger, self.clock)
        return self._reading
