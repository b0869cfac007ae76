"""What VoiceTel holds of each number, put together from its lists in our words.

Three lists tell nearly all: numbers, gateways, and the messaging state of 700 numbers a
request. A fax address has no list, nor has the way of a text message whose address could be
of two kinds: those are read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from reconciler.carriers.transport import Failure, Transport, decoded
from reconciler.carriers.voicetel.wire import (
    Gateway,
    canonical,
    data_of,
    digits_of,
    e164_of,
    endpoint,
    envelope_of,
    gateways_of,
    numbers_of,
    refusal_of,
    text_of,
    whole_of,
)
from reconciler.errors import Unavailable
from reconciler.model.supply import Holding

OK, MISSING = 200, 404
STATES_A_REQUEST: Final = 700
"""A thousand are allowed; many proxies take a request line of 8 KiB, which is some 740."""

MOST_SINGLE_STATES: Final = 20
"""How many numbers a bulk answer may leave out before it is no answer."""

UNDER_WAY: Final = frozenset({"queued", "hosting", "assigning", "routing"})
LONGEST_VALUE: Final = 2048
WAYS: Final = frozenset({"email", "webhook", "sip"})

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")

Row = Mapping[str, Any]
Shown = Callable[[object], str]


class Names(NamedTuple):
    """Our names of what VoiceTel knows by address or id.

    Attributes:
        gateways: By endpoint.
        campaigns: By the registry's id.
    """

    gateways: Mapping[str, str]
    campaigns: Mapping[str, str]


class Reader:
    """Reads of one account. Each raises `Unavailable` unless it is complete and decoded."""

    def __init__(self, connector: str, transport: Transport, names: Names) -> None:
        self._connector = connector
        self._transport = transport
        self._names = names
        self.in_use: frozenset[str] = frozenset()
        """Ids of the campaigns that numbers were in when all of them were last read."""

    def gateways(self) -> tuple[Gateway, ...]:
        """All gateways, VoiceTel's own too."""
        return gateways_of(self.rows("/v2.2/gateways", "gateways"))

    def holdings(self, gateways: Iterable[Gateway]) -> tuple[dict[str, Holding], list[str]]:
        """Each number by E.164, and what is odd, a sentence each.

        A row that cannot be read hides no other.

        Raises:
            Unavailable: A list could not be read, or contradicts another.
        """
        rows = self.rows("/v2.2/numbers", "numbers", empty=MISSING)
        found: dict[str, Row] = {}
        odd = []
        for row, e164 in zip(rows, numbers_of(rows), strict=True):
            if e164 is None or e164 in found:
                what = "has no readable number" if e164 is None else f"lists {e164} again"
                odd.append(f"A row of VoiceTel's number list {what}: {self.shown(row)}")
            else:
                found[e164] = row
        states = self._states(found, odd)
        self.in_use = frozenset(map(_campaign_id, states.values())) - {""}
        at = {gateway.id: self._gateway(gateway) for gateway in gateways}
        if found and self._names.gateways and not at:
            # Each number is at one, if only at one of its own system, and those are listed too.
            raise self.unavailable("GET /v2.2/gateways gave none, but there are numbers.")
        holdings = {
            e164: self._holding(e164, row, states.get(e164, {}), at) for e164, row in found.items()
        }
        begun = ((e164, state) for e164, state in states.items() if state.get("pending"))
        odd.extend(_failed(e164, state, self.shown) for e164, state in begun)
        return holdings, [sentence for sentence in odd if sentence]

    def rows(
        self,
        path: str,
        name: str,
        *,
        query: Mapping[str, str | int] | None = None,
        empty: int = 0,
    ) -> list[Any]:
        """A list; `empty` is the status that says so inside VoiceTel's own error body.

        Raises:
            Unavailable: Anything but a complete list.
        """
        data = self._data(path, query=query, empty=empty)
        if data is None:
            return []
        rows = data.get(name)
        if isinstance(rows, list):
            return rows
        raise self.unavailable(f"GET {_public(path)} was answered without its list.")

    def one(self, path: str, name: str) -> Row:
        """A single thing, which stands under `name`; "" for the whole answer.

        Raises:
            Unavailable: Anything but what is documented.
        """
        data = self._data(path)
        found = data if not name or data is None else data.get(name)
        if isinstance(found, dict):
            return found
        what = name or "contents"
        raise self.unavailable(f"GET {_public(path)} was answered without its {what}.")

    def has(self, path: str, missing: int) -> bool | None:
        """Whether a single thing is there; `missing` is the status that says that it is not.

        None for any answer that says neither.
        """
        result = self._transport.read(path)
        if isinstance(result, Failure):
            return None
        body = decoded(result)
        if result.status == missing and envelope_of(result.status, body) is not None:
            return False
        return True if result.status == OK and data_of(body) else None

    def _data(
        self, path: str, *, query: Mapping[str, str | int] | None = None, empty: int = 0
    ) -> Row | None:
        """The contents of an answer; None when VoiceTel itself says that there is nothing."""
        result = self._transport.read(path, query=query)
        if isinstance(result, Failure):
            raise self.unavailable(result.reason)
        body = decoded(result)
        if result.status == empty and envelope_of(result.status, body) is not None:
            return None
        data = data_of(body)
        if result.status == OK and data:
            return data
        said = self.shown(refusal_of(result.status, body)) or "no list as documented"
        raise self.unavailable(f"GET {_public(path)} was answered {result.status}: {said}.")

    def unavailable(self, what: str) -> Unavailable:
        """Say that the account cannot be read, and what to do."""
        return Unavailable(
            f"VoiceTel account {self._connector}: {what}",
            f"Try again; check the credentials and `url` of connectors.{self._connector}.",
        )

    def shown(self, value: object) -> str:
        """Write what came from outside as it may be printed."""
        if value is None:
            return ""
        return self._transport.shown(value if isinstance(value, str) else canonical(value))

    def _value(self, value: object) -> str:
        """Text of a setting, whole: what is cut would differ from git for ever."""
        return self._transport.shown(text_of(value), LONGEST_VALUE)

    # One number.

    def _holding(self, e164: str, row: Row, state: Row, at: Mapping[int, str]) -> Holding:
        told: dict[str, object] = {
            "connector": self._connector,
            "handoff": self._handoff(row, at),
            "cnam_lookup": row["cnam"] if isinstance(row.get("cnam"), bool) else "",
            "forward": _forward(row, self._value),
            "translation": _translation(e164, row, self._value),
            "fax_to": self._fax(e164, row),
            "sms": self._messages(e164, row, state),
            "campaign": self._campaign(state),
        }
        spec = {name: value for name, value in told.items() if value != ""}
        return Holding(self._connector, spec=spec, waiting=_waiting(state, self._name_of))

    def _handoff(self, row: Row, at: Mapping[int, str]) -> str:
        """Our name of where the number's calls go; what is not ours shows as it is."""
        if not self._names.gateways:
            # Without gateways of ours nothing can be wanted of the hand-off: it is no setting.
            return ""
        route = whole_of(row.get("route"))
        if route is not None:
            return at.get(route) or f"route:{route}"
        address = text_of(row.get("gateway"))
        return self._name_at(address) if address else ""

    def _gateway(self, gateway: Gateway) -> str:
        """Our name of a gateway; "" for one of VoiceTel's own, which numbers show by its id."""
        return "" if gateway.system or not gateway.host else self._name_at(gateway.host)

    def _name_at(self, address: str) -> str:
        at = endpoint(address)
        return self._names.gateways.get(at) or f"gateway:{self.shown(at)}"

    def _fax(self, e164: str, row: Row) -> str:
        """The address that faxes go to; a flag that is missing is looked up."""
        if row.get("faxEnabled", True) is False:
            return ""
        data = self._data(f"/v2.2/numbers/{digits_of(e164)}/fax", empty=MISSING)
        return "" if data is None else self._value(data.get("email")) or "unknown"

    def _messages(self, e164: str, row: Row, state: Row) -> dict[str, str] | str:
        """Where text messages go: told by the bulk state where its address says of what kind."""
        if row.get("smsEnabled", True) is False:
            return ""
        resource = text_of(state.get("resource"))
        if resource.startswith("https://"):
            return {"webhook": self._value(resource)}
        if resource and _HOST.fullmatch(resource):
            return {"sip": self._value(resource)}
        # user@host is a mail address or a SIP address.
        data = self._data(f"/v2.2/numbers/{digits_of(e164)}/sms", empty=MISSING)
        if data is None:
            return ""
        way = text_of(data.get("type"))
        return {way if way in WAYS else "unknown": self._value(data.get("resource"))}

    def _campaign(self, state: Row) -> str:
        number = _campaign_id(state)
        return self._name_of(number) if number else ""

    def _name_of(self, campaign: str) -> str:
        return self._names.campaigns.get(campaign) or f"campaign:{self.shown(campaign)}"

    # The messaging state.

    def _states(self, e164s: Iterable[str], odd: list[str]) -> dict[str, Row]:
        """The messaging state of each number; one that the bulk leaves out is asked for alone."""
        wanted = sorted(e164s)
        states: dict[str, Row] = {}
        for start in range(0, len(wanted), STATES_A_REQUEST):
            asked = ",".join(str(digits_of(e164)) for e164 in wanted[start:][:STATES_A_REQUEST])
            # In the path, as a query of so many escaped commas takes longer to write than to send.
            rows = self.rows(f"/v2.2/numbers/messaging?numbers={asked}", "numbers")
            states |= {e164: row for e164, row in zip(numbers_of(rows), rows, strict=True) if e164}
        missing = [e164 for e164 in wanted if e164 not in states]
        if len(missing) > MOST_SINGLE_STATES:
            raise self.unavailable(
                f"it told the messaging state of {len(states)} of {len(wanted)} numbers."
            )
        for e164 in missing:
            state = self._data(f"/v2.2/numbers/{digits_of(e164)}/messaging", empty=MISSING)
            if state is None or e164_of(state.get("number")) != e164:
                odd.append(f"VoiceTel says nothing readable about text messages of {e164}.")
            else:
                states[e164] = state
        return states


