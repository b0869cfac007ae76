"""The account itself: balance and rates, its key, its settings, what it was billed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from reconciler.sandbox.store import DEFAULT_CHANNELS, Store
from reconciler.sandbox.voicetel.auth import api_key, auth_type, password
from reconciler.sandbox.voicetel.e911 import RECORD
from reconciler.sandbox.voicetel.numbers import is_tn
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

USERNAME: Final = "1000000001"
EMAIL: Final = "sandbox@example.com"
SCARCE_SECONDS: Final = 3600
SCARCE_REQUESTS: Final = 6
DAY_SECONDS: Final = 24 * 3600
RATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sms": "0.01",
        "mms": "0.05",
        "cnam": "0.0075",
        "lrn": "0.008",
        "nibble": "0.01",
        "fax": "0.05",
        "tfAdj": "0.02",
        "intlMax": "0.5",
    }
)
E911_RATE: Final = Decimal("2.50")
"""What a record costs a month."""

SERVICES: Final = ("sms", "mms", "e911", "cnam", "intl", "bypassMedia", "dialer")
STARTS_WITH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "callerId": "2015550100",
        "timezone": "America/New_York",
        "ccs": DEFAULT_CHANNELS,
        "notify": False,
        "notifyThreshold": 0,
        "sms": True,
        "mms": True,
        "e911": True,
        "intl": False,
    }
)
"""What a PUT of the account changes."""

ADMIN_ONLY: Final = frozenset({"ccs", "sms", "mms", "e911", "intl"})


def _scarce(store: Store, request: Request) -> None:
    """Take one of six requests an hour, which these endpoints share."""
    used = store.hits(request.peer, within_seconds=SCARCE_SECONDS)
    if store.setting("limiter") and used > SCARCE_REQUESTS:
        told = (("Retry-After", str(SCARCE_SECONDS)),) if store.setting("limiter_tells") else ()
        raise Declined(429, "Too many requests", told)


def _kept(store: Store) -> dict[str, Any]:
    return {**STARTS_WITH, **store.records.get("account", "")}


def _account(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    _scarce(store, request)
    kept = _kept(store)
    on = {name: bool(kept.get(name, name == "cnam")) for name in SERVICES}
    if store.setting("dialect") == "spec":
        on["rcid"] = False
    rates = {**RATES, "did": store.setting("did_rate")}
    if not store.setting("account_told"):
        return success({"username": USERNAME})  # every field may be left out
    return success(
        {
            "username": USERNAME,
            "name": "Sandbox",
            "email": EMAIL,
            "enabled": True,
            "cash": store.cash(),
            "callerId": kept["callerId"],
            "timezone": kept["timezone"],
            "authType": auth_type(store),
            "ccs": kept["ccs"],
            "notify": kept["notify"],
            "notifyThreshold": kept["notifyThreshold"],
            "created": "2026-01-01T00:00:00Z",
            "rates": {name: Decimal(rate) for name, rate in rates.items()},
            "services": on,
        }
    )


def _put(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    unknown = sorted(asked.keys() - STARTS_WITH.keys())
    if not asked or unknown:
        raise Declined(400, f"Unknown field: {', '.join(unknown) or 'none given'}")
    if asked.keys() & ADMIN_ONLY and not store.setting("admin"):
        raise Declined(400, f"Admin only: {', '.join(sorted(asked.keys() & ADMIN_ONLY))}")
    for name, value in asked.items():
        if not _fits(name, value):
            raise Declined(400, f"Invalid {name}")
    store.records.put("account", "", store.records.get("account", "") | asked)
    store.tell("account changed", detail=", ".join(sorted(asked)))
    return success({"updated": sorted(asked)})


def _fits(name: str, value: object) -> bool:
    if name == "callerId":
        return is_tn(value)
    if name == "timezone":
        from zoneinfo import available_timezones  # noqa: PLC0415 - reads a folder, for this alone

        return value in available_timezones()
    if name in {"ccs", "notifyThreshold"}:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)


def _api_key(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    _scarce(store, request)
    asked = request.json()
    if not asked.get("username") or not asked.get("password"):
        raise Declined(400, "Fields Required: username, password")
    if (asked["username"], asked["password"]) != (USERNAME, password(store)):
        return failure(401, "Invalid username or password")  # and one of six is gone
    return success({"apikey": api_key(store)})


# What was billed and what is.


def _cdr(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Tell the calls between two instants, of which the first is the newer."""
    del path
    _scarce(store, request)
    newer = _instant(request, "start", int(store.seconds()))
    older = _instant(request, "end", newer - DAY_SECONDS)
    calls = store.records.all("call").values()
    found = [call for call in calls if older <= int(call["key"][1]) <= newer]
    found.sort(key=lambda call: -int(call["key"][1]))
    return success({"start": newer, "end": older, "cdr": found})


