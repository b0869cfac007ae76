"""Numbers of the account: listed, ordered, attached, changed, removed, released."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeGuard

from reconciler.sandbox.store import DEFAULT_ROUTE, Number, Store
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

MOST_NUMBERS: Final = 100
FIRST_ORDER: Final = 1747345200

_TN = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{2}[0-9]{4}")
_FICTION = re.compile(r"[2-9][0-9]{2}55501[0-9]{2}")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


def is_fiction(tn: str) -> bool:
    """Whether a number is one of NPA-555-0100 to 0199, which no subscriber has (ATIS-0300115)."""
    return bool(_FICTION.fullmatch(tn))


def is_tn(value: object) -> TypeGuard[str]:
    """Whether it is ten digits of a North American number."""
    return isinstance(value, str) and bool(_TN.fullmatch(value))


def _mine(store: Store, tn: str) -> Number:
    number = store.number(tn)
    if number is None or number.state != "active":
        raise Declined(404, "Number not found")
    return number


def _row(store: Store, number: Number) -> dict[str, Any]:
    gateway = store.gateway(number.route)
    return {
        "number": number.tn,
        "translated": number.translated,
        "route": number.route,
        "gateway": gateway.host if gateway else None,
        "cnam": number.cnam,
        "forward": number.forward_to is not None,
        "forwardTo": number.forward_to,
        "carrier": 0,
        "smsEnabled": False,
        "faxEnabled": False,
    }


def rows(store: Store) -> list[dict[str, Any]]:
    """The number list as it is now."""
    return [_row(store, number) for number in store.numbers()]


def _odd(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a strict reader falls over: each seen at this carrier or allowed by its silence."""
    changes: tuple[dict[str, Any], ...] = (
        {"translated": "1001#", "carrier": None, "later": {}},
        {},
    )
    odd = [{**row, **change} for row, change in zip(listed, changes, strict=False)]
    for row in odd[1:]:
        row["number"] = int(row["number"])
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
    return success(_row(store, _mine(store, path["number"])))


