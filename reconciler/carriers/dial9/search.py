"""What Dial 9 offers: prefixes, and of each ten numbers at random, others each time.

There is no list of everything, no price and no reservation: what is not shown may be there
all the same, so that no search is ever complete. Source: voice-api-docs.telcom.uk, numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from reconciler.carriers.dial9.reading import Reader
from reconciler.protocols import Area, Coverage, Found, Offer, Refused, Search

COUNTRY: Final = "+44"
MOST_PREFIXES: Final = 10
"""Prefixes that one search looks under."""

LOOKS: Final = 5
"""How often it looks under each, while fewer are found than were wanted."""

NOTE: Final = "Dial 9 shows ten numbers of a prefix at random: ask again to see others."


def search(wanted: Search, reader: Reader) -> Found | Refused:
    """Look at what is on offer under the prefixes that fit.

    Raises:
        Unavailable: It cannot be read.
    """
    refused = _refused(wanted)
    if refused is not None:
        return refused
    areas = _fitting(wanted.prefix, reader.areas())
    if len(areas) > MOST_PREFIXES:
        return Refused(
            f"Dial 9 has {len(areas)} prefixes that fit, and each is looked under by itself:"
            " name one, such as +441224."
        )
    found: dict[str, Offer] = {}
    for _ in range(LOOKS):
        for prefix, place in areas.items():
            shown = reader.shown(prefix) if len(found) < wanted.limit else ()
            for e164 in filter(wanted.fits, shown):
                found.setdefault(e164, Offer(e164, place, exchange=prefix))
    note = NOTE if areas else "Dial 9 names no prefix that begins so."
    return Found(tuple(found.values())[: wanted.limit], complete=False, note=note)


def coverage(wanted: Search, reader: Reader) -> Coverage | Refused:
    """List the prefixes under which there are numbers; how many is not told.

    Raises:
        Unavailable: They cannot be read.
    """
    refused = _refused(wanted)
    if refused is not None:
        return refused
    areas = _fitting(wanted.prefix, reader.areas())
    return Coverage(tuple(Area(_e164(prefix), place) for prefix, place in areas.items()))


def _refused(wanted: Search) -> Refused | None:
    if wanted.region:
        return Refused("Dial 9 knows no states or provinces: look for a prefix.")
    if wanted.prefix and not _overlap(wanted.prefix, COUNTRY):
        return Refused(f"Dial 9 has +44 numbers only, and none begins with {wanted.prefix}.")
    return None


def _fitting(wanted: str, areas: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that what is wanted lies in, or that lie in it, each with its town."""
    return {
        prefix: re.sub(rf"\s*\({re.escape(prefix)}\)$", "", told)
        for prefix, told in sorted(areas.items())
        if prefix.startswith("0") and _overlap(_e164(prefix), wanted)
    }


def _e164(prefix: str) -> str:
    return f"{COUNTRY}{prefix.removeprefix('0')}"


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
