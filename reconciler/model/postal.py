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


_ORDINALS = {
    "FIRST": "1ST", "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH",
    "SIXTH": "6TH", "SEVENTH": "7TH", "EIGHTH": "8TH", "NINTH": "9TH", "TENTH": "10TH",
}  # fmt: skip
"""Streets that are numbered, as words and as Publication 28, section 234, writes them too."""

_SAINTS = {"SAINT": "ST", "FORT": "FT", "MOUNT": "MT"}

_SHORT = {**_SUFFIXES, **_UNITS, **_DIRECTIONS, **_ORDINALS, **_SAINTS}

_ANY_UNIT = "UNIT"
_DESIGNATORS = frozenset({*_UNITS, *_UNITS.values(), _ANY_UNIT})

_RARE_SUFFIXES = frozenset(
    (  # noqa: SIM905 - a hundred lines of a few letters each read no better
        "ANX ARC BCH BG BGS BLF BLFS BND BR BRK BRKS BTM BYP BYU CIRS CLB CLF CLFS CMN CMNS COR"
        " CORS CP CPE CRK CRSE CRST CSWY CTRS CTS CURV CVS CYN DL DM DRS DV EST EXT EXTS FLD FLDS"
        " FLS FLT FLTS FRD FRDS FRG FRGS FRK FRKS FRST FRY FT GDN GLN GLNS GRN GRNS GRVS GTWY HBR"
        " HBRS HLS HOLW HVN INLT IS ISS JCTS KNL KNLS KY KYS LCK LCKS LDG LF LGT LGTS LK LKS LNDG"
        " MDW MDWS ML MLS MNR MNRS MSN MT MTNS MTWY NCK OPAS ORCH PLN PLNS PNE PNES PR PRT PRTS"
        " PSGE PTS RADL RDGS RDS RIV RNCH RPD RPDS RST RTE SHL SHLS SHR SHRS SKWY SMT SPG SPGS"
        " SQS STRA STRM STS TRAK TRCE TRFY TRWY TUNL UN UNS UPAS VIS VL VLGS VLYS WL WLS"
    ).split()
)
"""The other abbreviations of Publication 28, appendix C1: what each is short for begins alike."""

_LEAST_NAME = 2
"""Words of a street before its suffix: a house number and a name of one word at least."""


def is_same_place(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    """Whether a carrier's way of writing an address is of the place that we mean.

    Only the writing may differ: what is abbreviated, in which field the unit stands, the last
    four digits of a ZIP+4 code. House numbers, names, the city and all else that says where it
    is must be the same, word by word: nobody is sent to a place that only looks like it.

    Args:
        ours: An address in the form that `registered` gives.
        theirs: The same.
    """
    same = all(_words(ours, name) == _words(theirs, name) for name in ("city", "region", "country"))
    return same and _same_postcode(ours, theirs) and _same_street(ours, theirs)


def _same_postcode(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    asked, told = ours.get("postcode", ""), theirs.get("postcode", "")
    return told == asked or told.startswith(f"{asked}-") or asked.startswith(f"{told}-")


def _same_street(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    asked, told = (_words(place, "street", "unit") for place in (ours, theirs))
    if not _same_unit(asked, told):
        return False
    street = [word for word in _words(theirs, "street") if word not in _DESIGNATORS]
    asked, told = ([word for word in words if word not in _DESIGNATORS] for words in (asked, told))
    suffixes = range(max(_LEAST_NAME, len(street) - 2), len(street))
    return len(asked) == len(told) and all(
        one == other or (at in suffixes and (_shortens(other, one) or _shortens(one, other)))
        for at, (one, other) in enumerate(zip(asked, told, strict=True))
    )


def _same_unit(asked: list[str], told: list[str]) -> bool:
    """Whether a floor is not taken for a suite; a unit without a name may be given one."""
    ours, theirs = ([w for w in words if w in _DESIGNATORS] for words in (asked, told))
    return theirs == ours or not set(ours) - {_ANY_UNIT} or not set(theirs) - {_ANY_UNIT}


def _shortens(short: str, word: str) -> bool:
    """Whether a word may be what an abbreviation of a suffix is short for."""
    rest = iter(word)
    known = short in _RARE_SUFFIXES and short[0] == word[0]
    return known and all(letter in rest for letter in short)


def _words(place: Mapping[str, str], *names: str) -> list[str]:
    """The words of some fields, each as short as it can be written."""
    text = " ".join(place.get(name, "") for name in names)
    return [_SHORT.get(word, word) for word in text.replace("#", " ").split()]
