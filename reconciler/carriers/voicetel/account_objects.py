"""What a VoiceTel account itself has: gateways, an access list, authentication, campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from reconciler.carriers.voicetel import (
    account_settings,
    acl,
    auth,
    emergency,
    gateways,
    messaging,
)
from reconciler.carriers.voicetel.account_settings import AccountSettings
from reconciler.carriers.voicetel.acl import AccessList
from reconciler.carriers.voicetel.auth import Authentication
from reconciler.carriers.voicetel.gateways import Gateways
from reconciler.carriers.voicetel.messaging import Registry
from reconciler.carriers.voicetel.reading import MISSING, Reader
from reconciler.carriers.voicetel.section import Section
from reconciler.carriers.voicetel.wire import Gateway, rows_of
from reconciler.errors import Unavailable
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    **{each.KIND: each.FIELDS for each in (gateways, acl, auth, account_settings)},
    **messaging.FIELDS,
}
"""Fields of each kind that it holds."""

LASTING: Final = frozenset(f"{kind}.{name}" for kind, names in FIELDS.items() for name in names)
MAKES_ANEW: Final = frozenset({gateways.KIND, *messaging.FIELDS})
WRITE_ONLY: Final = messaging.WRITE_ONLY
SELDOM: Final = frozenset({account_settings.KIND})
UNLISTED: Final = frozenset({messaging.BRAND})


class Kept(Protocol):
    """What says of one kind how it is asked for."""

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say why these settings can never be brought about, as a clause; "" if they can."""
        ...

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the requests ready that an act asks for."""
        ...


class AccountObjects:
    """All of them; what the project has nothing to do with is not read."""

    def __init__(self, connector: str, section: Section, reader: Reader, own: Gateways) -> None:
        self._reader = reader
        self._gateways = own
        self._list = AccessList(connector, reader.shown)
        self._authentication = Authentication(connector, reader.shown)
        self._registry = Registry(connector, section.brands, section.campaigns, reader.shown)
        self._reads_auth = bool({acl.KIND, auth.KIND} & (section.concerned | section.left.keys()))
        self.kept: Mapping[str, Kept] = {
            gateways.KIND: own,
            acl.KIND: self._list,
            auth.KIND: self._authentication,
            account_settings.KIND: AccountSettings(),
            messaging.BRAND: messaging.Brands(),
            messaging.CAMPAIGN: self._registry,
        }

    def read(self, rows: Iterable[Gateway]) -> tuple[dict[str, dict[str, Holding]], list[str]]:
        """Everything by kind and name, and what is odd.

        Args:
            rows: The list of gateways, which tells of numbers too.

        Raises:
            Unavailable: A list could not be read.
        """
        found = {gateways.KIND: self._gateways.holdings(rows)}
        odd: list[str] = []
        if self._reads_auth:
            data = self._reader.one(auth.PATH, "")
            found[auth.KIND] = self._authentication.holdings(data)
            found[acl.KIND], more = self._list.holdings(rows_of(data.get("acl")))
            odd += more
        if not self._registry.is_known:
            return found, odd
        found[messaging.CAMPAIGN], more = self._registry.holdings(
            lambda path: self._reader.rows(path, "campaigns"), self._reader.in_use
        )
        return found, odd + more

    def is_listed(self, name: str) -> bool | None:
        """Whether an entry is on the access list where that is read by itself; None: not told."""
        try:
            found, odd = self._list.holdings(self._reader.rows(acl.PATH, acl.KIND, empty=MISSING))
        except Unavailable:
            return None
        return True if name in found else None if odd else False

    def unsure(self, others: Mapping[str, Mapping[str, Holding]]) -> dict[str, str]:
        """Kinds whose list had nothing, or left out what was asked for, with its read."""
        doubtful = {kind for kind in _LISTS.keys() & others.keys() if not others[kind]}
        if self._registry.left_out:
            doubtful.add(messaging.CAMPAIGN)
        return {kind: f"GET {_LISTS[kind]}" for kind in sorted(doubtful)}


_LISTS: Final = {
    emergency.KIND: "/v2.2/e911",
    gateways.KIND: "/v2.2/gateways",
    acl.KIND: auth.PATH,
    messaging.CAMPAIGN: messaging.PATHS[messaging.CAMPAIGN],
}
"""Where each list is read. The access list comes with the authentication."""
