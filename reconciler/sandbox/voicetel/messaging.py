"""Text messages: the state of numbers, campaigns and brands, messages sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.account import DAY_SECONDS, RATES
from reconciler.sandbox.voicetel.features import CARRIERS, NONE, Features, every, features, save
from reconciler.sandbox.voicetel.features import job as job_of
from reconciler.sandbox.voicetel.numbers import is_tn, mine
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

MOST_STATES: Final = 1000
MOST_CAMPAIGNS: Final = 100
PART: Final = 160
CAMPAIGN: Final = "campaign"
READY: Final = "CAMPAIGN_DCA_COMPLETE"
CNP: Final = {"A": "SFL9UTQ", "B": "SB8TWLO", "C": "BANDW"}
"""The sharing record's id of each path, as one would meet it."""


def add_campaign(store: Store, campaign: str, network: str = "B", status: str = READY) -> None:
    """Let a campaign be there, reviewed unless a status says otherwise."""
    store.records.put(CAMPAIGN, campaign, {"network": network, "status": status})


def path_of(store: Store, network: str) -> str | None:
    """A messaging path where both sources of the documents know two only."""
    return network if network in {"A", "B"} else ("B" if store.setting("dialect") == "sdk" else "A")


def state(store: Store, tn: str, has: Features, *, ours: bool = True) -> dict[str, Any]:
    """The messaging state of a number."""
    sdk = store.setting("dialect") == "sdk"
    network = has.network or None
    told: dict[str, Any] = {
        "number": tn,
        "onAccount": ours,
        "enabled": bool(has.campaign),
        "carrier": has.carrier,
        "routeIn": has.row,
        "resource": has.resource,
        "network": network if sdk or network in {"A", "B", None} else "A",
    }
    if has.campaign:
        known = store.records.get(CAMPAIGN, has.campaign).get("status", "")
        told["campaign"] = {
            "id": has.campaign,
            "network": path_of(store, has.network),
            "status": "ACTIVE" if known.startswith(READY) else "SUSPENDED",
            "upstreamCnpId": CNP[has.network],
        }
    elif sdk:
        told["campaign"] = None
    if sdk:
        told["pending"] = job_of(store, tn)
    return told