def _order(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    key = request.headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        raise Declined(400, "Invalid Idempotency-Key")
    remembers = bool(key) and store.setting("keys_remembered")
    if remembers and (before := store.remembered(key)):
        return Reply(*before)
    try:
        reply = _ordered(store, request)
    except Declined as declined:
        if not store.setting("errors_remembered"):
            raise
        reply = failure(declined.status, declined.message)
    if remembers:
        store.remember(key, reply.status, reply.body)
    return reply


def _ordered(store: Store, request: Request) -> Reply:
    wanted = dict(_wanted(store, request.json().get("numbers")))
    rate = Decimal(store.setting("did_rate"))
    if store.cash() < rate * len(wanted):
        raise Declined(402, "Insufficient funds")
    failed = {tn: reason for tn in wanted if (reason := _why_not(store, tn))}
    for tn in [tn for tn in wanted if tn not in failed][: request.shortfall]:
        failed[tn] = "DB Insert fail"
    order_id = str(FIRST_ORDER + len(store.charges()))
    bought = [tn for tn in wanted if tn not in failed]
    for tn in bought:
        store.save_number(Number(tn, "active", route=wanted[tn]), "ordered")
        store.charge(rate, "order", tn, order_id)
    return success(
        {
            "orderId": int(order_id) if store.setting("order_id_is_integer") else order_id,
            "amountCharged": rate * len(bought),
            "numbersOrdered": bought,
            "failed": [{"number": tn, "reason": reason} for tn, reason in failed.items()],
        },
        201,
    )


def _wanted(store: Store, asked: object) -> Iterable[tuple[str, int]]:
    """Check an order before anything of it is written."""
    if not isinstance(asked, list) or not 0 < len(asked) <= MOST_NUMBERS:
        raise Declined(400, "Field Required: numbers")
    for item in asked:
        tn = item.get("number") if isinstance(item, dict) else item
        route = item.get("route", DEFAULT_ROUTE) if isinstance(item, dict) else DEFAULT_ROUTE
        if not is_tn(tn):
            raise Declined(400, "Invalid number")
        yield tn, _route(store, route)


def _route(store: Store, route: object) -> int:
    if not isinstance(route, int) or isinstance(route, bool) or store.gateway(route) is None:
        raise Declined(400, "Invalid route")
    return route


def _why_not(store: Store, tn: str) -> str:
    known = store.number(tn)
    if known is None:
        return "" if is_fiction(tn) else "Number not available"
    if known.state == "active":
        return "Number already on account" if store.setting("natural_key") else ""
    return "Number no longer available"


def _attach(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    tn, route = asked.get("number"), asked.get("route", DEFAULT_ROUTE)
    if not is_tn(tn):
        raise Declined(409, "Failed to add")
    if store.cash() < Decimal(store.setting("did_rate")):
        raise Declined(402, "Insufficient funds")
    known = store.number(tn)
    if known is None or known.state != "held" or store.gateway(route) is None:
        raise Declined(409, "Failed to add")
    store.save_number(replace(known, state="active", route=route), "attached")
    return success({"number": tn, "route": route}, 201)


def _remove(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = _mine(store, path["number"])
    if number.porting:
        raise Declined(409, "The number is currently porting")
    store.save_number(replace(number, state="held"), "removed")
    return Reply(204)


def _release(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = store.number(path["number"])
    if number is None or number.state != "active" or number.porting:
        raise Declined(409, "Failed to release, or the number is currently porting")
    store.save_number(replace(number, state="released"), "released")
    return Reply(204)


def _set_route(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    route = _route(store, request.json().get("route"))
    number = store.number(path["number"])
    if number is None or number.state != "active":
        raise Declined(401, "Number not on account")
    store.save_number(replace(number, route=route), "routed")
    return success({"number": number.tn, "route": route})


def _set_cnam(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    enabled = request.json().get("enabled")
    if not isinstance(enabled, bool):
        raise Declined(400, "Field Required: enabled")
    number = _mine(store, path["number"])
    store.save_number(replace(number, cnam=enabled), "cnam changed")
    return success({"number": number.tn, "cnam": enabled})


def _tn_in(request: Request, name: str) -> str:
    tn = request.json().get(name)
    if not is_tn(tn):
        raise Declined(400, f"Field Required: {name}")
    return tn


def _set_forward(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    destination = _tn_in(request, "destination")
    number = _mine(store, path["number"])
    store.save_number(replace(number, forward_to=destination), "forwarded")
    return success({"number": number.tn, "forwardTo": destination})


def _end_forward(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number = _mine(store, path["number"])
    if number.forward_to is None:
        raise Declined(404, "Forwarding not configured")
    store.save_number(replace(number, forward_to=None), "forwarding ended")
    return Reply(204)


def _set_translation(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    translation = _tn_in(request, "translation")
    number = _mine(store, path["number"])
    store.save_number(replace(number, translated=translation), "translated")
    return success({"number": number.tn, "translation": translation})


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/numbers"): _list,
    ("POST", "/v2.2/numbers"): _attach,
    ("POST", "/v2.2/orders"): _order,
    ("GET", "/v2.2/numbers/{number}"): _get,
    ("DELETE", "/v2.2/numbers/{number}"): _remove,
    ("POST", "/v2.2/numbers/{number}/release"): _release,
    ("PUT", "/v2.2/numbers/{number}/route"): _set_route,
    ("PUT", "/v2.2/numbers/{number}/cnam"): _set_cnam,
    ("PUT", "/v2.2/numbers/{number}/forward"): _set_forward,
    ("DELETE", "/v2.2/numbers/{number}/forward"): _end_forward,
    ("PUT", "/v2.2/numbers/{number}/translation"): _set_translation,
}
