"""Star and hash keys of a telephone that YAML drops as comments.

`#: repeat` in a menu, and `code: #`, are comments to every YAML parser: the line, or the value,
is gone without a word. They are looked for in the text, away from real comments: a `#` that a
colon follows at the start of an indented line, and one that stands alone where a value is
missing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from reconciler.errors import Problem
from reconciler.loader.codes import told
from reconciler.loader.document import Marks, Source, Span
from reconciler.loader.scalar import quoting

_HASH = re.compile(r"#[ \t]*(?:(:)(?=[ \t\r\n]|\Z)|(?=\r?$))", re.MULTILINE)
"""A `#` before a colon, or at the end of a line; starts with a sign to be searched for fast."""

LINES_ABOVE = 50
"""How far up the surroundings of a suspect are looked at: bounds the time a file can take."""

MAX_OFFSET = 2**31

_MISSING = re.compile(r"[:-][ \t]+\Z")
_HASH_IN_FLOW = re.compile(r"[:\[,][ \t]+(#)[ \t]*[,}\]]|[,{][ \t]*(#)[ \t]*:[ \t]")


def lost_hashes(source: Source, value: dict[str, Any], marks: Marks) -> Iterator[Problem]:
    """Find `#` keys and values that were dropped from a document that is otherwise sound."""
    suspects = list(_HASH.finditer(source.text))
    if not suspects:
        return
    scalars = list(_scalars(value, marks))
    missing = {start for start, end in scalars if start == end}
    for match in suspects:
        at = match.start()
        if match[1] and _is_lost_key(source, at) and not _inside(scalars, at):
            yield hash_problem(source, at, "key")
        elif not match[1] and _gap_before(source, at) in missing and not _inside(scalars, at):
            yield hash_problem(source, at, "value")


def hash_in_flow(source: Source, start: int, end: int) -> Problem | None:
    """Find a bare `#` inside `{}` or `[]`, which hides the bracket and breaks the syntax."""
    match = _HASH_IN_FLOW.search(source.text, start, end)
    if match is None:
        return None
    return hash_problem(source, match.start(match.lastindex or 0), "key" if match[2] else "value")


def hash_problem(source: Source, at: int, what: str) -> Problem:
    """Say that the `#` at offset `at` was meant as a key or value but starts a comment."""
    return told(
        "E117",
        source.location(at, at + 1),
        f"Bare, this `#` starts a comment: the {what} is lost.",
        'Quote it: "#"' + (', as in `"#": repeat`.' if what == "key" else "."),
        fix=quoting(at, "#", source.file),
    )


def _is_lost_key(source: Source, at: int) -> bool:
    """Tell whether `#:` at `at` starts an indented line, and is no note among list entries."""
    start = source.line_span(at)[0]
    if start == at or source.text[start:at].strip(" "):
        return False
    above = _line_above(source, start, at - start)
    return not (above.startswith("- ", at - start) and not above[: at - start].strip(" "))


def _line_above(source: Source, start: int, indent: int) -> str:
    """Find the nearest line above that says something at this depth or less, "" without one."""
    for _ in range(LINES_ABOVE):
        if start == 0:
            break
        start, end = source.line_span(start - 1)
        line = source.text[start:end]
        said = line.lstrip(" ")
        if said and not said.startswith("#") and len(line) - len(said) <= indent:
            return line
    return ""


def _gap_before(source: Source, at: int) -> int:
    """Find where a value would start, had it not been lost; -1 where none is expected."""
    start = source.line_span(at)[0]
    gap = _MISSING.search(source.text[start:at])
    return start + gap.start() + 1 if gap else -1


def _inside(scalars: list[Span], at: int) -> bool:
    """Tell whether `at` belongs to one of the values, given in the order of the text."""
    before = bisect_right(scalars, (at, MAX_OFFSET)) - 1
    return before >= 0 and at < scalars[before][1]


def _scalars(node: Any, marks: Marks) -> Iterator[Span]:
    """Yield the span of every scalar value."""
    steps = node if isinstance(node, dict) else range(len(node))
    for step in steps:
        inner = marks.inner.get(step)
        entry = marks.entry(node, step)
        if inner is not None:
            yield from _scalars(node[step], inner)
        elif entry is not None:
            yield entry[1]
