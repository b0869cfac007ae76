"""What an edit did to a file, line by line, as `diff -u` shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reconciler.report.text import Line, Span, Style, line

CONTEXT = 1
"""Lines shown around a change."""

HIDDEN = "(not shown: it may hold a secret)"
NO_END = "\\ No newline at end of file"

Change = tuple[int, int, int, int]
"""Lines of the old text, from and to, and of the new one."""


@dataclass(frozen=True)
class Difference:
    """A file before and after.

    Attributes:
        file: Its name as messages show it.
        before: Its text.
        after: Its new text.
        is_hidden: Tells of a line whether it is not shown, as it may hold a secret.
    """

    file: str
    before: str
    after: str
    is_hidden: Callable[[str], bool]

    def lines(self) -> Iterator[Line]:
        """Write it as a unified diff; nothing where there is no difference."""
        old, new = self.before.splitlines(), self.after.splitlines()
        old, new = _marked(old, self.before), _marked(new, self.after)
        found = list(_changes(old, new))
        if not found:
            return
        yield line(Span(f"--- {self.file}", "bold"))
        yield line(Span(f"+++ {self.file}", "bold"))
        for hunk in _hunks(found):
            yield from self._hunk(hunk, old, new)

    def _hunk(
        self, changes: Sequence[Change], old: Sequence[str], new: Sequence[str]
    ) -> Iterator[Line]:
        first, last = changes[0], changes[-1]
        start = max(first[0] - CONTEXT, 0)
        before = first[0] - start
        end = min(last[1] + CONTEXT, len(old))
        after = end - last[1]
        places = (start, end - start, first[2] - before, last[3] + after - first[2] + before)
        yield line(Span("@@ -{},{} +{},{} @@".format(*_from_one(places)), "dim"))
        at = start
        for old_start, old_end, new_start, new_end in changes:
            yield from self._shown(" ", range(at, old_start), old, "")
            yield from self._shown("-", range(old_start, old_end), old, "gone")
            yield from self._shown("+", range(new_start, new_end), new, "add")
            at = old_end
        yield from self._shown(" ", range(at, end), old, "")

    def _shown(
        self,
        sign: str,
        rows: range,
        lines: Sequence[str],
        style: Style,
    ) -> Iterator[Line]:
        for row in rows:
            text = HIDDEN if self.is_hidden(lines[row].removesuffix("\0")) else lines[row]
            ended = text.endswith("\0")
            yield line(Span(sign + text.removesuffix("\0"), style))
            if ended:
                yield line(Span(NO_END, "dim"))


def _from_one(places: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    old, old_count, new, new_count = places
    return old + (old_count > 0), old_count, new + (new_count > 0), new_count


def _marked(lines: list[str], text: str) -> list[str]:
    """Mark a last line that nothing ends, so that ending it is a difference."""
    if lines and not text.endswith("\n"):
        lines[-1] += "\0"
    return lines


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    if len(old) == len(new):  # most edits: as fast as comparing
        rows = (row for row in range(len(old)) if old[row] != new[row])
        yield from _joined((row, row + 1, row, row + 1) for row in rows)
        return
    first = next(
        (n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )
    matcher = SequenceMatcher(None, old[first:], new[first:])
    for tag, *places in matcher.get_opcodes():
        if tag != "equal":
            a, b, c, d = (place + first for place in places)
            yield a, b, c, d


def _joined(changes: Iterator[Change]) -> Iterator[Change]:
    """Put changes of lines that follow each other into one."""
    last: Change | None = None
    for change in changes:
        if last is not None and last[1] == change[0]:
            last = (last[0], change[1], last[2], change[3])
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last


def _hunks(changes: Sequence[Change]) -> Iterator[list[Change]]:
    hunk: list[Change] = []
    for change in changes:
        if hunk and change[0] - hunk[-1][1] > 2 * CONTEXT:
            yield hunk
            hunk = []
        hunk.append(change)
    yield hunk
