"""Brands and campaigns at VoiceTel: registered once, each by a request that is never repeated.

The status of a campaign can be read by its id; of a brand nothing can. What each was registered
with is never told. Source: VoiceTel OpenAPI 2.2.10, tag Messaging; the words of the status from
the vendor's SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from reconciler.carriers.voicetel.wire import canonical, text_of
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

BRAND: Final = "brand"
CAMPAIGN: Final = "campaign"
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    BRAND: frozenset({"connector", "id", "name", "description"}),
    CAMPAIGN: frozenset({"connector", "id", "brand", "description"}),
}
WRITE_ONLY: Final = frozenset(
    {"brand.id", "brand.name", "brand.description", "campaign.brand", "campaign.description"}
)
PATHS: Final = {BRAND: "/v2.2/messaging/brands", CAMPAIGN: "/v2.2/messaging/campaigns"}
MOST: Final = 100
"""Campaigns that one request may ask for."""

UNKNOWN: Final = "CAMPAIGN_INVALID_ID"
UNDER_REVIEW: Final = frozenset({"CAMPAIGN_PENDING_DCA", "CAMPAIGN_DCA_REJECTED"})

Shown = Callable[[object], str]
Rows = Callable[[str], list[Any]]


class Registry:
    """The campaigns that this project knows by name, and whose they are."""

    def __init__(
        self,
        connector: str,
        brands: Mapping[str, str],
        campaigns: Mapping[str, str],
        shown: Shown,
    ) -> None:
        """Know them: `brands` and `campaigns` are ids by our name."""
        self._connector = connector
        self._brands = dict(brands)
        self._names = {campaign: name for name, campaign in sorted(campaigns.items())}
        self._shown = shown
        self._there: frozenset[str] = frozenset()
        self.left_out = False
        """Whether the last list said nothing of a campaign that was asked for."""

    @property
    def is_known(self) -> bool:
        """Whether the project has any campaign."""
        return bool(self._names)

    def holdings(self, rows: Rows, in_use: Collection[str]) -> tuple[dict[str, Holding], list[str]]:
        """Each campaign of ours that is registered, and what is odd.

        Args:
            rows: Reads a list.
            in_use: Campaigns that numbers are in: of those nothing need be asked.
        """
        known = self._names.keys() & set(in_use)
        found = {self._names[number]: self._holding(number, "") for number in sorted(known)}
        odd: list[str] = []
        told: set[str] = set()
        ids = sorted(self._names.keys() - known)
        for start in range(0, len(ids), MOST):
            asked = ",".join(ids[start : start + MOST])
            for row in rows(f"{PATHS[CAMPAIGN]}?ids={asked}"):
                number = text_of(row.get("id")) if isinstance(row, dict) else ""
                told.add(number)
                if number not in self._names:
                    odd.append(f"A row of VoiceTel's campaigns is odd: {self._shown(row)}")
                elif text_of(row.get("status")) != UNKNOWN:
                    found[self._names[number]] = self._holding(number, text_of(row.get("status")))
        # One that nobody registered has a row, too: it says that the id is none.
        self.left_out = not told.issuperset(ids)
        self._there = frozenset(found)
        return found, odd

    def _holding(self, number: str, status: str) -> Holding:
        spec = {"connector": self._connector, "id": number}
        waiting = f"it is {self._shown(status)}" if status in UNDER_REVIEW else ""
        return Holding(self._connector, number, spec=spec, waiting=waiting)

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say what a campaign lacks that is to be registered, as a clause; "" for nothing."""
        lacks = [each for each in ("brand", "description") if not spec.get(each)]
        if name in self._there or not lacks:
            return ""
        return (
            f"campaign {name} is not registered at VoiceTel, and without its"
            f" {' and its '.join(lacks)} it cannot be"
        )

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        after = act.after or {}
        if act.action is not Action.CREATE:
            return Refused(f"VoiceTel's connector has no way to {act.action} what is registered.")
        brand = self._brands.get(str(after.get("brand", "")), "")
        if not brand or not after.get("description"):
            return Refused(f"{self.cannot(act.e164, after) or 'Its brand is not declared'}.")
        body = {"messagingBrandId": brand, "externalCampaignId": after.get("id")}
        body |= _given("campaignDescription", after.get("description"))
        return (Request("POST", PATHS[CAMPAIGN], canonical(body).encode()),)


class Brands:
    """How a brand is registered. One that git gives no name is registered already."""

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say nothing against any."""
        del name, spec
        return ""

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        after = act.after or {}
        if act.action is not Action.CREATE:
            return Refused(f"VoiceTel's connector has no way to {act.action} what is registered.")
        if not after.get("name"):
            return Refused(f"Brand {act.e164} has no name to be registered with.")
        body = {"messagingBrandId": after.get("id"), "messagingBrandName": after.get("name")}
        body |= _given("messagingBrandDescription", after.get("description"))
        return (Request("POST", PATHS[BRAND], canonical(body).encode()),)


def is_registered(data: Mapping[str, Any]) -> bool:
    """Whether an answer says that the registry took it."""
    result = data.get("result")
    return isinstance(result, dict) and text_of(result.get("statusCode")) == "200"


def _given(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}


def ids_of(entries: object) -> dict[str, str]:
    """The id of each entry of a section, by name; one without any is left out."""
    named = entries.items() if isinstance(entries, Mapping) else ()
    found = {
        name: str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")
        for name, value in named
    }
    return {name: number for name, number in found.items() if number}
