"""Go on with a run: its own operations, nothing else, and of them only what may still be begun."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.apply.edges import Edges
from reconciler.apply.lease import under_lease
from reconciler.apply.recover import awaits_account, operation_of, recover, results_of
from reconciler.apply.report import PartReport, Report, not_over, statuses_of
from reconciler.apply.run import Options, ending, run_tasks
from reconciler.apply.secrets import Values
from reconciler.apply.sequence import OperationSequence
from reconciler.engine.plan import tenant_of
from reconciler.errors import Stale, WrongUsage
from reconciler.model.act import PARTINGS, Action
from reconciler.observe import Accounts
from reconciler.protocols import Entry, Lease, Run, State


def resume_run(edges: Edges, run_id: str, options: Options, accounts: Accounts) -> Report:
    """Go on with the consumed parts of a run that did not finish.

    Of a run whose operations are all over it is told how they ended; nothing is begun.

    Raises:
        WrongUsage: There is no such run.
        Stale: It has nothing to go on with.
    """
    run = edges.ledger.run(run_id)
    if run is None:
        raise WrongUsage(f"There is no run {run_id!r}.", "List them: reconciler runs list")
    rows = edges.ledger.operations(run_id)
    if not rows:
        raise _without_operations(run)
    parts = tuple(dict.fromkeys(row.part for row in rows))
    if not any(row.is_open for row in rows):
        report = Report(run_id, tuple(_as_it_ended(edges, run_id, part) for part in parts))
    else:
        report = _gone_on(edges, run, parts, options, accounts)
    if not run.finished_at and not any(part.status == "locked" for part in report.parts):
        edges.ledger.finish_run(run_id, report.exit_code)  # its process is gone
    return report


def _without_operations(run: Run) -> Stale:
    went_on_with = run.command.removeprefix("resume ")
    if went_on_with != run.command:
        return Stale(
            f"Run {run.run_id} went on with run {went_on_with} and has no operations of its own.",
            f"reconciler resume {went_on_with}",
        )
    ended = f"ended with {run.exit_code}" if run.exit_code is not None else "was cut off"
    return Stale(
        f"Run {run.run_id} has nothing to go on with: it {ended} before it began anything.",
        "Plan again: reconciler plan",
    )


def _gone_on(
    edges: Edges, run: Run, parts: Sequence[str], options: Options, accounts: Accounts
) -> Report:
    new_run = edges.new_id()
    edges.ledger.start_run(new_run, who=edges.who, command=options.command, plan_id=run.plan_id)
    edges.tell("run_start", {"run": new_run, "plan_id": run.plan_id})
    with ending(edges, new_run):
        reports = tuple(
            _resumed(edges, run.run_id, part, options, accounts, new_run) for part in parts
        )
        interrupted = any(report.status == "interrupted" for report in reports)
        told = {result.address for report in reports for result in report.results}
        report = Report(
            new_run, reports, interrupted, left=not_over(edges.ledger, map(tenant_of, parts), told)
        )
        edges.ledger.finish_run(new_run, report.exit_code)
    edges.tell("run_end", {"run": new_run, "exit_code": int(report.exit_code)})
    return report


def _as_it_ended(edges: Edges, run_id: str, part: str) -> PartReport:
    results = results_of(edges, run_id, part)
    held = statuses_of(results)
    return PartReport(part, "incomplete" if held else "done", results, statuses=held)


def _resumed(
    edges: Edges, run_id: str, part: str, options: Options, accounts: Accounts, new_run: str
) -> PartReport:
    """Go on with one consumed part."""
    rows = [row for row in edges.ledger.operations(run_id) if row.part == part]
    if not any(row.is_open for row in rows):
        return _as_it_ended(edges, run_id, part)
    return under_lease(
        edges,
        part,
        new_run,
        lambda lease: _under(edges, lease, run_id, part, options, accounts),
        lambda: results_of(edges, run_id, part),
    )


def _under(
    edges: Edges, lease: Lease, run_id: str, part: str, options: Options, accounts: Accounts
) -> PartReport:
    """First find out what was sent, then begin what was not and may still be."""
    recover(edges, lease, tenant_of(part), accounts, options.still_wanted, going_on=run_id)
    rows = [row for row in edges.ledger.operations(run_id) if row.part == part]
    late = {row.op_id for row in rows if _is_late(row, options)}
    given_up = [row for row in rows if row.op_id in late and not awaits_account(edges, row)]
    _withdraw(edges, lease, given_up)
    tasks = [(operation_of(row), row.op_id) for row in rows if row.op_id not in late]
    values = Values(edges)
    to_begin = {row.op_id for row in rows if row.state is State.INTENDED}
    values.prepare((op_id, operation) for operation, op_id in tasks if op_id in to_begin)
    report = run_tasks(part, OperationSequence(edges, lease, accounts, values), tasks)
    return _in_plan_order(edges, run_id, report)


def _is_late(row: Entry, options: Options) -> bool:
    """Whether a resumed run must not send it any more, or an order that git took back.

    What lets a number go, or a port, was approved for the world of then. What was sent is only
    looked for.
    """
    if row.action in PARTINGS or row.action is Action.PORT:
        return row.is_open
    withdrawn = row.action is Action.ORDER and not options.still_wanted(operation_of(row))
    return row.is_open and withdrawn


def _withdraw(edges: Edges, lease: Lease, rows: Sequence[Entry]) -> None:
    """Close what was never sent of what must not be: a new plan looks at the world of now."""
    for row in rows:
        if row.state is State.INTENDED:
            with edges.ledger.transaction(lease, "op-failed") as journal:
                journal.move(row.op_id, State.FAILED, "not begun again by resume: plan it anew")


def _in_plan_order(edges: Edges, run_id: str, report: PartReport) -> PartReport:
    """Tell every row of the part, also those that were not gone on with."""
    ran = {result.id: result for result in report.results}
    results = tuple(ran.get(r.id, r) for r in results_of(edges, run_id, report.part))
    held = statuses_of(results)
    status = report.status if report.status == "interrupted" else "incomplete" if held else "done"
    return PartReport(report.part, status, results, statuses=held)
