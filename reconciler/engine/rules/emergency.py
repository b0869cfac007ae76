"""Emergency calls: an address that an ambulance finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.device import Device
from reconciler.kinds.extension import Extension
from reconciler.kinds.location import Location
from reconciler.kinds.number import Number

EXPLAIN = {
    "TEL323": (
        "A device without a location",
        "It can dial an emergency number, and nobody could say where it stands.",
    ),
    "TEL402": (
        "Not a dispatchable location",
        (
            "RAY BAUM's Act section 506 asks for a street address, with floor, suite or room as "
            "needed. In the US and Canada that is house number and street, city, state or province "
            "in two letters, and the postcode."
        ),
    ),
    "TEL404": (
        "Emergency record is not at the carrier",
        (
            "The location is kept at the platform. This version does not register it at the "
            "carrier; "
            "do that there, and try it with a 933 test call."
        ),
    ),
}

_POSTCODES = {
    "US": (r"^[0-9]{5}(-[0-9]{4})?$", "five digits, such as 02110"),
    "CA": (r"^[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]$", "as K1A 0B1"),
    "GB": (r"^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$", "as N1 7GR"),
}


def dispatchable(draft: Draft) -> Iterator[Finding]:
    """Find addresses that an ambulance would not find (TEL402)."""
    for address, place in draft.of(Location):
        for field, said, hint in _lacking(place):
            yield Finding(
                "TEL402",
                draft.path(address, field),
                f"{address.reference}: {said}.",
                hint,
                address=address,
            )


def _lacking(place: Location) -> Iterator[tuple[str, str, str]]:
    pattern, form = _POSTCODES.get(place.country, ("", ""))
    if pattern and not re.match(pattern, place.postcode):
        yield "postcode", f"no postcode of {place.country} has this form", f"Write it {form}."
    if place.country not in {"US", "CA"}:
        return
    if not re.search(r"[0-9]", place.street):
        yield "street", "the street has no house number", "Write house number and street."
    if place.region is None or not re.match(r"^[A-Z]{2}$", place.region):
        yield "region", "state or province is not given in two letters", "Write it, such as MA."


def located(draft: Draft) -> Iterator[Finding]:
    """Find devices that may call an emergency number from an unknown place (TEL323)."""
    for address, device in draft.of(Device):
        extension = draft.find(Extension, address.name.partition("-")[0])
        if extension is None or device.location is not None:
            continue
        if "emergency" in extension.outbound:
            yield Finding(
                "TEL323",
                draft.path(address),
                f"{address.reference} may call an emergency number and has no location.",
                "Give it, or its extension, a `location`.",
                Severity.WARNING,
                address,
                key=True,
            )


def registered(draft: Draft) -> Iterator[Finding]:
    """Say of which numbers the emergency record is not made at the carrier (TEL404)."""
    for address, number in draft.of(Number):
        facts = draft.facts.connectors.get(number.connector or "")
        if number.location is not None and facts is not None and not facts.sandbox:
            yield Finding(
                "TEL404",
                draft.path(address, "location"),
                f"The emergency record of {address.name} at {number.connector} is not provisioned "
                "by this version; the location is kept at the platform.",
                f"Register location {number.location} at {number.connector} by hand.",
                Severity.WARNING,
                address,
            )


RULES = (dispatchable, located, registered)
