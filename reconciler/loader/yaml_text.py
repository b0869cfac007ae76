"""Bytes of a file in, values with places out: YAML without its surprises.

One pass over libyaml's events builds the values and guards while it reads, so that a hostile
file is stopped where it becomes hostile. What cannot be seen in events (characters, lost `#`
keys) is looked for in the text, by one search over the whole of it first.

Values: every scalar is the author's text; only the plain `true`, `false`, `null`, `~` and
empty are True, False and None. Keys are always text.

Codes: E101 to E119, in `CODES`.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any, Final, NamedTuple

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from reconciler.errors import Problem, by_place
from reconciler.loader.anchors import Anchors
from reconciler.loader.characters import (
    bad_escapes,
    decoded,
    text_problems,
    without_bad_characters,
)
from reconciler.loader.codes import CODES, printable
from reconciler.loader.document import Document, Key, Marks, Source
from reconciler.loader.entries import check_keys, check_scalars, duplicate
from reconciler.loader.faults import (
    MAX_BYTES,
    MAX_LEVELS,
    MAX_NODES,
    MAX_PROBLEMS,
    MAX_SCALAR,
    Event,
    Faults,
    Stop,
    too_large,
)
from reconciler.loader.lost import lost_hashes
from reconciler.loader.syntax import syntax_problem

__all__ = [
    "CODES",
    "MAX_BYTES",
    "MAX_LEVELS",
    "MAX_NODES",
    "MAX_PROBLEMS",
    "MAX_SCALAR",
    "Document",
    "Parsed",
    "parse_yaml",
    "printable",
]

_SPECIAL: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN = ""


class Parsed(NamedTuple):
    """What became of a file: a document, or the problems that keep it from being one."""

    document: Document | None
    problems: tuple[Problem, ...]


def parse_yaml(raw: bytes, file: str) -> Parsed:
    """Read one YAML file that holds a mapping.

    All problems are collected as far as the file can be read at all. Nothing is raised for
    anything that the file may hold.

    Args:
        raw: The bytes of the file.
        file: Its name as messages show it.
    """
    if len(raw) > MAX_BYTES:
        return Parsed(None, (too_large(raw, file),))
    text, failure = decoded(raw, file)
    if failure is not None:
        return Parsed(None, (failure,))
    source = Source(file, text)
    problems, readable = text_problems(raw, source, MAX_PROBLEMS)
    if not readable:
        return Parsed(None, by_place(problems))
    reader = _Reader(source, without_bad_characters(text) if problems else raw, problems)
    with _garbage_collector_paused():
        return reader.read()


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    """Keep the collector from walking a growing tree again and again, for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Reader:
    """Builds values and marks from events; lives for one file.

    The two loops in `_mapping` and `_sequence` are where the time goes: no call for a scalar,
    and what is rare is looked at only when a search over the whole text says that it is there.
    """

    def __init__(self, source: Source, stream: bytes | str, problems: list[Problem]) -> None:
        text = source.text
        self.source = source
        self.problems = problems
        self.faults = Faults(source, problems)
        self.event: Callable[[], Event] = CParser(stream).get_event
        self.nodes_left = MAX_NODES
        self.anchors = Anchors(self.faults)
        self.may_be_marked = "&" in text or "!" in text
        self.has_bad_escapes = next(bad_escapes(text), None) is not None
        self.has_odd_keys = not text.isascii() or any(char in text for char in "\\\t?")

    def read(self) -> Parsed:
        """Read the whole file; a document only where nothing at all is wrong."""
        document = None
        try:
            document = self._document()
        except Stop:
            pass
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, self.source))
        self.problems.extend(self.anchors.problems())
        problems = by_place(self.problems)
        return Parsed(None if problems else document, problems)

    def _document(self) -> Document | None:
        self.event()
        start = self.event()
        if type(start) is StreamEndEvent:
            self.faults.empty()
        if start.tags:
            self.faults.report("E105", start, "%TAG declares tags of its own.", "Remove that line.")
        root = self.event()
        document = self._root(root)
        self.event()
        after = self.event()
        if type(after) is DocumentStartEvent:
            self.faults.report(
                "E107",
                after,
                'Another document starts at this "---".',
                "Put it into a file of its own, or remove the line.",
            )
        return document

    def _root(self, root: Event) -> Document | None:
        if type(root) is ScalarEvent and root.value == "" and root.style == _PLAIN:
            self.faults.empty()
        is_scalar = type(root) in (ScalarEvent, AliasEvent)
        if type(root) is not MappingStartEvent:
            shown = "a single value" if is_scalar else "a list"
            self.faults.report(
                "E101",
                root,
                f"The top level is {shown}; a file is a mapping.",
                "Write `key: value` at the start of each line, with a space after the colon.",
            )
        if is_scalar:
            raise Stop
        value, marks = self._node(root, 1)
        if not isinstance(value, dict) or marks is None:
            return None
        for lost in lost_hashes(self.source, value, marks):
            self.faults.add(lost)
        return Document(self.source.file, value, self.source.text, marks)

    def _node(self, event: Event, level: int) -> tuple[Any, Marks | None]:
        """Build the list or mapping that `event` opens; None for an alias."""
        if type(event) is AliasEvent:
            self.anchors.alias(event)
            return None, None
        if event.anchor is not None or event.tag is not None:
            self.anchors.marked(event)
        if level > MAX_LEVELS:
            self.faults.limit(event, f"This is level {level}; {MAX_LEVELS} are allowed.")
        if type(event) is MappingStartEvent:
            return self._mapping(event, level)
        return self._sequence(event, level)

    def _nested(
        self, event: Event, level: int, inner: dict[Any, Marks], step: Key
    ) -> tuple[Any, int]:
        """Build what `event` opens, note its marks under `step`, and tell where it ends."""
        value, marks = self._node(event, level)
        if marks is None:
            return value, event.end_mark.index
        inner[step] = marks
        return value, marks.spans[1]

    def _mapping(self, start: Event, level: int) -> tuple[dict[str, Any], Marks]:
        event, marked = self.event, self.may_be_marked
        values: dict[str, Any] = {}
        spans = [start.start_mark.index, 0]
        add = spans.extend
        inner: dict[Any, Marks] = {}
        key = start
        for _ in repeat(None, self.nodes_left // 2 + 1):
            key = event()
            key_start, key_end = key.start_mark.index, key.end_mark.index
            if type(key) is MappingEndEvent:
                break
            name = key.value if type(key) is ScalarEvent else self._odd_key(key, level)
            if name in values:
                name = duplicate(self.faults, name, key, values, spans)
            node = event()
            if marked:
                self.anchors.check(key, node)
            first, last = node.start_mark.index, node.end_mark.index
            if type(node) is ScalarEvent:
                value: Any = node.value
                if value in _SPECIAL and node.style == _PLAIN:
                    value = _SPECIAL[value]
            else:
                value, last = self._nested(node, level + 1, inner, name)
            values[name] = value
            add((key_start, key_end, first, last))
        else:
            self.faults.too_many(key)
        self._close(spans, key, flow=start.flow_style, nodes=2 * len(values))
        if self.has_odd_keys or "" in values or "<<" in values:
            check_keys(self.faults, values, spans, odd=self.has_odd_keys)
        if self.has_bad_escapes or spans[1] - spans[0] > MAX_SCALAR:
            check_scalars(self.faults, spans, inner, escapes=self.has_bad_escapes)
        return values, Marks(array("I", spans), inner)

    def _sequence(self, start: Event, level: int) -> tuple[list[Any], Marks]:
        event, marked = self.event, self.may_be_marked
        values: list[Any] = []
        spans = [start.start_mark.index, 0]
        add = spans.extend
        inner: dict[Any, Marks] = {}
        node = start
        for _ in repeat(None, self.nodes_left + 1):
            node = event()
            first, last = node.start_mark.index, node.end_mark.index
            if type(node) is ScalarEvent:
                if marked:
                    self.anchors.check(node)
                value: Any = node.value
                if value in _SPECIAL and node.style == _PLAIN:
                    value = _SPECIAL[value]
            elif type(node) is SequenceEndEvent:
                break
            else:
                value, last = self._nested(node, level + 1, inner, len(values))
            values.append(value)
            add((first, last))
        else:
            self.faults.too_many(node)
        self._close(spans, node, flow=start.flow_style, nodes=len(values))
        if self.has_bad_escapes or spans[1] - spans[0] > MAX_SCALAR:
            check_scalars(self.faults, spans, inner, escapes=self.has_bad_escapes)
        return values, Marks(array("I", spans), inner)

    def _close(self, spans: list[int], end: Event, *, flow: bool, nodes: int) -> None:
        """Note where a container ends: in block style with its last entry."""
        spans[1] = end.end_mark.index if flow else spans[-1]
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            self.faults.too_many(end)

    # What is rare: each called only when a cheap look says that there may be something.

    def _odd_key(self, event: Event, level: int) -> str:
        """Report a key that is no text, and name it somehow so that reading goes on."""
        if type(event) is not AliasEvent:
            kind = "mapping" if type(event) is MappingStartEvent else "list"
            self.faults.report(
                "E110", event, f"This key is a {kind}.", "Write the key as text, in quotes."
            )
        self._node(event, level + 1)
        return f"\0{event.start_mark.index}"
