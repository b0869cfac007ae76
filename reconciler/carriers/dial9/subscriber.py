"""The subscriber of a number at Dial 9: where help is sent when it calls 999 or 112.

Who is shown and where is given with one request for all fields, is validated later, and goes
to the emergency database by itself; its status is observed and never wanted. A record is there
where any field of it is. Sources: the carrier's documents; Ofcom General Condition A3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.carriers.dial9.wire import text_of
from reconciler.model.postal import registered
from reconciler.model.spec import Spec
from reconciler.protocols import CarrierAct, Refused

KIND: Final = "emergency_record"
COUNTRY: Final = "GB"
WIRE: Final = {
    "caller_name": "name",
    "street": "address1",
    "unit": "address2",
    "region": "address3",
    "city": "address4",
    "postcode": "postcode",
}
"""Our words and Dial 9's. A `name` is a surname or a company's; `first_name` is left to it."""

FIELDS: Final = frozenset({"connector", "country", *WIRE})
NEEDED: Final = ("caller_name", "street", "city", "postcode")
LASTING: Final = frozenset(f"{KIND}.{name}" for name in (*NEEDED, "country"))
LONGEST_NAME: Final = 50
PENDING: Final = frozenset({"validation_pending", "pending_validation"})
"""What stands there while an address is validated, in the two editions' spellings."""

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")
_NOT_TAKEN = re.compile(r"(?i)fail|reject|refus|invalid|error")


def record_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Read the record of a listed number in our words; empty where there is none."""
    told = _subscriber(row)
    place = {name: text_of(told.get(wire)) for name, wire in WIRE.items()}
    first = text_of(told.get("first_name"))
    place["caller_name"] = f"{first} {place['caller_name']}".strip()
    if not any(place.values()):
        return {}
    postcode = _postcode(place["postcode"])
    return registered({**place, "postcode": postcode, "country": COUNTRY})


def waiting_of(row: Mapping[str, Any]) -> str:
    """Say what Dial 9 still does with an address, "" for nothing."""
    pending = text_of(_subscriber(row).get("status")) in PENDING
    return "Dial 9 validates the address" if pending else ""


def trouble_of(row: Mapping[str, Any], e164: str) -> str:
    """Say what is wrong with an address that was given; "" for nothing.

    The words for how a validation ended are not documented: one that speaks of a failure is
    taken for one.
    """
    status = text_of(_subscriber(row).get("status"))
    if not _NOT_TAKEN.search(status):
        return ""
    return f"Dial 9 did not take the address of {e164}: its status is {status}."


def params_of(act: CarrierAct) -> Mapping[str, str | None] | Refused:
    """All fields of the subscriber as they are to be; None clears."""
    if act.after is None:
        return dict.fromkeys(("first_name", *WIRE.values()), None)
    fault = fault_of(act.e164, act.after)
    if fault:
        return Refused(f"{fault}.")
    after = {name: str(value) for name, value in act.after.items()}
    return {"first_name": None, **{wire: after.get(name) for name, wire in WIRE.items()}}


def fault_of(e164: str, wanted: Spec) -> str:
    """Say why an address cannot be kept here, as a clause; "" if it can."""
    after = {name: str(value) for name, value in wanted.items()}
    foreign = sorted(after.keys() - FIELDS)
    if foreign:
        return f"Dial 9 keeps no {' and no '.join(foreign)} of an address"
    if after.get("country", COUNTRY) != COUNTRY:
        return f"Dial 9 registers addresses in Great Britain, and {e164} has one elsewhere"
    lacks = [name for name in NEEDED if not after.get(name)]
    if lacks:
        return f"the location of {e164} has no {' and no '.join(lacks)}"
    if len(after["caller_name"]) > LONGEST_NAME:
        length = len(after["caller_name"])
        return f"a 999 record takes {LONGEST_NAME} characters of a `caller_name`, not {length}"
    if _postcode(after["postcode"]) != after["postcode"]:
        right = _postcode(after["postcode"])
        return f"the postcode of the location of {e164} is written with one blank, as {right}"
    if not _POSTCODE.fullmatch(after["postcode"]):
        return f"{after['postcode']}, of the location of {e164}, is no British postcode"
    return ""


def _postcode(text: str) -> str:
    """A postcode as it is compared: upper case, one blank before the last three characters."""
    match = _POSTCODE.fullmatch(" ".join(text.upper().split()))
    return f"{match[1]} {match[2]}" if match else text


def _subscriber(row: Mapping[str, Any]) -> Mapping[str, Any]:
    acquisition = row.get("aquisition")
    found = acquisition.get("subscriber") if isinstance(acquisition, dict) else None
    return found if isinstance(found, dict) else {}
