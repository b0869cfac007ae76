"""Strings by their characters, so that "begins" and "continues" need no comparison of pairs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Sort = TypeVar("Sort", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class _Node(Generic[Sort, Value]):
    """The end of one string: who has exactly it, and the first of each sort further down."""

    here: dict[Sort, list[Value]] = field(default_factory=dict)
    below: dict[Sort, Value] = field(default_factory=dict)
    next: dict[str, _Node[Sort, Value]] = field(default_factory=dict)


class Trie(Generic[Sort, Value]):
    """Values under strings, each of a sort. Time and memory follow the characters added."""

    def __init__(self) -> None:
        self._root: _Node[Sort, Value] = _Node()

    def add(self, text: str, sort: Sort, value: Value) -> None:
        """Put a value under a string."""
        node = self._root
        for character in text:
            node.below.setdefault(sort, value)
            node = node.next.setdefault(character, _Node())
        node.here.setdefault(sort, []).append(value)

    def same(self, text: str, sort: Sort) -> list[Value]:
        """Find what was put under exactly this string, in order."""
        node = self._at(text)
        return node.here.get(sort, []) if node else []

    def longer(self, text: str, sort: Sort) -> Value | None:
        """Find the first value under a string that begins with this one and goes on."""
        node = self._at(text)
        return node.below.get(sort) if node else None

    def shorter(self, text: str, sort: Sort) -> Iterator[Value]:
        """Find every value under a proper beginning of this string, the shortest first."""
        node: _Node[Sort, Value] | None = self._root
        for character in text:
            if node is None:
                return
            yield from node.here.get(sort, ())
            node = node.next.get(character)

    def _at(self, text: str) -> _Node[Sort, Value] | None:
        node: _Node[Sort, Value] | None = self._root
        for character in text:
            node = node.next.get(character) if node else None
        return node
