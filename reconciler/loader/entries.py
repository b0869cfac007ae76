"""Keys and values that are odd: twice there, of several lines, too long, with hidden characters.

Each is called only where a look over the whole text says that there may be something.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from reconciler.loader.characters import bad_escapes
from reconciler.loader.codes import quoted, told
from reconciler.loader.document import Marks
from reconciler.loader.faults import MAX_SCALAR, Event, Faults


def duplicate(
    faults: Faults, name: str, key: Event, values: dict[str, Any], spans: list[int]
) -> str:
    """Report a second key and return a name for it that is still free."""
    row = 4 * list(values).index(name) + 2
    _told_twice(faults, name, (key.start_mark.index, key.end_mark.index), spans[row : row + 2])
    return f"{name}\0{key.start_mark.index}"


def _told_twice(faults: Faults, name: str, again: tuple[int, int], first: list[int]) -> None:
    before = faults.source.location(first[0], first[1])
    faults.add(
        told(
            "E103",
            faults.source.location(*again),
            f"The key {quoted(name)} stands in this mapping already, on line {before.line}.",
            "Remove one of the two, or rename it.",
            related=((before, "first given here"),),
        )
    )


def check_keys(faults: Faults, values: dict[str, Any], spans: list[int], *, odd: bool) -> None:
    """Look for keys that stand for nothing or merge, and where some are odd, for those."""
    for name in ("", "<<"):
        if name in values:
            _check_plain_key(faults, name, 4 * list(values).index(name) + 2, spans)
    if odd:
        _check_odd_keys(faults, values, spans)


def _check_plain_key(faults: Faults, name: str, row: int, spans: list[int]) -> None:
    start, end = spans[row], spans[row + 1]
    if faults.source.text.startswith(('"', "'", "|", ">"), start):
        return
    place = faults.source.location(start, end)
    if name:
        detail = "The key `<<` would merge another mapping into this one."
        faults.add(told("E104", place, detail, "Write out the keys that it stands for."))
    else:
        detail = "There is no key before this colon."
        faults.add(told("E110", place, detail, "Write a key, in quotes where it is a sign."))


def _check_odd_keys(faults: Faults, values: dict[str, Any], spans: list[int]) -> None:
    """Look for keys of several lines, and for those that are equal as Unicode text only."""
    seen: dict[str, int] = {}
    for row, name in enumerate(values):
        at = 4 * row + 2
        if "\n" in name or "\t" in name:
            faults.add(
                told(
                    "E110",
                    faults.source.location(spans[at], spans[at + 1]),
                    f"The key {quoted(name)} holds a line end or a tab.",
                    "Write the key on one line.",
                )
            )
        first = seen.setdefault(unicodedata.normalize("NFC", name), at)
        if first != at:
            _told_twice(faults, name, (spans[at], spans[at + 1]), spans[first : first + 2])


def check_scalars(
    faults: Faults, spans: list[int], inner: dict[Any, Marks], *, escapes: bool
) -> None:
    """Look for values that are too long, and where there are odd escapes, for those."""
    text = faults.source.text
    nested = {marks.spans[0] for marks in inner.values()}
    for start, end in zip(spans[2::2], spans[3::2], strict=True):
        if start in nested:
            continue
        if end - start > MAX_SCALAR:
            _too_long(faults, start, end)
        if escapes and text.startswith('"', start):
            _bad_escapes(faults, start, end)


def _too_long(faults: Faults, start: int, end: int) -> None:
    faults.add(
        told(
            "E109",
            faults.source.location(start, end),
            f"This value has {end - start:,} characters; {MAX_SCALAR:,} are allowed.",
            "Put it into a file of its own and name that file.",
        )
    )


def _bad_escapes(faults: Faults, start: int, end: int) -> None:
    for first, last, char in bad_escapes(faults.source.text, start, end):
        faults.add(
            told(
                "E114",
                faults.source.location(first, last),
                f"The escape {quoted(faults.source.text[first:last])} writes U+{char:04X}.",
                "Remove it.",
            )
        )
