"""The requests that change what a number has: one path for each setting, in a fixed order.

Each is a setting that can be repeated without harm. The order keeps what may fail for reasons
outside the configuration (a webhook, a campaign, the caller name's network) behind the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from reconciler.carriers.voicetel.wire import canonical, digits_of
from reconciler.model.act import Action
from reconciler.model.canonical import digest
from reconciler.protocols import CarrierAct, Refused, Request

FIELDS: Final = frozenset(
    {
        "connector",
        "handoff",
        "cnam",
        "cnam_lookup",
        "forward",
        "translation",
        "fax_to",
        "sms",
        "campaign",
        "port_out_pin",
    }
)
"""Fields of `carrier_number` that a number at VoiceTel has."""

WITH_ORDER: Final = frozenset({"connector", "handoff"})
WRITE_ONLY: Final = frozenset({"cnam", "port_out_pin"})
"""What no list tells. A look-up of the name is billed, lags, and is one request a number."""

KEPT: Final = frozenset({"cnam", "port_out_pin"})
"""What can be changed and never taken back: VoiceTel has no request for it."""

ASYNCHRONOUS: Final = frozenset({"campaign"})
CAMPAIGN_ID: Final = re.compile(r"C[A-Z0-9]{6}")

ABSENT: Final = object()
"""Stands for a setting that is not there."""

Made = Request | Refused | None


class Change(NamedTuple):
    """One setting that is to differ from what is there.

    Attributes:
        act: What it belongs to.
        number: Ten digits.
        value: What it is to be; None: it is to be taken away.
        before: What it is; None: nothing, or not known.
    """

    act: CarrierAct
    number: str
    value: Any
    before: Any

    def put(self, setting: str, content: Mapping[str, object], method: str = "PUT") -> Request:
        """Set it."""
        path = f"/v2.2/numbers/{self.number}/{setting}"
        return Request(method, path, canonical(content).encode())

    def delete(self, setting: str, query: str = "") -> Request:
        """Take it away."""
        return Request("DELETE", f"/v2.2/numbers/{self.number}/{setting}{query}")


def settings_requests(
    act: CarrierAct, number: str, route: int | None, campaigns: Mapping[str, str]
) -> tuple[Request, ...] | Refused:
    """Make a request for each setting that differs from what is there.

    Args:
        act: What is to be there, and what is.
        number: Ten digits.
        route: The id of the gateway to hand over to; None to leave that alone.
        campaigns: The registry's id of each campaign, by our name.
    """
    after = act.after or {}
    before = act.holding.spec if act.holding is not None else {}
    made: list[Request] = []
    for name, request_of in _SETTINGS.items():
        if before.get(name, ABSENT) == after.get(name, ABSENT) and name not in act.secrets:
            continue
        change = Change(act, number, after.get(name), before.get(name))
        request = request_of(change, route, campaigns)
        if isinstance(request, Refused):
            return request
        if request is not None:
            made.append(request)
    return tuple(made)


def setting_fault(e164: str, spec: Mapping[str, object], campaigns: Mapping[str, str]) -> str:
    """Say which setting of a number VoiceTel can never take, as a clause; "" for none."""
    act = CarrierAct(Action.UPDATE, e164, spec)
    for name, request_of in _SETTINGS.items():
        if spec.get(name) is not None:
            made = request_of(Change(act, str(digits_of(e164)), spec[name], None), None, campaigns)
            if isinstance(made, Refused):
                return made.reason.removesuffix(".")
    return ""


def digest_of(act: CarrierAct, requests: tuple[Request, ...]) -> str:
    """The digest that a journal keeps; a PIN has too few digits for a digest of it to hide."""
    hidden = digest((act.after or {}).get("port_out_pin")) if act.secrets else ""
    parts = []
    for request in requests:
        body = hidden.encode() if is_secret(request) else request.body
        parts.append(f"{request.method} {request.path}\n".encode() + body)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def is_secret(request: Request) -> bool:
    """Whether a request, and what is answered to it, tells a secret."""
    return request.path.endswith("/port-out-pin")


# One function for each setting.


def _handoff(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del campaigns
    if route is None and change.value is None:
        return Refused(
            f"Nothing says where VoiceTel is to hand {change.act.e164} to: write `handoff`, or"
            " `numbers.handoff` of the connector."
        )
    return None if route is None else change.put("route", {"route": route})


def _translation(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    """Hand over another number; to itself is the way to end it."""
    del route, campaigns
    if change.value is None:
        return change.put("translation", {"translation": change.number})
    digits = digits_of(str(change.value))
    if digits is None:
        return Refused(
            f"VoiceTel translates to a number of +1 only, and {change.act.e164} is to be"
            f" translated to {change.value}: write it as +1 and ten digits."
        )
    return change.put("translation", {"translation": digits})


def _forward(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    if change.value is None:
        return change.delete("forward")
    digits = digits_of(str(change.value))
    if digits is None:
        return Refused(
            f"VoiceTel forwards to +1 numbers only, and {change.act.e164} is to be forwarded"
            f" to {change.value}."
        )
    return change.put("forward", {"destination": digits})


def _cnam_lookup(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    return None if change.value is None else change.put("cnam", {"enabled": change.value})


def _fax(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    if change.value is None:
        return change.delete("fax")
    return change.put("fax", {"email": change.value})


def _messages(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    if change.value is None:
        return change.delete("sms")
    ((way, resource),) = change.value.items()
    return change.put("sms", {"type": way, "resource": resource})


def _campaign(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route
    connector = (change.act.after or {}).get("connector", "")
    if change.value is None:
        before = str(change.before)
        known = campaigns.get(before) or before.removeprefix("campaign:")
        if not CAMPAIGN_ID.fullmatch(known):
            return Refused(f"{change.act.e164} is in a campaign whose id is not known: {before}.")
        return change.delete("messaging-campaign", f"?campaignId={known}")
    wanted = campaigns.get(str(change.value), "")
    if not CAMPAIGN_ID.fullmatch(wanted):
        return Refused(
            f"No campaign {change.value!r} with an id is declared: write"
            f" {change.value}: {{id: C……}} under connectors.{connector}.campaigns."
        )
    return change.put("messaging-campaign", {"campaignId": wanted})


def _cnam(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    if change.value is None:
        return _kept(change, "the caller name that is registered for it")
    return change.put("lidb", {"cnam": change.value})


def _pin(change: Change, route: int | None, campaigns: Mapping[str, str]) -> Made:
    del route, campaigns
    if change.value is None:
        return _kept(change, "its port-out PIN")
    secret = change.act.secrets.get("port_out_pin")
    if secret is None:
        return None  # it is there already, or nobody here knows it
    if not re.fullmatch(r"[0-9]{4}", secret.reveal()):
        return Refused(
            f"VoiceTel takes a port-out PIN of exactly 4 digits, and that of {change.act.e164}"
            " has another form."
        )
    return change.put("port-out-pin", {"pin": secret.reveal()}, "PATCH")


def _kept(change: Change, what: str) -> Refused:
    return Refused(
        f"VoiceTel cannot take back {what} ({change.act.e164}), only change it: put its line"
        " back, or write another value."
    )


_SETTINGS: Final[Mapping[str, Callable[[Change, int | None, Mapping[str, str]], Made]]] = {
    "handoff": _handoff,
    "translation": _translation,
    "forward": _forward,
    "cnam_lookup": _cnam_lookup,
    "fax_to": _fax,
    "sms": _messages,
    "campaign": _campaign,
    "cnam": _cnam,
    "port_out_pin": _pin,
}
