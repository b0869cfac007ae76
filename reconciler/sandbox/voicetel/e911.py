"""Emergency addresses: validated, provisioned, told in the form that dispatchers use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.numbers import is_tn, mine
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

RECORD: Final = "e911"
ADDRESS: Final = "address"
LONGEST_NAME: Final = 20
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # USPS Publication 28, appendix C: suffixes that the sandbox's streets need.
        "AVENUE": "AVE",
        "BOULEVARD": "BLVD",
        "CIRCLE": "CIR",
        "COURT": "CT",
        "DRIVE": "DR",
        "HIGHWAY": "HWY",
        "LANE": "LN",
        "PARKWAY": "PKWY",
        "PLACE": "PL",
        "ROAD": "RD",
        "SQUARE": "SQ",
        "STREET": "ST",
        "TERRACE": "TER",
    }
)
DIRECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"NORTH": "N", "EAST": "E", "SOUTH": "S", "WEST": "W"}
)
UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"APARTMENT": "APT", "BUILDING": "BLDG", "FLOOR": "FL", "ROOM": "RM", "SUITE": "STE"}
)
SHORT_UNITS: Final = frozenset({*UNITS.values(), "UNIT"})
STATES: Final = frozenset(
    (  # noqa: SIM905 - fifty lines of two letters each read no better
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV"
        " NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR"
    ).split()
)
PARTS: Final = ("address1", "city", "state", "zip")


def normalised(asked: Mapping[str, Any]) -> dict[str, str]:
    """The form in which an address is kept: capitals, no punctuation, the unit by itself."""
    words = _words(asked.get("address1"))
    unit = _words(asked.get("address2"))
    named = (n for n, word in enumerate(words) if n > 1 and UNITS.get(word, word) in SHORT_UNITS)
    at = next(named, len(words))
    if not unit:
        words, unit = words[:at], words[at:]
    return {
        "address1": " ".join(_street(words)),
        "address2": " ".join(UNITS.get(word, word) for word in unit),
        "city": " ".join(re.findall(r"[A-Z0-9]+", str(asked.get("city", "")).upper())),
        "state": str(asked.get("state", "")).strip().upper(),
        "zip": str(asked.get("zip", "")).strip(),
    }


def _words(value: object) -> list[str]:
    return re.sub(r"[.,#]", " ", str(value or "").upper()).split()


def _street(words: list[str]) -> list[str]:
    """Shorten directions at both ends and the word that ends a street's name, nothing within."""
    found = list(words)
    last = len(found) - 1
    if last > 1 and found[1] in DIRECTIONS:
        found[1] = DIRECTIONS[found[1]]
    if last > 2 and found[last] in DIRECTIONS:  # noqa: PLR2004 - 7 ELM STREET NORTH
        found[last] = DIRECTIONS[found[last]]
        last -= 1
    if last > 1:
        found[last] = WORDS.get(found[last], found[last])
    return found


def _placed(store: Store, asked: Mapping[str, Any]) -> dict[str, str]:
    """Normalise an address that there is; a house number, a state and a zip code make one."""
    address = _as_switched(normalised(asked), store.setting("e911_writes"))
    found = (
        re.match(r"[0-9]+[A-Z]? ", address["address1"] + " ")
        and address["city"]
        and address["state"] in STATES
        and re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", address["zip"])
        and address["zip"] not in store.setting("e911_refused")
    )
    if not found:
        raise Declined(409, "Address could not be validated")
    return address


def _as_switched(address: Mapping[str, str], pairs: Iterable[str]) -> dict[str, str]:
    """The same with words put in the place of others, in whichever part they stand."""
    made = dict(address)
    for words, _, others in (pair.partition("=") for pair in pairs):
        for part, told in made.items():
            made[part] = f" {told} ".replace(f" {words} ", f" {others} ").strip()
    return made


def _address_id(address: Mapping[str, str]) -> int:
    told = "\n".join(address[part] for part in sorted(address))
    return 10_000 + int(hashlib.sha256(told.encode()).hexdigest()[:6], 16)


def _row(tn: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"dn": f"1{tn}", **record}


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    records = [_row(tn, record) for tn, record in store.records.all(RECORD).items()]
    if not records and store.setting("empty_is_404"):
        raise Declined(404, "No e911 records found")
    return success({"records": records})


def _validate(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    address = _placed(store, request.json())
    number = _address_id(address)
    store.records.put(ADDRESS, str(number), address)
    return success({"address": {"addressid": number, **address}})


def _create(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    tn = asked.get("dn")
    missing = [part for part in ("callername", *PARTS) if not isinstance(asked.get(part), str)]
    if missing or not is_tn(tn):
        raise Declined(400, f"Field Required: {', '.join(missing) or 'dn'}")
    if len(asked["callername"]) > LONGEST_NAME:
        raise Declined(400, "callername is too long")
    mine(store, tn, 403)
    if store.records.get(RECORD, tn) and not store.setting("e911_replaces"):
        raise Declined(409, "Record exists")
    return _saved(store, tn, asked["callername"], _placed(store, asked), 201)


def _provision(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    asked = request.json()
    mine(store, path["dn"], 401)
    address = store.records.get(ADDRESS, str(asked.get("addressid")))
    name = asked.get("callername")
    if not address or not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise Declined(409, "Failed to provision address")
    return _saved(store, path["dn"], name, address, 200)


def _saved(store: Store, tn: str, name: str, address: dict[str, Any], status: int) -> Reply:
    record = {"callername": name, **address}
    store.records.put(RECORD, tn, record)
    store.tell("e911 provisioned", tn)
    return success({"record": _row(tn, record)}, status)


def _known(store: Store, tn: str) -> dict[str, Any]:
    mine(store, tn, 401)
    record = store.records.get(RECORD, tn)
    if not record:
        raise Declined(409, "Failed to query record")
    return record


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    return success({"record": _row(path["dn"], _known(store, path["dn"]))})


def _remove(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    _known(store, path["dn"])
    store.records.drop(RECORD, path["dn"])
    store.tell("e911 removed", path["dn"])
    return Reply(204)


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/e911"): _list,
    ("POST", "/v2.2/e911"): _create,
    ("POST", "/v2.2/e911/validations"): _validate,
    ("GET", "/v2.2/e911/{dn}"): _get,
    ("PUT", "/v2.2/e911/{dn}"): _provision,
    ("DELETE", "/v2.2/e911/{dn}"): _remove,
}
