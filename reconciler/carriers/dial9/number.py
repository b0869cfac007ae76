"""What Dial 9 holds of a number itself: read in our words, and sent back whole.

Every update sends all of them. `connect` takes a parameter with a default for said when it is
left out, so that callers' own numbers would be handed on again by any update that is silent of
them; and what is sent whole cannot be half of what somebody else has just made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.carriers.dial9.wire import Row, whole_of
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused

PASSES: Final = "pass_caller_id"
RECORDS: Final = "carrier_record"
PREFIX: Final = "carrier_caller_id_prefix"

LASTING: Final = frozenset({"connector", "handoff", PASSES})
"""What can be changed and never taken away."""

FIELDS: Final = LASTING | {RECORDS, PREFIX}

COMES_WITH: Final[Mapping[str, object]] = MappingProxyType({RECORDS: True})
"""Dial 9 records the calls of a number that was just acquired (both editions' examples)."""

Read = Callable[[int], Row | None]
"""Reads one number by its id; None where there is no way to."""


def told_of(row: Row, shown: Callable[[object], str]) -> dict[str, object]:
    """Read the settings of a listed number; what is off, empty or not said is left out."""
    told: dict[str, object] = {}
    if row.passthrough is not None:
        told[PASSES] = row.passthrough
    if row.recording:
        told[RECORDS] = True
    if row.prefix:
        told[PREFIX] = shown(row.prefix)
    return told


def params_of(after: Spec, *, passes: bool) -> dict[str, object]:
    """Make what an update says of them; None takes a prefix away."""
    return {
        "callerid_passthrough": passes,
        "recording_enabled": after.get(RECORDS) is True,
        "caller_id_prefix": after.get(PREFIX) or None,
    }


def is_as_sent(row: Row, sent: Mapping[str, object]) -> bool:
    """Whether the settings in an answer are those of its request, as far as they are said."""
    passthrough = sent.get("callerid_passthrough", row.passthrough)
    recording = sent.get("recording_enabled", row.recording)
    prefix = sent.get("caller_id_prefix", row.prefix) or ""
    return (
        row.passthrough in {None, passthrough}
        and row.recording in {None, recording}
        and row.prefix in {"", prefix}
    )


def passes(act: CarrierAct, id_: int, read: Read) -> bool | Refused:
    """Whether callers' numbers are to be handed on: git says, else it stays as it is.

    Raises:
        Unavailable: The list does not tell how it is, and the number cannot be read.
    """
    there = act.holding.spec if act.holding else {}
    known = (act.after or {}).get(PASSES, there.get(PASSES))
    if isinstance(known, bool):
        return known
    row = read(id_)
    if row is not None and (row.id, row.e164) != (id_, act.e164):
        moved = f"{act.e164} is not number {id_} at Dial 9 any more: plan again."
        return Refused(moved, moved=True)
    if row is None or row.passthrough is None:
        return Refused(f"{_guess(act.e164)}.")
    return row.passthrough


def untold(e164: str, spec: Spec, holding: Holding, read: Read) -> str:
    """Say what an update of a number would have to guess, as a clause; "" for nothing.

    Raises:
        Unavailable: That cannot be read.
    """
    id_ = whole_of(holding.external_id)
    if id_ is None:
        return ""
    told = passes(CarrierAct(Action.UPDATE, e164, spec, holding), id_, read)
    return _guess(e164) if isinstance(told, Refused) and not told.moved else ""


def _guess(e164: str) -> str:
    return (
        f"Dial 9 does not tell whether callers of {e164} have their numbers handed on, which each"
        " update sets; give it `pass_caller_id`"
    )
