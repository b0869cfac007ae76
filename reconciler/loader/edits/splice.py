"""Steps of an edit as characters: what is cut out of a text, and what is put in its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from reconciler.loader.document import Span
from reconciler.loader.edits.change import Changes, Insertion, NotEditable
from reconciler.loader.edits.layout import Container, Layout, Path
from reconciler.loader.scalar import flow, in_quotes, is_read_otherwise, pair, scalar

_STEP = 2
"""Blanks that a block is indented by where the file shows no habit of its own."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters from `start` to `end` that become `text`.

    Attributes:
        takes_comments: Whether comments in between belong to what is taken out.
    """

    start: int
    end: int
    text: str
    takes_comments: bool = False


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Put every splice into a text; what stands outside of them stays as it is.

    Raises:
        NotEditable: Two of them overlap.
    """
    pieces: list[str] = []
    at = 0
    for one in sorted(splices, key=lambda each: (each.start, each.end)):
        if one.start < at:
            raise NotEditable("Two edits touch the same text.", "Make one of them first.")
        pieces += [text[at : one.start], one.text]
        at = one.end
    return "".join([*pieces, text[at:]])


def requoted(span: Span, value: str) -> Splice:
    """Put the text at `span` into quotes, as what it says now."""
    return Splice(*span, in_quotes(value))


