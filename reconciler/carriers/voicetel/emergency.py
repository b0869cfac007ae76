"""Emergency records at VoiceTel (E911): validated first, then bound to a number.

A record comes back in the form in which VoiceTel's own validation writes an address. What is
asked for must be in that form too, so that nothing differs for ever: an address that it would
write in another way is refused, with its way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.carriers.transport import Failure, Transport, decoded
from reconciler.carriers.voicetel.wire import (
    canonical,
    data_of,
    digits_of,
    e164_of,
    refusal_of,
    text_of,
    whole_of,
)
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.place import registered
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "emergency_record"
COUNTRY: Final = "US"
LONGEST_NAME: Final = 20
FIELDS: Final = frozenset(
    {"connector", "caller_name", "street", "unit", "city", "region", "postcode", "country"}
)
WIRE: Final = {
    "street": "address1",
    "unit": "address2",
    "city": "city",
    "region": "state",
    "postcode": "zip",
}
"""Our words and VoiceTel's for what is validated."""

Shown = Callable[[object], str]


def records_of(
    rows: Iterable[object], connector: str, shown: Shown
) -> tuple[dict[str, Holding], list[str]]:
    """Read the list of records: each by its number, and what is odd, a sentence each."""
    found: dict[str, Holding] = {}
    odd = []
    for row in rows:
        e164 = e164_of(row.get("dn")) if isinstance(row, dict) else None
        if not isinstance(row, dict) or e164 is None or e164 in found:
            odd.append(f"A row of VoiceTel's list of emergency records is odd: {shown(row)}")
            continue
        found[e164] = Holding(connector, spec={"connector": connector, **_record(row)})
    return found, odd


def requests_for(
    act: CarrierAct, transport: Transport, shown: Shown
) -> tuple[Request, ...] | Refused:
    """Make the request ready; an address is validated first, which keeps no state there.

    Raises:
        Unavailable: The address could not be validated now.
    """
    path = f"/v2.2/e911/{digits_of(act.e164)}"
    if act.action is Action.DELETE:
        return (Request("DELETE", path),)
    after = {name: str(value) for name, value in (act.after or {}).items()}
    fault = _fault(act.e164, after)
    if fault:
        return Refused(fault)
    valid = _validated(act.e164, after, transport, shown)
    if isinstance(valid, Refused):
        return valid
    body = {"addressid": valid, "callername": after["caller_name"]}
    return (Request("PUT", path, canonical(body).encode()),)


def is_registered(act: CarrierAct, data: Mapping[str, Any]) -> bool:
    """Whether the answer to a request is the record that was asked for."""
    record = data.get("record")
    return isinstance(record, dict) and e164_of(record.get("dn")) == act.e164


def _record(row: Mapping[str, Any]) -> dict[str, str]:
    place = {name: text_of(row.get(wire)) for name, wire in WIRE.items()}
    name = text_of(row.get("callername"))
    return registered({**place, "caller_name": name, "country": COUNTRY})


def _fault(e164: str, after: Mapping[str, str]) -> str:
    if after.get("country") != COUNTRY:
        return f"VoiceTel registers addresses in the US only, and {e164} has one elsewhere."
    if len(after.get("caller_name", "")) > LONGEST_NAME:
        return (
            f"VoiceTel takes at most {LONGEST_NAME} characters of a `caller_name`, and the"
            f" location of {e164} has {len(after['caller_name'])}."
        )
    lacks = [name for name in ("street", "city", "region", "postcode") if not after.get(name)]
    return f"The location of {e164} has no {' and no '.join(lacks)}." if lacks else ""


def _validated(
    e164: str, after: Mapping[str, str], transport: Transport, shown: Shown
) -> int | Refused:
    asked = {wire: after[name] for name, wire in WIRE.items() if name in after}
    body = canonical(asked).encode()
    answer = transport.request("POST", "/v2.2/e911/validations", body=body)
    if isinstance(answer, Failure):
        raise Unavailable(answer.reason, "Try again: nothing was registered yet.")
    read = decoded(answer)
    said = shown(refusal_of(answer.status, read) or "")
    if answer.status in {400, 409}:
        return Refused(f"VoiceTel cannot place the address of {e164}: {said}.")
    address = data_of(read).get("address")
    number = whole_of(address.get("addressid")) if isinstance(address, dict) else None
    if answer.status != 200 or not isinstance(address, dict) or number is None:  # noqa: PLR2004
        raise Unavailable(
            f"VoiceTel answered {answer.status} when it was to validate an address: {said}.",
            "Try again: nothing was registered yet.",
        )
    return _as_written(e164, after, address) or number


def _as_written(e164: str, after: Mapping[str, str], address: Mapping[str, Any]) -> Refused | None:
    theirs = registered({name: text_of(address.get(wire)) for name, wire in WIRE.items()})
    other = [name for name in WIRE if theirs.get(name, "") != after.get(name, "")]
    if not other:
        return None
    words = ", ".join(f"{name}: {theirs.get(name, '') or '(none)'}" for name in other)
    return Refused(
        f"VoiceTel writes the address of {e164} in another way. Write it so in its location: "
        f"{words}."
    )
