"""The health of text messages, which the vendor's SDK asks for and its description does not have.

No document has a schema of the answers: the SDK hands them over as they are, and says in words
what they tell. The names of their fields are the sandbox's own. In the documented dialect there
are no such operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.features import NONE, Features, every, features, job, stamp
from reconciler.sandbox.voicetel.messaging import CAMPAIGN, READY
from reconciler.sandbox.voicetel.numbers import is_tn, mine
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

KIND: Final = "health"
HOUR_SECONDS: Final = 3600
CHECKS_AN_HOUR: Final = 30
DAYS: Final = 14

OFF, HEALTHY, ATTENTION, IN_PROGRESS = "off", "healthy", "attention", "inProgress"
"""What becomes of a number's text messages; a number that has none is off."""


def _overview(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    has = every(store)
    states = {one.tn: _state(store, one.tn, has.get(one.tn, NONE)) for one in store.numbers()}
    tally = Counter(states.values())
    summary = {name: tally[name] for name in (HEALTHY, ATTENTION, IN_PROGRESS)}
    told = {
        "summary": {"numbers": len(states), "messagingOn": len(states) - tally[OFF], **summary},
        "campaigns": [
            {"id": name, "status": known["status"]}
            for name, known in sorted(store.records.all(CAMPAIGN).items())
        ],
        "numbers": [_attention(store, tn) for tn, state in states.items() if state == ATTENTION],
        "delivery": _delivery(store),
        "alerts": _alerts(store),
        "updatedAt": stamp(store.seconds() // HOUR_SECONDS * HOUR_SECONDS),
    }
    return success(told)


def _state(store: Store, tn: str, has: Features) -> str:
    under_way = job(store, tn)
    if under_way is not None:
        return ATTENTION if under_way["state"] == "failed" else IN_PROGRESS
    if not has.campaign:
        return ATTENTION if has.sms else OFF
    return HEALTHY if _is_approved(store, has.campaign) else ATTENTION


def _is_approved(store: Store, campaign: str) -> bool:
    return str(store.records.get(CAMPAIGN, campaign).get("status", "")).startswith(READY)


def _attention(store: Store, tn: str) -> dict[str, Any]:
    failed = job(store, tn)
    detail = failed["message"] if failed else "It is in no campaign that carriers have approved."
    title = "Text messages cannot be sent"
    return {"number": tn, "title": title, "detail": detail, "actions": ["assignCampaign"]}


def _delivery(store: Store) -> list[dict[str, Any]]:
    """What was sent in the last days; the sandbox delivers all of it."""
    today = datetime.fromtimestamp(store.seconds(), UTC).date()
    ages = Counter(
        (today - datetime.fromtimestamp(record["at"], UTC).date()).days
        for record in store.records.all("message").values()
    )
    return [
        {"date": f"{today - timedelta(days=age)}", "sent": ages[age], "delivered": ages[age]}
        | {"failed": 0}
        for age in range(DAYS)
    ]


def _alerts(store: Store) -> dict[str, bool]:
    return {"enabled": bool(store.records.get(KIND, "alerts").get("enabled", True))}


def _alerts_told(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    return success(_alerts(store))


def _set_alerts(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    enabled = request.json().get("enabled")
    if not isinstance(enabled, bool):
        raise Declined(400, "Field Required: enabled")
    store.records.put(KIND, "alerts", {"enabled": enabled})
    store.tell("alerts changed")
    return success(_alerts(store))


def _check(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Look at one number now."""
    del path
    tn = _number(request.json().get("number"))
    _scarce(store)
    number = mine(store, tn)
    has = features(store, number.tn)
    under_way = job(store, number.tn)
    told = {
        "number": number.tn,
        "inService": True,
        "messagingEnabled": bool(has.campaign or has.sms),
        "campaignApproved": bool(has.campaign) and _is_approved(store, has.campaign),
        "providerAssigned": bool(has.network),
        "deliveryFailures": 0,
        "inProgress": under_way is not None and under_way["state"] != "failed",
    }
    return success(told)


def _scarce(store: Store) -> None:
    """Take one of thirty checks an hour."""
    now = store.seconds()
    taken = store.records.get(KIND, "checks").get("at", [])
    recent = [at for at in taken if now - at < HOUR_SECONDS]
    if store.setting("limiter") and len(recent) >= CHECKS_AN_HOUR:
        told = (("Retry-After", str(HOUR_SECONDS)),) if store.setting("limiter_tells") else ()
        raise Declined(429, "Too many requests", told)
    store.records.put(KIND, "checks", {"at": [*recent, now]})


def _samples(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Tell of messages that were blocked as spam: the sandbox blocks none."""
    del path
    number = mine(store, _number(request.query.get("number")))
    return success({"number": number.tn, "samples": []})


def _number(told: object) -> str:
    if not isinstance(told, str) or not is_tn(told):
        raise Declined(400, "Field Required: number")
    return told


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/messaging/health"): _overview,
    ("GET", "/v2.2/messaging/health/alerts"): _alerts_told,
    ("PUT", "/v2.2/messaging/health/alerts"): _set_alerts,
    ("POST", "/v2.2/messaging/health/check"): _check,
    ("GET", "/v2.2/messaging/health/samples"): _samples,
}
"""What the newer dialect has beside the documented one."""
