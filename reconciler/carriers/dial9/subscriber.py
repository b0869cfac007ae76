"""The subscriber of a number at Dial 9: where help is sent when it calls 999 or 112.

Who is shown and where is given with one request for all fields, is validated later, and goes
to the emergency database by itself; its status is observed and never wanted. A record is there
where any field of it is. How a validation ends is not documented: only a word that is known to
be good is believed, and one that nobody knows is told as it is. Sources: the carrier's documents;
Ofcom General Condition A3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from reconciler.carriers.dial9.wire import canonical, text_of
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

Shown = Callable[[str], str]

FIELDS: Final = frozenset({"connector", "country", *WIRE})
NEEDED: Final = ("caller_name", "street", "city", "postcode")
LASTING: Final = frozenset(f"{KIND}.{name}" for name in (*NEEDED, "country"))
LONGEST: Final[Mapping[str, int]] = {
    "caller_name": 50,
    "street": 55,
    "unit": 60,
    "region": 55,
    "city": 55,
}
"""How long a line of a 999 record is at most: Dial 9 names no limits, so that those of another
British carrier hold, whose records go to the same database (name, thoroughfare, premises)."""

GOOD: Final = frozenset({"validated", "valid"})
"""What stands there once an address is good. The documents have no word for it: these are what
the documented `validation_pending` becomes; a connector's `validated_as` names others."""

PENDING: Final = "pending"
"""Part of what stands there meanwhile: `validation_pending` in the one edition,
`pending_validation` in the other."""

UNKNOWN: Final = "unknown"
"""What stands there while Dial 9 has nothing to say."""

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


def waiting_of(row: Mapping[str, Any], shown: Shown = str) -> str:
    """Say what Dial 9 still does with an address, "" for nothing."""
    told = _status(row)
    if not told:
        return "Dial 9 does not say whether the address is validated"
    if _word(told) == UNKNOWN:
        return f"Dial 9 has not validated the address: its status is {shown(told)}"
    return "Dial 9 validates the address" if _is_pending(told) else ""


def trouble_of(
    row: Mapping[str, Any], e164: str, good: Collection[str] = (), shown: Shown = str
) -> str:
    """Say what is wrong with an address that was given; "" for nothing.

    A word that speaks of a failure is taken for one. One that nobody knows may be as bad, and
    the address may be where no help ever looks: it is told, and never counts as good.

    Args:
        row: The number as it is listed.
        e164: The number.
        good: What this account says of a good address, beside what all do.
        shown: Makes the carrier's words safe to print.
    """
    told = _status(row)
    if _word(told) in GOOD | set(map(_word, good)) or waiting_of(row):
        return ""
    if _NOT_TAKEN.search(told):
        return f"Dial 9 did not take the address of {e164}: its status is {shown(told)}."
    return (
        f'Whether 999 finds {e164} is not known: Dial 9 says "{shown(told)}" of its address, and'
        " that is not documented. Ask Dial 9; if it is good, name it in the connector's"
        " `validated_as`."
    )


def word_faults(good: Collection[str]) -> Iterator[tuple[str, str]]:
    """Find what a section calls good and can never be, each with the next step."""
    for told in good:
        if _word(told) in {"", UNKNOWN} or _is_pending(told) or _NOT_TAKEN.search(told):
            yield (
                f"Its `validated_as` has {told!r}, and no address is good that is said to be so.",
                "Name what Dial 9 says of an address that its people call good, or leave it out.",
            )


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
    if long := [name for name, most in LONGEST.items() if len(after.get(name, "")) > most]:
        said = ", ".join(f"{LONGEST[n]} characters of a `{n}`, not {len(after[n])}" for n in long)
        return f"the location of {e164} is too long: a 999 record takes {said}"
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


def _status(row: Mapping[str, Any]) -> str:
    """What stands there, as it is; "" where nothing does."""
    status = _subscriber(row).get("status")
    return text_of(status) if status is None or isinstance(status, str) else canonical(status)


def _word(status: str) -> str:
    """A status as it is compared: the two editions write one word in two ways."""
    return re.sub(r"[\W_]+", "_", status.casefold()).strip("_")


def _is_pending(status: str) -> bool:
    return PENDING in _word(status).split("_") and not _NOT_TAKEN.search(status)


def _subscriber(row: Mapping[str, Any]) -> Mapping[str, Any]:
    acquisition = row.get("aquisition")
    found = acquisition.get("subscriber") if isinstance(acquisition, dict) else None
    return found if isinstance(found, dict) else {}
