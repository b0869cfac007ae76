"""`runs`: what was applied, by whom, and settling by a person what nobody can find out."""

from __future__ import annotations

from collections.abc import Iterator

import click

from reconciler.apply.edges import LEASE_SECONDS
from reconciler.apply.recover import operation_of
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit, Locked, Stale, WrongUsage
from reconciler.model.address import ACCOUNT
from reconciler.protocols import Entry, HeldLease, Lease, Run, State
from reconciler.report.machine import document
from reconciler.report.runs import run_json, run_text, runs_json, runs_text
from reconciler.report.text import Line, line

DOUBTFUL = frozenset({State.UNKNOWN, State.PARKED})
"""States in which nobody knows whether an operation was done."""

_REFUSED = {
    State.INTENDED: "it was never sent",
    State.SENT: "it is not known yet whether it was done, and that can still be found out",
    State.DONE: "its home said that it was done, and it waits to be seen there",
    State.FAILED: "it is known not to have been done",
    State.VERIFIED: "it is known to have been done",
}


@click.group()
def runs() -> None:
    """List runs, show one, settle what nobody knows."""


@runs.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@output_option
@click.pass_obj
def list_runs(context: Context, limit: int, outputs: tuple[Output, ...]) -> int:
    """List the latest runs, newest first."""
    session = session_of(context)
    try:
        found = session.ledger.runs(limit)
    finally:
        session.close()
    emit(outputs, lambda: _listed(found), lambda: (runs_json(found),), context.environment)
    return Exit.DONE


def _listed(found: tuple[Run, ...]) -> Iterator[Line]:
    yield from runs_text(found)
    if found:
        yield line(f"One of them:  reconciler runs show {found[0].run_id}")


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@click.option("--unknown", is_flag=True, help="Only what nobody knows the outcome of.")
@output_option
@click.pass_obj
def show_run(context: Context, run_id: str, unknown: bool, outputs: tuple[Output, ...]) -> int:
    """Show a run and its journal."""
    session = session_of(context)
    try:
        run = _run(session, run_id)
        rows = session.ledger.operations(run_id)
    finally:
        session.close()
    if unknown:
        rows = tuple(row for row in rows if row.state in DOUBTFUL | {State.SENT})
    emit(
        outputs,
        lambda: _shown(run, rows, unknown=unknown),
        lambda: (run_json(run, rows),),
        context.environment,
    )
    return Exit.DONE


def _shown(run: Run, rows: tuple[Entry, ...], *, unknown: bool) -> Iterator[Line]:
    if unknown and not rows:
        yield line(f"Of run {run.run_id} nothing is unknown.")
    else:
        yield from run_text(run, rows)
    unsure = [row for row in rows if row.state is State.UNKNOWN]
    if unsure:
        yield line(
            f"Or, when you have looked and know:  reconciler runs settle {run.run_id} "
            f"{unsure[0].part}/{unsure[0].op} --happened|--did-not --reason TEXT"
        )
    elif not any(row.is_open for row in rows):
        yield line(f"Next:  reconciler plan {' '.join(run.parts)}")


@runs.command()
@click.argument("run_id", metavar="RUN")
@click.argument("op")
@click.option("--happened", is_flag=True, help="It was done.")
@click.option("--did-not", is_flag=True, help="It was not done.")
@click.option("--reason", default="", metavar="TEXT", help="How you know. Kept for good.")
@output_option
@click.pass_obj
def settle(
    context: Context,
    run_id: str,
    op: str,
    happened: bool,
    did_not: bool,
    reason: str,
    outputs: tuple[Output, ...],
) -> int:
    """Say what became of operation OP of RUN, when you have looked and know. Sends nothing.

    OP is its name in `reconciler runs show RUN`, such as op-04, or acme/op-04 where several
    tenants have one.
    """
    if happened is did_not:
        raise WrongUsage("Whether it was done is not said.", "Give --happened or --did-not.")
    if not reason.strip():
        raise WrongUsage("The reason is missing.", "Give --reason with how you know it.")
    session = session_of(context)
    try:
        _run(session, run_id)
        row = _row(session, run_id, op)
        settled = _settled(session, row, reason.strip(), happened=happened)
    finally:
        session.close()
    emit(outputs, lambda: _told(settled), lambda: (_record(settled, reason),), context.environment)
    return Exit.DONE


def _run(session: Session, run_id: str) -> Run:
    found = session.ledger.run(run_id)
    if found is None:
        raise WrongUsage(f"There is no run {run_id!r}.", "List them: reconciler runs list")
    return found


def _row(session: Session, run_id: str, op: str) -> Entry:
    rows = session.ledger.operations(run_id)
    found = [row for row in rows if op in {row.op, f"{row.part}/{row.op}", row.op_id}]
    if not found:
        raise WrongUsage(
            f"Run {run_id} has no operation {op!r}.", f"See: reconciler runs show {run_id}"
        )
    unsure = [row for row in found if row.state in DOUBTFUL]
    if len(unsure) == 1:
        return unsure[0]
    if len(found) > 1:
        names = " or ".join(f"{row.part}/{row.op}" for row in found)
        raise WrongUsage(f"Run {run_id} has several {op}.", f"Write {names}.")
    return found[0]


def _settled(session: Session, row: Entry, reason: str, *, happened: bool) -> Entry:
    """Move the row under its tenant's lease, with who and why, in one transaction."""
    ledger = session.ledger
    lease = _lease(session, row)
    try:
        with ledger.transaction(lease, "settle") as journal:
            row = ledger.operation(row.op_id) or row  # as it is under the lease
            _refuse(row)
            note = f"settled by {session.who}: {reason}"
            if happened:
                journal.move(row.op_id, State.VERIFIED, note)
                journal.applied(row.address, operation_of(row).after, {})
            else:
                if row.state is State.UNKNOWN:
                    journal.move(row.op_id, State.PARKED, note)
                journal.move(row.op_id, State.FAILED, note)
            told = {"op_id": row.op_id, "happened": happened, "reason": reason}
            journal.tell("settle", {**told, "by": session.who})
    finally:
        ledger.give_back(lease)
    return ledger.operation(row.op_id) or row


def _lease(session: Session, row: Entry) -> Lease:
    taken = session.ledger.take(
        (f"tenant/{row.address.tenant}",),
        owner=session.owner,
        run_id=row.run_id,
        ttl_seconds=LEASE_SECONDS,
    )
    if isinstance(taken, HeldLease):
        raise Locked(
            f"{row.address.tenant} is being worked on by {taken.owner} (run {taken.run_id}).",
            "Wait for it, or see: reconciler locks",
        )
    return taken


def _refuse(row: Entry) -> None:
    if row.state in DOUBTFUL:
        return
    over = row.state in {State.FAILED, State.VERIFIED}
    raise Stale(
        f"{row.part}/{row.op} is {row.state.value}: {_REFUSED[row.state]}. Nothing was settled.",
        "There is nothing left to do." if over else f"reconciler resume {row.run_id}",
    )


def _told(row: Entry) -> Iterator[Line]:
    what = "happened" if row.state is State.VERIFIED else "did not happen"
    yield line(f"Settled: {row.action.value} {row.address} {what}. Nothing was sent.")
    tenant = row.address.tenant
    yield line(f"Next:  reconciler plan{'' if tenant.startswith(ACCOUNT) else f' {tenant}'}")


def _record(row: Entry, reason: str) -> str:
    body = {
        "run_id": row.run_id,
        "op_id": row.op_id,
        "part": row.part,
        "op": row.op,
        "address": str(row.address),
        "action": row.action.value,
        "state": row.state.value,
        "reason": reason,
    }
    return document("settled", body)
