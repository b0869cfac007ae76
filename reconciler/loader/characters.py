"""What is wrong with a file's characters, before anything is read as YAML."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator

from reconciler.errors import Location, Problem
from reconciler.loader.codes import told
from reconciler.loader.document import Source

_HARMLESS = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
"""A file of these bytes only needs no closer look: one pass at the speed of memory says so."""

_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
)
"""C0, DEL and C1 controls, zero-width, bidirectional controls, byte order mark, no characters."""

_BREAKS = "\x85\u2028\u2029"
"""Where YAML 1.1 breaks lines and editors do not."""

_RETURN = 0x0D

_BAD = re.compile(f"[{_UNSEEN}{_BREAKS}]|\r(?!\n)")
_UNSEEN_CHARACTER = re.compile(f"[{_UNSEEN}]")

_CONFLICT = re.compile(r"^(?:<{7}|>{7}|={7})(?=[ \r\n]|\Z)", re.MULTILINE)

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_NAMED_ESCAPES = {
    "0": 0x00,
    "a": 0x07,
    "b": 0x08,
    "v": 0x0B,
    "f": 0x0C,
    "r": 0x0D,
    "e": 0x1B,
    "N": 0x85,
    "L": 0x2028,
    "P": 0x2029,
}
"""Escapes of YAML 1.1 section 5.6 that write a character refused here."""

_UTF_16 = "Save the file as UTF-8 without BOM (byte order mark)."


def decoded(raw: bytes, file: str) -> tuple[str, Problem | None]:
    """Decode a file's bytes, or say why they are not UTF-8 without a byte order mark."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf_16(raw):
        return "", told("E111", Location(file), "The file is UTF-16 or UTF-32.", _UTF_16)
    if raw.startswith(codecs.BOM_UTF8):
        detail = "The file starts with a byte order mark (U+FEFF)."
        return "", told("E111", Location(file), detail, _UTF_16)
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return "", _not_utf_8(raw, file, error)


def _looks_like_utf_16(raw: bytes) -> bool:
    """Tell by a first character that takes two or four bytes, one of them not zero."""
    return raw[:2].count(0) == 1 or (raw[:3] == b"\0\0\0" and raw[3:4] not in (b"", b"\0"))


def _not_utf_8(raw: bytes, file: str, error: UnicodeDecodeError) -> Problem:
    before = raw[: error.start].decode("utf-8")
    line = raw[error.start :].split(b"\n", 1)[0].decode("utf-8", "replace")
    place = Source(file, before + line).location(len(before), len(before) + 1)
    detail = f"The byte 0x{raw[error.start]:02X} is not UTF-8 text."
    return told("E111", place, detail, "Save the file as UTF-8; it may be Latin-1 now.")


def text_problems(raw: bytes, source: Source, most: int) -> tuple[list[Problem], bool]:
    """Find what no YAML parser may be shown: wrong line ends, unseen characters, conflicts.

    Returns:
        At most `most` problems, and whether the rest of the file can still be read.
    """
    if b"<<<<<<<" in raw or b"=======" in raw or b">>>>>>>" in raw:
        conflicts = list(_conflicts(source))
        if conflicts:
            return conflicts[:most], False
    if not raw.translate(None, _HARMLESS):
        return [], True
    problems: list[Problem] = []
    for match in _BAD.finditer(source.text):
        char = ord(match[0])
        place = source.location(match.start(), match.end())
        if char == _RETURN or chr(char) in _BREAKS:
            return [*problems, _line_end(char, place)], False
        detail = f"There is a U+{char:04X} here, which nobody sees."
        problems.append(told("E114", place, detail, "Remove it."))
        if len(problems) == most:
            return problems, False
    return problems, True


def without_bad_characters(text: str) -> str:
    """Put a character that can be read in place of each that cannot, offsets unchanged."""
    return _UNSEEN_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def bad_escapes(
    text: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, int]]:
    r"""Find escapes in double-quoted text that write a refused character.

    Yields:
        Start and end of the escape, and the code point, as 27 for ``\x1b``.
    """
    if "\\" not in text:
        return
    for match in _ESCAPE.finditer(text, start, len(text) if end is None else end):
        digits = match[1] or match[2] or match[3]
        char = int(digits, 16) if digits else _NAMED_ESCAPES.get(match[4], 0x20)
        if char <= sys.maxunicode and (char == _RETURN or _BAD.match(chr(char))):
            yield match.start(), match.end(), char


def _line_end(char: int, place: Location) -> Problem:
    name = "a carriage return without a line feed" if char == _RETURN else f"U+{char:04X}"
    return told(
        "E115",
        place,
        f"A line ends with {name}.",
        "Save the file with LF (or CRLF) line ends.",
    )


def _conflicts(source: Source) -> Iterator[Problem]:
    """Tell each conflict once, at its first marker."""
    markers = list(_CONFLICT.finditer(source.text))
    begins = [marker for marker in markers if marker[0].startswith("<")]
    for marker in begins or markers[:1]:
        yield told(
            "E116",
            source.location(*source.line_span(marker.start())),
            f"This line is git's marker `{marker[0]}`: a merge conflict left in the file.",
            "Keep one of the two versions and remove the three marker lines.",
        )
