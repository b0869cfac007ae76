"""Whole numbers in quotes, in JSON Schema: an author may write `ring: 2` as `ring: "2"`.

The loader reads every scalar as text, so that both are one to it, and so they must be to an editor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANY_WHOLE = r"^-?[0-9]{1,9}$"


def with_quoted(schema: Any) -> Any:
    """Let every whole number of a schema be text of the same digits, within the same bounds."""
    if isinstance(schema, list):
        return [with_quoted(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {keyword: with_quoted(value) for keyword, value in schema.items()}
    if made.get("type") == "integer":
        low, high = made.get("minimum"), made.get("maximum")
        made["type"] = ["integer", "string"]
        made["pattern"] = ANY_WHOLE
        if isinstance(low, int) and isinstance(high, int) and 0 <= low <= high:
            made["pattern"] = pattern_between(low, high)
    return made


def pattern_between(low: int, high: int) -> str:
    """Write the regular expression of the whole numbers from `low` to `high`, 0 or more."""
    return f"^0*({'|'.join(_alternatives(low, high))})$"


def _alternatives(low: int, high: int) -> Iterator[str]:
    """Write one pattern for each run of numbers that differ in their last digits only."""
    for first, last in _runs(low, high):
        pairs = zip(str(first), str(last), strict=True)
        yield "".join(one if one == other else f"[{one}-{other}]" for one, other in pairs)


def _runs(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Cut a range where more of its last digits run from 0 to 9, or fewer again."""
    first = low
    while first <= high:
        size = 1  # how many numbers have the leading digits of the first one
        while first >= size * 10 and first % (size * 10) == 0 and first + size * 10 - 1 <= high:
            size *= 10
        last = first + size - 1
        while last + size <= high and (last + 1) // (size * 10) == first // (size * 10):
            last += size
        yield first, last
        first = last + 1
