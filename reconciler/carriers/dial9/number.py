"""What Dial 9 holds of a number itself: read in our words, and sent back whole.

Every update sends all of them. `connect` takes a parameter with a default for said when it is
left out, so that callers' own numbers would be handed on again by any update that is silent of
them; and what is sent whole cannot be half of what somebody else has just made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.carriers.dial9.wire import Row
from reconciler.model.spec import Spec

PASSES: Final = "pass_caller_id"
RECORDS: Final = "carrier_record"
PREFIX: Final = "carrier_caller_id_prefix"

LASTING: Final = frozenset({"connector", "handoff", PASSES})
"""What can be changed and never taken away."""

FIELDS: Final = LASTING | {RECORDS, PREFIX}

COMES_WITH: Final[Mapping[str, object]] = MappingProxyType({RECORDS: True})
"""Dial 9 records the calls of a number that was just acquired (both editions' examples)."""


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
