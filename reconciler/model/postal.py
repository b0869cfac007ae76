"""The form in which carriers register an address and give it back (USPS Publication 28)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SUFFIXES = {
    "ALLEY": "ALY", "AVENUE": "AVE", "AV": "AVE", "BOULEVARD": "BLVD", "BRIDGE": "BRG",
    "CENTER": "CTR", "CENTRE": "CTR", "CIRCLE": "CIR", "COURT": "CT", "COVE": "CV",
    "CRESCENT": "CRES", "CROSSING": "XING", "DRIVE": "DR", "ESTATES": "ESTS",
    "EXPRESSWAY": "EXPY", "FREEWAY": "FWY", "GARDENS": "GDNS", "GROVE": "GRV",
    "HEIGHTS": "HTS", "HIGHWAY": "HWY", "HILL": "HL", "JUNCTION": "JCT", "LANE": "LN",
    "LOOP": "LOOP", "MOUNTAIN": "MTN", "PARKWAY": "PKWY", "PLACE": "PL", "PLAZA": "PLZ",
    "POINT": "PT", "RIDGE": "RDG", "ROAD": "RD", "SQUARE": "SQ", "STATION": "STA",
    "STREET": "ST", "STR": "ST", "TERRACE": "TER", "TRAIL": "TRL", "TURNPIKE": "TPKE",
    "VALLEY": "VLY", "VIEW": "VW", "VILLAGE": "VLG", "WAY": "WAY",
}  # fmt: skip
"""Street suffixes as the US Postal Service writes them (Publication 28, appendix C1)."""

_UNITS = {
    "APARTMENT": "APT", "BASEMENT": "BSMT", "BUILDING": "BLDG", "DEPARTMENT": "DEPT",
    "FLOOR": "FL", "HANGAR": "HNGR", "LOBBY": "LBBY", "LOT": "LOT", "LOWER": "LOWR",
    "OFFICE": "OFC", "PENTHOUSE": "PH", "ROOM": "RM", "SPACE": "SPC", "SUITE": "STE",
    "TRAILER": "TRLR", "UPPER": "UPPR",
}  # fmt: skip
"""Secondary unit designators (Publication 28, appendix C2)."""

_DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
"""Directions as Publication 28, section 233, writes them."""

_POSTAL = frozenset({"US", "CA", "PR"})
"""Countries whose carriers give addresses back in the postal service's form."""

ADDRESS = ("caller_name", "street", "unit", "city", "region", "postcode", "country")
"""What an address is made of, in our words."""


def registered(place: Mapping[str, object]) -> dict[str, str]:
    """Write an address in the form in which carriers register it and give it back.

    Capitals, no full stops and commas; in North America the last word of the street, a
    direction before or after its name and the words of the unit are abbreviated. What is the
    street's name is left alone: 1 Court Street is not 1 CT ST.
    """
    found = {name: _plain(str(place[name])) for name in ADDRESS if place.get(name)}
    if found.get("country", "US") in _POSTAL:
        if "street" in found:
            found["street"] = _street(found["street"])
        if "unit" in found:
            found["unit"] = " ".join(_UNITS.get(word, word) for word in found["unit"].split(" "))
    return {name: value for name, value in found.items() if value}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[.,]", " ", text).upper().split())


def _street(text: str) -> str:
    words = text.split(" ")
    at = len(words) - 1
    if at > 1 and (words[at] in _DIRECTIONS or words[at] in _DIRECTIONS.values()):
        words[at] = _DIRECTIONS.get(words[at], words[at])
        at -= 1
    if at > 2:  # noqa: PLR2004 - a direction, a name and a suffix after the house number
        words[1] = _DIRECTIONS.get(words[1], words[1])
    if at > 1:  # the first word is the house number, and a name has one word at least
        words[at] = _SUFFIXES.get(words[at], words[at])
    return " ".join(words)
