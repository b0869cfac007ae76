"""Settings of a number, one path each: route, names, forward, fax, text messages, PIN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.account import USERNAME
from reconciler.sandbox.voicetel.features import features, save
from reconciler.sandbox.voicetel.numbers import is_tn, mine, route_of
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

LONGEST_NAME: Final = 15
PIN_SECONDS: Final = 30 * 24 * 3600

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SIP = re.compile(r"([A-Za-z0-9._+-]{1,64}@)?[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


def _set_route(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    route = route_of(store, request.json().get("route"))
    number = mine(store, path["number"], 401)
    store.save_number(replace(number, route=route), "routed")
    return success({"number": number.tn, "route": route})


def _set_cnam(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    enabled = request.json().get("enabled")
    if not isinstance(enabled, bool):
        raise Declined(400, "Field Required: enabled")
    number = mine(store, path["number"])
    store.save_number(replace(number, cnam=enabled), "cnam changed")
    return success({"number": number.tn, "cnam": enabled})


def _tn_in(request: Request, name: str) -> str:
    tn = request.json().get(name)
    if not is_tn(tn):
        raise Declined(400, f"Field Required: {name}")
    return tn


def _set_forward(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    destination = _tn_in(request, "destination")
    number = mine(store, path["number"])
    store.save_number(replace(number, forward_to=destination), "forwarded")
    return success({"number": number.tn, "forwardTo": destination})


def _end_forward(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    if number.forward_to is None:
        raise Declined(404, "Forwarding not configured")
    store.save_number(replace(number, forward_to=None), "forwarding ended")
    return Reply(204)


def _set_translation(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    translation = str(request.json().get("translation") or "")
    loose = store.setting("dialect") == "sdk" and re.fullmatch(r"[0-9#]{1,20}", translation)
    if not is_tn(translation) and not loose:
        raise Declined(400, "Field Required: translation")
    number = mine(store, path["number"])
    store.save_number(replace(number, translated=translation), "translated")
    return success({"number": number.tn, "translation": translation})


# Fax.


def _get_fax(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    email = features(store, number.tn).fax
    if not email:
        raise Declined(404, "Fax routing not configured")
    return success({"number": number.tn, "email": email})


def _set_fax(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    email = request.json().get("email")
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        raise Declined(400, "Field Required: email")
    number = mine(store, path["number"])
    save(store, number.tn, replace(features(store, number.tn), fax=email), "fax routed")
    return success({"number": number.tn, "email": email})


def _end_fax(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    has = features(store, number.tn)
    if not has.fax:
        raise Declined(404, "Fax routing not configured")
    save(store, number.tn, replace(has, fax=""), "fax routing ended")
    return Reply(204)


# Text messages.


def _get_sms(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    has = features(store, number.tn)
    if not has.sms:
        raise Declined(404, "SMS routing not configured")
    return success({"number": number.tn, "type": has.sms, "resource": has.resource})


def _set_sms(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    asked = request.json()
    kind, resource = asked.get("type"), asked.get("resource")
    if kind not in {"email", "webhook", "sip"} or not isinstance(resource, str):
        raise Declined(400, "Invalid type")
    fits = {
        "email": bool(_EMAIL.fullmatch(resource)),
        "webhook": _is_reachable(store, resource),
        "sip": bool(_SIP.fullmatch(resource)),
    }
    if not fits[kind]:
        unreachable = "Webhook must be reachable over https with a valid certificate"
        raise Declined(400, unreachable if kind == "webhook" else "Invalid resource")
    number = mine(store, path["number"])
    has = features(store, number.tn)
    row = has.row or _next_row(store)
    changed = replace(has, sms=kind, resource=resource, row=row)
    save(store, number.tn, changed, "messages routed")
    return success({"number": number.tn, "type": kind, "resource": resource})


def _next_row(store: Store) -> int:
    """The carrier's own id of a message routing, never used twice."""
    latest = int(store.records.get("counter", "sms").get("latest", 1000)) + 1
    store.records.put("counter", "sms", {"latest": latest})
    return latest


def _is_reachable(store: Store, url: str) -> bool:
    """Judge without a connection: https to a name that is not listed as down."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    down = [*store.setting("webhooks_down"), "localhost"]
    public = "." in host and not host.endswith((".invalid", ".local"))
    return parts.scheme == "https" and public and host not in down


def _end_sms(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    has = features(store, number.tn)
    if not has.sms:
        raise Declined(404, "SMS routing not configured")
    save(store, number.tn, replace(has, sms="", resource="", row=0), "message routing ended")
    return Reply(204)


# What cannot be read back.


def _set_lidb(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Keep the name whatever the network says; 200 is no success, `carrierStatus` is."""
    asked = request.json()
    wanted = asked.get("cnam")
    if not isinstance(wanted, str) or not 0 < len(wanted) <= LONGEST_NAME:
        raise Declined(400, "Field Required: cnam")
    number = mine(store, path["number"])
    name = re.sub(r"[^A-Za-z0-9 ]", "", wanted).strip()
    status = str(store.setting("lidb_status"))
    changed = replace(features(store, number.tn), name=name, name_status=status)
    save(store, number.tn, changed, "outbound name set")
    reference = asked.get("customerOrderReference") or f"{USERNAME}-{int(store.seconds())}"
    return success(
        {
            "number": number.tn,
            "cnam": name,
            "customerOrderReference": str(reference),
            "carrierStatus": status,
        }
    )


def _set_pin(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    pin = request.json().get("pin")
    if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{4}", pin):
        raise Declined(400, "Field Required: pin")
    number = mine(store, path["number"])
    has = features(store, number.tn)
    sdk = store.setting("dialect") == "sdk"
    locked = bool(has.pin) and store.seconds() < has.pin_at + PIN_SECONDS
    changed = not (sdk and store.setting("pin_lock") and locked)
    if changed:
        changed_to = replace(has, pin=pin, pin_at=store.seconds())
        save(store, number.tn, changed_to, "port-out PIN set")
    told = {"number": number.tn, "portOutPin": pin if changed else has.pin}
    return success(told | {"changed": changed} if sdk else told)


ROUTES: Final[Routes] = {
    ("PUT", "/v2.2/numbers/{number}/route"): _set_route,
    ("PUT", "/v2.2/numbers/{number}/cnam"): _set_cnam,
    ("PUT", "/v2.2/numbers/{number}/forward"): _set_forward,
    ("DELETE", "/v2.2/numbers/{number}/forward"): _end_forward,
    ("PUT", "/v2.2/numbers/{number}/translation"): _set_translation,
    ("GET", "/v2.2/numbers/{number}/fax"): _get_fax,
    ("PUT", "/v2.2/numbers/{number}/fax"): _set_fax,
    ("DELETE", "/v2.2/numbers/{number}/fax"): _end_fax,
    ("GET", "/v2.2/numbers/{number}/sms"): _get_sms,
    ("PUT", "/v2.2/numbers/{number}/sms"): _set_sms,
    ("DELETE", "/v2.2/numbers/{number}/sms"): _end_sms,
    ("PUT", "/v2.2/numbers/{number}/lidb"): _set_lidb,
    ("PATCH", "/v2.2/numbers/{number}/port-out-pin"): _set_pin,
}
