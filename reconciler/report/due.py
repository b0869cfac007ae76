"""What waits for an approval of its own: how it is told, and the flag that gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from reconciler.report.text import number_of


class _Ended(Protocol):
    """What came of an act, as far as it may want an approval."""

    @property
    def status(self) -> str: ...
    @property
    def approval(self) -> str: ...


def approvals_due(ended: Iterable[_Ended]) -> list[str]:
    """The approvals for lack of which something was skipped."""
    return sorted({each.approval for each in ended if each.status == "skipped"} - {""})


def due_sentences(approvals: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What waits for an approval of its own, as a sentence and the flags that give it."""
    for word, (what, several, one, many) in _ASKED.items():
        mine = [approval for approval in approvals if approval.startswith(f"{word}:")]
        if mine:
            flags = " ".join(f"--approve {approval}" for approval in mine)
            count = number_of(len(mine), what, several)
            yield f"{count} {one if len(mine) == 1 else many}", flags


_ASKED = {
    "release": ("release", "releases", "is due and waits", "are due and wait"),
    "remove": ("removal", "removals", "was asked for and waits", "were asked for and wait"),
    "move": ("move", "moves", "was asked for and waits", "were asked for and wait"),
    "port": ("port", "ports", "is to be submitted and waits", "are to be submitted and wait"),
    "register": (
        "registration",
        "registrations",
        "is to be paid for and waits",
        "are to be paid for and wait",
    ),
    "emergency": (
        "emergency address",
        "emergency addresses",
        "would be removed",
        "would be removed",
    ),
}
"""What waits for an approval, by the approval's first word, and how it is told."""
