"""A list of numbers for the pool, as CSV: which lines can be taken, and why not the others.

The first column is the number in E.164; a country and a type may follow, or stand anywhere
under a header that names them. Every line is read on its own, so that a quote that nobody
closed costs one line and not the rest of the file. Source: RFC 4180, except that lines may end
with LF and that delimiters may be semicolons or tabs, as spreadsheets write them.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from reconciler.engine.codes import CODES as FIELD_CODES
from reconciler.engine.rules import EXPLAINED as RULES
from reconciler.errors import InvalidConfig, Location, Problem
from reconciler.loader.codes import CODES, printable, quoted, told
from reconciler.model.numbering import (
    canonical,
    impossible,
    is_in,
    is_premium,
    is_reserved,
    place_of,
)
from reconciler.model.types import E164_PATTERN

MOST_BYTES = 64 * 1024 * 1024
"""Of a list; about two million lines."""

TYPES = ("local", "national", "tollfree", "mobile")
DELIMITERS = (",", ";", "\t")
_SAMPLE = 20
_MOST_SHOWN = 60
_FEWEST_DIGITS = 5
"""A first cell with as many is meant as a number, whatever letters stand around it."""

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"country": "country", "country_code": "country", "type": "type", "number_type": "type"}
)
_PLAIN = ("number", "country", "type")
"""What the columns are where no header says it."""

_E164 = re.compile(E164_PATTERN)
_ROUNDED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_FRACTION = re.compile(r"\+?([0-9]{7,15})[.,]0+")
_OF_AMERICA = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
"""Ten digits as North America writes them, and as its carriers list them."""
_SEPARATOR = re.compile(r"sep=(.)", re.IGNORECASE)
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How spreadsheet files begin: xlsx and ods, and xls."""

_EXPLAINED = (CODES, FIELD_CODES, RULES)

_AS_TEXT = "Format the column as text, enter the numbers again, and export the list anew."


@dataclass(frozen=True, slots=True)
class Listed:
    """One number of a list.

    Attributes:
        e164: The number.
        country: Two letters; what its digits say where the list is silent.
        type: local, national, tollfree or mobile; the same.
        line: Where it stands, from 1.
    """

    e164: str
    country: str
    type: str
    line: int


@dataclass(frozen=True, slots=True)
class SupplyList:
    """A list as it was read.

    Attributes:
        numbers: What can be taken, each number once.
        refused: A problem for each line that cannot.
        repeated: Lines that say again what an earlier one said.
        header: The first line where it was taken for a header, "" where there was none.
        unread: Columns under the header that mean nothing here.
    """

    numbers: tuple[Listed, ...]
    refused: tuple[Problem, ...]
    repeated: int = 0
    header: str = ""
    unread: tuple[str, ...] = ()


def read_supply(raw: bytes, file: str, *, in_service: bool = False) -> SupplyList:
    """Read a list.

    Args:
        raw: Its bytes.
        file: Its name for messages.
        in_service: Whether the numbers are held at a real carrier: then none that is set
            aside for examples can be among them.

    Raises:
        InvalidConfig: It is no list at all: another encoding, a spreadsheet's own file, empty.
    """
    shown = printable(file)
    lines = list(_lines(_decoded(raw, shown)))
    if not lines:
        _refuse("E180", shown, "There is not one line with text in it.", "Name another file.")
    delimiter, lines = _delimited(lines)
    reader = _Reader(shown, delimiter, in_service)
    first_cells = reader.cells(*lines[0])
    header = lines[0][1] if _is_header(first_cells) else ""
    unread = reader.under(first_cells) if header and not isinstance(first_cells, Problem) else ()
    for number, text in lines[1:] if header else lines:
        reader.take(number, text)
    return SupplyList(
        tuple(reader.found.values()), tuple(reader.refused), reader.repeated, header, unread
    )


