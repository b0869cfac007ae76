"""Numbers in campaigns (10DLC): bound at once, or a while later on one messaging path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.features import (
    CARRIERS,
    JOB,
    Features,
    features,
    job,
    save,
    start_job,
)
from reconciler.sandbox.voicetel.messaging import CAMPAIGN, CNP, MOST_STATES, READY
from reconciler.sandbox.voicetel.numbers import is_tn, mine
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

ASYNCHRONOUS: Final = "C"
"""The path whose bindings take a while; OpenAPI 2.2.10 does not know it."""


def _assign(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    campaign = request.json().get("campaignId")
    if not isinstance(campaign, str) or not re.fullmatch(r"[A-Z0-9]+", campaign):
        raise Declined(400, "Field Required: campaignId")
    number = mine(store, path["number"])
    known = store.records.get(CAMPAIGN, campaign)
    if not known or not known["status"].startswith(READY):
        raise Declined(400, "Campaign ID Status: " + known.get("status", "CAMPAIGN_INVALID_ID"))
    has = features(store, number.tn)
    if store.setting("dialect") == "sdk":
        return _assigned_later(store, number.tn, campaign, known["network"])
    network = known["network"] if known["network"] in {"A", "B"} else "A"
    save(store, number.tn, replace(has, campaign=campaign, network=network), "campaign bound")
    return success(_told(number.tn, campaign, network, has))


def _told(tn: str, campaign: str, network: str, before: Features) -> dict[str, Any]:
    moved = bool(before.network) and before.network != network
    return {
        "number": tn,
        "campaignId": campaign,
        "carrier": CARRIERS[network],
        "network": network,
        "upstreamCnpId": CNP[network],
        "previousNetwork": before.network or None,
        "previousNetworkCleared": moved,
    }


def _assigned_later(store: Store, tn: str, campaign: str, network: str) -> Reply:
    """Answer as the newer dialect does: bound, bound already, or under way (202)."""
    before = features(store, tn)
    under_way = job(store, tn)
    if network == "A":
        raise Declined(400, "Campaigns on this path take no new numbers")
    told = _told(tn, campaign, network, before)
    told["previousNetwork"] = before.network if before.network in {"A", "B"} else None
    told |= {"orderId": None, "warning": None, "message": None, "job": None}
    if before.campaign == campaign:
        return success(told | {"status": "already", "alreadyAssigned": True})
    if network != ASYNCHRONOUS:
        store.records.drop(JOB, tn)
        save(store, tn, replace(before, campaign=campaign, network=network), "campaign bound")
        order = int(store.seconds())
        return success(told | {"status": "enabled", "alreadyAssigned": False, "orderId": order})
    running = under_way and under_way["state"] not in {"done", "failed"}
    if not running or under_way["campaignId"] != campaign:  # type: ignore[index]
        start_job(store, tn, campaign, network)
    pending = {"status": "pending", "alreadyAssigned": False, "message": "queued"}
    return success(told | pending | {"job": job(store, tn)}, 202)


def _unassign(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    campaign = _campaign_of(request)
    number = mine(store, path["number"])
    has = features(store, number.tn)
    _unbind(store, number.tn, campaign)
    return success(
        {
            "number": number.tn,
            "campaignId": campaign,
            "network": has.network if has.network in {"A", "B"} else None,
            "upstreamCnpId": CNP.get(has.network),
            "unassigned": True,
        }
    )


def _campaign_of(request: Request) -> str:
    campaign = request.query.get("campaignId", "")
    if not re.fullmatch(r"C[A-Z0-9]{6}", campaign):
        raise Declined(400, "Invalid campaignId")
    return campaign


def _unbind(store: Store, tn: str, campaign: str) -> bool:
    has = features(store, tn)
    if store.records.get(JOB, tn).get("campaignId") == campaign:
        store.records.drop(JOB, tn)
    if has.campaign != campaign:
        return False
    save(store, tn, replace(has, campaign="", network=""), "campaign unbound")
    return True


def _unassign_many(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    campaign = _campaign_of(request)
    asked = [each for each in request.query.get("numbers", "").split(",") if each]
    if not 0 < len(asked) <= MOST_STATES or not all(map(is_tn, asked)):
        raise Declined(400, "Field Required: numbers")
    ours = {number.tn for number in store.numbers()}
    done = [tn for tn in asked if tn in ours and _unbind(store, tn, campaign)]
    failed = [
        {"number": tn, "reason": "Not bound to this campaign" if tn in ours else "Not on account"}
        for tn in asked
        if tn not in done
    ]
    network = store.records.get(CAMPAIGN, campaign).get("network", "")
    return success(
        {
            "campaignId": campaign,
            "network": network if network in {"A", "B"} else None,
            "upstreamCnpId": CNP.get(network),
            "unassignedNumbers": done,
            "failed": failed,
        }
    )


ROUTES: Final[Routes] = {
    ("PUT", "/v2.2/numbers/{number}/messaging-campaign"): _assign,
    ("DELETE", "/v2.2/numbers/{number}/messaging-campaign"): _unassign,
    ("DELETE", "/v2.2/numbers/messaging-campaign"): _unassign_many,
}
