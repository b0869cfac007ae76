"""Why a write was refused, told with the object's name and who moved it."""

from __future__ import annotations

from reconciler.protocols import Refused

MOVING = "it was changed and changed back while it was written"
"""Told when nothing was written although what is there now is what was relied on."""


class Refusal(Exception):
    """Ends a unit of writes; `refused` is its outcome."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.reason)


def refused_as_it_is(what: object, reason: str) -> Refusal:
    """Refuse what would be refused again however often it is asked."""
    return Refusal(Refused(f"{what}: {reason}."))


def moved(what: object, relied_on: int, found: tuple[int, str, str] | None) -> Refusal:
    """Refuse because `what` is not at the version that was relied on.

    Args:
        what: The object or the number.
        relied_on: That version, 0 for "is not there".
        found: Version, who wrote it last and when; None when it is not there.
    """
    if found is None:
        reason = f"{what} is gone; version {relied_on} of it was relied on"
        return Refusal(Refused(f"{reason}, and who deleted it is not known.", moved=True))
    version, by, at = found
    who = f"{by or 'somebody unknown'} at {at or 'an unknown time'}"
    if not relied_on:
        reason = f"{what} is there already, at version {version}: written by {who}."
    else:
        reason = f"{what} is at version {version}, not {relied_on}: changed by {who}."
    return Refusal(Refused(reason, moved=True, by=by))
