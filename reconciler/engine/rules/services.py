"""What carriers do beside calls: caller names, text messages, toll-free numbers, ports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.kinds.number import Number
from reconciler.kinds.port import Port
from reconciler.model.numbering import TOLL_FREE, place_of

EXPLAIN = {
    "TEL406": (
        "A caller name that nobody will see",
        (
            "A caller name (CNAM) has 1 to 15 capitals, digits and blanks at VoiceTel and Kazoo, "
            "at least two of them letters, and says who calls: carriers drop CELL PHONE, UNKNOWN "
            "and the like. It exists in the US and Canada only, and not on toll-free numbers."
        ),
    ),
    "TEL408": (
        "Toll-free, with what that brings",
        (
            "The number is said to be toll-free and its prefix is none of the country's toll-free "
            "ones (800, 833, 844, 855, 866, 877, 888 in North America), or the other way round. "
            "Porting one needs who administers it (RespOrg, five letters or digits); text messages "
            "need a verification that takes one to two weeks for each number."
        ),
    ),
    "TEL409": (
        "Text messages without a campaign",
        (
            "Carriers in the US deliver text messages of ordinary numbers only for a registered "
            "brand and campaign (10DLC). A number leaves its campaign before it is released."
        ),
    ),
    "TEL411": (
        "A number in a port",
        (
            "While a port is under way nothing about the number is changed, ordered or released. "
            "It stands under `ports` or under `numbers`, never under both; what is under way at a "
            "carrier, the plan tells."
        ),
    ),
}

FIXED = {"TEL411": "a number in a port is not to be touched"}

DECIDED_BY = {"TEL411": ("validate", "plan")}

_NAMES_AT = frozenset({"US", "CA"})
_GENERIC = frozenset(
    {
        "ANONYMOUS",
        "CALLER",
        "CELL PHONE",
        "CELLPHONE",
        "NO NAME",
        "OUT OF AREA",
        "PRIVATE",
        "RESTRICTED",
        "TOLL FREE",
        "TOLLFREE",
        "UNAVAILABLE",
        "UNKNOWN",
        "WIRELESS",
        "WIRELESS CALLER",
    }
)


def caller_names(draft: Draft) -> Iterator[Finding]:
    """Find caller names that have no effect (TEL406)."""
    for address, carried in draft.of(CarrierNumber):
        if carried.cnam is None:
            continue
        number = draft.find(Number, address.name)
        said = _lacking(carried.cnam, number)
        if said:
            yield Finding(
                "TEL406",
                draft.path(address, "cnam"),
                f"{address.name}: {said}.",
                "Write who calls, such as HARBOR DENTAL, or take `cnam` out.",
                Severity.WARNING,
                address,
            )


def _lacking(cnam: str, number: Number | None) -> str:
    if number is not None and number.type == "tollfree":
        return "a toll-free number shows no caller name"
    if number is not None and number.country and number.country not in _NAMES_AT:
        return f"numbers in {number.country} have no caller name"
    if len(re.findall("[A-Z]", cnam)) < 2:  # noqa: PLR2004 - the rule says two letters
        return f"{cnam} has fewer than two letters"
    return f"{cnam} says nothing about who calls" if cnam in _GENERIC else ""


def toll_free(draft: Draft) -> Iterator[Finding]:
    """Find numbers said to be toll-free that are not, or the other way round (TEL408)."""
    for address, number in draft.of(Number):
        if not address.name.startswith(("+1", "+44")):
            continue
        says, is_free = number.type == "tollfree", place_of(address.name)[1] == "tollfree"
        if says != is_free:
            yield Finding(
                "TEL408",
                draft.path(address, "type"),
                f"{address.name} is {'no ' if says else 'a '}toll-free number by its prefix, and "
                f"YAML says {number.type}.",
                "Leave `type` out: the digits say it.",
                Severity.WARNING,
                address,
            )


def messages(draft: Draft) -> Iterator[Finding]:
    """Find American numbers with text messages that will not arrive (TEL408, TEL409)."""
    for address, carried in draft.of(CarrierNumber):
        number = draft.find(Number, address.name)
        if carried.sms is None or number is None or not address.name.startswith("+1"):
            continue
        if number.type == "tollfree":
            yield Finding(
                "TEL408",
                draft.path(address, "sms"),
                f"Text messages of {address.name} are held until it is verified, in one to two "
                "weeks.",
                "Have it verified at its carrier, then silence this for a while.",
                Severity.WARNING,
                address,
            )
        elif number.country == "US" and carried.campaign is None:
            yield Finding(
                "TEL409",
                draft.path(address, "sms"),
                f"{address.name} has text messages and no campaign.",
                "Add `campaign`, the name of one of its connector.",
                Severity.WARNING,
                address,
            )


def ports(draft: Draft) -> Iterator[Finding]:
    """Find numbers that are ported and treated as ours (TEL411), or lack a RespOrg (TEL408)."""
    for address, port in draft.of(Port):
        for index, e164 in enumerate(port.numbers):
            own = draft.find(Number, e164)
            if own is not None:
                at = address._replace(kind=Number.kind, name=e164)
                yield Finding(
                    "TEL411",
                    draft.path(at),
                    f"{e164} is on its way ({address.reference}), and stands under `numbers` too.",
                    "Take it out here until it is in service.",
                    address=at,
                    related=((draft.path(address, "numbers", index), "the port order"),),
                    key=True,
                )
        free = [one for one in port.numbers if one.startswith("+1") and one[2:5] in TOLL_FREE]
        if free and port.losing_carrier.resporg is None:
            yield Finding(
                "TEL408",
                draft.path(address, "losing_carrier"),
                f"{address.reference} brings {free[0]}, and does not say who administers it.",
                "Add `resporg`, five letters or digits; the losing carrier knows it.",
                Severity.WARNING,
                address,
            )


RULES = (caller_names, toll_free, messages, ports)
