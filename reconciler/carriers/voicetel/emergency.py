"""Emergency records at VoiceTel (E911): validated first, then bound to a number.

A record comes back in the form in which VoiceTel's own validation writes an address. That form
is what is planned and compared, so that nothing differs for ever. An address that VoiceTel would
register at another place than it says is refused, with that place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

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
from reconciler.model.postal import is_same_place, registered
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

LEAST: Final = frozenset(WIRE) - {"unit"}
"""What each address has."""

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


class Placed(NamedTuple):
    """An address as VoiceTel knows it.

    Attributes:
        number: Its id there.
        written: Its parts as VoiceTel writes them, in our words.
    """

    number: int
    written: dict[str, str]


class Addresses:
    """What VoiceTel says of addresses; each is asked once, and nothing is kept there for it."""

    def __init__(self, transport: Transport, shown: Shown) -> None:
        self._transport = transport
        self._shown = shown
        self._said: dict[bytes, Placed | str] = {}

    def cannot(self, e164: str, spec: Mapping[str, object]) -> str:
        """Say why a record can never be made, as a clause; "" when it can, or nobody can say."""
        after = {name: str(value) for name, value in spec.items()}
        try:
            said = fault(e164, after) or self._placed(after)
        except Unavailable:
            return ""
        return said if isinstance(said, str) else ""

    def form(self, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record as VoiceTel will tell it; as it is where `cannot` has something to say.

        Raises:
            Unavailable: The address could not be validated now.
        """
        after = {name: str(value) for name, value in spec.items()}
        placed = None if fault("", after) else self._placed(after)
        if not isinstance(placed, Placed):
            return spec
        return {n: value for n, value in spec.items() if n not in WIRE} | placed.written

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for: for an address as VoiceTel writes it.

        Raises:
            Unavailable: The address could not be validated now.
        """
        path = f"/v2.2/e911/{digits_of(act.e164)}"
        if act.action is Action.DELETE:
            return (Request("DELETE", path),)
        after = {name: str(value) for name, value in (act.after or {}).items()}
        said = fault(act.e164, after) or self._placed(after)
        if isinstance(said, str):
            return Refused(f"{said}.")
        if said.written != _parts(after):
            return Refused(
                f"VoiceTel writes {_told(after)} as {_told(said.written)} now: plan again."
            )
        body = {"addressid": said.number, "callername": after["caller_name"]}
        return (Request("PUT", path, canonical(body).encode()),)

    def _placed(self, after: Mapping[str, str]) -> Placed | str:
        """An address as VoiceTel has it, or why it takes none."""
        body = _body(after)
        if body not in self._said:
            said = self._said[body] = self._asked(body, after)
            if isinstance(said, Placed):
                self._said.setdefault(_body(said.written), said)
        return self._said[body]

    def _asked(self, body: bytes, after: Mapping[str, str]) -> Placed | str:
        answer = self._transport.repeated("POST", "/v2.2/e911/validations", body=body)
        if isinstance(answer, Failure):
            raise Unavailable(answer.reason, "Try again: nothing was registered yet.")
        read = decoded(answer)
        said = self._shown(refusal_of(answer.status, read) or "")
        if answer.status in {400, 409}:
            return f"VoiceTel cannot place {_told(after)}: {said}"
        address = data_of(read).get("address")
        placed = _read(address) if answer.status == OK and isinstance(address, dict) else None
        if placed is None:
            raise Unavailable(
                f"VoiceTel answered {answer.status} when it was to validate an address: {said}.",
                "Try again: nothing was registered yet.",
            )
        return placed if is_same_place(_parts(after), placed.written) else _elsewhere(after, placed)


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
    lacks = [part for part in WIRE if part in LEAST and not after.get(part)]
    return f"the location of {e164} has no {' and no '.join(lacks)}" if lacks else ""


def is_registered(act: CarrierAct, data: Mapping[str, Any]) -> bool:
    """Whether the answer to a request is the record that was asked for."""
    record = data.get("record")
    return isinstance(record, dict) and e164_of(record.get("dn")) == act.e164


def _record(row: Mapping[str, Any]) -> dict[str, str]:
    place = {name: text_of(row.get(wire)) for name, wire in WIRE.items()}
    name = text_of(row.get("callername"))
    return registered({**place, "caller_name": name, "country": COUNTRY})


def _read(address: Mapping[str, Any]) -> Placed | None:
    """An address of an answer; None where that leaves out what says which one it is."""
    number = whole_of(address.get("addressid"))
    written = registered({name: text_of(address.get(wire)) for name, wire in WIRE.items()})
    whole = number is not None and written.keys() >= LEAST
    return Placed(number, written) if whole and number is not None else None


def _parts(after: Mapping[str, str]) -> dict[str, str]:
    return {name: after[name] for name in WIRE if after.get(name)}


def _body(after: Mapping[str, str]) -> bytes:
    return canonical({WIRE[name]: value for name, value in _parts(after).items()}).encode()


def _told(after: Mapping[str, str]) -> str:
    return ", ".join(_parts(after).values())


def _elsewhere(after: Mapping[str, str], placed: Placed) -> str:
    ours, theirs = _parts(after), placed.written
    other = [name for name in WIRE if theirs.get(name, "") != ours.get(name, "")]
    words = ", ".join(f"{name}: {theirs.get(name) or '(none)'}" for name in other)
    return (
        f"VoiceTel would send help for {_told(after)} to {_told(theirs)}, which may be another"
        f" place: if it is the right one, write {words}"
    )
