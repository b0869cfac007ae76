"""What is held back, waits or is not known: each reason once, with all that it is the reason of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from reconciler.engine.plan import Held
from reconciler.report.text import BLANK, Line, Span, labelled, line

MOST_LISTED: Final = 10
"""Names that are told one by one."""

_INDENT, _LABEL = 2, 24


def held_lines(
    title: str,
    held: Iterable[Held],
    width: int,
    *,
    name: Callable[[str], str] = str,
    more: str = "",
    whole: bool = False,
) -> Iterator[Line]:
    """Tell each reason once, with its next step; nothing where nothing is held.

    Args:
        title: What stands above.
        held: What is held.
        width: Columns.
        name: How an address is told.
        more: How to see those names that are left out.
        whole: Whether none is left out.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for item in held:
        alike.setdefault((item.detail, item.next), []).append(name(item.address))
    if not alike:
        return
    yield line(Span(title, "bold"))
    for (detail, after), names in alike.items():
        if len(names) == 1:
            yield from labelled(names[0], detail, width, _INDENT, _LABEL)
        else:
            yield from labelled(f"{len(names)} objects", detail, width, _INDENT, _LABEL)
            yield from labelled("", _listed(names, more, whole), width, _INDENT, _LABEL)
        if after:
            yield line("    next ", after)
    yield BLANK


def _listed(names: Sequence[str], more: str, whole: bool) -> str:  # noqa: FBT001 - one caller
    shown = names if whole else names[:MOST_LISTED]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f", {left} more{more}" if left else "")
