"""What VoiceTel's answer to a write proves. Whatever is not listed in here is unknown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from reconciler.carriers.voicetel import emergency
from reconciler.carriers.voicetel.wire import (
    Body,
    data_of,
    e164_of,
    failures_of,
    money_of,
    refusal_of,
    rows_of,
    text_of,
    wait_seconds,
    whole_of,
)
from reconciler.model.act import Action
from reconciler.protocols import Done, NotSent, Outcome, Prepared, Refused, Unknown

CURRENCY: Final = "USD"
UNAUTHORISED, UNPAID, FORBIDDEN, TOO_MANY = 401, 402, 403, 429
REFUSALS: Final = frozenset({400, UNPAID, FORBIDDEN, 422})


class Reply(NamedTuple):
    """An answer as it came: its status, bytes, JSON object (None if none) and Retry-After."""

    status: int
    raw: bytes
    body: Body
    retry_after: str = ""


def outcome_of(prepared: Prepared, reply: Reply, shown: Callable[[object], str]) -> Outcome:
    """Tell the five outcomes apart; `shown` makes the carrier's words safe to print."""
    ordering = prepared.act.action is Action.ORDER
    refusal = refusal_of(reply.status, reply.body)
    told = f"VoiceTel answered {reply.status}" + (f": {shown(refusal)}" if refusal else "")
    if reply.status == TOO_MANY:
        return NotSent(f"{told}.", wait_seconds(reply.retry_after))
    # Except for orders 401 also says "not on this account": an earlier try may have worked.
    final = reply.status in REFUSALS or (ordering and reply.status == UNAUTHORISED)
    if refusal is not None and final:
        blocks = {UNPAID, FORBIDDEN, UNAUTHORISED} if ordering else {UNPAID}
        return Refused(f"{told}.", stops_account=reply.status in blocks)
    success = _success(prepared, reply, shown) if refusal is None else None
    return success or Unknown(f"{told}, which does not say whether it was done.")


def _success(prepared: Prepared, reply: Reply, shown: Callable[[object], str]) -> Outcome | None:
    data, digest = data_of(reply.body), hashlib.sha256(reply.raw).hexdigest()
    if prepared.act.kind == emergency.KIND:
        gone = prepared.act.action is Action.DELETE and reply.status == 204 and not reply.raw  # noqa: PLR2004
        return Done(digest=digest) if gone or emergency.is_registered(prepared.act, data) else None
    match prepared.act.action, reply.status:
        case Action.RELEASE, 204 if not reply.raw:
            return Done(digest=digest)
        case Action.UPDATE, 200 if _is_routed(prepared, data):
            return Done(digest=digest)
        case Action.ORDER, 201 if data:
            return _ordered(prepared.act.e164, data, digest, shown)
        case _:
            return None


def _is_routed(prepared: Prepared, data: Mapping[str, Any]) -> bool:
    wanted = json.loads(prepared.requests[0].body)["route"]
    named = e164_of(data.get("number")) == prepared.act.e164
    return named and whole_of(data.get("route")) == wanted


def _ordered(
    e164: str, data: Mapping[str, Any], digest: str, shown: Callable[[object], str]
) -> Outcome:
    bought = [e164_of(number) for number in rows_of(data.get("numbersOrdered"))]
    failed = dict(failures_of(data.get("failed")))
    # An answer that names any other number is not the answer to this order.
    if [*bought, *failed] != [e164]:
        named = ", ".join(sorted(map(str, {*bought, *failed}))) or "no number"
        return Unknown(f"VoiceTel's answer to the order of {e164} names {named}.")
    if failed:
        return Refused(f"VoiceTel did not order {e164}: {shown(failed[e164])}.")
    amount = money_of(data.get("amountCharged"))
    return Done(
        external_id=shown(text_of(data.get("orderId"))),
        digest=digest,
        amount=amount,
        currency=CURRENCY if amount is not None else "",
    )
