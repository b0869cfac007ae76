"""Progress while an apply runs: a moving line on a terminal, plain lines elsewhere, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from reconciler.protocols import Clock
from reconciler.report.terminal import Look, in_ascii, look_of
from reconciler.report.text import line, plain, printable

Tell = Callable[[str, Mapping[str, Any]], None]

_SAID = {
    "op_verified": "done",
    "op_failed": "failed",
    "op_unknown": "unknown",
    "op_parked": "parked",
}
"""Events after which an operation is settled for this run."""

_TROUBLE = frozenset({"op_failed", "op_unknown", "op_parked"})

EACH_UP_TO = 100
"""Operations of a plan up to which each is told on a line of its own."""

BETWEEN_COUNTS_SECONDS = 10.0
BETWEEN_WAITS_SECONDS = 30.0


class Progress(Protocol):
    """Tells what happens, between `with` and its end."""

    def begin(self, total: int | None, plan_id: str = "") -> None:
        """Learn how many operations there are, and of which plan; None when that is not known."""
        ...

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Tell of one event."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def progress(
    stream: TextIO | None, environment: Mapping[str, str], clock: Clock, *, quiet: bool
) -> Progress:
    """Choose how progress is told.

    Args:
        stream: stderr; None where it is closed.
        environment: CI, TERM, RECONCILER_PLAIN and the variables of colour decide.
        clock: Between lines.
        quiet: Tell only of waits and of what cannot be reached: a machine reads the rest.
    """
    look = look_of(stream, environment)
    in_ci = bool(environment.get("CI"))
    dumb = environment.get("TERM") == "dumb"
    if stream is not None and stream.isatty() and not (quiet or in_ci or dumb or look.ascii):
        return Moving(stream, look)
    return PlainLines(stream, look, clock, quiet=quiet)


class Settled:
    """Which operations of a plan are settled. Each counts once.

    One that was in doubt may be told of again when it is found to be done, and what a dead run
    left behind is none of this plan's.
    """

    def __init__(self, plan_id: str = "") -> None:
        self._of_plan = f"{plan_id}/" if plan_id else ""
        self._ids: set[str] = set()

    def hear(self, event: str, facts: Mapping[str, Any]) -> None:
        """Take an event."""
        if event in _SAID and str(facts["op_id"]).startswith(self._of_plan):
            self._ids.add(facts["op_id"])

    @property
    def count(self) -> int:
        """How many."""
        return len(self._ids)


class PlainLines:
    """A line for each operation of a small plan, counts now and then of a large one."""

    def __init__(self, stream: TextIO | None, look: Look, clock: Clock, *, quiet: bool) -> None:
        self._stream = stream
        self._look = look
        self._clock = clock
        self._quiet = quiet
        self._total: int | None = None
        self._settled = Settled()
        self._told_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def begin(self, total: int | None, plan_id: str = "") -> None:
        """As `Progress`."""
        self._total = total
        self._settled = Settled(plan_id)
        self._told_at["counts"] = self._clock.monotonic()

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """As `Progress`."""
        self._settled.hear(event, facts)
        text = self._sentence(event, facts)
        if text and self._stream is not None:
            made = line(text)
            with suppress(OSError, ValueError):  # a closed stderr stops no apply
                shown = plain(in_ascii(made) if self._look.ascii else made)
                self._stream.write(f"{shown}\n")
                self._stream.flush()

    def _sentence(self, event: str, facts: Mapping[str, Any]) -> str:
        if event == "lock_wait":
            due = self._is_due(f"lock {facts['tenant']}", BETWEEN_WAITS_SECONDS)
            return waiting(facts) if due else ""
        if event == "unavailable":
            return str(facts["message"])
        if self._quiet or event not in _SAID:
            return ""
        if event in _TROUBLE or (self._total or 0) <= EACH_UP_TO:
            return f"{settled(event, facts)}{self._counted()}"
        due = self._is_due("counts", BETWEEN_COUNTS_SECONDS)
        return f"{self._settled.count:,} of {self._total:,} operations" if due else ""

    def _counted(self) -> str:
        return f" ({self._settled.count} of {self._total})" if self._total else ""

    def _is_due(self, what: str, seconds: float) -> bool:
        now = self._clock.monotonic()
        if what in self._told_at and now - self._told_at[what] < seconds:
            return False
        self._told_at[what] = now
        return True


class Moving:
    """One line that moves, and is gone afterwards; trouble is told above it and stays."""

    def __init__(self, stream: TextIO, look: Look) -> None:
        # 60 ms, needed on a terminal only.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        console = Console(
            file=stream,
            force_terminal=True,
            color_system="standard" if look.colour else None,
            highlight=False,
            emoji=False,
            markup=False,
        )
        self._bar = Progress(
            SpinnerColumn(),
            MofNCompleteColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("applying", total=None)
        self._settled = Settled()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, ValueError):
            self._bar.stop()

    def begin(self, total: int | None, plan_id: str = "") -> None:
        """As `Progress`."""
        self._settled = Settled(plan_id)
        self._bar.update(self._task, total=total)

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """As `Progress`."""
        with suppress(OSError, ValueError):  # a terminal that has gone stops no apply
            self._told(event, facts)

    def _told(self, event: str, facts: Mapping[str, Any]) -> None:
        self._settled.hear(event, facts)
        self._bar.update(self._task, completed=self._settled.count)
        if event in _TROUBLE:
            self._bar.console.print(printable(settled(event, facts)))
        elif event == "unavailable":
            self._bar.console.print(printable(str(facts["message"])))
        elif event == "lock_wait":
            self._bar.update(self._task, description=printable(waiting(facts)))
        elif "address" in facts:
            doing = f"{facts['action']} {facts['address']}"
            self._bar.update(self._task, description=printable(doing))


def settled(event: str, facts: Mapping[str, Any]) -> str:
    """What became of an operation, as a sentence."""
    note = f": {facts['note']}" if facts.get("note") else ""
    return f"{_SAID[event]} {facts['action']} {facts['address']}{note}"


def waiting(facts: Mapping[str, Any]) -> str:
    """Who is waited for."""
    return f"waiting for {facts['tenant']}: {facts['owner']} works on it (run {facts['run']})"
