"""`apply -o ndjson`: events as they happen, then how each operation ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, TextIO

from reconciler import __version__
from reconciler.cli.options import Output
from reconciler.cli.progress import Progress, progress
from reconciler.cli.report_file import OWNER_ONLY
from reconciler.cli.stops import PipeClosed, Unwritten, forget_stdout, reason
from reconciler.engine.plan import Plan
from reconciler.errors import Exit, WrongUsage
from reconciler.protocols import Clock
from reconciler.report.ndjson import event, start

_NAMES = {
    "run_start": "run_start",
    "lock_wait": "lock_wait",
    "unavailable": "unavailable",
    "op_start": "op_start",
    "op_intended": "op_not_sent",
    "op_done": "op_wait",
    "op_verified": "op_done",
    "op_failed": "op_failed",
    "op_unknown": "op_unknown",
    "op_parked": "op_parked",
    "run_end": "run_end",
}
"""What is told, and as which record: `op_done` is what was read back, not what was answered."""

_MADE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOCTTY


class EventLines:
    """The streams that were asked for; one that fails is told of at the end, not before."""

    def __init__(self, outputs: Iterable[Output], clock: Clock) -> None:
        self._clock = clock
        self._asked = [output for output in outputs if output.form == "ndjson"]
        self._streams: dict[str, TextIO] = {}
        self._failed: dict[str, OSError] = {}
        self._begun = False

    def open(self) -> None:
        """Open the files.

        Raises:
            WrongUsage: One cannot be written; nothing was done.
        """
        for output in self._asked:
            if output.file is not None:
                self._streams[str(output.file)] = _opened(output.file)
            elif sys.stdout is not None:
                self._streams[""] = sys.stdout

    def tell(self, name: str, facts: Mapping[str, Any]) -> None:
        """Write an event to each stream, at once."""
        if name in _NAMES and self._streams:
            at = self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            self._write([event(_NAMES[name], at, facts)])

    def finish(self, pieces: Callable[[], Iterable[str]], status: Exit) -> None:
        """Write how it ended and let go.

        Raises:
            Unwritten: A stream did not take all of it.
            PipeClosed: Nobody reads stdout any more.
        """
        if self._streams:
            self._write(pieces())
        for name, stream in self._streams.items():
            if name:
                stream.close()
        self._streams = {}
        stdout = self._failed.pop("", None)
        if self._failed:
            told = [f'"{name}" cannot be written: {reason(e)}.' for name, e in self._failed.items()]
            raise Unwritten(" ".join(told), "What was done stands: reconciler runs list", status)
        if isinstance(stdout, BrokenPipeError):
            raise PipeClosed(status)
        if stdout is not None:
            text = f"Standard output cannot be written: {reason(stdout)}."
            raise Unwritten(text, "What was done stands: reconciler runs list", status)

    def _write(self, lines: Iterable[str]) -> None:
        if not self._begun:
            self._begun = True
            self._write([start("apply", tool={"name": "reconciler", "version": __version__})])
        for line in lines:
            for name, stream in list(self._streams.items()):
                try:
                    stream.write(line)
                    stream.flush()
                except OSError as error:
                    self._failed[name] = error
                    del self._streams[name]
                    if not name:
                        forget_stdout()


class Telling:
    """All that is told while an apply runs: progress on stderr, events where they are asked for."""

    def __init__(
        self, outputs: Iterable[Output], environment: Mapping[str, str], clock: Clock
    ) -> None:
        asked = tuple(outputs)
        to_terminal = any(o.form == "text" and o.file is None for o in asked)
        self._progress = progress(sys.stderr, environment, clock, quiet=not to_terminal)
        self.events = EventLines(asked, clock)
        self.events.open()

    def begun(self, plan: Plan | None) -> Progress:
        """Learn what is to be done; what is returned is open while it is."""
        total = plan.count() if plan is not None else None
        self._progress.begin(total, plan.envelope.plan_id if plan is not None else "")
        return self._progress

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Tell of an event."""
        self.events.tell(event, facts)
        self._progress.tell(event, facts)


def _opened(path: Path) -> TextIO:
    try:
        return open(os.open(path, _MADE, OWNER_ONLY), "w", encoding="utf-8")  # noqa: PTH123 - its mode
    except OSError as error:
        raise WrongUsage(
            f'"{path}" cannot be written: {reason(error)}.', "Name another file."
        ) from None
