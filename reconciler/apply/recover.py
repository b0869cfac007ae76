"""What a dead run left behind, resolved by reading; nothing new is started."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.apply.carrier import CarrierWork
from reconciler.apply.edges import Edges
from reconciler.apply.platform import PlatformWork
from reconciler.apply.report import Result, result_of
from reconciler.apply.secrets import Values
from reconciler.apply.shown import Task
from reconciler.apply.writing import platform_task
from reconciler.engine.plan import Operation
from reconciler.model.act import PARTINGS, Action
from reconciler.observe import Accounts
from reconciler.protocols import Entry, Lease, State


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of the operations that dead runs had not brought to an end.

    Attributes:
        open: Those that still are not over.
        undone: Those that had been sent, did not happen and are not done again here. A plan that
            was made before that was known lacks them.
    """

    open: tuple[Result, ...] = ()
    undone: tuple[Result, ...] = ()


def operation_of(entry: Entry) -> Operation:
    """Read the operation that a journal row carries."""
    return Operation.model_validate_json(entry.body)


def recover(
    edges: Edges,
    lease: Lease,
    tenant: str,
    accounts: Accounts,
    still_wanted: Callable[[Operation], bool],
    going_on: str = "",
) -> Recovered:
    """Resolve every open operation of a tenant, under its lease.

    What was sent is found out by reading. What was only intended is closed as not started, but
    for the record of a number that has left its account: that is written down as it is.
    An order with a key that its carrier remembers is repeated with that key, if git still
    wants it; nothing else is ever sent here.

    Args:
        edges: The outside.
        lease: Held for the tenant.
        tenant: Whose operations.
        accounts: Listings, read when needed.
        still_wanted: Whether git still asks for what an operation was to bring about.
        going_on: A run that is about to go on: what it only intended stays as it is.
    """
    rows = [row for row in edges.ledger.open_operations(tenant) if row.run_id != lease.run_id]
    values = Values(edges)
    carriers = CarrierWork(edges, lease, accounts, values, still_wanted)
    platform = PlatformWork(edges, lease, values, resolve_only=True)
    for row in rows:
        if row.state is State.INTENDED:
            continue
        operation = operation_of(row)
        if operation.home == "carrier":
            carriers.perform(Task(operation, row.op_id))
        else:
            platform.perform(platform_task(operation, row.op_id))
    recorder = PlatformWork(edges, lease, values)
    for row in _left_behind(edges, rows):
        recorder.perform(platform_task(operation_of(row), row.op_id))
    _close(edges, lease, [row for row in rows if row.run_id != going_on])
    _take_over(edges, lease, {row.run_id for row in rows} - {going_on})
    sent = [row for row in rows if row.state is not State.INTENDED]
    return Recovered(tuple(_still_open(edges, rows)), tuple(_undone(edges, sent, still_wanted)))


def _is_record(row: Entry) -> bool:
    """Whether it is our record of a number that leaves, not written yet."""
    begun = row.state is not State.INTENDED
    return row.action in PARTINGS and row.home == "platform" and not begun


def _before(edges: Edges, row: Entry) -> frozenset[State]:
    """How far all is that comes before an operation in its part."""
    ids = [row.op_id.removesuffix(row.op) + name for name in operation_of(row).depends_on]
    return frozenset(edges.ledger.states(ids).values())


def awaits_account(edges: Edges, row: Entry) -> bool:
    """Whether it is the record of a number of which nobody knows yet whether it has left."""
    return _is_record(row) and not _before(edges, row) <= {
        State.INTENDED,
        State.FAILED,
        State.VERIFIED,
    }


def _left_behind(edges: Edges, rows: Iterable[Entry]) -> Iterator[Entry]:
    """The records of numbers that have left their accounts, and that nobody wrote down yet."""
    for row in rows:
        if _is_record(row) and _before(edges, row) == {State.VERIFIED}:
            yield row


def _close(edges: Edges, lease: Lease, rows: Sequence[Entry]) -> None:
    """Close what was never sent, or was proven absent: the next plan asks for it anew."""
    now = [edges.ledger.operation(row.op_id) for row in rows]
    begun = [row for row in now if row is not None and row.state is State.INTENDED]
    todo = [row for row in begun if not awaits_account(edges, row)]
    if not todo:
        return
    sent = {row.op_id for row in rows if row.state is not State.INTENDED}
    with edges.ledger.transaction(lease, "op-failed") as journal:
        for row in todo:
            what = "it did not happen" if row.op_id in sent else "not started"
            journal.move(row.op_id, State.FAILED, f"{what}; a later plan takes over")


def _take_over(edges: Edges, lease: Lease, runs: Collection[str]) -> None:
    """Say of runs of which nothing is open any more that this one found out what became of them."""
    left = {row.run_id for row in edges.ledger.open_operations()} if runs else set()
    over = sorted(set(runs) - left)
    if over:
        with edges.ledger.transaction(lease, "run-taken-over") as journal:
            for run_id in over:
                journal.taken_over(run_id)


def _still_open(edges: Edges, rows: Sequence[Entry]) -> list[Result]:
    found = []
    for row in rows:
        now = edges.ledger.operation(row.op_id)
        if now is not None and now.is_open:
            found.append(result_of(now, operation_of(now).entry))
    return found


def _undone(
    edges: Edges, sent: Sequence[Entry], still_wanted: Callable[[Operation], bool]
) -> Iterator[Result]:
    """What did not happen, but for orders that git took back."""
    for row in sent:
        now, operation = edges.ledger.operation(row.op_id), operation_of(row)
        withdrawn = row.action is Action.ORDER and not still_wanted(operation)
        if now is not None and now.state is State.FAILED and not withdrawn:
            yield result_of(now, operation.entry)


def results_of(edges: Edges, run_id: str, part: str) -> tuple[Result, ...]:
    """Tell what the journal has of one part of a run."""
    rows = (row for row in edges.ledger.operations(run_id) if row.part == part)
    return tuple(result_of(row, operation_of(row).entry) for row in rows)
