"""Putting lines on a stream: in colour through rich, or as plain text without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from reconciler.report.text import Line, plain

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


def show(lines: Iterable[Line], stream: TextIO, *, colour: bool) -> None:
    """Write lines one by one, each ended.

    Args:
        lines: The report.
        stream: Where to; what its encoding lacks is written as an escape.
        colour: Whether to colour it. Nothing of rich is imported otherwise.
    """
    if colour:
        _show_in_colour(lines, stream)
        return
    encoding = stream.encoding or "utf-8"
    for made in lines:
        text = plain(made)
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _show_in_colour(lines: Iterable[Line], stream: TextIO) -> None:
    # 33 to 75 ms, needed on a terminal only.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=stream, force_terminal=True, highlight=False, emoji=False, markup=False)
    for made in lines:
        text = Text.assemble(*((span.text, _COLOURS[span.style]) for span in made))
        console.print(text, soft_wrap=True)
