"""What Dial 9's answer to a write proves: its status first, then its code, then HTTP.

Whatever is not listed in here is unknown. An order has no key that Dial 9 would remember, so
that only what certainly never reached the action may be said again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final, NamedTuple

from reconciler.carriers.dial9 import dialled, number
from reconciler.carriers.dial9.wire import (
    SUCCESS,
    Body,
    Envelope,
    Row,
    canonical,
    envelope_of,
    row_of,
)
from reconciler.model.act import Action
from reconciler.protocols import (
    NUMBER,
    CarrierAct,
    Done,
    NotSent,
    Outcome,
    Prepared,
    Refused,
    Request,
    Unknown,
)

OK: Final = 200
ELSEWHERE: Final = range(300, 400)
FAULTY: Final = 500

ERRORS: Final = frozenset({"error", "validation-error"})
BEFORE: Final = frozenset(
    {
        "parameter-error",
        "access-denied",
        "invalid-controller-or-action",
        "invalid-json",
        "http-not-supported",
    }
)
"""Statuses of requests that never reached the action."""

DENIED: Final = frozenset({"AccessDenied", "NotPermitted", "MustBeAnAdminOrReseller"})
UNPAID: Final = "InsufficientCredit"
MISSING: Final = "NumberNotFound"
TAKEN: Final = "CouldNotAcquire"
REFUSALS: Final = frozenset(
    {*DENIED, UNPAID, TAKEN, "ValidationError", "UnitNotFound", "NoAccessToNumber"}
)
"""Codes that the documents give to what was not done."""

LASTING: Final = frozenset({Action.ORDER, Action.RELEASE})
"""What cannot be taken back, so that an error counts as a refusal only where its code is known."""


class Reply(NamedTuple):
    """An answer as it came: its HTTP status, bytes, and JSON object (None if none)."""

    status: int
    raw: bytes
    body: Body


def outcome_of(
    prepared: Prepared, reply: Reply, shown: Callable[[object], str], *, by_token: bool
) -> Outcome:
    """Tell the outcomes apart.

    Args:
        prepared: What was sent.
        reply: What came back.
        shown: Makes the carrier's words safe to print.
        by_token: Whether numbers are acquired by a search result's token: then one that has
            run out is no reason to give up, as another look gives a new one.
    """
    envelope = envelope_of(reply.body)
    silent = Unknown(f"Dial 9 answered {reply.status}, which does not say whether it was done.")
    if envelope is None or reply.status in ELSEWHERE or reply.status >= FAULTY:
        return silent
    if envelope.status == SUCCESS:
        done = _success(prepared, envelope, reply) if reply.status == OK else None
        return done or silent
    told = f"Dial 9 answered {envelope.status}: {shown(envelope.message)}"
    if envelope.status in BEFORE:
        return Refused(f"{told}.", stops_account=envelope.status == "access-denied")
    if envelope.status == "not-found" or envelope.code in {MISSING, dialled.MISSING}:
        return _missing(prepared, told, by_token=by_token)
    if envelope.status not in ERRORS:
        return Unknown(f"{told}, which is no answer that we know.")
    return _error(prepared, envelope, told, by_token=by_token)


def _missing(prepared: Prepared, told: str, *, by_token: bool) -> Outcome:
    """A number that it does not have: gone already, or a search result that has run out."""
    match prepared.act.action:
        case Action.RELEASE | Action.DELETE:
            return Unknown(f"{told}. An earlier try may have worked.")
        case Action.ORDER if by_token:
            return NotSent(f"{told}.", retry_after_seconds=0.0)
        case Action.ORDER:
            return Refused(f"{told}.")
        case _:
            return Refused(f"{told}.", moved=True)


def _error(prepared: Prepared, envelope: Envelope, told: str, *, by_token: bool) -> Outcome:
    """An error of the action itself: how far that had come, only a known code tells."""
    code, action = envelope.code, prepared.act.action
    if action is Action.CREATE and code not in dialled.REFUSALS | DENIED:
        return Unknown(f"{told}, which does not say whether it was made.")
    if code == TAKEN and by_token and action is Action.ORDER:
        return NotSent(f"{told}.", retry_after_seconds=0.0)
    known = code in REFUSALS or envelope.status == "validation-error"
    if action in LASTING and not known:
        return Unknown(f"{told}, which does not say whether it was done.")
    return Refused(f"{told}.", stops_account=code in {*DENIED, UNPAID})


def _success(prepared: Prepared, envelope: Envelope, reply: Reply) -> Outcome | None:
    digest = hashlib.sha256(reply.raw).hexdigest()
    if prepared.act.kind == dialled.KIND:
        return dialled.proven(prepared, envelope.data, digest)
    if prepared.act.action is Action.RELEASE:
        return Done(digest=digest) if envelope.data is True else None
    row = row_of(envelope.data)
    # An answer that names another number, or none, is not the answer to this request.
    if row is None or row.e164 != prepared.act.e164 or row.id is None:
        return None
    if prepared.act.action is Action.ORDER:
        return Done(external_id=str(row.id), acquired_at=row.acquired_at, digest=digest)
    kept = prepared.act.kind != NUMBER or _is_as_asked(prepared, row)
    return Done(digest=digest) if kept else None


def _is_as_asked(prepared: Prepared, row: Row) -> bool:
    """Whether the number in the answer is as it was asked to be, as far as it is said."""
    sent = json.loads(prepared.requests[0].body)
    if row.id != sent["id"]:
        return False
    wanted = sent.get("destination_id")
    if wanted is not None and row.destination is not None and row.destination.id != wanted:
        return False
    return number.is_as_sent(row, sent)


def prepared_of(
    act: CarrierAct, action: str, content: object, *, digested: object = None
) -> Prepared:
    """Make the one request. A token is of the moment: the digest has the number instead."""
    path = f"/{action}"
    body = canonical(content).encode()
    sent = canonical(content if digested is None else digested)
    digest = hashlib.sha256(f"POST {path}\n{sent}".encode()).hexdigest()
    return Prepared(act, (Request("POST", path, body),), digest)
