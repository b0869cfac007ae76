"""Strings by their beginnings, so that "begins" and "continues" need no comparison of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Trie(Generic[Value]):
    """Values under short strings. Time and memory follow the characters added."""

    def __init__(self) -> None:
        self._here: dict[str, list[Value]] = {}
        self._below: dict[str, Value] = {}
        """The first value further down, by each proper beginning of a string."""

    def add(self, text: str, value: Value) -> None:
        """Put a value under a string."""
        for end in range(len(text)):
            self._below.setdefault(text[:end], value)
        self._here.setdefault(text, []).append(value)

    def same(self, text: str) -> list[Value]:
        """Find what was put under exactly this string, in order."""
        return self._here.get(text, [])

    def longer(self, text: str) -> Value | None:
        """Find the first value under a string that begins with this one and goes on."""
        return self._below.get(text)

    def shorter(self, text: str) -> Iterator[Value]:
        """Find every value under a proper beginning of this string, the shortest first."""
        for end in range(len(text)):
            yield from self._here.get(text[:end], ())

    def met(self, text: str) -> Iterator[Value]:
        """Find what equals the string, begins it, or (one of it) continues it."""
        yield from self.same(text)
        yield from self.shorter(text)
        longer = self.longer(text)
        if longer is not None:
            yield longer
