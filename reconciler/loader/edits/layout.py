"""How a document is laid out: what stands before, after and above each of its entries."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from reconciler.loader.document import Document, Key, Marks, Span

Path = tuple[Key, ...]

_COMMENT = re.compile(r"#[^\r\n]*")
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
_KEEP = re.compile(r"[|>][0-9]?\+")
_COMMENT_LINE = re.compile(r"([ \t]*)#")


@dataclass(frozen=True)
class Container:
    """A mapping or list that something stands in.

    Attributes:
        path: The way to it.
        value: What it holds.
        marks: Where that stands.
        is_flow: Whether it is written with brackets.
        column: Blanks before its entries, in block style.
    """

    path: Path
    value: dict[str, Any] | list[Any]
    marks: Marks
    is_flow: bool
    column: int

    def key(self, index: int) -> Span | None:
        """Where the key of an entry stands; None in a list."""
        if isinstance(self.value, list):
            return None
        spans = self.marks.spans
        return spans[4 * index + 2], spans[4 * index + 3]

    def item(self, index: int) -> Span:
        """Where the value of an entry stands, with the line ends after it."""
        spans = self.marks.spans
        at = 2 * index + 2 if isinstance(self.value, list) else 4 * index + 4
        return spans[at], spans[at + 1]


class Layout:
    """One document, asked about lines, comments and entries."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.eol = "\r\n" if self.text[: self.text.find("\n") + 1].endswith("\r\n") else "\n"

    # What stands in it.

    def containers(self) -> Iterator[Container]:
        """Every mapping and list, outer ones first."""
        yield from self._containers((), self.document.value, self.document.marks)

    def _containers(self, path: Path, value: Any, marks: Marks) -> Iterator[Container]:
        yield self._container(path, value, marks)
        for step, inner in marks.inner.items():
            yield from self._containers((*path, step), value[step], inner)

    def _container(self, path: Path, value: Any, marks: Marks) -> Container:
        start = marks.spans[0]
        is_flow = self.text[start : start + 1] in {"{", "["}
        return Container(path, value, marks, is_flow, start - self.line_start(start))

    def container(self, path: Path) -> Container:
        """Find the mapping or list at `path`.

        Raises:
            LookupError: There is none.
        """
        value: Any = self.document.value
        marks = self.document.marks
        for step in path:
            value, marks = value[step], marks.inner[step]
        return self._container(path, value, marks)

    def index(self, container: Container, step: Key) -> int:
        """Tell how many entries stand before the one called `step`.

        Raises:
            LookupError: There is no such entry.
        """
        if isinstance(container.value, dict):
            return container.marks.index(container.value, step)
        if not isinstance(step, int) or not 0 <= step < len(container.value):
            raise LookupError(step)
        return step

    @cached_property
    def scalars(self) -> list[Span]:
        """Where every single value and key stands, in the order of the text."""
        found: list[Span] = []
        for container in self.containers():
            spans = container.marks.spans
            inner = {marks.spans[0] for marks in container.marks.inner.values()}
            rows = range(2, len(spans), 2)
            found.extend((spans[at], spans[at + 1]) for at in rows if spans[at] not in inner)
        return sorted(found)

    @cached_property
    def gaps(self) -> list[Span]:
        """What is neither key nor single value: signs, blanks, line ends, comments."""
        ends = [0, *(end for _, end in self.scalars)]
        starts = [*(start for start, _ in self.scalars), len(self.text)]
        return [(end, start) for end, start in zip(ends, starts, strict=True) if end < start]

    @cached_property
    def comments(self) -> list[Span]:
        """Every comment, from its `#` to the end of its line."""
        found = [
            match.span()
            for start, end in self.gaps
            for match in _COMMENT.finditer(self.text, start, end)
        ]
        for start, _ in self.scalars:
            if self.text.startswith(("|", ">"), start):
                header = _HEADER_COMMENT.match(self.text, start)
                found.extend([header.span(1)] if header else [])
        return sorted(found)

    # Lines.

    def line_start(self, offset: int) -> int:
        """Find the first character of a line."""
        return self._lines[bisect_right(self._lines, offset) - 1]

    def next_line(self, offset: int) -> int:
        """Find the first character of the line below."""
        at = bisect_right(self._lines, offset)
        return self._lines[at] if at < len(self._lines) else len(self.text)

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins: one line may hold all entries of a file."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def stands_first(self, offset: int) -> bool:
        """Tell whether only blanks stand before it on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" ")

    # Entries.

    def start(self, container: Container, index: int) -> int:
        """Where an entry begins: its key, or in a block list its dash."""
        key = container.key(index)
        if key is not None:
            return key[0]
        if container.is_flow:
            return container.item(index)[0]
        if index == 0:
            return container.marks.spans[0]
        before, here = container.item(index - 1)[1], container.item(index)[0]
        dash = re.compile(rf"^ {{{container.column}}}-", re.MULTILINE)
        below = before if before == self.line_start(before) else self.next_line(before)
        found = dash.search(self.text, below, here)
        return here if found is None else found.end() - 1

    def end(self, container: Container, index: int) -> int:
        """Where an entry ends: after its value, or after its key and colon without one."""
        start, end = container.item(index)
        if end > start:
            return start + len(self.text[start:end].rstrip(" \t\r\n"))
        key = container.key(index)
        return max(end, key[1] if key else 0)

    def block_end(self, container: Container, index: int) -> int:
        """Find the line below a block entry and the comments that are indented as part of it."""
        end = self.next_line(self.end(container, index))
        whole = container.item(index)[1]
        at = end = max(end, whole) if self._keeps_blank_lines(whole) else end
        while at < len(self.text):
            line = self.text[at : self.next_line(at)]
            comment = _COMMENT_LINE.match(line)
            if line.strip() and comment is None:
                break
            at += len(line)
            if comment is not None and len(comment[1]) <= container.column:
                break
            end = at if comment is not None else end
        return end

    def _keeps_blank_lines(self, end: int) -> bool:
        """Tell whether the value that ends there is a block of text with blank lines at its end.

        Source: YAML 1.2.2 section 8.1.1.2, the chomping indicator ``+``.
        """
        at = bisect_left(self.scalars, end, key=itemgetter(1))
        ending = [span for span in self.scalars[at : at + 2] if span[1] == end]
        return any(_KEEP.match(self.text, start) is not None for start, _ in ending)

    def header_comment(self, start: int) -> str:
        """Find the comment beside the sign that begins a block of text, "" without one."""
        header = _HEADER_COMMENT.match(self.text, start)
        return header[1].rstrip() if header else ""

    def block_start(self, container: Container, index: int) -> int:
        """Find the line of a block entry, or of the comments right above that belong to it.

        What stands above the first key of a file is about the file.
        """
        at = self.line_start(self.start(container, index))
        if index == 0 and not container.path:
            return at
        floor = self.block_end(container, index - 1) if index else self._above(container)
        while at > floor:
            above = self.line_start(at - 1)
            comment = _COMMENT_LINE.match(self.text, above, at)
            if comment is None or len(comment[1]) != container.column or above < floor:
                break
            at = above
        return at

    def _above(self, container: Container) -> int:
        """Find the line below the key or dash that a block container belongs to."""
        parent = self.container(container.path[:-1])
        index = self.index(parent, container.path[-1])
        key = parent.key(index)
        return self.next_line(key[1] if key else self.start(parent, index))

    def after_colon(self, key: Span) -> int:
        """Find the place after the colon of a key; the end of the key where it has none."""
        match = re.compile(r"[ \t]*:").match(self.text, key[1])
        return match.end() if match else key[1]

    def outside(self, spans: Sequence[Span]) -> list[Span]:
        """List the comments that stand in none of `spans`, which are in order and apart."""
        starts = [start for start, _ in spans]
        kept = []
        for comment in self.comments:
            at = bisect_right(starts, comment[0]) - 1
            if at < 0 or comment[1] > spans[at][1]:
                kept.append(comment)
        return kept
