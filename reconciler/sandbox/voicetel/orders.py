"""Orders: numbers bought from the network, and what they cost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from reconciler.sandbox.store import DEFAULT_ROUTE, Number, Store
from reconciler.sandbox.voicetel.numbers import is_fiction, is_tn, route_of
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

MOST_NUMBERS: Final = 100
FIRST_ORDER: Final = 1747345200

_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


def _order(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    key = request.headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        raise Declined(400, "Invalid Idempotency-Key")
    remembers = bool(key) and store.setting("keys_remembered")
    if remembers and (before := store.remembered(key)):
        _same_body(store, key, request.body)
        return Reply(*before)
    try:
        reply = _ordered(store, request)
    except Declined as declined:
        if not store.setting("errors_remembered"):
            raise
        reply = failure(declined.status, declined.message)
    if remembers:
        store.remember(key, reply.status, reply.body)
        store.records.put("key", key, {"body": _digest(request.body)})
    return reply


def _same_body(store: Store, key: str, body: bytes) -> None:
    before = store.records.get("key", key).get("body")
    if store.setting("key_binds_body") and before != _digest(body):
        raise Declined(400, "The Idempotency-Key was used with another body")


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _ordered(store: Store, request: Request) -> Reply:
    wanted = dict(_wanted(store, request.json().get("numbers")))
    rate = Decimal(store.setting("did_rate"))
    failed = {tn: reason for tn in wanted if (reason := _why_not(store, tn))}
    counted = len(wanted)
    if not store.setting("cash_for_whole_order"):
        counted -= len(failed)
    if not store.can_pay(rate * counted):
        raise Declined(402, "Insufficient funds")
    for tn in [tn for tn in wanted if tn not in failed][: request.shortfall]:
        failed[tn] = "DB Insert fail"
    order_id = str(FIRST_ORDER + len(store.charges()))
    bought = [tn for tn in wanted if tn not in failed]
    charged = list(wanted) if store.setting("partial_charges_all") else bought
    for tn in bought:
        store.save_number(Number(tn, "active", route=wanted[tn]), "ordered")
    for tn in charged:
        store.charge(rate, "order", tn, order_id)
    return success(
        {
            "orderId": int(order_id) if store.setting("order_id_is_integer") else order_id,
            "amountCharged": rate * len(charged),
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
        yield tn, route_of(store, route)


def _why_not(store: Store, tn: str) -> str:
    known = store.holder(tn)
    if known is None:
        return "" if is_fiction(tn) else "Number not available"
    if known.state == "active":
        return "Number already on account" if store.setting("natural_key") else ""
    return "Number no longer available"


ROUTES: Final[Routes] = {("POST", "/v2.2/orders"): _order}
