"""What VoiceTel's answer to a write proves. Whatever is not listed in here is unknown."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from reconciler.carriers.voicetel import (
    account_settings,
    acl,
    auth,
    emergency,
    gateways,
    leaving,
    messaging,
)
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
from reconciler.model.act import PARTINGS, Action
from reconciler.protocols import (
    NUMBER,
    CarrierAct,
    Done,
    NotSent,
    Outcome,
    Refused,
    Request,
    Unknown,
    Waiting,
)

CURRENCY: Final = "USD"
PIN_DAYS: Final = 30
OK, CREATED, ACCEPTED, EMPTY = 200, 201, 202, 204
UNAUTHORISED, UNPAID, FORBIDDEN, MISSING, CONFLICT, TOO_MANY = 401, 402, 403, 404, 409, 429
REFUSALS: Final = frozenset({400, UNPAID, FORBIDDEN, 422})
SET_REFUSALS: Final = REFUSALS | {MISSING, CONFLICT}
"""Of a setting also "not found" and "update failed": nothing else can have set it."""

Shown = Callable[[object], str]


class Reply(NamedTuple):
    """An answer as it came: its status, bytes, JSON object (None if none), day and Retry-After."""

    status: int
    raw: bytes
    body: Body
    day: date
    retry_after: str = ""

    @property
    def digest(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.raw).hexdigest()


def outcome_of(act: CarrierAct, request: Request, reply: Reply, shown: Shown) -> Outcome:
    """Tell the five outcomes apart; `shown` makes the carrier's words safe to print."""
    if act.kind == acl.KIND and (listed := _listed(act, reply, shown)) is not None:
        return listed
    ordering = act.action is Action.ORDER
    refusal = refusal_of(reply.status, reply.body)
    told = f"VoiceTel answered {reply.status}" + (f": {shown(refusal)}" if refusal else "")
    if reply.status == TOO_MANY:
        return too_many(act, told, reply.retry_after)
    # Except for orders 401 also says "not on this account": an earlier try may have worked.
    final = reply.status in _refusals(act, request) or (ordering and reply.status == UNAUTHORISED)
    if refusal is not None and final:
        blocks = {UNPAID, FORBIDDEN, UNAUTHORISED} if ordering else {UNPAID}
        return Refused(f"{told}.", stops_account=reply.status in blocks)
    success = _success(act, request, reply, shown) if refusal is None else None
    return success or Unknown(f"{told}, which does not say whether it was done.")


def too_many(act: CarrierAct, told: str, retry_after: str) -> NotSent | Unknown:
    """VoiceTel documents 429 for reading the account only: of a write it proves nothing.

    What changes nothing more when it is done twice may go out again all the same.
    """
    wait = wait_seconds(retry_after)
    twice = act.action in {Action.UPDATE, Action.DELETE} or act.kind in TWICE
    if twice:
        return NotSent(f"{told}.", wait)
    return Unknown(f"{told}, which does not say whether it was done.", wait)


TWICE: Final = frozenset({acl.KIND, emergency.KIND, auth.KIND, account_settings.KIND})
"""Kinds that one request sets to what they are to be, whatever was there."""


def all_of(outcomes: list[tuple[str, Outcome]]) -> Outcome:
    """The outcome of several settings, sent one after the other until one was not accepted.

    What had been set before a refusal is told. A request that never left, after others that
    did, leaves nothing unknown: the act as a whole was not done.
    """
    accepted = [name for name, outcome in outcomes if isinstance(outcome, Done | Waiting)]
    last = outcomes[-1][1] if outcomes else Done()
    before = f" Set before it: {', '.join(accepted)}." if accepted else ""
    if isinstance(last, Refused | Unknown):
        return replace(last, reason=last.reason + before)
    if isinstance(last, NotSent):
        return Refused(last.reason + before) if accepted else last
    waiting = [outcome for _, outcome in outcomes if isinstance(outcome, Waiting)]
    digests = [each.digest for _, each in outcomes if isinstance(each, Done | Waiting)]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256(repr(digests).encode()).hexdigest()
    notes = "; ".join(each.note for _, each in outcomes if isinstance(each, Done) and each.note)
    if waiting:
        return replace(waiting[0], digest=digest, note=notes)
    return Done(digest=digest, note=notes)


def setting_of(request: Request) -> str:
    """The last word of a path: the setting that a request is about."""
    return request.path.partition("?")[0].rpartition("/")[2]


def _refusals(act: CarrierAct, request: Request) -> frozenset[int]:
    if act.kind == gateways.KIND:
        return REFUSALS | gateways.REFUSALS[act.action]
    # Taking a setting away is answered 404 when an earlier try has done it.
    sets = act.kind == NUMBER and act.action is Action.UPDATE and bool(request.body)
    return SET_REFUSALS if sets else REFUSALS


def _success(act: CarrierAct, request: Request, reply: Reply, shown: Shown) -> Outcome | None:
    data = data_of(reply.body)
    if act.kind == NUMBER and act.action in PARTINGS:
        left = leaving.has_left(act, request, reply.status, reply.raw, reply.body)
        return Done(digest=reply.digest) if left else None
    if act.kind != NUMBER:
        return _kept(act, request, reply, data)
    match act.action, reply.status:
        case Action.ORDER, 201 if data:
            return _ordered(act.e164, data, reply.digest, shown)
        case Action.UPDATE, 204 if not reply.raw and request.method == "DELETE":
            return Done(digest=reply.digest)
        case Action.UPDATE, 200 | 202 if e164_of(data.get("number")) == act.e164:
            return _set(request, reply, data, shown)
        case _:
            return None


