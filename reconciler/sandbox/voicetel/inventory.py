"""Numbers that can be bought: those that fiction reserves, in any area code.

NPA-555-0100 to NPA-555-0199 belong to nobody, so that nothing ordered in a sandbox is ever a
real subscriber's number.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.numbers import is_fiction
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

MOST: Final = 1000
DEFAULT_QUANTITY: Final = 10
PER_AREA: Final = 100
AREA_DIGITS: Final = 3


class Area(NamedTuple):
    """Where an area code is."""

    province: str
    rate_center: str
    city: str
    lata: str


AREAS: Final[Mapping[str, Area]] = MappingProxyType(
    {
        "201": Area("NJ", "CLOSTER", "Closter", "224"),
        "212": Area("NY", "NWYRCYZN01", "New York", "132"),
        "303": Area("CO", "DENVER", "Denver", "656"),
        "312": Area("IL", "CHICAGO", "Chicago", "358"),
        "415": Area("CA", "SNFC CNTRL", "San Francisco", "722"),
        "617": Area("MA", "BOSTON", "Boston", "128"),
        "713": Area("TX", "HOUSTON", "Houston", "560"),
        "800": Area("NJ", "TOLLFREE", "Toll Free", "224"),
    }
)
"""Area codes with a place; any other one is offered too, at the first of these places."""


def area_of(tn: str) -> Area:
    """Where a number is."""
    return AREAS.get(tn[:AREA_DIGITS], AREAS["201"])


def _stock(store: Store, mask: str) -> list[str]:
    """All that is offered under a prefix, in an order that the seed decides."""
    codes = [mask[:AREA_DIGITS]] if len(mask) >= AREA_DIGITS else list(AREAS)
    every = (f"{code}55501{last:02d}" for code in codes for last in range(PER_AREA))
    taken = store.taken()
    found = [tn for tn in every if tn.startswith(mask) and is_fiction(tn) and tn not in taken]
    random.Random(f"{store.setting('seed')}:{mask}").shuffle(found)  # noqa: S311 - no secret
    return found


def _search(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    query = request.query
    mask = re.fullmatch(r"([0-9]{0,10})\*?", query.get("tnMask", ""))
    quantity = query.get("quantity", str(DEFAULT_QUANTITY))
    if mask is None or not re.fullmatch(r"[0-9]{1,4}", quantity) or not 0 < int(quantity) <= MOST:
        raise Declined(400, "Invalid tnMask or quantity")
    cached = urlencode(sorted(query.items()))
    if (body := store.cached(cached)) is not None:
        return Reply(200, body)
    rows = [_row(tn) for tn in _stock(store, mask[1]) if _fits(area_of(tn), query)]
    reply = success({"numbers": rows[: int(quantity)]})
    store.cache(cached, reply.body)
    return reply


def _fits(area: Area, query: Mapping[str, str]) -> bool:
    asked = (query.get("province"), query.get("rateCenter"), query.get("lata"))
    has = (area.province, area.rate_center, area.lata)
    return all(not want or want.upper() == have for want, have in zip(asked, has, strict=True))


def _row(tn: str) -> dict[str, str]:
    area = area_of(tn)
    return {
        "number": tn,
        "rateCenter": area.rate_center,
        "city": area.city,
        "province": area.province,
        "lata": area.lata,
    }


def _coverage(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    count_by = request.query.get("countBy", "")
    if count_by not in _GROUPS:
        raise Declined(400, "Invalid countBy")
    counts = Counter(
        tuple(_facts(tn, _GROUPS[count_by])) for tn in _stock(store, "") if _asked(tn, request)
    )
    rows: list[dict[str, Any]] = [{**dict(facts), "count": n} for facts, n in counts.items()]
    return success({"coverage": sorted(rows, key=lambda row: sorted(map(str, row.values())))})


_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "state": ("locState",),
        "city": ("locState", "city"),
        "rateCenter": ("locState", "rcAbbre", "lata"),
        "npanxx": ("npa", "nxx", "locState", "lata"),
        "block": ("npa", "nxx", "block", "locState", "lata"),
    }
)


def _facts(tn: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    area = area_of(tn)
    every = {
        "npa": tn[:3],
        "nxx": tn[3:6],
        "block": tn[6:7],
        "locState": area.province,
        "city": area.city,
        "rcAbbre": area.rate_center,
        "lata": area.lata,
    }
    for name in names:
        yield name, every[name]


def _asked(tn: str, request: Request) -> bool:
    has = dict(_facts(tn, ("npa", "locState", "city", "rcAbbre", "lata")))
    return all(not request.query.get(name) or request.query[name] == has[name] for name in has)


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/inventory"): _search,
    ("GET", "/v2.2/inventory/coverage"): _coverage,
}
