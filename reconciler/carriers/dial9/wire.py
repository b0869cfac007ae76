"""Dial 9's JSON, read leniently: what cannot be read is None, and the caller decides.

Both documented editions of API v2 are taken: booleans come as true and 1, `""` means null, a
field may be missing. Nothing in here raises. Numbers are national on the wire; what only
colleagues dial, feature codes and emergency codes are never converted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

SUCCESS: Final = "success"
UTILITY: Final = "utility"

_E164 = re.compile(r"\+44([1-9][0-9]{6,9})")
_WIRE = re.compile(r"(?:\+44|0)([1-9][0-9]{6,9})")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?Z")

Body = Mapping[str, Any] | None
"""A decoded answer; None when it was no JSON object."""


class Envelope(NamedTuple):
    """An answer of this API: its verdict, and what it says.

    Attributes:
        status: `success`, `error`, `parameter-error`, ... ; never "".
        data: The result, or what is wrong.
        flags: What is said of a list.
    """

    status: str
    data: Any
    flags: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The code of a documented error, "" for none."""
        return text_of(self.data.get("code")) if isinstance(self.data, dict) else ""

    @property
    def message(self) -> str:
        """What it says is wrong, with its code first; its status where it says nothing."""
        told = self.data if isinstance(self.data, dict) else {}
        words = [self.code, text_of(told.get("message"))]
        issues = [text_of(issue) for issue in _list(told.get("errors"))]
        words += [", ".join(filter(None, issues)), text_of(told.get("issue_message"))]
        return ": ".join(filter(None, words)) or self.status


class Destination(NamedTuple):
    """Where a number's calls go inside the carrier's own system."""

    type: str
    id: int
    name: str


class Row(NamedTuple):
    """A number as it is listed.

    Attributes:
        id: The carrier's id; None when it cannot be read.
        acquired_at: UTC instant to the second with Z; "" when it is not said.
        destination: Where it leads; None for nowhere.
        odd_destination: Whether it leads to something that cannot be read.
        passthrough: Whether callers' own numbers are handed on; None when it is not said.
        recording: Whether its calls are recorded; None when it is not said.
        prefix: What is put before callers' names; "" for nothing, and when it is not said.
    """

    e164: str
    id: int | None
    acquired_at: str
    destination: Destination | None
    odd_destination: bool
    passthrough: bool | None
    recording: bool | None
    prefix: str


class Pages(NamedTuple):
    """How many there are of a list's pages and rows."""

    pages: int
    rows: int


def national_of(e164: str) -> str | None:
    """National digits as they stand on the wire; None for a number outside +44."""
    match = _E164.fullmatch(e164)
    return f"0{match[1]}" if match else None


def e164_of(value: object) -> str | None:
    """Read a public number from its national digits; None when it is none."""
    match = _WIRE.fullmatch(text_of(value))
    return f"+44{match[1]}" if match else None


def text_of(value: object) -> str:
    """Text without blanks around it; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def whole_of(value: object) -> int | None:
    """Read an integer of 0 or more, or digits in text; None for anything else."""
    if isinstance(value, bool):
        return None
    text = str(value) if isinstance(value, int) else text_of(value)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def flag_of(value: object) -> bool | None:
    """Read a boolean of either edition; None for anything else."""
    if isinstance(value, Decimal | float):
        return None
    known = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}
    return known.get(value) if isinstance(value, bool | int | str) else None


def money_of(value: object) -> Decimal | None:
    """Read an amount of 0 or more; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def instant_of(value: object) -> str:
    """Read a time to the second: an answer has milliseconds that later reads have lost."""
    match = _INSTANT.fullmatch(text_of(value))
    return f"{match[1]}Z" if match else ""


def envelope_of(body: Body) -> Envelope | None:
    """Read the envelope of an answer; None when it is none.

    One example of the documents has the key `" data"`: it is read where `data` is missing.
    """
    if body is None or not (status := text_of(body.get("status"))):
        return None
    flags = body.get("flags")
    data = body["data"] if "data" in body else body.get(" data")
    return Envelope(status, data, flags if isinstance(flags, dict) else {})


def pages_of(flags: Mapping[str, Any]) -> Pages | None:
    """Read how long a list is; None when it has no pages.

    A list that says it has pages and not how many has no rows that could be counted: -1.
    """
    told = flags.get("paginated")
    if told is None:
        return None
    found = told if isinstance(told, dict) else {}
    pages, rows = whole_of(found.get("total_pages")), whole_of(found.get("total_records"))
    return Pages(-1 if pages is None else pages, -1 if rows is None else rows)


def is_utility(row: object) -> bool:
    """Whether a row is a number that only colleagues dial: none of ours."""
    return isinstance(row, dict) and row.get("context") == UTILITY


def row_of(row: object) -> Row | None:
    """Read a number from a list or an answer; None when it names none."""
    if not isinstance(row, dict) or (e164 := e164_of(row.get("number"))) is None:
        return None
    acquisition = row.get("aquisition")
    acquired = acquisition.get("acquired_at") if isinstance(acquisition, dict) else None
    destination = destination_of(row.get("destination"))
    return Row(
        e164,
        whole_of(row.get("id")),
        instant_of(acquired),
        destination,
        destination is None and bool(row.get("destination")),
        flag_of(row.get("callerid_passthrough")),
        flag_of(row.get("recording_enabled")),
        text_of(row.get("caller_id_prefix")),
    )


def destination_of(value: object) -> Destination | None:
    """Read where a number leads; None for nowhere, and for what cannot be read."""
    found = value if isinstance(value, dict) else {}
    type_, thing = text_of(found.get("type")), found.get("object")
    if not type_ or not isinstance(thing, dict) or (id_ := whole_of(thing.get("id"))) is None:
        return None
    return Destination(type_, id_, text_of(thing.get("name")))


def named_of(rows: object) -> dict[int, str]:
    """Ids and names of a look-up list, and nothing else of it: it may hold passwords."""
    found = {}
    for row in _list(rows):
        if isinstance(row, dict) and (id_ := whole_of(row.get("id"))) is not None:
            found[id_] = text_of(row.get("name"))
    return found


def prefixes_of(rows: object) -> frozenset[str]:
    """The prefixes under which numbers are sold."""
    return frozenset(areas_of(rows))


def areas_of(rows: object) -> dict[str, str]:
    """The same, each with its description."""
    found = {}
    for row in _list(rows):
        if isinstance(row, dict) and (prefix := text_of(row.get("prefix"))):
            found[prefix] = text_of(row.get("description"))
    return found


def codes_of(rows: object) -> dict[str, str]:
    """What may be dialled for a function, such as ``*30*{number}``, with what it does."""
    found = {}
    for row in _list(rows):
        if isinstance(row, dict) and (code := text_of(row.get("number"))):
            found[code] = text_of(row.get("description"))
    return found


def offers_of(rows: object) -> dict[str, str]:
    """Numbers on offer by E.164, each with the token that acquires it ("" in the old edition)."""
    found = {}
    for row in _list(rows):
        token = text_of(row.get("token")) if isinstance(row, dict) else ""
        e164 = e164_of(row.get("number") if isinstance(row, dict) else row)
        if e164 is not None:
            found[e164] = token
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def canonical(value: object) -> str:
    """JSON in the one form that is sent and digested."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