def _campaign_id(state: Row) -> str:
    campaign = state.get("campaign")
    return text_of(campaign.get("id")) if isinstance(campaign, dict) else ""


def _forward(row: Row, shown: Shown) -> str:
    if row.get("forward") is False or (row.get("forward") is None and not row.get("forwardTo")):
        return ""
    target = text_of(row.get("forwardTo"))
    return e164_of(target) or f"number:{shown(target) or 'unknown'}"


def _translation(e164: str, row: Row, shown: Shown) -> str:
    """What is handed over in the number's place; to itself is none."""
    if row.get("translated") == row.get("number"):
        return ""  # as most are, in the very same digits
    text = text_of(row.get("translated"))
    number = e164_of(text)
    if not text or number == e164:
        return ""
    return number or shown(text)


def _job(state: Row) -> Row:
    pending = state.get("pending")
    return pending if isinstance(pending, dict) else {}


def _waiting(state: Row, name_of: Callable[[str], str]) -> str | None:
    """What VoiceTel still works on; "" for nothing, None in the dialect that does not tell."""
    if not state.get("pending"):
        return "" if "pending" in state else None
    job = _job(state)
    step = text_of(job.get("state"))
    if step not in UNDER_WAY:
        return ""
    return f"campaign {name_of(text_of(job.get('campaignId')))} is being set up ({step})"


def _failed(e164: str, state: Row, shown: Shown) -> str:
    """Tell a binding to a campaign that failed, in VoiceTel's words; "" for none."""
    job = _job(state)
    if text_of(job.get("state")) != "failed":
        return ""
    return (
        f"VoiceTel could not put {e164} in campaign {shown(text_of(job.get('campaignId')))}:"
        f" {shown(text_of(job.get('message')))}"
    )


def _public(path: str) -> str:
    """A path without the numbers in it."""
    return re.sub(r"/[0-9]{7,}", "/{number}", path.partition("?")[0])
