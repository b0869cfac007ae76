"""Numbers of the account: listed, attached, removed, released, moved away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeGuard

from reconciler.sandbox.store import DEFAULT_ROUTE, SYSTEM_ROUTES, Number, Store
from reconciler.sandbox.voicetel.features import NONE, Features, drop, every, features
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

_TN = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{2}[0-9]{4}")
_FICTION = re.compile(r"[2-9][0-9]{2}55501[0-9]{2}")


def is_fiction(tn: str) -> bool:
    """Whether a number is one of NPA-555-0100 to 0199, which no subscriber has (ATIS-0300115)."""
    return bool(_FICTION.fullmatch(tn))


def is_tn(value: object) -> TypeGuard[str]:
    """Whether it is ten digits of a North American number."""
    return isinstance(value, str) and bool(_TN.fullmatch(value))


def mine(store: Store, tn: str, status: int = 404) -> Number:
    """A number of the account, else refused with `status`."""
    number = store.number(tn)
    if number is None or number.state != "active":
        raise Declined(status, {404: "Number not found"}.get(status, "Number not on account"))
    return number


def route_of(store: Store, route: object) -> int:
    """Check the id of a gateway, the carrier's or ours."""
    if not isinstance(route, int) or isinstance(route, bool) or store.gateway(route) is None:
        raise Declined(400, "Invalid route")
    return route


def row_of(number: Number, host: str | None, has: Features) -> dict[str, Any]:
    """A number as the lists tell it."""
    return {
        "number": number.tn,
        "translated": number.translated,
        "route": number.route,
        "gateway": host,
        "cnam": number.cnam,
        "forward": number.forward_to is not None,
        "forwardTo": number.forward_to,
        "carrier": has.carrier,
        "smsEnabled": bool(has.sms),
        "faxEnabled": bool(has.fax),
    }


def rows(store: Store) -> list[dict[str, Any]]:
    """The number list as it is now."""
    hosts = {gateway.id: gateway.host for gateway in store.gateways()}
    has = every(store)
    return [
        row_of(number, hosts.get(number.route), has.get(number.tn, NONE))
        for number in store.numbers()
    ]


def _odd(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a strict reader falls over: each seen at this carrier or allowed by its silence."""
    changes: tuple[dict[str, Any], ...] = (
        {"translated": "1001#", "carrier": None, "later": {}},
        {},
    )
    odd = [{**row, **change} for row, change in zip(listed, changes, strict=False)]
    for row in odd[1:]:
        row["number"] = int(row["number"])
        for optional in ("gateway", "forwardTo", "carrier", "cnam", "smsEnabled", "faxEnabled"):
            del row[optional]
    return [*odd, *listed[len(odd) :], {"number": "no\x1b[31mne", "route": DEFAULT_ROUTE}]


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    listed = _stale(store)
    if listed is None:
        listed = rows(store)
    if store.setting("odd_rows"):
        listed = _odd(listed)
    if not listed and store.setting("empty_is_404"):
        return failure(404, "No numbers found")  # an answer: the time of an old list runs on
    return success({"numbers": listed})


def _stale(store: Store) -> list[dict[str, Any]] | None:
    """The old list, while one is shown; its time runs from the first look at it."""
    stale = store.setting("stale")
    if not stale:
        return None
    until = stale["until"] or store.seconds() + stale["seconds"]
    ended = store.seconds() >= until
    store.change_setting("stale", None if ended else {**stale, "until": until})
    return None if ended else list(stale["rows"])


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    gateway = store.gateway(number.route)
    return success(row_of(number, gateway.host if gateway else None, features(store, number.tn)))


def _attach(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    tn, route = asked.get("number"), asked.get("route", DEFAULT_ROUTE)
    rate = Decimal(store.setting("did_rate"))
    if not is_tn(tn):
        raise Declined(409, "Failed to add")
    if not store.can_pay(rate):
        raise Declined(402, "Insufficient funds")
    known = store.number(tn)
    if known is None or known.state != "held" or store.gateway(route) is None:
        raise Declined(409, "Failed to add")
    store.save_number(replace(known, state="active", route=route), "attached")
    if store.setting("attach_charges"):
        store.charge(rate, "attach", tn, "")
    return success({"number": tn, "route": route}, 201)


def _remove(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = mine(store, path["number"])
    if _is_frozen(store, number):
        raise Declined(409, "The number is currently porting")
    _leave(store, number, "held", "removed")
    return Reply(204)


def _release(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = store.number(path["number"])
    if number is None or number.state != "active" or _is_frozen(store, number):
        raise Declined(409, "Failed to release, or the number is currently porting")
    _leave(store, number, "released", "released")
    return Reply(204)


def _is_frozen(store: Store, number: Number) -> bool:
    """Whether another carrier is about to take it, so that it cannot leave any other way."""
    return number.porting and bool(store.setting("porting_frozen"))


def _leave(store: Store, number: Number, state: str, what: str) -> None:
    drop(store, number.tn)
    store.save_number(Number(number.tn, state), what)
    if store.setting("refunds"):
        store.charge(-Decimal(store.setting("did_rate")), "refund", number.tn, "")


def _move(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Give a number to another account: from here it looks as if somebody else had it."""
    asked = request.json()
    account, route = asked.get("accountId"), asked.get("route")
    whole = isinstance(account, int) and not isinstance(account, bool)
    if not whole or route not in SYSTEM_ROUTES:
        raise Declined(400, "Field Required: accountId, route")
    number = mine(store, path["number"])
    if _is_frozen(store, number):
        raise Declined(409, "The number is currently porting")
    drop(store, number.tn)
    store.save_number(Number(number.tn, "sold"), f"moved to {account}")
    return success({"number": number.tn, "accountId": account, "route": route})


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/numbers"): _list,
    ("POST", "/v2.2/numbers"): _attach,
    ("GET", "/v2.2/numbers/{number}"): _get,
    ("PATCH", "/v2.2/numbers/{number}"): _move,
    ("DELETE", "/v2.2/numbers/{number}"): _remove,
    ("POST", "/v2.2/numbers/{number}/release"): _release,
}