def _instant(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else default


def add_call(store: Store, tn: str, caller: str, at: datetime, seconds: int) -> None:
    """Let somebody have called a number."""
    began, rate = int(at.timestamp()), Decimal(RATES["nibble"])
    value = {
        "dur": str(seconds),
        "dst": tn,
        "cid": caller,
        "ba": f"{rate * seconds / 60:.6f}",
        "nr": str(rate),
        "ip": "198.51.100.10",
        "cn": "WIRELESS%20CALLER",
    }
    name = hashlib.sha256(f"{tn} {caller} {began}".encode()).hexdigest()[:32]
    call = {"key": [USERNAME, str(began)], "value": value, "id": name}
    store.records.put("call", name, call)


def _credits(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    wanted = request.query.get("status", "")
    if wanted not in {"", "paid", "unpaid"}:
        raise Declined(400, "Invalid status")
    credit = {"amount": Decimal(store.setting("cash")), "paid": True, "date": _FIRST_DAY}
    return success({"credits": [] if wanted == "unpaid" else [credit]})


_FIRST_DAY: Final = "2026-01-01T00:00:00Z"


def _payments(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    payment = {
        "amount": Decimal(store.setting("cash")),
        "date": _FIRST_DAY,
        "status": "Completed",
        "transactionId": "SANDBOX0000000001",
        "payerEmail": EMAIL,
    }
    return success({"payments": [payment]})


def _recurring(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    _scarce(store, request)
    rate = Decimal(store.setting("did_rate"))
    billed = [(rate, f"DID {number.tn}") for number in store.numbers()]
    billed += [(E911_RATE, f"E911 {tn}") for tn in store.records.all(RECORD)]
    charges = [{"amount": amount, "description": what} for amount, what in billed]
    return success({"charges": charges, "total": sum((each for each, _ in billed), Decimal(0))})


def _registration(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    if not store.setting("registered"):
        raise Declined(404, "Account not registered")
    return success({"agent": "Sandbox phone 1.0", "uri": f"sip:{USERNAME}@192.0.2.1:5060"})


# Accounts.


def _recovery(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    email = request.json().get("email")
    if not isinstance(email, str) or "@" not in email:
        error = {"requirement": "Must be valid", "code": 400, "message": "Invalid email address"}
        return failure(400, "Invalid email address", more={"error": error})
    if email != EMAIL:
        raise Declined(404, "Email not found")
    store.tell("recovery asked for")
    return success({"message": "Operation completed."})


def _sub_account(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    if not store.setting("admin"):
        raise Declined(403, "Admin only")
    asked = request.json()
    name, username, email = (asked.get(each) for each in ("name", "username", "email"))
    known = {USERNAME, *store.records.all("account-of")}
    if not all(isinstance(each, str) and each for each in (name, username, email)):
        raise Declined(409, "Failed to create account")
    if not re.fullmatch(r"[0-9]+", str(username)) or username in known:
        raise Declined(409, "Failed to create account")
    made = _made(store, str(username), str(name), str(email))
    return success(made | {"masterAccount": asked.get("masterAccount") or username}, 201)


def _sign_up(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    name, email = asked.get("name"), asked.get("email")
    if not isinstance(name, str) or not isinstance(email, str) or "@" not in email:
        raise Declined(400, "Fields Required: name, email")
    accounts = store.records.all("account-of")
    if any(known["email"] == email for known in accounts.values()):
        raise Declined(409, "Failed to create account")
    return success(_made(store, str(int(USERNAME) + 1 + len(accounts)), name, email), 201)


def _made(store: Store, username: str, name: str, email: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{store.setting('seed')} {username}".encode()).hexdigest()
    store.records.put("account-of", username, {"name": name, "email": email})
    store.tell("account made", detail=username)
    return {"username": username, "password": f"a{digest[:8]}1", "name": name, "email": email}


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/account"): _account,
    ("PUT", "/v2.2/account"): _put,
    ("POST", "/v2.2/account"): _sub_account,
    ("POST", "/v2.2/accounts"): _sign_up,
    ("POST", "/v2.2/account/api-key"): _api_key,
    ("POST", "/v2.2/account/recovery"): _recovery,
    ("GET", "/v2.2/account/cdr"): _cdr,
    ("GET", "/v2.2/account/credits"): _credits,
    ("GET", "/v2.2/account/payments"): _payments,
    ("GET", "/v2.2/account/recurring-charges"): _recurring,
    ("GET", "/v2.2/account/registration"): _registration,
}
