"""A document and the places of everything in it.

Places are kept as character offsets, 16 bytes for each key and value, and become lines and
columns only when somebody asks.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from reconciler.errors import Location

Span = tuple[int, int]
"""Character offsets into the text: the first, and the one after the last."""

Key = str | int
"""One step of a path: a key of a mapping or an index of a list."""

LINE_SHOWN = 4_000
"""A longer line is not repeated in a location: nobody reads it under a caret."""


@dataclass(frozen=True)
class Source:
    """The text of a file, which turns offsets into lines and columns."""

    file: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> array[int]:
        lengths = [len(line) + 1 for line in self.text.split("\n")]
        return array("I", accumulate(lengths[:-1], initial=0))

    def line_span(self, offset: int) -> Span:
        """Find the line that holds `offset`, without its line end."""
        return self._line(bisect_right(self._starts, offset))

    def _line(self, line: int) -> Span:
        """Where a line stands, counted from 1, without its line end."""
        starts, text = self._starts, self.text
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(text)
        return start, end - text.endswith("\r", start, end)

    def location(self, start: int, end: int | None = None) -> Location:
        """Place the characters from `start` to `end`, of which the first line is shown.

        Args:
            start: Offset of the first character; may be the length of the text.
            end: Offset after the last; None or `start` where only the start is known.
        """
        line = bisect_right(self._starts, start)
        line_start, line_end = self._line(line)
        last = min(start if end is None else end, line_end)
        return Location(
            file=self.file,
            line=line,
            column=start - line_start + 1,
            end_column=last - line_start + 1 if last > start else 0,
            text=self.text[line_start:line_end] if line_end - line_start <= LINE_SHOWN else "",
        )


class Marks:
    """Where a list or mapping and its entries stand.

    `spans` is flat: start and end of the whole, then of every entry in order; an entry of a
    list takes two numbers, one of a mapping four (key, value). `inner` has the marks of those
    entries that are lists or mappings themselves.
    """

    __slots__ = ("_values", "inner", "spans")

    def __init__(self, spans: array[int], inner: dict[Any, Marks]) -> None:
        self.spans = spans
        self.inner = inner
        self._values: dict[Key, int] | None = None

    def entry(self, container: object, step: Key) -> tuple[Span | None, Span] | None:
        """Return the spans of key (None in a list) and value of an entry, None without it."""
        at, spans = self.at(container, step), self.spans
        if at is None:
            return None
        key = (spans[at - 2], spans[at - 1]) if isinstance(container, dict) else None
        return key, (spans[at], spans[at + 1])

    def at(self, container: object, step: Key) -> int | None:
        """Count the numbers of `spans` before the value of an entry; None without it."""
        if isinstance(container, dict):
            if self._values is None:
                self._values = {name: 4 * row + 4 for row, name in enumerate(container)}
            return self._values.get(step)
        if isinstance(container, list) and isinstance(step, int) and 0 <= step < len(container):
            return 2 * step + 2
        return None

    def index(self, container: Mapping[str, Any], step: Key) -> int:
        """Count the entries of a mapping before the one called `step`.

        Raises:
            LookupError: There is no such entry.
        """
        at = self.at(container, step)
        if at is None:
            raise LookupError(step)
        return at // 4 - 1


class _Found(NamedTuple):
    """How far a path leads: its deepest existing node."""

    steps: int
    node: object
    key: Span | None
    value: Span


@dataclass(frozen=True, eq=False)
class Document:
    """One file's values, each with its place.

    `value` holds text for every scalar but the plain `true`, `false`, `null`, `~` and empty.
    It must not be changed: places are found by its order.
    """

    file: str
    value: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)
    marks: Marks = field(repr=False)

    def place(self, path: Sequence[Key], *, key: bool = False) -> Location:
        """Tell where the value (or the key) at `path` stands.

        Where `path` does not exist, its nearest existing ancestor is told: by its key where a
        field is missing from it, by its value where nothing could be inside it.
        """
        found = self._follow(path)
        if found.steps == len(path):
            span = found.key if key and found.key else found.value
        elif isinstance(found.node, dict | list):
            span = found.key or self._opening(found)
        else:
            span = found.value
        return self._source.location(*self._trimmed(span))

    def span(self, path: Sequence[Key], *, key: bool = False) -> Span:
        """Return the offsets of the value (or key) at `path` in `text`.

        The span of a block mapping or list ends with its last entry, that of a block scalar
        with its last line, so that what follows (blank lines, comments) is left out.

        Raises:
            LookupError: Nothing stands at `path`, or it has no key.
        """
        found = self._follow(path)
        if found.steps < len(path) or (key and found.key is None):
            raise LookupError(path)
        return self._trimmed(found.key if key and found.key else found.value)

    def depth(self, path: Sequence[Key]) -> int:
        """Count the steps of `path` that exist."""
        return self._follow(path).steps

    @cached_property
    def _source(self) -> Source:
        return Source(self.file, self.text)

    def _follow(self, path: Sequence[Key]) -> _Found:
        node: Any = self.value
        marks: Marks | None = self.marks
        spans, at, steps, has_key = self.marks.spans, 0, 0, False
        for step in path:
            found = None if marks is None else marks.at(node, step)
            if marks is None or found is None:
                break
            spans, at, has_key = marks.spans, found, isinstance(node, dict)
            node, marks, steps = node[step], marks.inner.get(step), steps + 1
        key = (spans[at - 2], spans[at - 1]) if has_key else None
        return _Found(steps, node, key, (spans[at], spans[at + 1]))

    def _opening(self, found: _Found) -> Span:
        """Show what has no key: the root by its first one, an entry of a list by its start."""
        spans = self.marks.spans
        if found.steps == 0 and self.value:
            return spans[2], spans[3]
        return found.value[0], found.value[0]

    def _trimmed(self, span: Span) -> Span:
        start, end = span
        return start, start + len(self.text[start:end].rstrip(" \t\r\n"))
