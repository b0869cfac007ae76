"""What an apply says afterwards: exactly what was done, what was not, and what nobody knows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.errors import Exit, worst
from reconciler.protocols import Entry, Ledger, State


@dataclass(frozen=True, slots=True)
class Result:
    """One operation as it ended.

    Attributes:
        id: Its name in the plan, such as `op-04`.
        address: `tenant/kind/name`.
        entry: The address of the YAML entry that it belongs to.
        action: The act.
        status: done, failed, not_started, unknown, parked, not_seen, waiting or skipped. Its
            home announced what is `waiting`; of what is `not_seen` it said yes and does not show
            it yet, which is no success.
        note: Why, as a sentence.
        attempt: How many times it was begun.
        paid: Whether money or a number is at stake.
        approval: The approval that it lacks, for a skipped one.
        run_id: The run whose journal has it: an earlier one for what is gone on with.
        charged: That its carrier took another amount than the plan said, as a clause.
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
    charged: str = ""


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part of a plan as it ended.

    Attributes:
        part: The tenant.
        status: done, incomplete, stale, consumed, blocked, locked, invalid, unavailable or
            interrupted.
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
    """A whole apply as it ended.

    Attributes:
        run_id: Its run.
        parts: Each part that had anything to do.
        interrupted: Whether somebody stopped it.
        extra: Exit statuses that hold beside those of its parts.
        left: What earlier runs left at these tenants that is not over.
    """

    run_id: str
    parts: tuple[PartReport, ...]
    interrupted: bool = False
    extra: frozenset[Exit] = field(default=frozenset())
    left: tuple[Result, ...] = ()

    @property
    def held(self) -> frozenset[Exit]:
        """Every exit status that holds."""
        return self.extra.union(statuses_of(self.left), *(part.statuses for part in self.parts))

    @property
    def exit_code(self) -> Exit:
        """The status to exit with; a part refused beside one that ran makes it incomplete."""
        if self.interrupted:
            return Exit.INTERRUPTED
        held = set(self.held)
        ran = any(r.status == "done" for part in self.parts for r in part.results)
        if ran and Exit.STALE in held:
            held.add(Exit.INCOMPLETE)
        return worst(held)


_STATUS = {
    State.INTENDED: "not_started",
    State.SENT: "unknown",
    State.DONE: "not_seen",
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
        status=_status(entry),
        note=note or entry.waiting or entry.note or _charged(entry) or _NOTES.get(entry.state, ""),
        attempt=entry.attempt,
        paid=entry.is_paid,
        run_id=entry.run_id,
        charged=_charged(entry),
    )


def _charged(entry: Entry) -> str:
    """Say where a carrier took another amount than the plan showed; "" where it did not."""
    planned = json.loads(entry.body).get("cost", {}) if entry.amount else {}
    if planned.get("state") != "priced":
        return ""
    same = Decimal(entry.amount) == Decimal(planned["once"])
    if same and entry.currency == planned["currency"]:
        return ""
    return (
        f"it took {entry.amount} {entry.currency}, and the plan said"
        f" {planned['once']} {planned['currency']}"
    )


_NOTES = {State.DONE: "its home said yes, and does not show it yet"}
"""What there is to say of a row whose home gave no reason."""


def _status(entry: Entry) -> str:
    announced = entry.state is State.DONE and entry.waiting
    return "waiting" if announced else _STATUS[entry.state]


def not_over(
    ledger: Ledger, tenants: Iterable[str], told: Collection[str] = ()
) -> tuple[Result, ...]:
    """Find what earlier runs left at some tenants that is not over.

    What was only intended was never sent: the next apply closes it, so it is not among them.

    Args:
        ledger: Our own records.
        tenants: Whose operations.
        told: Addresses that the report tells of anyway.
    """
    wanted = set(tenants)
    return tuple(
        result_of(row, str(row.address))
        for row in ledger.open_operations()
        if row.address.tenant in wanted
        and row.state is not State.INTENDED
        and str(row.address) not in told
    )


def statuses_of(results: Iterable[Result]) -> frozenset[Exit]:
    """The exit statuses that some results mean."""
    held: set[Exit] = set()
    for result in results:
        if result.status in {"unknown", "parked"}:
            held.add(Exit.UNKNOWN if result.paid else Exit.INCOMPLETE)
        elif result.status in {"failed", "not_started", "not_seen"}:
            held.add(Exit.INCOMPLETE)
    return frozenset(held)
