"""Reads of one Dial 9 account: whole lists or `Unavailable`, never a part of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from reconciler.carriers.dial9.wire import (
    SUCCESS,
    Envelope,
    Row,
    areas_of,
    canonical,
    codes_of,
    envelope_of,
    named_of,
    national_of,
    offers_of,
    pages_of,
    prefixes_of,
    row_of,
)
from reconciler.carriers.transport import Failure, Transport, decoded
from reconciler.errors import Unavailable

OK: Final = 200
BAD_REQUEST: Final = 400
PER_PAGE: Final = 60
MOST_PAGES: Final = 10_000
NUMBERS: Final = "numbers/list"
INFO: Final = "numbers/info"
NO_ACTION: Final = "invalid-controller-or-action"
"""The status of what this edition of the API does not have."""

SETTINGS: Final = frozenset({"destination", "callerid_passthrough"})
"""What a number in its full form has one of at least."""

LOOKS: Final = 30
"""How often the ten random numbers of a prefix are looked at for one of them."""

LOOK_UPS: Final[Mapping[str, str]] = {
    "Extension": "extensions/list",
    "CallGroup": "call_groups/list",
    "Menu": "menus/list",
    "VoicemailBox": "voicemail_boxes/list",
    "InternalNumber": "internal_numbers/list",
}
"""Lists of what numbers may lead to, by the type that numbers give it. Types are an open set."""


class Reader:
    """Reads through a transport. Nothing that it reads is kept but the list of prefixes."""

    def __init__(
        self, connector: str, transport: Transport, *, unit: int | None, paged: bool
    ) -> None:
        self._connector = connector
        self._transport = transport
        self._unit = {} if unit is None else {"unit_id": unit}
        self._paged = paged
        self._prefixes: frozenset[str] | None = None

    def numbers(self) -> list[Any]:
        """Every row of the number list, in its full form.

        Raises:
            Unavailable: Anything but a whole list, or one that tells nothing but numbers.
        """
        rows = self._rows(NUMBERS, self._page(NUMBERS, 1))
        if rows and not any(isinstance(row, dict) and SETTINGS & row.keys() for row in rows):
            raise self._unavailable(NUMBERS, "tells nothing of its numbers but the digits")
        return rows

    def page(self, action: str, number: int) -> Envelope:
        """One page of a list, as it is; who reads several sees to it that they fit together.

        Raises:
            Unavailable: It cannot be read.
        """
        return self._page(action, number)

    def things(self, type_: str) -> dict[int, str] | None:
        """Ids and names of all objects of a type; None where there is no such list.

        Raises:
            Unavailable: There is one, and it cannot be read: what it has is not known then.
        """
        action = LOOK_UPS.get(type_)
        if action is None:
            return None
        rows = self._all(action)
        return None if rows is None else named_of(rows)

    def _all(self, action: str) -> list[Any] | None:
        """All rows of a list; None where this edition of the API does not have it."""
        first = self._ask(action, self._page_params(action, 1))
        if first.status == NO_ACTION:
            return None
        return self._rows(action, self._granted(action, first))

    @property
    def unit(self) -> Mapping[str, Any]:
        """What names the unit in a request; empty where the credentials open one only."""
        return self._unit

    def internal(self) -> list[Any] | None:
        """All rows of the list of internal numbers; None where there is no such list.

        Raises:
            Unavailable: There is one, and it cannot be read.
        """
        return self._all(LOOK_UPS["InternalNumber"])

    def number(self, id_: int) -> Mapping[str, Any] | None:
        """One number, asked for by its id; None where there is none.

        Raises:
            Unavailable: It cannot be read.
        """
        action = "numbers/info"
        told = self._ask(action, {"id": id_})
        if told.status == "not-found" or told.code == "NumberNotFound":
            return None
        row = self._granted(action, told).data
        if not isinstance(row, dict):
            raise self._unavailable(action, "is no number")
        return row

    def row(self, id_: int) -> Row | None:
        """One number, read by its id; None where there is no such action here.

        Raises:
            Unavailable: It cannot be read.
        """
        asked = self._ask(INFO, {"id": id_})
        if asked.status == NO_ACTION:
            return None
        row = row_of(self._granted(INFO, asked).data)
        if row is None:
            raise self._unavailable(INFO, "has no readable number")
        return row

    def look(self, e164s: Collection[str]) -> dict[str, str]:
        """Look once at what is on offer around each of these; numbers with their tokens.

        Raises:
            Unavailable: It cannot be read.
        """
        found: dict[str, str] = {}
        for prefix in sorted({self._prefix(e164) for e164 in e164s} - {""}):
            found |= self._offers(prefix)
        return found

    def areas(self) -> dict[str, str]:
        """Every prefix under which numbers are sold, with what Dial 9 calls it.

        Raises:
            Unavailable: They cannot be read.
        """
        action = "numbers/available_prefixes"
        rows = self._page_rows(action, self._read(action, {}))
        return areas_of(rows)

    def codes(self) -> dict[str, str]:
        """What extensions of the unit may dial for a function; none where it is not told.

        Nothing is decided by it, so that a list that cannot be read stops nothing.
        """
        try:
            asked = self._ask("numbers/available_access_numbers", self._unit)
        except Unavailable:
            return {}
        return codes_of(asked.data) if asked.status == SUCCESS else {}

    def shown(self, prefix: str) -> tuple[str, ...]:
        """Look once under a prefix; the numbers that are shown, in E.164.

        Raises:
            Unavailable: They cannot be read.
        """
        action = "numbers/acquirable_numbers"
        rows = self._page_rows(action, self._read(action, {"prefix": prefix}))
        return tuple(offers_of(rows))

    def token(self, e164: str) -> str:
        """Look until a number is on offer; its token, "" when it was not among those shown.

        The whole number is tried as a prefix first. What a prefix may be is not documented,
        and a carrier that takes it shows the number at once; the others show nothing.

        Raises:
            Unavailable: What is on offer cannot be read.
        """
        national = national_of(e164) or ""
        tried = self._ask("numbers/acquirable_numbers", {"prefix": national})
        found = offers_of(tried.data) if tried.status == SUCCESS else {}
        prefix = self._prefix(e164)
        for _ in range(LOOKS if prefix else 0):
            if e164 in found:
                break
            found = self._offers(prefix)
        return found.get(e164, "")

    def _prefix(self, e164: str) -> str:
        """The longest prefix that a number is sold under, "" for none."""
        if self._prefixes is None:
            self._prefixes = prefixes_of(self._read("numbers/available_prefixes", {}).data)
        national = national_of(e164) or ""
        return max((p for p in self._prefixes if national.startswith(p)), key=len, default="")

    def _offers(self, prefix: str) -> dict[str, str]:
        return offers_of(self._read("numbers/acquirable_numbers", {"prefix": prefix}).data)

    # Lists.

    def _page_params(self, action: str, page: int) -> dict[str, Any]:
        """What a list is asked with; an action that does not know a parameter ignores it."""
        paging = {"page": page, "per_page": PER_PAGE} if self._paged else {}
        full = {"_full": True, "_expansions": True} if self._paged and action == NUMBERS else {}
        return {**self._unit, **paging, **full}

    def _page(self, action: str, page: int) -> Envelope:
        return self._read(action, self._page_params(action, page))

    def _rows(self, action: str, first: Envelope) -> list[Any]:
        """All rows of a list whose first page was read.

        Pages shift while somebody adds and deletes, so that a row may fall between two of
        them: of a list with pages, two walks must agree.
        """
        rows = self._walked(action, first)
        if pages_of(first.flags) is None or len(rows) <= PER_PAGE:
            return rows
        again = self._walked(action, self._page(action, 1))
        if _identities(again) != _identities(rows):
            raise self._unavailable(action, "changed while it was read")
        return again

    def _walked(self, action: str, first: Envelope) -> list[Any]:
        """The rows of one walk over all pages; as many as the list says it has."""
        told = pages_of(first.flags)
        rows = self._page_rows(action, first)
        if told is None:
            return rows
        if not 0 <= told.pages <= MOST_PAGES:
            raise self._unavailable(action, "does not say how many pages it has")
        for number in range(2, told.pages + 1):
            page = self._page(action, number)
            if pages_of(page.flags) != told:
                raise self._unavailable(action, "changed while it was read")
            rows += self._page_rows(action, page)
        if len(rows) != told.rows or len(set(_identities(rows))) != len(rows):
            what = f"has {told.rows} rows by its own count, and other ones were read"
            raise self._unavailable(action, what)
        return rows

    def _page_rows(self, action: str, page: Envelope) -> list[Any]:
        if not isinstance(page.data, list):
            raise self._unavailable(action, "is no list")
        return list(page.data)

    # Requests.

    def _read(self, action: str, params: Mapping[str, Any]) -> Envelope:
        return self._granted(action, self._ask(action, params))

    def _granted(self, action: str, envelope: Envelope) -> Envelope:
        if envelope.status != SUCCESS:
            raise self._unavailable(
                action, f"was answered {self._shown(envelope.message).rstrip('.')}"
            )
        return envelope

    def _ask(self, action: str, params: Mapping[str, Any]) -> Envelope:
        """Ask, and take any verdict of an action: what is no answer of this API is none."""
        result = self._transport.read(f"/{action}", query={"params": canonical(params)})
        if isinstance(result, Failure):
            raise self._unavailable(action, f"could not be read: {result.reason}")
        envelope = envelope_of(decoded(result))
        refused = result.status == BAD_REQUEST and envelope and envelope.status != SUCCESS
        if envelope is None or not (result.status == OK or refused):
            raise self._unavailable(action, f"was answered {result.status}, and not as documented")
        return envelope

    def _shown(self, words: str) -> str:
        return self._transport.shown(words)

    def _unavailable(self, action: str, what: str) -> Unavailable:
        return Unavailable(
            f"Dial 9 account {self._connector}: {action} {what}.",
            f"Try again; check `credentials`, `edition` and `url` of connectors.{self._connector}.",
        )


def _identities(rows: Iterable[Any]) -> list[str]:
    """What tells rows apart: the id and the number where there are any, else the whole row."""
    return [
        canonical([row.get("id"), row.get("number")] if isinstance(row, dict) else row)
        for row in rows
    ]
