"""VoiceTel's inventory: numbers by area code, and how many there are where.

An answer is kept for ten minutes there, and nothing of it is reserved: a number that is found
may be sold by the time it is ordered. Source: VoiceTel OpenAPI 2.2.10, `/v2.2/inventory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.carriers.voicetel.reading import Reader
from reconciler.carriers.voicetel.wire import e164_of, text_of, whole_of
from reconciler.protocols import MOST_SOUGHT, Area, Coverage, Found, Offer, Refused, Search

COUNTRY: Final = "+1"
AREA_CODE, EXCHANGE, BLOCK = 3, 6, 7
"""How many digits name an area code, an exchange in it, and a thousand numbers of that."""


def search(wanted: Search, reader: Reader) -> Found | Refused:
    """Find numbers under an area code.

    What stands in the middle of a number cannot be asked for: all that the inventory tells at
    once is read then, and looked through here.

    Raises:
        Unavailable: The inventory cannot be read.
    """
    mask = _mask(wanted.prefix)
    if isinstance(mask, Refused):
        return mask
    if len(mask) < AREA_CODE:
        return Refused("VoiceTel looks for numbers by area code only: name one, such as +1617.")
    asked = MOST_SOUGHT if wanted.contains else min(wanted.limit + 1, MOST_SOUGHT)
    query: dict[str, str | int] = {"tnMask": mask, "quantity": asked}
    if wanted.region:
        query["province"] = wanted.region
    listed = reader.rows("/v2.2/inventory", "numbers", query=query)
    offers, odd = [], []
    for row in listed:
        offer = _offer(row)
        if offer is None:
            odd.append(f"A row of VoiceTel's inventory has no readable number: {reader.shown(row)}")
        elif wanted.fits(offer.e164):
            offers.append(offer)
    complete = len(listed) < asked and len(offers) <= wanted.limit
    note = "" if complete else "A higher limit or a longer prefix shows others."
    return Found(tuple(offers[: wanted.limit]), complete, note, tuple(odd))


def coverage(wanted: Search, reader: Reader) -> Coverage | Refused:
    """Count numbers: by exchange within an area code, by rate centre within a state, by state.

    Raises:
        Unavailable: The inventory cannot be read.
    """
    mask = _mask(wanted.prefix)
    if isinstance(mask, Refused):
        return mask
    query, note = _divided(mask, wanted.region)
    areas, odd = [], []
    for row in reader.rows("/v2.2/inventory/coverage", "coverage", query=query):
        area = _area(row)
        if area is None:
            odd.append(f"A row of VoiceTel's coverage has no readable count: {reader.shown(row)}")
        elif not (area.prefix and mask) or _overlap(area.prefix, f"{COUNTRY}{mask}"):
            areas.append(area)
    areas.sort(key=lambda area: (area.region, area.place, area.prefix))
    return Coverage(tuple(areas), note, tuple(odd))


def _mask(prefix: str) -> str | Refused:
    """The digits after the country code; "" for any number."""
    if prefix and not COUNTRY.startswith(prefix) and not prefix.startswith(COUNTRY):
        return Refused(f"VoiceTel has +1 numbers only, and none begins with {prefix}.")
    return prefix.removeprefix(COUNTRY) if prefix.startswith(COUNTRY) else ""


def _divided(mask: str, region: str) -> tuple[dict[str, str | int], str]:
    query: dict[str, str | int] = {"locState": region} if region else {}
    if len(mask) >= AREA_CODE:
        count_by = "block" if len(mask) >= EXCHANGE else "npanxx"
        return {**query, "countBy": count_by, "npa": mask[:AREA_CODE]}, ""
    if region:
        return {**query, "countBy": "rateCenter"}, "Name an area code to see its exchanges."
    return {"countBy": "state"}, "Name a state to see its rate centres, or an area code."


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _offer(row: object) -> Offer | None:
    if not isinstance(row, Mapping):
        return None
    e164 = e164_of(row.get("number"))
    if e164 is None:
        return None
    place, region, exchange = (text_of(row.get(n)) for n in ("city", "province", "rateCenter"))
    return Offer(e164, place, region, exchange)


def _area(row: object) -> Area | None:
    count = whole_of(row.get("count")) if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or count is None:
        return None
    digits = "".join(text_of(row.get(name)) for name in ("npa", "nxx", "block"))
    place = text_of(row.get("rcAbbre")) or text_of(row.get("city"))
    prefix = f"{COUNTRY}{digits}" if digits else ""
    return Area(prefix, place, text_of(row.get("locState")), count)
