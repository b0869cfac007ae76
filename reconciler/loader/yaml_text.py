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
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, NoReturn, TypeAlias

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

from reconciler.errors import Location, Problem, by_place
from reconciler.loader.characters import (
    bad_escapes,
    decoded,
    text_problems,
    without_bad_characters,
)
from reconciler.loader.codes import CODES, printable, quoted, told
from reconciler.loader.document import Document, Key, Marks, Source
from reconciler.loader.lost import lost_hashes
from reconciler.loader.scalar import quoting
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

MAX_BYTES = 5 * 1024 * 1024
"""Of a file."""

MAX_LEVELS = 32
"""Of lists and mappings inside each other, the top level counted."""

MAX_NODES = 200_000
"""Keys and values in a file."""

MAX_SCALAR = 64 * 1024
"""Characters of one value or key, as written."""

MAX_PROBLEMS = 100
"""Told of one file."""

Event: TypeAlias = Any
"""One of `yaml.events`; their attributes are untyped and differ from class to class."""

_SPECIAL: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN = ""

MAX_TAG = 100
"""Characters of a tag that are told."""


@dataclass(frozen=True)
class Parsed:
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
        return Parsed(None, (_too_large(raw, file),))
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


class _Stop(Exception):
    """Nothing after this place can be read."""


