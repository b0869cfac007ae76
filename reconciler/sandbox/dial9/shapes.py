"""How each edition writes a number, and the number list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.dial9 import pool
from reconciler.sandbox.dial9.protocol import Json, iso
from reconciler.sandbox.dial9.store import CONNECT, INCOMING, TELCOM, UTILITY, Account, Number

UNKNOWN: Final = "unknown"
PENDING: Final[Mapping[str, str]] = {TELCOM: "validation_pending", CONNECT: "pending_validation"}
FAILED: Final = "failed"
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class View:
    """What the writing of every number needs of the unit, read once for a whole list."""

    new: bool
    now: float
    pending: str
    validated: str
    things: Mapping[tuple[str, int], str]

    @classmethod
    def of(cls, account: Account) -> View:
        """Read it."""
        return cls(
            new=account.edition == CONNECT,
            now=account.seconds(),
            pending=PENDING[account.edition],
            validated=str(account.setting("validated")),
            things=account.names(),
        )


def shape(view: View, number: Number, *, fresh: str = "", absent: bool = False) -> Json:
    """A number as this edition writes it.

    Args:
        view: The unit.
        number: Which.
        fresh: The times that still have their milliseconds: "", "updated" or "all".
        absent: Whether a missing destination has no key at all.
    """
    row: Json = {"id": number.id, "number": number.number, "context": number.context}
    if view.new:
        row |= {"prefix": pool.prefix_of(number.number), "name": number.name}
    row |= {
        "created_at": iso(number.created, fresh=fresh == "all"),
        "updated_at": iso(number.updated, fresh=bool(fresh)),
        "recording_enabled": int(number.recording) if view.new else number.recording,
        "caller_id_prefix": number.caller_id_prefix,
        "callerid_passthrough": int(number.passthrough) if view.new else number.passthrough,
    }
    if not view.new:
        row["forward_sip_to"] = None
    if number.context == INCOMING:
        row["aquisition"] = {
            "acquired_at": iso(number.acquired, fresh=fresh == "all"),
            "subscriber": _subscriber(view, number),
        }
    destination = _destination(view, number)
    if destination is not None or not absent:
        row["destination"] = destination
    return row


def _subscriber(view: View, number: Number) -> Json:
    status, pushed_at = UNKNOWN, None
    if number.pushed is not None:
        over = view.now >= number.pushed
        ended = FAILED if number.address_fails else view.validated
        status = ended if over else view.pending
        pushed_at = iso(number.pushed) if over else None
    return {**number.subscriber, "pushed_at": pushed_at, "status": status}


def _destination(view: View, number: Number) -> Json | None:
    type_, id_ = number.destination_type, number.destination_id
    if type_ is None or id_ is None or (name := view.things.get((type_, id_))) is None:
        return None
    return {"type": type_, "object": {"id": id_, "name": name}}


def contexts(account: Account) -> tuple[str, ...]:
    """Which sorts of numbers the list has."""
    return (INCOMING, UTILITY) if account.setting("utility_listed") else (INCOMING,)


def rows(account: Account, ids: Collection[int] | None = None) -> list[Json]:
    """The number list as it is now, or those rows of it."""
    view, shown = View.of(account), contexts(account)
    absent = account.setting("no_destination") == ABSENT
    every = account.numbers() if ids is None else filter(None, map(account.number, ids))
    return [shape(view, number, absent=absent) for number in every if number.context in shown]