def _kept(
    act: CarrierAct, request: Request, reply: Reply, data: Mapping[str, Any]
) -> Outcome | None:
    """Whether an answer says that something beside a number is as it was asked for."""
    if act.action is Action.DELETE and reply.status == EMPTY and not reply.raw:
        return Done(digest=reply.digest)
    if act.kind == emergency.KIND:
        return Done(digest=reply.digest) if emergency.is_registered(act, data) else None
    if act.kind == account_settings.KIND:
        fits = reply.status == OK and account_settings.is_set(json.loads(request.body), data)
        return Done(digest=reply.digest) if fits else None
    if act.kind == auth.KIND:
        return Done(digest=reply.digest) if reply.status == OK and auth.is_set(data) else None
    if act.kind in messaging.FIELDS:
        taken = reply.status == CREATED and messaging.is_registered(data)
        return Done(digest=reply.digest) if taken else None
    if act.kind == gateways.KIND and reply.status in {OK, CREATED}:
        made = gateways.made(act, data)
        return None if made is None else Done(external_id=made, digest=reply.digest)
    return None


def _listed(act: CarrierAct, reply: Reply, shown: Shown) -> Outcome | None:
    """What is said of one entry of the access list, in a success or in a conflict."""
    data = (reply.body or {}).get("data")
    said = acl.told(act, data) if isinstance(data, dict) else None
    if said is None or reply.status not in {OK, CONFLICT}:
        return None
    return (
        Refused(f"VoiceTel answered {reply.status}: {shown(said)}.")
        if said
        else Done(digest=reply.digest)
    )


def _set(request: Request, reply: Reply, data: Mapping[str, Any], shown: Shown) -> Outcome | None:
    """Whether an answer that names our number says that the setting is as it was asked for."""
    name = setting_of(request)
    if request.method == "DELETE":
        return Done(digest=reply.digest) if data.get("unassigned") is True else None
    asked = json.loads(request.body)
    if name == "lidb":
        return _named(asked, reply, data, shown)
    if name == "port-out-pin":
        return _pinned(asked, data, reply.day)
    if name == "messaging-campaign":
        return _bound(asked, reply, data, shown)
    fits = _FITS.get(name)
    if reply.status != OK or fits is None or not fits(asked, data):
        return None
    return Done(digest=reply.digest)


_FITS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]]] = {
    "route": lambda asked, data: whole_of(data.get("route")) == asked["route"],
    "cnam": lambda asked, data: data.get("cnam") is asked["enabled"],
    "fax": lambda asked, data: data.get("email") == asked["email"],
    "sms": lambda asked, data: all(data.get(name) == asked[name] for name in ("type", "resource")),
    "forward": lambda asked, data: text_of(data.get("forwardTo")) == asked["destination"],
    "translation": lambda asked, data: text_of(data.get("translation")) == asked["translation"],
}
"""Whether the answer repeats what was asked for."""


def _named(
    asked: Mapping[str, Any], reply: Reply, data: Mapping[str, Any], shown: Shown
) -> Outcome | None:
    """A caller name: 200 says that VoiceTel kept it, `carrierStatus` what the network said."""
    status = text_of(data.get("carrierStatus"))
    if reply.status != OK or not status:
        return None
    if status.lower() != "success":
        return Refused(
            f"VoiceTel kept the caller name, and the network did not take it: {shown(status)}."
        )
    name = text_of(data.get("cnam"))
    if name and _letters(name) != _letters(str(asked["cnam"])):
        return Refused(f"VoiceTel registered the caller name as {shown(name)!r}: write that.")
    return Done(digest=reply.digest)


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _pinned(asked: Mapping[str, Any], data: Mapping[str, Any], day: date) -> Outcome | None:
    """A PIN: an earlier one stays for 30 days, and is then told in its place.

    That is no failure: whatever else was asked for is done. Since when it is locked nothing
    tells, but it is free 30 days from now at the latest. The note is read again by the kind, so
    that the new PIN is not taken for set. The answer repeats the PIN: no digest of it is kept.
    """
    told = text_of(data.get("portOutPin"))
    if told == asked["pin"]:
        return Done()
    if data.get("changed") is not False:
        return None
    until = (day + timedelta(days=PIN_DAYS)).isoformat()
    return Done(note=f"port_out_pin: VoiceTel keeps the one before, until {until} at the latest")


def _bound(
    asked: Mapping[str, Any], reply: Reply, data: Mapping[str, Any], shown: Shown
) -> Outcome | None:
    """A campaign: bound at once, or asked for and bound a while later."""
    if text_of(data.get("campaignId")) != asked["campaignId"]:
        return None
    told = data.get("job")
    job = told if isinstance(told, dict) else {}
    state = text_of(job.get("state"))
    pending = reply.status == ACCEPTED or text_of(data.get("status")) == "pending"
    if not pending:
        return Done(digest=reply.digest)
    if state == "failed":
        return Refused(f"VoiceTel could not set up the campaign: {shown(job.get('message'))}.")
    words = f"VoiceTel sets up campaign {asked['campaignId']} ({shown(state) or 'asked for'})"
    return Waiting(words, digest=reply.digest)


def _ordered(e164: str, data: Mapping[str, Any], digest: str, shown: Shown) -> Outcome:
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
