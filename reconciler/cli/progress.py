"""Progress on stderr: a line for each operation that settles, and for each wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TextIO

from reconciler.report.text import printable

_SAID = {
    "op_verified": "done",
    "op_failed": "failed",
    "op_unknown": "unknown",
    "op_parked": "parked",
}


def teller(stream: TextIO, *, quiet: bool) -> Callable[[str, Mapping[str, Any]], None]:
    """Make what tells of progress. `quiet` leaves only waits and interrupts."""

    def tell(event: str, facts: Mapping[str, Any]) -> None:
        text = _sentence(event, facts, quiet=quiet)
        if text:
            stream.write(f"{printable(text)}\n")
            stream.flush()

    return tell


def _sentence(event: str, facts: Mapping[str, Any], *, quiet: bool) -> str:
    if event == "lock_wait":
        return f"waiting for {facts['tenant']}: {facts['owner']} works on it (run {facts['run']})"
    if event in {"interrupted", "unavailable"}:
        return str(facts["message"])
    if quiet or event not in _SAID or event == "op_verified":
        return ""
    note = f": {facts['note']}" if facts.get("note") else ""
    return f"{_SAID[event]} {facts['action']} {facts['address']}{note}"
