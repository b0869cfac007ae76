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
from reconciler.model.postal import registered
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "emergency_record"
COUNTRY: Final = "US"
OK: Final = 200
LONGEST_NAME: Final = 20
FIELDS: Final = frozenset(
    {"connector", "caller_name", "street", "unit", "city", "region", "postcode", "country"}
)
LASTING: Final = frozenset(f"{KIND}.{name}" for name in FIELDS - {"connector", "unit"})
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


class Addresses:
    """What VoiceTel says of addresses; each is asked once, and nothing is kept there for it."""

    def __init__(self, transport: Transport, shown: Shown) -> None:
        self._transport = transport
        self._shown = shown
        self._said: dict[bytes, int | str] = {}

    def cannot(self, e164: str, spec: Mapping[str, object]) -> str:
        """Say why a record can never be made, as a clause; "" when it can, or nobody can say."""
        after = {name: str(value) for name, value in spec.items()}
        try:
            said = fault(e164, after) or self._validated(after)
        except Unavailable:
            return ""
        return said if isinstance(said, str) else ""

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for.

        Raises:
            Unavailable: The address could not be validated now.
        """
        path = f"/v2.2/e911/{digits_of(act.e164)}"
        if act.action is Action.DELETE:
            return (Request("DELETE", path),)
        after = {name: str(value) for name, value in (act.after or {}).items()}
        said = fault(act.e164, after) or self._validated(after)
        if isinstance(said, str):
            return Refused(f"{said}.")
        body = {"addressid": said, "callername": after["caller_name"]}
        return (Request("PUT", path, canonical(body).encode()),)

    def _validated(self, after: Mapping[str, str]) -> int | str:
        """The id of an address at VoiceTel, or why it has none."""
        asked = canonical({wire: after[name] for name, wire in WIRE.items() if name in after})
        body = asked.encode()
        if body not in self._said:
            self._said[body] = self._asked(body, after)
        return self._said[body]

    def _asked(self, body: bytes, after: Mapping[str, str]) -> int | str:
        answer = self._transport.repeated("POST", "/v2.2/e911/validations", body=body)
        if isinstance(answer, Failure):
            raise Unavailable(answer.reason, "Try again: nothing was registered yet.")
        read = decoded(answer)
        said = self._shown(refusal_of(answer.status, read) or "")
        if answer.status in {400, 409}:
            return f"VoiceTel cannot place {_told(after)}: {said}"
        address = data_of(read).get("address")
        number = whole_of(address.get("addressid")) if isinstance(address, dict) else None
        if answer.status != OK or not isinstance(address, dict) or number is None:
            raise Unavailable(
                f"VoiceTel answered {answer.status} when it was to validate an address: {said}.",
                "Try again: nothing was registered yet.",
            )
        return _written_otherwise(after, address) or number


def fault(e164: str, after: Mapping[str, object]) -> str:
    """Say what VoiceTel can never register, as a clause; "" for nothing."""
    if after.get("country") != COUNTRY:
        return f"VoiceTel registers addresses in the US only, and that of {e164} is elsewhere"
    name = str(after.get("caller_name", ""))
    if len(name) > LONGEST_NAME:
        return (
            f"VoiceTel takes at most {LONGEST_NAME} characters of a `caller_name`, and that of the"
            f" location of {e164} has {len(name)}"
        )
    lacks = [part for part in ("street", "city", "region", "postcode") if not after.get(part)]
    return f"the location of {e164} has no {' and no '.join(lacks)}" if lacks else ""


def is_registered(act: CarrierAct, data: Mapping[str, Any]) -> bool:
    """Whether the answer to a request is the record that was asked for."""
    record = data.get("record")
    return isinstance(record, dict) and e164_of(record.get("dn")) == act.e164


def _record(row: Mapping[str, Any]) -> dict[str, str]:
    place = {name: text_of(row.get(wire)) for name, wire in WIRE.items()}
    name = text_of(row.get("callername"))
    return registered({**place, "caller_name": name, "country": COUNTRY})


def _told(after: Mapping[str, str]) -> str:
    return ", ".join(after[name] for name in WIRE if name in after)


def _written_otherwise(after: Mapping[str, str], address: Mapping[str, Any]) -> str:
    theirs = registered({name: text_of(address.get(wire)) for name, wire in WIRE.items()})
    other = [name for name in WIRE if theirs.get(name, "") != after.get(name, "")]
    words = ", ".join(f"{name}: {theirs.get(name, '') or '(none)'}" for name in other)
    return f"VoiceTel writes {_told(after)} in another way: write {words}" if other else ""