class Splicing:
    """Turns the steps of an edit of one document into splices."""

    def __init__(self, layout: Layout, changes: Changes) -> None:
        self.layout = layout
        self.text = layout.text
        self.changes = changes
        self.result = changes.result()

    def splices(self) -> Iterator[Splice]:
        """Make all of them."""
        emptied = self._emptied()
        gone = {*self.changes.removed, *self.changes.values, *emptied}
        for path, value in {**self.changes.values, **emptied}.items():
            if not _inside(path, gone):
                yield from self._value(path, value)
        for path, name in self.changes.names.items():
            if not _inside(path, gone) and path not in self.changes.removed:
                yield self._name(path, name)
        for holder, indexes in self._removals().items():
            if holder not in emptied and not _inside((*holder, ""), gone):
                yield from self._removal(self.layout.container(holder), indexes)
        for holder, new in self.changes.inserted.items():
            if holder not in emptied and not _inside((*holder, ""), gone):
                yield from self._insertion(self.layout.container(holder), new)

    def _removals(self) -> Mapping[Path, list[int]]:
        found: dict[Path, list[int]] = defaultdict(list)
        for path in self.changes.removed:
            container = self.layout.container(path[:-1])
            found[path[:-1]].append(self.layout.index(container, path[-1]))
        return {holder: sorted(indexes) for holder, indexes in found.items()}

    def _emptied(self) -> dict[Path, Any]:
        """Find what loses every entry that it has: it is written anew, as what it becomes."""
        found: dict[Path, Any] = {}
        for holder, indexes in self._removals().items():
            if len(indexes) == len(self.layout.container(holder).value):
                if not holder:
                    raise NotEditable("Nothing would be left of the file.", "Remove the file.")
                touched = {(), *(path[:n] for path in [holder] for n in range(len(holder) + 1))}
                found[holder] = self.changes.after(
                    holder, self.layout.container(holder).value, touched
                )
        return found

    # Values and keys.

    def _value(self, path: Path, value: Any) -> Iterator[Splice]:
        parent = self.layout.container(path[:-1])
        index = self.layout.index(parent, path[-1])
        start, end = parent.item(index)
        inner = parent.marks.inner.get(path[-1])
        if inner is not None and not self.layout.container(path).is_flow:
            yield from self._block(parent, index, path, value)
            return
        end = self.layout.end(parent, index) if end > start else end
        written = self._written(parent, value, self.text[start:end])
        if start == end:
            yield self._filled(parent, index, written)
            return
        comment = self.layout.header_comment(start) if self.text[start] in "|>" else ""
        written += f"  {comment}" if comment else ""
        yield Splice(start, end, written, takes_comments=inner is not None)

    def _written(self, parent: Container, value: Any, old: str) -> str:
        if isinstance(value, str) and old[:1] in {'"', "'"}:
            needed = is_read_otherwise(old[1:-1]) and not is_read_otherwise(value)
            return scalar(value, in_flow=parent.is_flow, quote="" if needed else old[0])
        return flow(value, in_flow=parent.is_flow)

    def _filled(self, parent: Container, index: int, written: str) -> Splice:
        """Write a value where there was none."""
        key = parent.key(index)
        at = self.layout.after_colon(key) if key else self.layout.start(parent, index) + 1
        colon = ":" if key and self.text[at - 1 : at] != ":" else ""
        return Splice(at, at, f"{colon} {written}")

    def _block(self, parent: Container, index: int, path: Path, value: Any) -> Iterator[Splice]:
        """Write one line for a block of several."""
        block = self.layout.container(path)
        start, last = block.marks.spans[0], len(block.value) - 1
        end = self.layout.block_end(block, last)
        written = flow(value, in_flow=parent.is_flow)
        if not self.layout.stands_first(start):
            yield Splice(start, self._line_end(end), written, takes_comments=True)
            return
        yield self._filled(parent, index, written)
        first = self.layout.block_start(block, 0)
        if end == len(self.text) and not self.text.endswith("\n"):
            first -= len(self.layout.eol)
        yield Splice(first, end, "", takes_comments=True)

    def _line_end(self, below: int) -> int:
        """Step back from the start of a line to the end of the one above."""
        if self.text.endswith("\n", 0, below):
            below -= 1
        return below - self.text.endswith("\r", 0, below)

    def _name(self, path: Path, name: str) -> Splice:
        parent = self.layout.container(path[:-1])
        key = parent.key(self.layout.index(parent, path[-1]))
        if key is None:
            raise NotEditable("An entry of a list has no key.", "Make the change by hand.")
        old = self.text[key[0] : key[1]]
        quote = old[0] if old[:1] in {'"', "'"} else ""
        return Splice(*key, scalar(name, in_flow=parent.is_flow, quote=quote))

    # Taking out.

    def _removal(self, holder: Container, indexes: Sequence[int]) -> Iterator[Splice]:
        runs = groupby(enumerate(indexes), key=lambda pair: pair[1] - pair[0])
        for _, run in runs:
            found = [index for _, index in run]
            yield (self._flow_cut if holder.is_flow else self._block_cut)(
                holder, found[0], found[-1]
            )

    def _block_cut(self, holder: Container, first: int, last: int) -> Splice:
        layout = self.layout
        start, end = layout.block_start(holder, first), layout.block_end(holder, last)
        if not layout.stands_first(layout.start(holder, first)):
            # The first one stands behind the dash of a list: the next one moves up to it.
            if first or last + 1 == len(holder.value):
                raise NotEditable("This line holds several entries.", "Make the change by hand.")
            start, end = layout.start(holder, first), layout.start(holder, last + 1)
        elif end == len(self.text) and not self.text.endswith("\n"):
            start = self._line_end(start)
        return Splice(start, end, "", takes_comments=True)

    def _flow_cut(self, holder: Container, first: int, last: int) -> Splice:
        layout = self.layout
        start, end = layout.start(holder, first), layout.end(holder, last)
        comma = self._past_comma(end)
        rest = self.text[comma : layout.next_line(comma)].strip()
        if layout.stands_first(start) and (not rest or rest.startswith("#")):
            start, end = layout.line_start(start), layout.next_line(comma)
        elif last + 1 < len(holder.value):
            end = layout.start(holder, last + 1)
        else:
            start = layout.end(holder, first - 1)
        return Splice(start, end, "", takes_comments=True)

    def _past_comma(self, at: int) -> int:
        after = at
        while after < len(self.text) and self.text[after] in " \t":
            after += 1
        return after + 1 if self.text.startswith(",", after) else at

    # Putting in.

    def _insertion(self, holder: Container, new: Sequence[Insertion]) -> Iterator[Splice]:
        for index, same_place in groupby(sorted(new, key=lambda one: one.index), _index):
            found = list(same_place)
            if holder.is_flow:
                yield self._into_flow(holder, index, found)
            else:
                yield self._into_block(holder, index, found)

    def _into_flow(self, holder: Container, index: int, new: Sequence[Insertion]) -> Splice:
        written = ", ".join(
            flow(one.value, in_flow=True) if one.name is None else pair(one.name, one.value)
            for one in new
        )
        if not holder.value:
            at = holder.marks.spans[0] + 1
            return Splice(at, at, written)
        if index < len(holder.value):
            at = self.layout.start(holder, index)
            return Splice(at, at, f"{written}, ")
        at = self.layout.end(holder, self._last_kept(holder))
        return Splice(at, at, f", {written}")

    def _last_kept(self, holder: Container) -> int:
        steps = list(holder.value) if isinstance(holder.value, dict) else range(len(holder.value))
        return max(
            n for n, it in enumerate(steps) if (*holder.path, it) not in self.changes.removed
        )

    def _into_block(self, holder: Container, index: int, new: Sequence[Insertion]) -> Splice:
        layout, eol = self.layout, self.layout.eol
        lines = [line for one in new for line in self._lines(holder, one)]
        blanks = " " * holder.column
        if index < len(holder.value):
            at = layout.start(holder, index)
            if layout.stands_first(at):
                at = layout.block_start(holder, index)
                return Splice(at, at, "".join(f"{blanks}{line}{eol}" for line in lines))
            return Splice(at, at, "".join(f"{line}{eol}{blanks}" for line in lines))
        at = layout.block_end(holder, index - 1)
        if at == len(self.text) and not self.text.endswith("\n"):
            return Splice(at, at, "".join(f"{eol}{blanks}{line}" for line in lines))
        return Splice(at, at, "".join(f"{blanks}{line}{eol}" for line in lines))

    def _lines(self, holder: Container, new: Insertion) -> list[str]:
        if new.name is None:
            return [f"- {flow(new.value)}"]
        name = scalar(new.name, in_flow=False, quote=self._quote_of_keys(holder))
        if isinstance(new.value, dict) and new.value and self._likes_blocks(holder):
            step = " " * self._step()
            inner = [
                f"{step}{scalar(key, in_flow=False)}: {flow(value)}"
                for key, value in new.value.items()
            ]
            return [f"{name}:", *inner]
        return [f"{name}: {flow(new.value)}"]

    def _quote_of_keys(self, holder: Container) -> str:
        """Write a new key with the quotes of its neighbour, where those are not needed."""
        key = holder.key(len(holder.value) - 1)
        old = self.text[key[0] : key[1]] if key else ""
        return old[0] if old[:1] in {'"', "'"} else ""

    def _likes_blocks(self, holder: Container) -> bool:
        """Tell whether new mappings in it go over several lines, as the last one there does."""
        last = next(reversed(holder.marks.inner.values()), None)
        if last is None or not holder.path:
            return not holder.path
        return self.text[last.spans[0]] not in "{["

    def _step(self) -> int:
        """Find by how many blanks the blocks of this file are indented."""
        for container in self.layout.containers():
            if container.path and not container.is_flow and isinstance(container.value, dict):
                parent = self.layout.container(container.path[:-1])
                if isinstance(parent.value, dict) and container.column > parent.column:
                    return container.column - parent.column
        return _STEP


def _index(one: Insertion) -> int:
    return one.index


def _inside(path: Path, gone: Iterable[Path]) -> bool:
    """Tell whether something that holds `path` is taken out or written anew."""
    found = gone if isinstance(gone, set | dict) else set(gone)
    return any(path[:n] in found for n in range(len(path)))
