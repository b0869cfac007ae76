"""The three ways in which a number leaves a VoiceTel account for good.

Source: VoiceTel REST v2.2, `numbersRelease`, `numbersDelete` and `numbersMove`. None takes an
idempotency key. After each the number is not on the account: what was lost is found by reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from reconciler.carriers.voicetel.wire import Body, canonical, data_of, e164_of, whole_of
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Refused, Request

_OTHER = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")
_OK, _EMPTY = 200, 204


def request_for(act: CarrierAct, number: str) -> Request | Refused:
    """Give it back to the network, take it off the account, or hand it to another account."""
    path = f"/v2.2/numbers/{number}"
    match act.action:
        case Action.RELEASE:
            return Request("POST", f"{path}/release")
        case Action.REMOVE:
            return Request("DELETE", path)
        case _:
            found = _OTHER.fullmatch(act.to)
            if found is None:
                return Refused(
                    f"VoiceTel moves a number to an account and a route by their ids, such as 99/4:"
                    f" {act.to!r} is none."
                )
            body = {"accountId": int(found[1]), "route": int(found[2])}
            return Request("PATCH", path, canonical(body).encode())


def has_left(act: CarrierAct, request: Request, status: int, raw: bytes, body: Body) -> bool:
    """Whether an answer says that it has left, to where it was asked to."""
    if act.action is not Action.MOVE:
        return status == _EMPTY and not raw
    asked: Mapping[str, Any] = json.loads(request.body)
    data = data_of(body)
    there = all(whole_of(data.get(name)) == asked[name] for name in asked)
    return status == _OK and there and e164_of(data.get("number")) == act.e164
