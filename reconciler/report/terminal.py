"""Putting lines on a stream: in colour through rich, or as plain text without it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from reconciler.report.text import WIDTH, Line, Span, Told, padded, plain_text

_COLOURS = {
    "": "",
    "add": "green",
    "change": "yellow",
    "gone": "red",
    "danger": "bold red",
    "error": "bold red",
    "warning": "bold yellow",
    "good": "green",
    "bold": "bold",
    "dim": "dim",
}

_WORDS: Mapping[tuple[str, str], str] = {
    ("✓", "good"): "done",
    ("✗", "error"): "failed",
    ("-", "warning"): "left",
    ("?", "danger"): "unknown",
    ("…", "change"): "waits",
    ("…", "warning"): "unseen",
    ("-", "dim"): "skipped",
}
"""The signs of a step, as words."""

_WORD_COLUMNS = 7

_SIGNS = str.maketrans(
    {
        "✓": "done",
        "✗": "failed",
        "…": "...",
        "→": "->",
        "·": "|",
        "▸": ">",
    }
)
"""The signs that our reports use, elsewhere in a line."""

WIDEST = 140
"""Columns beyond which a place at the right edge is too far from its line."""

NARROWEST = 40
IN_CI = 120


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are to look.

    Attributes:
        colour: Whether to colour them.
        ascii: Whether to write words and ASCII instead of signs.
        width: Columns.
    """

    colour: bool = False
    ascii: bool = False
    width: int = WIDTH


def look_of(stream: TextIO | None, environment: Mapping[str, str], columns: int = 0) -> Look:
    """Decide how lines are to look on a stream.

    Args:
        stream: Where they go; None for nowhere.
        environment: NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM, COLUMNS, CI and
            RECONCILER_PLAIN are read.
        columns: How wide the terminal is, 0 when it is not known.
    """
    simple = _is_set(environment.get("RECONCILER_PLAIN"))
    return Look(
        colour=not simple and _wants_colour(stream, environment),
        ascii=simple or not _knows_signs(stream),
        width=_width(environment, columns),
    )


def _wants_colour(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    if environment.get("NO_COLOR"):
        return False
    if any(_is_set(environment.get(name)) for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environment.get("TERM") == "dumb" or "0" in (
        environment.get("CLICOLOR"),
        environment.get("FORCE_COLOR"),
    ):
        return False
    return stream is not None and stream.isatty()


def _is_set(value: str | None) -> bool:
    return bool(value) and value != "0"


def _knows_signs(stream: TextIO | None) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        "✓✗→…·".encode(codecs.lookup(encoding).name)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _width(environment: Mapping[str, str], columns: int) -> int:
    said = environment.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said[:6]):
        columns = int(said[:6])
    if not columns:
        return IN_CI if _is_set(environment.get("CI")) else WIDTH
    return min(max(columns, NARROWEST), WIDEST)


def show(
    lines: Iterable[Told], stream: TextIO, *, colour: bool = False, look: Look | None = None
) -> None:
    """Write lines one by one, each ended.

    Args:
        lines: The report. What is plain text already has no colours to show.
        stream: Where to; what its encoding lacks is written as an escape.
        colour: Whether to colour it, where no look is given.
        look: How it is to look. Nothing of rich is imported without colour.
    """
    chosen = look or Look(colour=colour)
    shown = map(_told_in_ascii, lines) if chosen.ascii else iter(lines)
    pieces = _in_colour(shown) if chosen.colour else map(plain_text, shown)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if codecs.lookup(encoding).name != "utf-8":  # which has all that is printable
        pieces = (piece.encode(encoding, "backslashreplace").decode(encoding) for piece in pieces)
    stream.writelines(pieces)


def _told_in_ascii(told: Told) -> Told:
    return told.translate(_SIGNS) if isinstance(told, str) else in_ascii(told)


def in_ascii(made: Line) -> Line:
    """A line with words and ASCII for the signs that reports use; names stay as they are."""
    return tuple(_in_ascii(span) for span in made)


def _in_ascii(span: Span) -> Span:
    word = _WORDS.get((span.text, span.style))
    if word:
        return Span(padded(word, _WORD_COLUMNS), span.style)
    return span if span.text.isascii() else Span(span.text.translate(_SIGNS), span.style)


def _in_colour(lines: Iterable[Told]) -> Iterator[str]:
    # 33 to 75 ms, needed on a terminal only.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # rich ends the process itself when its pipe is closed, so it writes to memory.
    memory = io.StringIO()
    console = Console(
        file=memory,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    for made in lines:
        if isinstance(made, str):
            yield made
            continue
        text = Text.assemble(*((span.text, _COLOURS[span.style]) for span in made))
        console.print(text, soft_wrap=True)
        yield memory.getvalue()
        memory.seek(0)
        memory.truncate()
