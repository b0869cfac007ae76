"""What an apply says afterwards: exactly what was done, what was not, and what nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.errors import Exit, worst
from reconciler.protocols import Entry, State


@dataclass(frozen=True, slots=True)
class Result:
    """One operation as it ended.

    Attributes:
        id: Its name in the plan, such as `op-04`.
        address: `tenant/kind/name`.
        entry: The address of the YAML entry that it belongs to.
        action: The act.
        status: done, failed, not_started, unknown, parked, waiting or skipped.
        note: Why, as a sentence.
        attempt: How many times it was begun.
        paid: Whether money or a number is at stake.
        approval: The approval that it lacks, for a skipped one.
        run_id: The run whose journal has it: an earlier one for what is gone on with.
    """

    id: str
    address: str
    entry: str
    action: str
    status: str
    note: str = ""
    attempt: int = 0
    paid: bool = False
    approval: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part of a plan as it ended.

    Attributes:
        part: The tenant.
        status: done, incomplete, stale, consumed, blocked, locked, invalid or unavailable.
        detail: What stands in the way, naming object, field and who.
        hint: The next step.
        results: Each operation.
        statuses: Exit statuses that hold for it.
    """

    part: str
    status: str
    results: tuple[Result, ...] = ()
    detail: str = ""
    hint: str = ""
    statuses: frozenset[Exit] = frozenset()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole apply as it ended."""

    run_id: str
    parts: tuple[PartReport, ...]
    interrupted: bool = False
    extra: frozenset[Exit] = field(default=frozenset())

    @property
    def exit_code(self) -> Exit:
        """The status to exit with; a part refused beside one that ran makes it incomplete."""
        if self.interrupted:
            return Exit.INTERRUPTED
        held = set(self.extra)
        for part in self.parts:
            held |= part.statuses
        ran = any(r.status == "done" for part in self.parts for r in part.results)
        if ran and Exit.STALE in held:
            held.add(Exit.INCOMPLETE)
        return worst(held)


_STATUS = {
    State.INTENDED: "not_started",
    State.SENT: "unknown",
    State.DONE: "waiting",
    State.FAILED: "failed",
    State.UNKNOWN: "unknown",
    State.VERIFIED: "done",
    State.PARKED: "parked",
}


def result_of(entry: Entry, yaml_entry: str, note: str = "") -> Result:
    """Tell one journal row."""
    return Result(
        id=entry.op,
        address=str(entry.address),
        entry=yaml_entry,
        action=entry.action.value,
        status=_STATUS[entry.state],
        note=note or entry.waiting or entry.note,
        attempt=entry.attempt,
        paid=entry.is_paid,
        run_id=entry.run_id,
    )


def statuses_of(results: tuple[Result, ...]) -> frozenset[Exit]:
    """The exit statuses that some results mean."""
    held: set[Exit] = set()
    for result in results:
        if result.status in {"unknown", "parked"}:
            held.add(Exit.UNKNOWN if result.paid else Exit.INCOMPLETE)
        elif result.status in {"failed", "not_started"}:
            held.add(Exit.INCOMPLETE)
    return frozenset(held)