class _Reader:
    """Takes one line after the other."""

    def __init__(self, file: str, delimiter: str, in_service: bool) -> None:  # noqa: FBT001 - ours
        self._file = file
        self._delimiter = delimiter
        self._in_service = in_service
        self._columns: dict[str, int] = {name: n for n, name in enumerate(_PLAIN)}
        self._most = len(_PLAIN)
        self._has_header = False
        self.found: dict[str, Listed] = {}
        self.refused: list[Problem] = []
        self.repeated = 0

    def under(self, names: Sequence[str]) -> tuple[str, ...]:
        """Read what follows under a header; which of its columns mean nothing here."""
        known = {"number": 0}
        unread = []
        for index, name in enumerate(names[1:], start=1):
            meaning = _COLUMNS.get(re.sub(r"[ -]+", "_", name.strip().lower()))
            if meaning is None:
                unread.append(name.strip())
            elif meaning in known:
                detail = f"Two columns of the header say what the {meaning} is."
                _refuse("E180", self._file, detail, "Keep one of the two.")
            else:
                known[meaning] = index
        self._columns, self._most, self._has_header = known, len(names), True
        return tuple(name for name in unread if name)

    def cells(self, number: int, text: str) -> list[str] | Problem:
        """Cut a line into its cells, or say why it cannot be cut."""
        if '"' not in text:
            return text.split(self._delimiter)
        try:
            return next(csv.reader([text], delimiter=self._delimiter, strict=True))
        except (csv.Error, StopIteration):
            return self._problem(
                "E181", number, text, text, "a quote is not closed on this line",
                "Close it, or leave the quotes out.",
            )  # fmt: skip

    def take(self, number: int, text: str) -> None:
        """Take one line, or note why not."""
        cells = self.cells(number, text)
        if isinstance(cells, Problem):
            self.refused.append(cells)
        elif any(cell.strip() for cell in cells):
            listed = self._listed(number, text, cells)
            fault = listed if isinstance(listed, Problem) else self._kept(listed, text)
            if fault is not None:
                self.refused.append(fault)

    def _kept(self, listed: Listed, text: str) -> Problem | None:
        """Keep a number, unless an earlier line says otherwise of it."""
        before = self.found.setdefault(listed.e164, listed)
        if before is listed:
            return None
        if (before.country, before.type) == (listed.country, listed.type):
            self.repeated += 1
            return None
        detail = f"{listed.e164} stands on line {before.line} already, with other facts"
        hint = "Keep one of the two."
        return self._problem("E181", listed.line, text, listed.e164, detail, hint)

    def _listed(self, number: int, text: str, cells: Sequence[str]) -> Listed | Problem:
        if len(cells) > self._most and any(cell.strip() for cell in cells[self._most :]):
            known = "the header has" if self._has_header else "number, country and type make"
            detail = f"it has {len(cells)} cells where {known} {self._most}"
            return self._problem("E181", number, text, text, detail, "Put in quotes what holds a"
                                 " delimiter, or add a header.")  # fmt: skip
        e164, country, sort = (self._cell(cells, name) for name in _PLAIN)
        fault = self._number_fault(e164, country) or _facts_fault(e164, country, sort)
        if fault is not None:
            code, at, detail, hint = fault
            return self._problem(code, number, text, at, detail, hint)
        usual = place_of(e164)
        return Listed(e164, country.upper() or usual[0], sort.lower() or usual[1], number)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        index = self._columns.get(name)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    def _number_fault(self, e164: str, country: str) -> tuple[str, str, str, str] | None:
        if not _E164.fullmatch(e164):
            return ("E112", e164, *_no_e164(e164, country))
        why = impossible(e164)
        if why:
            return "E112", e164, f"{e164} cannot exist: {why}", "Check its digits."
        if is_premium(e164):
            return "E136", e164, f"{e164} is a premium-rate number", "Leave it out."
        if self._in_service and is_reserved(e164):
            detail = f"{e164} is set aside for examples, and no carrier holds it"
            return "TEL415", e164, detail, "Leave it out, or name a connector that is a sandbox."
        return None

    def _problem(
        self, code: str, number: int, text: str, at: str, detail: str, hint: str
    ) -> Problem:
        start = max(text.find(at), 0)
        end = start + max(len(at), 1)
        shown = printable(text) if len(text) <= _MOST_SHOWN or end <= _MOST_SHOWN else ""
        place = Location(self._file, number, start + 1, end + 1, shown)
        summary = next(known[code][0] for known in _EXPLAINED if code in known)
        return Problem(code, summary, f"{detail[0].upper()}{detail[1:]}.", hint, place)


# A line's cells.


