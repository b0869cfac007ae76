"""What Dial 9 says of the account itself: its calls in the newer edition, and nothing of money.

What a unit has left, and what it pays, stand in the extended form of `units`, which is for
resellers (connectapi.dial9.co.uk/api/docs/v2, units). Calls are listed by the newer edition; the
fields that are read here are those that public clients of it read. The older edition documents
no list of calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.carriers.dial9.reading import Reader
from reconciler.carriers.dial9.wire import e164_of, pages_of, text_of, whole_of
from reconciler.errors import Unavailable
from reconciler.protocols import (
    AccountFacts,
    Allowance,
    CallRecords,
    Charges,
    Clock,
    NotChecked,
    Use,
)

CALLS: Final = "calls/list"
MOST_PAGES: Final = 10
"""How many pages of calls are read, of sixty each: the newest, if that is their order."""

LAST_SECOND: Final = 10**11
"""From here on it is no time of a call: the year 5138."""

Call = tuple[int, frozenset[str]]
"""When a call began, in seconds since 1970, and the numbers at its two ends."""


class Account:
    """Reads of one account. None of them raises: what cannot be had is `NotChecked`.

    Attributes:
        allowance: None: "API access is currently unrestricted" (voice-api-docs.telcom.uk).
    """

    allowance: Allowance | None = None

    def __init__(self, reader: Reader, clock: Clock, *, lists_calls: bool) -> None:
        self._reader = reader
        self._clock = clock
        self._lists_calls = lists_calls

    def confirms(self, kind: str, name: str) -> bool | None:
        """Say nothing: what it lists apart is nothing of ours."""
        del kind, name
        return None

    def about(self) -> AccountFacts | NotChecked:
        """Say that it does not tell."""
        return NotChecked("Dial 9 does not tell a unit what it has left")

    def charges(self) -> Charges | NotChecked:
        """Say that it does not tell."""
        return NotChecked("Dial 9 does not tell a unit what it is billed")

    def calls(self, e164s: Collection[str]) -> CallRecords | NotChecked:
        """Count the calls that it lists, as far back as they go or are read."""
        if not self._lists_calls:
            return NotChecked("this carrier does not say")
        try:
            found = self._listed()
        except Unavailable as error:
            return NotChecked(error.message.removesuffix("."))
        if not isinstance(found, list):
            return found
        if not found:
            return NotChecked("it lists no calls, and not how far back it would")
        since = min(began for began, _ in found)
        return CallRecords(
            _at(self._clock.now().timestamp()), _at(since), _used(found, frozenset(e164s))
        )

    def _listed(self) -> list[Call] | NotChecked:
        """The calls of the first pages.

        Where there are more, these are all since the oldest of them only if the list begins
        with the newest; nobody documents its order.

        Raises:
            Unavailable: A page cannot be read.
        """
        first = self._reader.page(CALLS, 1)
        told = pages_of(first.flags)
        pages = told.pages if told is not None else 1
        found = list(_calls(first.data))
        for number in range(2, min(pages, MOST_PAGES) + 1):
            found += _calls(self._reader.page(CALLS, number).data)
        begun = [began for began, _ in found]
        if pages > MOST_PAGES and begun != sorted(begun, reverse=True):
            return NotChecked("it lists more calls than are read, and not the newest first")
        return found


def _calls(rows: object) -> Iterator[Call]:
    """Read the rows of a list of calls; one that cannot be read is left out."""
    for row in rows if isinstance(rows, list) else ():
        known: Mapping[str, Any] = row if isinstance(row, dict) else {}
        began = whole_of(known.get("initiated_at"))
        if began is not None and began < LAST_SECOND:
            ends = (_number(known.get(end)) for end in ("source", "destination"))
            yield began, frozenset(end for end in ends if end)


def _number(end: object) -> str:
    """The number at one end of a call, which is in E.164 here, with or without its plus."""
    told = text_of(end.get("e164")) if isinstance(end, dict) else ""
    return e164_of(told) or (f"+{told.removeprefix('+')}" if told else "")


def _used(calls: list[Call], ours: frozenset[str]) -> dict[str, Use]:
    counts: dict[str, int] = {}
    last: dict[str, int] = {}
    for began, numbers in calls:
        for e164 in numbers & ours:
            counts[e164] = counts.get(e164, 0) + 1
            last[e164] = max(last.get(e164, 0), began)
    return {e164: Use(count, _at(last[e164])) for e164, count in counts.items()}


def _at(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
