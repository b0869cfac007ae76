"""Time as an input, and the seam of the crash harness."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time as an input; only the entry point makes a real one."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow and count a suspended machine."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Checkpoint(Protocol):
    """Called at every boundary where a kill changes what is on disk or on the wire."""

    def __call__(self, name: str) -> None:
        """Pass the boundary `name`, such as ``op-sent:before-commit``."""
        ...


def no_checkpoint(name: str) -> None:
    """Pass every boundary: the checkpoint of real life."""
    del name