def _states(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = _list_of(request, "numbers", MOST_STATES)
    if not all(map(is_tn, asked)):
        raise Declined(400, "Invalid numbers")
    ours = {number.tn for number in store.numbers()}
    has = every(store)
    told = [state(store, tn, has.get(tn, NONE), ours=tn in ours) for tn in asked]
    if not store.setting("bulk_tells_resource"):
        told = [row | {"resource": ""} for row in told]
    return success({"numbers": told})


def _list_of(request: Request, name: str, most: int) -> list[str]:
    asked = [each.strip() for each in request.query.get(name, "").split(",") if each.strip()]
    if not 0 < len(asked) <= most:
        raise Declined(400, f"Field Required: {name}")
    return asked


def _state(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    return success(state(store, number.tn, features(store, number.tn)))


def _patch(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    asked = request.json()
    updated = [name for name in ("routeIn", "routeOut") if name in asked]
    values = [asked[name] for name in updated]
    if not updated or not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
        raise Declined(400, "Field Required: routeIn or routeOut")
    number = mine(store, path["number"])
    has = features(store, number.tn)
    if "routeIn" in asked:
        has = _routed_in(store, has, asked["routeIn"])
    if "routeOut" in asked:
        has = _routed_out(store, has, asked["routeOut"])
    save(store, number.tn, has, "messaging changed")
    return success({"number": number.tn, "updated": updated})


def _routed_in(store: Store, has: Features, row: int) -> Features:
    if row == 0:
        return replace(has, sms="", resource="", row=0)
    known = next((each for each in every(store).values() if each.row == row), None)
    if known is None:
        raise Declined(403, "routeIn is not on this account")
    return replace(has, sms=known.sms, resource=known.resource, row=row)


def _routed_out(store: Store, has: Features, carrier: int) -> Features:
    if store.setting("dialect") == "sdk" and carrier not in {0, has.carrier}:
        raise Declined(400, "Invalid routeOut")
    network = next((path for path, known in CARRIERS.items() if known == carrier), "")
    return replace(has, network=network, campaign=has.campaign if network else "")


# Brands and campaigns.


def _add_brand(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    name, brand = asked.get("messagingBrandName"), asked.get("messagingBrandId")
    if not isinstance(brand, str) or not re.fullmatch(r"B[A-Za-z0-9]+", brand):
        raise Declined(400, "Invalid messagingBrandId")
    if not isinstance(name, str) or not name:
        raise Declined(400, "Field Required: messagingBrandName")
    store.records.put("brand", brand, {"name": name})
    store.tell("brand registered", detail=brand)
    return success({"result": {"statusCode": "200", "status": "Success"}}, 201)


def _add_campaign(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Register a campaign; carriers have yet to review it."""
    del path
    asked = request.json()
    brand, campaign = asked.get("messagingBrandId"), asked.get("externalCampaignId")
    if not isinstance(asked.get("campaignDescription"), str) or not isinstance(campaign, str):
        raise Declined(400, "Fields Required: externalCampaignId, campaignDescription")
    if not isinstance(brand, str) or not store.records.get("brand", brand):
        raise Declined(400, "Invalid messagingBrandId")
    if not re.fullmatch(r"[A-Z0-9]+", campaign):
        raise Declined(400, "Invalid externalCampaignId")
    add_campaign(store, campaign, status="CAMPAIGN_PENDING_DCA")
    store.tell("campaign registered", detail=campaign)
    return success({"result": {"statusCode": "200", "status": "Success"}}, 201)


def _campaigns(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = _list_of(request, "ids", MOST_CAMPAIGNS)
    members: dict[str, list[str]] = {}
    for tn, has in every(store).items():
        members.setdefault(has.campaign, []).append(tn)
    return success({"campaigns": [_campaign(store, each, members.get(each, [])) for each in asked]})


def _campaign(store: Store, campaign: str, members: list[str]) -> dict[str, Any]:
    status = store.records.get(CAMPAIGN, campaign).get("status", "CAMPAIGN_INVALID_ID")
    if status == READY and not members:
        status = f"{READY}_NO_NUMBERS_ASSIGNED"
    told: dict[str, Any] = {"id": campaign, "status": status, "numbers": sorted(members)}
    if store.setting("dialect") == "sdk":
        ready = status.startswith(READY)
        told["dca"] = (
            None
            if status == "CAMPAIGN_INVALID_ID"
            else {
                "electionComplete": ready,
                "electedCarriers": ["T-Mobile"] if ready else None,
                "carriers": [],
            }
        )
    return told


# Messages.


def _send(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    source, target, text = (asked.get(name) for name in ("fromNumber", "toNumber", "text"))
    media = asked.get("mediaUrls")
    if not is_tn(source) or not is_tn(target) or not isinstance(text, str):
        raise Declined(400, "Fields Required: fromNumber, toNumber, text")
    mine(store, source, 403)
    if not features(store, source).campaign:
        raise Declined(409, "Messaging is off")
    kind = "mms" if media else "sms"
    parts = 1 if media else max(1, -(-len(text) // PART))
    cost = Decimal(RATES[kind]) * parts
    if not store.can_pay(cost):
        raise Declined(402, "Insufficient funds")
    name = hashlib.sha256(f"{source} {target} {store.seconds()} {text}".encode()).hexdigest()[:16]
    store.charge(cost, kind, source, name)
    store.records.put("message", name, _record(store, name, (source, target, kind, text)))
    told = {"id": name, "type": kind, "fromNumber": source, "toNumber": target, "parts": parts}
    more = {each: asked[each] for each in ("subject", "mediaUrls") if media and each in asked}
    return success(told | more, 201)


def _record(store: Store, name: str, sent: tuple[str, str, str, str]) -> dict[str, Any]:
    source, target, kind, text = sent
    value = {"direction": "out", "rate": RATES[kind], "message": text, "number": target}
    at = int(store.seconds())
    return {"from": source, "type": kind, "at": at, "key": [target, at], "value": value, "id": name}


def _history(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Tell a number's messages between two instants, of which the first is the newer."""
    del path
    query = request.query
    tn, kind = query.get("number", ""), query.get("type", "sms")
    times = [query.get(name, "") for name in ("from", "to")]
    if kind not in {"sms", "mms", "dlr"} or not is_tn(tn):
        raise Declined(400, "Invalid number or type")
    if not all(re.fullmatch(r"[0-9]{0,12}", each) for each in times):
        raise Declined(400, "Invalid from or to")
    mine(store, tn, 403)
    newer = int(times[0] or store.seconds())
    older = int(times[1] or newer - DAY_SECONDS)
    as_text = store.setting("dialect") == "sdk"
    found = [
        _shown(record, as_text=as_text)
        for record in store.records.all("message").values()
        if (record["from"], record["type"]) == (tn, kind) and older <= record["at"] <= newer
    ]
    told = {"number": tn, "type": kind, "fromTs": newer, "toTs": older}
    return success(told | {"messages": found[::-1]})


def _shown(record: dict[str, Any], *, as_text: bool) -> dict[str, Any]:
    """A message; the two sources give the far number another type."""
    number = record["value"]["number"]
    value = record["value"] | {"number": number if as_text else int(number)}
    return {"id": record["id"], "key": record["key"], "value": value}


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/numbers/messaging"): _states,
    ("GET", "/v2.2/numbers/{number}/messaging"): _state,
    ("PATCH", "/v2.2/numbers/{number}/messaging"): _patch,
    ("POST", "/v2.2/messaging/brands"): _add_brand,
    ("POST", "/v2.2/messaging/campaigns"): _add_campaign,
    ("GET", "/v2.2/messaging/campaigns"): _campaigns,
    ("GET", "/v2.2/messages"): _history,
    ("POST", "/v2.2/messages"): _send,
}
