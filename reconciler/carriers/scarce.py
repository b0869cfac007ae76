"""Requests of which a carrier takes few: each is asked of a shared budget before it is sent.

A request that the budget does not allow is not sent, and nothing here is sent twice: a carrier
that counts requests counts those that it refuses, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from reconciler.carriers.transport import Answer, Failure, Transport
from reconciler.errors import Unavailable
from reconciler.protocols import Allowance, Budgets, Clock, NotChecked

TOO_MANY: Final = 429
"""Too many requests (RFC 6585, 4)."""


class Scarce:
    """Scarce reads of one account.

    Attributes:
        clock: Time.
        allowance: How many the carrier takes.

    Args:
        transport: What sends them.
        clock: Time.
        allowance: As above.
        budgets: Who counts them; None where nobody does, so that none is sent.
    """

    def __init__(
        self, transport: Transport, clock: Clock, allowance: Allowance, budgets: Budgets | None
    ) -> None:
        self.clock = clock
        self.allowance = allowance
        self._transport = transport
        self._budgets = budgets

    def read(
        self, path: str, *, query: Mapping[str, str | int] | None = None
    ) -> Answer | Failure | NotChecked:
        """Send one GET, once, if the budget has one left."""
        if self._budgets is None:
            return NotChecked("nobody counts requests here")
        why = self._taken(self._budgets)
        if why is not None:
            return why
        result = self._transport.request("GET", path, query=query)
        if isinstance(result, Answer) and result.status == TOO_MANY:
            return self._refused(self._budgets, result.retry_after)
        return result

    def _taken(self, budgets: Budgets) -> NotChecked | None:
        """Take one from the budget; the reason why there is none."""
        allowed = self.allowance
        try:
            granted, used, again_at = budgets.spend(
                allowed.bucket,
                limit=allowed.ours,
                window_seconds=allowed.window_seconds,
                now=instant(self.clock.now()),
            )
        except Unavailable as error:
            return NotChecked(f"requests cannot be counted: {error.message.removesuffix('.')}")
        if granted:
            return None
        told = f"{used} of {allowed.limit} requests used"
        return NotChecked(f"{told}, next at {clock_time(again_at)}", again_at)

    def _refused(self, budgets: Budgets, retry_after: str) -> NotChecked:
        """Believe a carrier that says that the budget is spent, whatever we had counted."""
        window = self.allowance.window_seconds
        short = re.fullmatch(r"[0-9]{1,9}", retry_after)
        seconds = min(max(int(retry_after), 1), window) if short else window
        again_at = instant(self.clock.now() + timedelta(seconds=seconds))
        with suppress(Unavailable):  # the next one will be told the same by the carrier
            budgets.fill(
                self.allowance.bucket,
                limit=self.allowance.ours,
                window_seconds=window,
                until=again_at,
            )
        return NotChecked(
            f"the carrier takes no more now, next at {clock_time(again_at)}", again_at
        )


def instant(moment: datetime) -> str:
    """Write an aware instant in UTC with Z, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock_time(at: str) -> str:
    """The time of day of an instant, as people read it."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%H:%M} UTC"