def _is_header(cells: list[str] | Problem) -> bool:
    """Whether the first line names columns: its first cell is a word, not a number gone wrong."""
    if isinstance(cells, Problem):
        return False
    first = cells[0].strip()
    return first[:1].isalpha() and sum(char.isdigit() for char in first) < _FEWEST_DIGITS


def _no_e164(text: str, country: str) -> tuple[str, str]:
    """Say why a cell is no number in E.164, and what to do."""
    if not text:
        return "there is no number in the first column", "Give the number in E.164."
    if _ROUNDED.fullmatch(text):
        return f"a spreadsheet wrote the number as {text}, and its last digits are lost", _AS_TEXT
    fraction = _FRACTION.fullmatch(text)
    meant = f"+{fraction[1]}" if fraction else text.strip("'=\"")
    guess = canonical(meant, country.upper())
    digits = re.sub(r"[^+0-9]", "", meant)
    if not guess and _OF_AMERICA.fullmatch(digits):
        # With a plus alone it would be a number of another country: +61 is Australia.
        hint = f'Write it with its country: "+1{digits}" in North America.'
        return f"{quoted(text)} is no number in E.164", hint
    guess = guess or canonical(f"+{meant}", "")
    hint = f'Did you mean "{guess}"?' if guess else 'Write it as "+12015550144".'
    return f"{quoted(text)} is no number in E.164", hint


def _facts_fault(e164: str, country: str, sort: str) -> tuple[str, str, str, str] | None:
    """Find a country or a type that cannot be, or that the digits contradict."""
    if country and not re.fullmatch(r"[A-Za-z]{2}", country):
        hint = "Write it in two letters, such as US, or leave it out."
        return "E181", country, f"{quoted(country)} is no country", hint
    if sort and sort.lower() not in TYPES:
        hint = f"Write {', '.join(TYPES)}, or leave it out."
        return "E181", sort, f"{quoted(sort)} is no type of number", hint
    if country and not is_in(e164, country.upper()):
        says = place_of(e164)[0] or "another country"
        detail = f"{e164} is not in {country.upper()}: its digits say {says}"
        return "E181", country, detail, "Correct the country, or leave it out."
    free = place_of(e164)[1] == "tollfree"
    if sort and (sort.lower() == "tollfree") != free and e164.startswith(("+1", "+44")):
        detail = f"{e164} is {'a' if free else 'no'} toll-free number by its prefix"
        return "TEL408", sort, detail, "Correct the type, or leave it out."
    return None


# The file.


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MOST_BYTES:
        detail = f"It has more than {MOST_BYTES // 2**20} MiB."
        _refuse("E180", file, detail, "Split it, and load its pieces.")
    if raw.startswith(_ARCHIVES):
        detail = "It is a spreadsheet's own file, not a list."
        _refuse("E180", file, detail, "Export it as CSV (UTF-8), then load that.")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse("E111", file, "The file is UTF-16 or UTF-32.", "Export it as CSV (UTF-8).")
    if b"\0" in raw:
        detail = "The file has NUL bytes: it is UTF-16, or no text at all."
        _refuse("E180", file, detail, "Export the list as CSV (UTF-8).")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        detail = f"The byte 0x{raw[error.start]:02X} is not UTF-8 text."
        _refuse("E111", file, detail, "Save the file as UTF-8; it may be Latin-1 now.", line)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that has text, with its number."""
    end = "\n" if "\n" in text else "\r"
    for number, line in enumerate(text.split(end), start=1):
        whole = line.removesuffix("\r")
        if whole.strip():
            yield number, whole


def _delimited(lines: list[tuple[int, str]]) -> tuple[str, list[tuple[int, str]]]:
    """Find the delimiter: what the first lines hold most of, or what `sep=` says."""
    said = _SEPARATOR.fullmatch(lines[0][1].strip())
    if said is not None and len(lines) > 1:
        return said[1], lines[1:]
    sample = "".join(re.sub(r'"[^"]*"', "", text) for _, text in lines[:_SAMPLE])
    return max(DELIMITERS, key=sample.count), lines


def _refuse(code: str, file: str, detail: str, hint: str, line: int = 1) -> NoReturn:
    raise InvalidConfig([told(code, Location(file, line), detail, hint)])
