"""A number's record after an act: what outlives its line in YAML."""

from __future__ import annotations

from typing import Final

from reconciler.model.act import PARTINGS, Action
from reconciler.model.number_fields import has
from reconciler.model.spec import Spec
from reconciler.model.supply import NumberState, Parting, PoolNumber

QUARANTINED: Final = NumberState.QUARANTINED.value
PORTING_IN: Final = NumberState.PORTING_IN.value

_GOES: Final = PARTINGS | {Action.DELETE}
"""Acts after which nobody has it here."""


def record_after(
    e164: str,
    action: Action,
    spec: Spec | None,
    record: PoolNumber | None,
    *,
    tenant: str,
    now: str,
    to: str = "",
) -> PoolNumber | None:
    """Make the record that an act leaves behind; None when nothing changes.

    Args:
        e164: The number.
        action: The act.
        spec: What the act leaves of the object at the platform; None for nothing.
        record: The record that there is.
        tenant: Whose act it is.
        now: UTC instant with Z.
        to: Where a move takes the number.
    """
    had = record or PoolNumber(e164, NumberState.AVAILABLE)
    kept = spec or {}
    connector = has(kept, "connector") or had.connector
    after = PoolNumber(
        e164=e164,
        state=_state_after(action, connector, kept),
        tenant="" if action in _GOES else tenant,
        connector=connector,
        country=has(kept, "country") or had.country,
        type=has(kept, "type") or had.type,
        protect=kept.get("protect") is True,
        quarantined_at=_since(action, kept, had, now),
        release_after=has(kept, "release_after"),
        version=had.version,
        updated_by=had.updated_by,
        left_by=str(Parting(action, to)) if action in PARTINGS and connector else "",
    )
    return None if after == record else after


def _since(action: Action, spec: Spec, had: PoolNumber, now: str) -> str:
    """Since when it is in quarantine: what changes it meanwhile does not begin it again."""
    if action is Action.QUARANTINE:
        return now
    return (had.quarantined_at or now) if spec.get("state") == QUARANTINED else ""


def _state_after(action: Action, connector: str, spec: Spec) -> NumberState:
    if action is Action.QUARANTINE or spec.get("state") == QUARANTINED:
        return NumberState.QUARANTINED
    if spec.get("state") == PORTING_IN:
        return NumberState.PORTING_IN
    if action in _GOES:
        # Without a carrier it was the platform's own: anybody may have it again.
        return NumberState.RELEASED if connector else NumberState.AVAILABLE
    return NumberState.ASSIGNED
