"""Ctrl-C: the first finishes the call in flight, the second stops now."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """While it is open, an interrupt is noted and raised at the next safe boundary.

    The journal makes every boundary safe, a kill included; finishing the call in flight only
    spares the next run from having to find out what became of it.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self.asked = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._noted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def checkpoint(self, name: str) -> None:
        """Raise a noted interrupt where nothing is half done."""
        settled = name.endswith(":after-commit") and not name.startswith("op-sent")
        if self.asked and settled and name.startswith(("op-", "plan")):
            self.asked = False  # once: what follows gives the lease back and writes the report
            raise KeyboardInterrupt

    def _noted(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        os.write(2, b"finishing the call in flight; once more stops now\n")
