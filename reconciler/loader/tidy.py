"""The form that `fmt` gives a file: quotes where they are needed, no blanks that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.loader.document import Document, Span
from reconciler.loader.edits import reread
from reconciler.loader.edits.layout import Layout, Path
from reconciler.loader.edits.splice import Splice, requoted
from reconciler.loader.scalar import is_read_otherwise

_BLANKS = re.compile(r"[ \t]+(?=\r?\n)|[ \t]*\t[ \t]*")
"""Blanks at the end of a line, and any with a tab among them."""

_TAB = "  "
"""What a tab at the start of a line becomes; how far it reached, no two editors agree on."""


def tidied(document: Document, texts: Iterable[Path]) -> Document:
    """Write a document in its form, with the least change.

    Keys that another reader of YAML takes for a number, date or truth get quotes, and so do
    the values at `texts`; no quotes are taken away. Blanks at line ends go, tabs between
    values become blanks, and the file ends with one line end. What stands inside a value
    stays, and so does the order.

    Args:
        document: What is written so far.
        texts: Ways to values of fields that take text only.

    Returns:
        The document of the new text; the same one where it has its form already.
    """
    layout = Layout(document)
    tail = _tail(layout)
    splices = [*_quotes(layout, texts)]
    splices += [one for one in _blanks(layout) if one.end <= tail]
    if layout.text[tail:] not in {"\n", "\r\n"} and not _in_last_value(layout):
        splices.append(Splice(tail, len(layout.text), layout.eol))
    return reread(layout, splices, document.value)


def _quotes(layout: Layout, texts: Iterable[Path]) -> Iterator[Splice]:
    for container in layout.containers():
        if not isinstance(container.value, dict):
            continue
        for index, name in enumerate(container.value):
            key = container.key(index)
            if key is not None and is_read_otherwise(name) and _is_bare(layout, key):
                yield requoted(key, name)
    for path in texts:
        holder = layout.container(path[:-1])
        span = holder.item(layout.index(holder, path[-1]))
        value = layout.text[slice(*span)]
        if _is_bare(layout, span) and is_read_otherwise(value):
            yield requoted(span, value)


def _is_bare(layout: Layout, span: Span) -> bool:
    return span[0] < span[1] and layout.text[span[0]] not in "\"'|>"


def _blanks(layout: Layout) -> Iterator[Splice]:
    """Find blanks outside of values: between them and their signs, and after comments."""
    for start, end in layout.comments:
        kept = start + len(layout.text[start:end].rstrip(" \t"))
        if kept < end:
            yield Splice(kept, end, "")
    for start, end in _without_comments(layout):
        for match in _BLANKS.finditer(layout.text, start, end + 2):
            if match.end() <= end:
                yield Splice(*match.span(), _instead(layout, match))


def _instead(layout: Layout, match: re.Match[str]) -> str:
    if layout.text.startswith(("\n", "\r\n"), match.end()):
        return ""
    at_start = match.start() == layout.line_start(match.start())
    return match[0].replace("\t", _TAB) if at_start else " "


def _without_comments(layout: Layout) -> Iterator[Span]:
    """Cut the comments out of what stands between values."""
    comments = iter([*layout.comments, (len(layout.text) + 1, len(layout.text) + 1)])
    comment = next(comments)
    for start, end in layout.gaps:
        at = start
        while comment[0] < end:
            if comment[0] >= at:
                yield at, comment[0]
                at = comment[1]
            comment = next(comments)
        yield at, end


def _tail(layout: Layout) -> int:
    """Find where the last thing that is said ends."""
    return len(layout.text.rstrip(" \t\r\n"))


def _in_last_value(layout: Layout) -> bool:
    """Tell whether the file ends in a block of text, whose line ends are part of it."""
    start = layout.scalars[-1][0]
    end = layout.scalars[-1][1]
    return layout.text.startswith(("|", ">"), start) and end >= _tail(layout)
