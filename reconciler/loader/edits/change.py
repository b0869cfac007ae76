"""What edits ask for, in single steps against one document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from reconciler.errors import Exit, ReconcilerError, RenameKey, SetValue
from reconciler.loader.edits.layout import Path

_MOST_COMPARED = 2_000
"""Entries of two lists that are matched one by one; longer ones are written anew."""


class NotEditable(ReconcilerError):
    """An edit cannot be done on the text as it is laid out. Nothing was changed."""

    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True)
class Insertion:
    """A new entry before the one at `index`.

    Attributes:
        index: Of the entry before which it goes; their number for the end.
        name: Its key; None in a list.
        value: Its value.
    """

    index: int
    name: str | None
    value: Any


@dataclass
class Changes:
    """Every step, by the way to what it touches. All ways are those of the document before."""

    root: dict[str, Any]
    values: dict[Path, Any] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)
    removed: set[Path] = field(default_factory=set)
    inserted: dict[Path, list[Insertion]] = field(default_factory=dict)

    def add(self, edit: Any) -> None:
        """Take an edit by its way.

        Raises:
            NotEditable: Nothing stands there, or something that the edit does not fit.
        """
        path = tuple(edit.path)
        if isinstance(edit, SetValue):
            self._set(path, edit.value)
            return
        if not path or not _exists(self.root, path):
            raise _nowhere(path)
        if isinstance(edit, RenameKey):
            self._rename(path, edit.name)
        else:
            self.removed.add(path)

    def _rename(self, path: Path, name: str) -> None:
        holder = _at(self.root, path[:-1])
        if not isinstance(holder, dict):
            raise _nowhere(path)
        if name in holder and name != path[-1]:
            told = ".".join(map(str, (*path[:-1], name)))
            raise NotEditable(f"{told} is there already.", "Take one of the two out.")
        self.names[path] = name

    def _set(self, path: Path, value: Any) -> None:
        depth = next(n for n in range(len(path), -1, -1) if _exists(self.root, path[:n]))
        if depth == len(path):
            self._differing(path, _at(self.root, path), value)
            return
        for step in reversed(path[depth + 1 :]):
            value = {step: value}
        holder, step = _at(self.root, path[:depth]), path[depth]
        if isinstance(holder, dict) and isinstance(step, str):
            self._insert(path[:depth], Insertion(len(holder), step, value))
        elif isinstance(holder, list) and step == len(holder):
            self._insert(path[:depth], Insertion(len(holder), None, value))
        elif holder is None and isinstance(step, str):
            self.values[path[:depth]] = {step: value}
        else:
            raise _nowhere(path)

    def _insert(self, holder: Path, new: Insertion) -> None:
        self.inserted.setdefault(holder, []).append(new)

    # From one value to another, entry by entry, so that what is the same keeps its comments.

    def _differing(self, path: Path, old: Any, new: Any) -> None:
        if same(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict) and old.keys() & new.keys():
            self._mapping(path, old, new)
        elif isinstance(old, list) and isinstance(new, Sequence) and not isinstance(new, str):
            self._list(path, old, list(new))
        else:
            self.values[path] = new

    def _mapping(self, path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
        for name, value in old.items():
            if name in new:
                self._differing((*path, name), value, new[name])
            else:
                self.removed.add((*path, name))
        for name, value in new.items():
            if name not in old:
                self._insert(path, Insertion(len(old), name, value))

    def _list(self, path: Path, old: list[Any], new: list[Any]) -> None:
        if not old or not new or max(len(old), len(new)) > _MOST_COMPARED:
            self.values[path] = new
            return
        matcher = SequenceMatcher(None, list(map(_text, old)), list(map(_text, new)), False)
        for tag, first, last, start, end in matcher.get_opcodes():
            if tag == "equal":
                continue
            paired = min(last - first, end - start)
            for n in range(paired):
                self._differing((*path, first + n), old[first + n], new[start + n])
            self.removed.update((*path, n) for n in range(first + paired, last))
            for value in new[start + paired : end]:
                self._insert(path, Insertion(last, None, value))

    # What the document says afterwards.

    def result(self) -> dict[str, Any]:
        """Build the values that the edited document must have."""
        touched = {path[:n] for path in self._touched() for n in range(len(path) + 1)}
        made: dict[str, Any] = self.after((), self.root, touched)
        return made

    def _touched(self) -> Iterator[Path]:
        yield from self.values
        yield from self.names
        yield from self.removed
        yield from self.inserted

    def after(self, path: Path, old: Any, touched: set[Path]) -> Any:
        """Build what stands at `path` afterwards."""
        if path in self.values:
            return self.values[path]
        if path not in touched:
            return old
        if isinstance(old, dict):
            return self._mapping_after(path, old, touched)
        if isinstance(old, list):
            return self._list_after(path, old, touched)
        return old

    def _mapping_after(self, path: Path, old: dict[str, Any], touched: set[Path]) -> Any:
        made: dict[str, Any] = {}
        for name, value in old.items():
            inner = (*path, name)
            if inner not in self.removed:
                made[self.names.get(inner, name)] = self.after(inner, value, touched)
        for new in self.inserted.get(path, ()):
            made[str(new.name)] = new.value
        return made

    def _list_after(self, path: Path, old: list[Any], touched: set[Path]) -> Any:
        new: dict[int, list[Any]] = {}
        for one in self.inserted.get(path, ()):
            new.setdefault(min(one.index, len(old)), []).append(one.value)
        made: list[Any] = []
        for index, value in enumerate(old):
            made += new.get(index, ())
            if (*path, index) not in self.removed:
                made.append(self.after((*path, index), value, touched))
        return made + new.get(len(old), [])


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, the order of keys included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def _text(value: Any) -> str:
    return json.dumps(value)


def _at(root: Any, path: Path) -> Any:
    for step in path:
        root = root[step]
    return root


def _exists(root: Any, path: Path) -> bool:
    for step in path:
        in_list = isinstance(root, list) and isinstance(step, int) and 0 <= step < len(root)
        if not in_list and not (isinstance(root, dict) and step in root):
            return False
        root = root[step]
    return True


def _nowhere(path: Path) -> NotEditable:
    told = ".".join(map(str, path)) or "the whole file"
    return NotEditable(f"There is nothing to edit at {told}.", "Make the change by hand.")
