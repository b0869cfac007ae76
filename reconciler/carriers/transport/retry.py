"""What may be sent again, when, and for how long: a table of each carrier's own.

Only what changes nothing when it is sent twice is ever repeated: reads, and requests that their
caller knows to be such. A pause is drawn anew from the one before it, so that many processes that
met one outage do not come back together (decorrelated jitter).

Source:
    AWS Architecture Blog, Exponential Backoff And Jitter (2015); RFC 9110, 10.2.3 (Retry-After).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

TRIES: Final = 3
LEAST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 20.0
WHOLE_SECONDS: Final = 60.0
"""For how long one thing is asked at most, pauses and all."""

_GROWTH: Final = 3

Chance = Callable[[], float]
"""Draws evenly from 0 up to 1."""

AWAY: Final = frozenset({429, 502, 503, 504})
"""Statuses of a carrier, or of what stands before it, that cannot answer now."""


def midway() -> float:
    """Draw nothing: for whoever needs the same pauses every time."""
    return 0.5


@dataclass(frozen=True, slots=True)
class Retries:
    """What one carrier may be sent again.

    Attributes:
        statuses: By verb, the answers after which it is; a verb that is not in it is sent once.
        never: Starts of paths that are sent once whatever their verb: of these each one counts.
        chance: What pauses are drawn from.
    """

    statuses: Mapping[str, frozenset[int]] = field(default_factory=lambda: {"GET": AWAY})
    never: tuple[str, ...] = ()
    chance: Chance = midway

    def after(self, method: str, path: str) -> frozenset[int] | None:
        """The statuses after which a request may be sent again; None for never."""
        where = path.partition("?")[0]
        if any(where == start or where.startswith(f"{start}/") for start in self.never):
            return None
        return self.statuses.get(method)


def pause_after(before: float, asked: str, chance: Chance) -> float:
    """Say how long to wait before the next try, in seconds.

    Args:
        before: The pause before this try, 0 for none.
        asked: The raw Retry-After header; one in seconds is kept to, up to the longest pause. A
            date is not, so that a clock that is wrong there stalls nothing.
        chance: Where the pause is drawn from.
    """
    drawn = chance()
    most = max(before, LEAST_PAUSE_SECONDS) * _GROWTH
    own = LEAST_PAUSE_SECONDS + drawn * (most - LEAST_PAUSE_SECONDS)
    if re.fullmatch(r"[0-9]{1,12}", asked):
        own = max(own, float(asked) + drawn * LEAST_PAUSE_SECONDS)
    return min(own, LONGEST_PAUSE_SECONDS)