class _Reader:
    """Builds values and marks from events; lives for one file.

    The two loops in `_mapping` and `_sequence` are where the time goes: no call for a scalar,
    and what is rare is looked at only when a search over the whole text says that it is there.
    """

    def __init__(self, source: Source, stream: bytes | str, problems: list[Problem]) -> None:
        text = source.text
        self.source = source
        self.problems = problems
        self.event: Callable[[], Event] = CParser(stream).get_event
        self.nodes_left = MAX_NODES
        self.anchors: dict[str, tuple[Location, list[Location]]] = {}
        self.may_be_marked = "&" in text or "!" in text
        self.has_bad_escapes = next(bad_escapes(text), None) is not None
        self.has_odd_keys = not text.isascii() or any(char in text for char in "\\\t?")

    def read(self) -> Parsed:
        """Read the whole file; a document only where nothing at all is wrong."""
        document = None
        try:
            document = self._document()
        except _Stop:
            pass
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, self.source))
        self.problems.extend(self._anchor_problems())
        problems = by_place(self.problems)
        return Parsed(None if problems else document, problems)

    def _document(self) -> Document | None:
        self.event()
        start = self.event()
        if type(start) is StreamEndEvent:
            self._empty()
        if start.tags:
            self._report("E105", start, "%TAG declares tags of its own.", "Remove that line.")
        root = self.event()
        document = self._root(root)
        self.event()
        after = self.event()
        if type(after) is DocumentStartEvent:
            self._report(
                "E107",
                after,
                'Another document starts at this "---".',
                "Put it into a file of its own, or remove the line.",
            )
        return document

    def _root(self, root: Event) -> Document | None:
        if type(root) is ScalarEvent and root.value == "" and root.style == _PLAIN:
            self._empty()
        is_scalar = type(root) in (ScalarEvent, AliasEvent)
        if type(root) is not MappingStartEvent:
            shown = "a single value" if is_scalar else "a list"
            self._report(
                "E101",
                root,
                f"The top level is {shown}; a file is a mapping.",
                "Write `key: value` at the start of each line, with a space after the colon.",
            )
        if is_scalar:
            raise _Stop
        value, marks = self._node(root, 1)
        if not isinstance(value, dict) or marks is None:
            return None
        for lost in lost_hashes(self.source, value, marks):
            self._add(lost)
        return Document(self.source.file, value, self.source.text, marks)

    def _node(self, event: Event, level: int) -> tuple[Any, Marks | None]:
        """Build the list or mapping that `event` opens; None for an alias."""
        if type(event) is AliasEvent:
            self._alias(event)
            return None, None
        if event.anchor is not None or event.tag is not None:
            self._marked(event)
        if level > MAX_LEVELS:
            self._limit(event, f"This is level {level}; {MAX_LEVELS} are allowed.")
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
                name = self._duplicate(name, key, values, spans)
            node = event()
            if marked:
                self._check_marks(key, node)
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
            self._too_many(key)
        self._close(spans, key, flow=start.flow_style, nodes=2 * len(values))
        if self.has_odd_keys or "" in values or "<<" in values:
            self._check_keys(values, spans)
        if self.has_bad_escapes or spans[1] - spans[0] > MAX_SCALAR:
            self._check_scalars(spans, inner)
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
                    self._check_marks(node)
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
            self._too_many(node)
        self._close(spans, node, flow=start.flow_style, nodes=len(values))
        if self.has_bad_escapes or spans[1] - spans[0] > MAX_SCALAR:
            self._check_scalars(spans, inner)
        return values, Marks(array("I", spans), inner)

    def _close(self, spans: list[int], end: Event, *, flow: bool, nodes: int) -> None:
        """Note where a container ends: in block style with its last entry."""
        spans[1] = end.end_mark.index if flow else spans[-1]
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            self._too_many(end)

    # What is rare: each called only when a cheap look says that there may be something.

    def _odd_key(self, event: Event, level: int) -> str:
        """Report a key that is no text, and name it somehow so that reading goes on."""
        if type(event) is not AliasEvent:
            kind = "mapping" if type(event) is MappingStartEvent else "list"
            self._report(
                "E110", event, f"This key is a {kind}.", "Write the key as text, in quotes."
            )
        self._node(event, level + 1)
        return f"\0{event.start_mark.index}"

    def _duplicate(self, name: str, key: Event, values: dict[str, Any], spans: list[int]) -> str:
        """Report a second key and return a name for it that is still free."""
        row = 4 * list(values).index(name) + 2
        self._told_twice(name, (key.start_mark.index, key.end_mark.index), spans[row : row + 2])
        return f"{name}\0{key.start_mark.index}"

    def _told_twice(self, name: str, again: tuple[int, int], first: list[int]) -> None:
        before = self.source.location(first[0], first[1])
        self._add(
            told(
                "E103",
                self.source.location(*again),
                f"The key {quoted(name)} stands in this mapping already, on line {before.line}.",
                "Remove one of the two, or rename it.",
                related=((before, "first given here"),),
            )
        )

    def _check_keys(self, values: dict[str, Any], spans: list[int]) -> None:
        for name in ("", "<<"):
            if name in values:
                self._check_plain_key(name, 4 * list(values).index(name) + 2, spans)
        if self.has_odd_keys:
            self._check_odd_keys(values, spans)

    def _check_plain_key(self, name: str, row: int, spans: list[int]) -> None:
        start, end = spans[row], spans[row + 1]
        if self.source.text.startswith(('"', "'", "|", ">"), start):
            return
        place = self.source.location(start, end)
        if name:
            detail = "The key `<<` would merge another mapping into this one."
            self._add(told("E104", place, detail, "Write out the keys that it stands for."))
        else:
            detail = "There is no key before this colon."
            self._add(told("E110", place, detail, "Write a key, in quotes where it is a sign."))

    def _check_odd_keys(self, values: dict[str, Any], spans: list[int]) -> None:
        """Look for keys of several lines, and for those that are equal as Unicode text only."""
        seen: dict[str, int] = {}
        for row, name in enumerate(values):
            at = 4 * row + 2
            if "\n" in name or "\t" in name:
                self._add(
                    told(
                        "E110",
                        self.source.location(spans[at], spans[at + 1]),
                        f"The key {quoted(name)} holds a line end or a tab.",
                        "Write the key on one line.",
                    )
                )
            first = seen.setdefault(unicodedata.normalize("NFC", name), at)
            if first != at:
                self._told_twice(name, (spans[at], spans[at + 1]), spans[first : first + 2])

    def _check_scalars(self, spans: list[int], inner: dict[Any, Marks]) -> None:
        text = self.source.text
        nested = {marks.spans[0] for marks in inner.values()}
        for start, end in zip(spans[2::2], spans[3::2], strict=True):
            if start in nested:
                continue
            if end - start > MAX_SCALAR:
                self._too_long(start, end)
            if self.has_bad_escapes and text.startswith('"', start):
                self._bad_escapes(start, end)

    def _too_long(self, start: int, end: int) -> None:
        self._add(
            told(
                "E109",
                self.source.location(start, end),
                f"This value has {end - start:,} characters; {MAX_SCALAR:,} are allowed.",
                "Put it into a file of its own and name that file.",
            )
        )

    def _bad_escapes(self, start: int, end: int) -> None:
        for first, last, char in bad_escapes(self.source.text, start, end):
            self._add(
                told(
                    "E114",
                    self.source.location(first, last),
                    f"The escape {quoted(self.source.text[first:last])} writes U+{char:04X}.",
                    "Remove it.",
                )
            )

    def _check_marks(self, *events: Event) -> None:
        for event in events:
            if type(event) is ScalarEvent and (event.anchor or event.tag):
                self._marked(event)

    def _marked(self, event: Event) -> None:
        """Report a tag; note an anchor, told later together with its aliases."""
        text, start = self.source.text, event.start_mark.index
        if event.anchor is not None:
            at = text.find(f"&{event.anchor}", start)
            place = self.source.location(at, at + len(event.anchor) + 1)
            self.anchors.setdefault(event.anchor, (place, []))
        if event.tag is not None:
            at = text.find("!", start)
            tag = text[at : at + MAX_TAG].split(maxsplit=1)[0]
            self._add(
                told(
                    "E105",
                    self.source.location(at, at + len(tag)),
                    f"The tag {quoted(tag)} asks for something other than text.",
                    "Remove the tag; where the ! belongs to a text, quote the text.",
                )
            )

    def _alias(self, event: Event) -> None:
        place = self.source.location(event.start_mark.index, event.end_mark.index)
        if event.anchor in self.anchors:
            self.anchors[event.anchor][1].append(place)
            return
        star = f"*{event.anchor}"
        self._add(
            told(
                "E117",
                place,
                f"Bare, `{star}` is an alias for a part of the file, not text.",
                f'Quote it: "{star}".',
                fix=quoting(event.start_mark.index, star, self.source.file),
            )
        )

    def _anchor_problems(self) -> Iterator[Problem]:
        for name, (place, aliases) in self.anchors.items():
            yield told(
                "E106",
                place,
                f"`&{name}` makes this part of the file stand in other places too.",
                "Write the part out where it is used; where the & belongs to a text, quote it.",
                related=tuple((alias, "used here") for alias in aliases[:MAX_PROBLEMS]),
            )

    def _empty(self) -> NoReturn:
        self._add(
            told(
                "E102",
                self.source.location(0),
                "The file is empty, or holds comments only.",
                "Put back what it said. To give a tenant up, keep the head of its file, take its "
                "entries out, and apply that first.",
            )
        )
        raise _Stop

    def _too_many(self, event: Event) -> NoReturn:
        self._limit(event, f"The file has more than {MAX_NODES:,} keys and values.")

    def _limit(self, event: Event, detail: str) -> NoReturn:
        self._report("E109", event, detail, "Split the file, or make it flatter.")
        raise _Stop

    def _report(self, code: str, event: Event, detail: str, hint: str) -> None:
        place = self.source.location(event.start_mark.index, event.end_mark.index)
        self._add(told(code, place, detail, hint))

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            detail = f"{MAX_PROBLEMS} problems were found up to here."
            self.problems.append(told("E119", problem.location, detail, "Mend these first."))
            raise _Stop


def _too_large(raw: bytes, file: str) -> Problem:
    detail = f"The file has {len(raw):,} bytes; {MAX_BYTES:,} are allowed."
    return told("E109", Location(file), detail, "Split it by section into a tenant's folder.")
