"""Lines of text for people, before anybody decides where they go and in which colours.

A line is made of spans. A span escapes its text when it is made: that is the one choke point
through which names, notes and answers from git, carriers and platforms pass, so that none of
them moves a cursor, forges a line or turns the reading direction (kubectl CVE-2021-25743).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, Self

Style = Literal["", "add", "change", "gone", "danger", "error", "warning", "good", "bold", "dim"]
"""What a span means; the terminal chooses its colour."""

WIDTH = 100
"""Columns of a report whose terminal is not known."""

GAP = 2
"""Blanks between a line and what stands at its right edge, at least."""


def printable(text: str) -> str:
    r"""Replace what a terminal would not show as it is by its escape, as ``\x1b``."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class _Styled(NamedTuple):
    text: str
    style: Style


class Span(_Styled):
    """A piece of a line in one style; its text is printable and on one line, whatever it was."""

    __slots__ = ()

    def __new__(cls, text: str, style: Style = "") -> Self:
        """Make a piece; its text is made printable here, and nowhere else."""
        return super().__new__(cls, printable(text), style)


Line = tuple[Span, ...]
"""One line, without its line end."""

BLANK: Line = ()


def line(*pieces: str | Span) -> Line:
    """Make a line; plain strings are spans without a style."""
    return tuple(piece if isinstance(piece, Span) else Span(piece) for piece in pieces)


_BETWEEN_LINES, _BETWEEN_SPANS, _BEFORE_STYLE = "\n", "\x1f", "\x1e"
"""Marks of packed lines, none of which is in printable text."""


def packed(lines: Iterable[Line]) -> str:
    """Write lines as one text, to be handed from one process to another."""
    return _BETWEEN_LINES.join(
        [_BETWEEN_SPANS.join([_BEFORE_STYLE.join(span) for span in made]) for made in lines]
    )


def unpacked(text: str) -> tuple[Line, ...]:
    """Read back the lines that `packed` wrote, of which there is at least one."""
    return tuple(
        [
            tuple([Span._make(span.split(_BEFORE_STYLE)) for span in made.split(_BETWEEN_SPANS)])
            if made
            else BLANK
            for made in text.split(_BETWEEN_LINES)
        ]
    )


def plain(made: Line) -> str:
    """The text of a line, blanks at its end left out."""
    return "".join([span[0] for span in made]).rstrip(" ")


Told = Line | str
"""A line, or several that are told as plain text already, each ended."""


def plain_text(told: Told) -> str:
    """The same as plain text, each line ended."""
    return told if isinstance(told, str) else f"{plain(told)}\n"


def as_text(lines: Iterable[Told]) -> str:
    """The whole as plain text, each line ended."""
    return "".join(map(plain_text, lines))


def columns(text: str) -> int:
    """How many columns printable text takes: Chinese and emoji take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """Printable text, filled with blanks to `width` columns."""
    shown = printable(text)
    return shown + " " * (width - columns(shown))


def at_right(made: Line, right: str, width: int) -> Line:
    """Put a place at the right edge; after two blanks where there is no room for it."""
    if not right:
        return made
    end = Span(right, "dim")
    used = sum(columns(span.text) for span in made) + columns(end.text)
    return (*made, Span(" " * max(width - used, GAP)), end)


def labelled(label: str, text: str, width: int, indent: int = 0, size: int = 10) -> Iterator[Line]:
    """A label and a text, wrapped so that the text stays in its column."""
    shown = printable(label)
    size = max(size, columns(shown)) + 1
    start = indent + size
    before = " " * indent + shown + " " * (size - columns(shown))
    for piece in _wrapped(printable(text), max(width - start, 20)) or ("",):
        yield Span._make((before, "")), Span._make((piece, ""))  # printable, both of them
        before = " " * start


def _wrapped(text: str, width: int) -> list[str]:
    """Cut printable text at blanks into lines of at most `width`; a longer word stays whole.

    As `textwrap.wrap` does without breaking words; printable text has no other white space.
    """
    lines, start = [], 0
    while start < len(text):
        end = len(text)
        if end - start > width:
            end = text.rfind(" ", start, start + width + 1)
            if end < 0:
                end = text.find(" ", start + width)
            end = end if end >= 0 else len(text)
        piece = text[start:end].rstrip(" ")
        if piece:
            lines.append(piece)
        start = end
        while start < len(text) and text[start] == " ":
            start += 1
    return lines


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Columns as wide as their widest cell, heads in capitals."""
    shown = [[printable(cell) for cell in row] for row in (heads, *rows)]
    sizes = [max(columns(cell) for cell in column) for column in zip(*shown, strict=True)]
    for n, row in enumerate(shown):
        cells = "  ".join(padded(cell, size) for cell, size in zip(row, sizes, strict=True))
        yield line(Span(cells.upper(), "bold")) if n == 0 else line(cells)


def number_of(count: int, word: str, plural: str = "") -> str:
    """A count with its word: `1 error`, `3 errors`."""
    return f"{count} {word if count == 1 else plural or word + 's'}"


def listed(counts: Iterable[tuple[int, str]]) -> str:
    """Counts that are not nought, such as `1 to create, 2 to update`."""
    return ", ".join(f"{count} {words}" for count, words in counts if count)
