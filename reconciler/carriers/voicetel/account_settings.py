"""Settings of a VoiceTel account: told with its balance, six times an hour; changed at any time.

Source: VoiceTel OpenAPI 2.2.10, `accountPut`. Only what differs is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.carriers.voicetel.wire import canonical, digits_of, rows_of
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "account"
WIRE: Final[Mapping[str, str]] = {
    "timezone": "timezone",
    "notify": "notify",
    "notify_threshold": "notifyThreshold",
    "caller_id": "callerId",
}
"""Our words and VoiceTel's."""

FIELDS: Final = frozenset({"connector", *WIRE})
PATH: Final = "/v2.2/account"


class AccountSettings:
    """What one account is set to."""

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say what VoiceTel can never take, as a clause; "" for nothing."""
        number = spec.get("caller_id")
        if number is None or digits_of(str(number)) is not None:
            return ""
        return f"VoiceTel has +1 numbers only, and the `caller_id` of {name} is {number}"

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        if act.action is not Action.UPDATE:
            return Refused(f"VoiceTel's connector has no way to {act.action} an account.")
        after = act.after or {}
        fault = self.cannot(act.e164, after)
        if fault:
            return Refused(f"{fault}.")
        before = act.holding.spec if act.holding is not None else {}
        asked = {
            wire: digits_of(str(after[name])) if name == "caller_id" else after[name]
            for name, wire in WIRE.items()
            if name in after and after[name] != before.get(name)
        }
        return (Request("PUT", PATH, canonical(asked).encode()),)


def is_set(asked: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether an answer names all that was asked for."""
    updated = {name for name in rows_of(data.get("updated")) if isinstance(name, str)}
    return bool(asked) and asked.keys() <= updated
