"""Internal (utility) numbers on the wire: what only colleagues dial, never taken for public ones.

`telcom` has them among its numbers, in the context `utility`; `connect` in a controller of their
own, where the caller's number is spelled `caller_id_passthrough`. The form of its rows is not
documented: they are read as leniently as any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from reconciler.carriers.dial9.wire import (
    UTILITY,
    Destination,
    destination_of,
    flag_of,
    text_of,
    whole_of,
)
from reconciler.model.act import Action
from reconciler.protocols import Done, Prepared

KIND: Final = "internal_number"
TYPE: Final = "InternalNumber"
"""What numbers call one that they lead to; the spelling is not documented."""

MISSING: Final = "InternalNumberNotFound"
REFUSALS: Final = frozenset({"ValidationError", "UnitNotFound", "NoAccessToInternalNumber"})
"""Codes by which one is certainly not made; any other one may come too late."""

PASSES: Final = ("caller_id_passthrough", "callerid_passthrough")


class Dialled(NamedTuple):
    """An internal number as it is told.

    Attributes:
        digits: What is dialled, exactly as it is there.
        id: Dial 9's.
        name: What it is called; "" for nothing.
        prefix: What is put before the caller's name; "" for nothing.
        destination: Where it leads; None for nowhere.
        odd_destination: Whether it leads to something that cannot be read.
        passthrough: Whether callers' own numbers are handed on; None when it is not said.
        recording: Whether its calls are recorded; None when it is not said.
    """

    digits: str
    id: int
    name: str
    prefix: str
    destination: Destination | None
    odd_destination: bool
    passthrough: bool | None
    recording: bool | None


def dialled_of(row: object) -> Dialled | None:
    """Read a row of a list or an answer; None when it is no internal number."""
    if not isinstance(row, dict) or row.get("context", UTILITY) != UTILITY:
        return None
    digits, id_ = text_of(row.get("number")), whole_of(row.get("id"))
    if id_ is None or not re.fullmatch(r"[0-9*#]{1,32}", digits):
        return None
    destination = destination_of(row.get("destination"))
    return Dialled(
        digits,
        id_,
        text_of(row.get("name")),
        text_of(row.get("caller_id_prefix")),
        destination,
        destination is None and bool(row.get("destination")),
        _first(flag_of(row.get(name)) for name in PASSES),
        flag_of(row.get("recording_enabled")),
    )


def _first(told: Iterable[bool | None]) -> bool | None:
    return next((value for value in told if value is not None), None)


def proven(prepared: Prepared, data: object, digest: str) -> Done | None:
    """What a success proves of what was asked; None where it is about something else."""
    if prepared.act.action is Action.DELETE:
        return Done(digest=digest) if data is True else None
    row = dialled_of(data)
    sent: Mapping[str, Any] = json.loads(prepared.requests[0].body)
    if row is None or row.digits != prepared.act.e164:
        return None
    if str(sent.get("id", row.id)) != str(row.id) or not _leads_there(row, sent):
        return None
    return Done(external_id=str(row.id), digest=digest)


def _leads_there(row: Dialled, sent: Mapping[str, Any]) -> bool:
    return row.destination is None or row.destination.id == sent.get("destination_id")
