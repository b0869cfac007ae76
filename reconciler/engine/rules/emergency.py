"""Emergency calls: they can be made, somebody is told, and an ambulance finds the place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.device import Device
from reconciler.kinds.extension import Extension
from reconciler.kinds.location import Location
from reconciler.kinds.number import Number
from reconciler.kinds.port import Port
from reconciler.model.address import Address
from reconciler.model.numbering import place_of

EXPLAIN = {
    "TEL323": (
        "A device without a location",
        "It can dial an emergency number, and nobody could say where it stands.",
    ),
    "TEL401": (
        "Emergency calls not possible, or nobody told",
        (
            "Whatever can call out can dial 911, without a prefix, and somebody on the spot is "
            "told of it: Kari's Law, 47 CFR 9.16, with fines of up to $10,000 and $500 a day. Put "
            "`emergency` into `outbound`, and name people under `dialplan.emergency`."
        ),
    ),
    "TEL402": (
        "Not a dispatchable location",
        (
            "RAY BAUM's Act section 506 asks for a street address, with floor, suite or room as "
            "needed. In the US and Canada that is house number and street, city, state or province "
            "in two letters, and the postcode. Two locations at one street address are told apart "
            "by `unit`."
        ),
    ),
    "TEL403": (
        "A British number without its address",
        (
            "General Condition A3: 999 and 112 can be dialled from everything that can call out, "
            "and a number has the premises, street, town, postcode and name of its end user."
        ),
    ),
    "TEL404": (
        "Emergency record is not at the carrier",
        (
            "A number is routed while its emergency address is not registered at its carrier. An "
            "apply registers it where the number has a connector that keeps such records, and a "
            "plan says where one keeps none; a number of the platform's own pool is for you to "
            "register. After a change, try it with a 933 test call."
        ),
    ),
}

FIXED = {
    "TEL401": "it is law, and keeps emergency calls possible",
    "TEL402": "it is law, and an ambulance must find the place",
    "TEL403": "it is law, and an ambulance must find the place",
}

DECIDED_BY = {"TEL404": ("validate", "plan")}

_CALLS_OUT = frozenset({"local", "national", "international"})
_POSTCODES = {
    "US": (r"^[0-9]{5}(-[0-9]{4})?$", "five digits, such as 02110"),
    "CA": (r"^[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]$", "as K1A 0B1"),
    "GB": (r"^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$", "as N1 7GR"),
}


def can_be_called(draft: Draft) -> Iterator[Finding]:
    """Find extensions that can call out and not for help (TEL401, in Britain TEL403)."""
    for address, extension in draft.of(Extension):
        outbound = set(extension.outbound)
        if "emergency" in outbound or not outbound & _CALLS_OUT:
            continue
        country = _country(draft, extension.location)
        yield Finding(
            "TEL403" if country == "GB" else "TEL401",
            draft.path(address, "outbound"),
            f"{address.reference} can call out and cannot dial an emergency number.",
            "Add `emergency` to its `outbound`.",
            address=address,
        )


def somebody_is_told(draft: Draft) -> Iterator[Finding]:
    """Find American tenants where nobody is told of an emergency call (TEL401)."""
    told = draft.header.dialplan.emergency
    if told.notify or told.notify_email or "dialplan" in draft.undecided:
        return
    callers = (
        address
        for address, extension in draft.of(Extension)
        if "emergency" in extension.outbound and _country(draft, extension.location) == "US"
    )
    first = next(callers, None)
    if first is None:
        return
    written = "dialplan" in draft.header.model_fields_set
    yield Finding(
        "TEL401",
        ("dialplan", "emergency") if written else ("tenant",),
        f"Nobody is told when somebody at {first.reference} or elsewhere dials 911.",
        "Add `dialplan: {emergency: {notify: [extension/...]}}`, or `notify_email`.",
        related=((draft.path(first), "who can dial 911"),),
    )


def _country(draft: Draft, location: str | None) -> str:
    place = draft.find(Location, location) if location else None
    return place.country if place else draft.header.country or ""


def dispatchable(draft: Draft) -> Iterator[Finding]:
    """Find addresses that an ambulance would not find (TEL402, TEL403)."""
    for address, place in draft.of(Location):
        for code, field, said, hint in _lacking(place):
            yield Finding(
                code,
                draft.path(address, field),
                f"{address.reference}: {said}.",
                hint,
                address=address,
            )


def _lacking(place: Location) -> Iterator[tuple[str, str, str, str]]:
    pattern, form = _POSTCODES.get(place.country, ("", ""))
    if pattern and not re.match(pattern, place.postcode):
        said = f"no postcode of {place.country} has this form"
        yield "TEL402", "postcode", said, f"Write it {form}."
    numbered = re.search(r"[0-9]", place.street)
    if place.country == "GB" and not numbered and place.unit is None:
        hint = "Write house number and street, or the building's name as `unit`."
        yield "TEL403", "street", "the premises have neither number nor name", hint
    if place.country not in {"US", "CA"}:
        return
    if not numbered:
        hint = "Write house number and street."
        yield "TEL402", "street", "the street has no house number", hint
    if place.region is None or not re.match(r"^[A-Z]{2}$", place.region):
        hint = "Write it, such as MA."
        yield "TEL402", "region", "state or province is not given in two letters", hint


def told_apart(draft: Draft) -> Iterator[Finding]:
    """Find locations in one building that do not say on which floor (TEL402)."""
    buildings: dict[tuple[str, ...], list[Address]] = defaultdict(list)
    for address, place in draft.of(Location):
        building = (place.street, place.city, place.postcode, place.country)
        buildings[tuple(word.casefold() for word in building)].append(address)
    for inside in buildings.values():
        bare = [at for at in inside if getattr(draft.objects[at], "unit", None) is None]
        if len(inside) == 1 or not bare:
            continue
        for address in bare:
            other = next(at for at in inside if at != address)
            yield Finding(
                "TEL402",
                draft.path(address),
                f"{address.reference} and {other.reference} are one street address, and this one "
                "has no `unit`.",
                "Say its floor, suite or room.",
                address=address,
                related=((draft.path(other), "the other one"),),
                key=True,
            )


def british_numbers(draft: Draft) -> Iterator[Finding]:
    """Find British numbers without the address of their end user (TEL403)."""
    for address, number in draft.of(Number):
        if number.country == "GB" and number.location is None:
            yield Finding(
                "TEL403",
                draft.path(address),
                f"{address.name} has no location, so that a 999 call has no address.",
                "Give it a `location`.",
                address=address,
                key=True,
            )


def british_ports(draft: Draft) -> Iterator[Finding]:
    """Find British numbers that come by a port and are to have no address (TEL403)."""
    for address, port in draft.of(Port):
        british = [e164 for e164 in port.numbers if place_of(e164)[0] == "GB"]
        if british and port.location is None:
            yield Finding(
                "TEL403",
                draft.path(address),
                f"{address.reference} has no location, so that a 999 call from {british[0]} would"
                " have no address once it is here.",
                "Give it a `location`: the entries of its numbers get that when it is complete.",
                address=address,
                key=True,
            )


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
    """Say of which numbers nobody registers the emergency address (TEL404)."""
    for address, number in draft.of(Number):
        if number.location is not None and number.connector is None:
            yield Finding(
                "TEL404",
                draft.path(address, "location"),
                f"The emergency address of {address.name} is registered by nobody: it has no "
                "connector, so its carrier is not known here.",
                f"Give it a connector, or register location {number.location} by hand.",
                Severity.WARNING,
                address,
            )


RULES = (
    can_be_called,
    somebody_is_told,
    dispatchable,
    told_apart,
    british_numbers,
    british_ports,
    located,
    registered,
)
