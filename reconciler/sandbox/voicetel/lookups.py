"""Look-ups of anybody's number. Each is billed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.account import RATES
from reconciler.sandbox.voicetel.features import features
from reconciler.sandbox.voicetel.inventory import area_of
from reconciler.sandbox.voicetel.numbers import is_tn
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success


def _cnam(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    rate = Decimal(RATES["cnam"])
    if not store.can_pay(rate):
        raise Declined(402, "Insufficient funds")
    store.charge(rate, "cnam look-up", path["number"], "")
    name = features(store, path["number"]).name or "WIRELESS CALLER"
    return success({"number": path["number"], "cnam": name})


def _lrn(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    number, ani = path["number"], path["ani"]
    if not is_tn(number) or not is_tn(ani):
        raise Declined(400, "Invalid number")
    there, here = area_of(number), area_of(ani)
    store.charge(Decimal(RATES["lrn"]), "lrn look-up", number, "")
    lrn = {
        "lrn": f"1{number[:6]}0000",
        "ocn": "9101",
        "lec": "SANDBOX TELEPHONE",
        "lecType": "CLEC",
        "lata": there.lata,
        "rc": there.rate_center,
        "city": there.city.upper(),
        "state": there.province,
        "jurisdiction": "INTRASTATE" if there.province == here.province else "INTERSTATE",
        "local": "Y" if there.rate_center == here.rate_center else "N",
    }
    return success({"destination": number, "ani": ani, "lrn": lrn})


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/cnam/{number}"): _cnam,
    ("GET", "/v2.2/lrn/{number}/{ani}"): _lrn,
}
