"""`numbers` and `quarantine`: the platform's records of numbers. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.engine.quarantine import believed
from reconciler.errors import Exit
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.report.numbers import numbers_json, numbers_text
from reconciler.report.quarantine import quarantine_json, quarantine_text, quarantines


@click.group()
def numbers() -> None:
    """List numbers and where they are in their life."""


@numbers.command("list")
@click.argument("only", nargs=-1, metavar="[NUMBER]...")
@click.option("--tenant", help="Of this tenant only.")
@click.option("--state", type=click.Choice([state.value for state in NumberState]))
@output_option
@click.pass_obj
def list_numbers(
    context: Context,
    only: tuple[str, ...],
    tenant: str | None,
    state: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """List the platform's records of numbers, all or those named."""
    session = session_of(context)
    try:
        found = tuple(
            number
            for number in session.platform.numbers_of(tenant)
            if (not only or number.e164 in only) and state in {None, number.state.value}
        )
    finally:
        session.close()
    emit(outputs, lambda: numbers_text(found), lambda: (numbers_json(found),), context.environment)
    return Exit.DONE


@click.group(invoke_without_command=True)
@click.option("--tenant", help="Of this tenant only.")
@output_option
@click.pass_context
def quarantine(ctx: click.Context, tenant: str | None, outputs: tuple[Output, ...]) -> int:
    """List numbers that are out of git, still owned and billed, and when each may be released."""
    if ctx.invoked_subcommand is not None:
        return Exit.DONE
    return _quarantine(ctx.obj, tenant, outputs)


@quarantine.command("list")
@click.option("--tenant", help="Of this tenant only.")
@output_option
@click.pass_obj
def list_quarantine(context: Context, tenant: str | None, outputs: tuple[Output, ...]) -> int:
    """List numbers that are out of git, still owned and billed, and when each may be released."""
    return _quarantine(context, tenant, outputs)


def _quarantine(context: Context, tenant: str | None, outputs: tuple[Output, ...]) -> int:
    session = session_of(context)
    try:
        now = session.clock.now()
        items = quarantines(
            _believed(session, tenant), session.project.settings.quarantine_days, now
        )
    finally:
        session.close()
    emit(
        outputs,
        lambda: quarantine_text(items, now),
        lambda: (quarantine_json(items),),
        context.environment,
    )
    return Exit.DONE


def _believed(session: Session, tenant: str | None) -> Iterable[PoolNumber]:
    """The records in quarantine, each with the later of its own date and the journal's."""
    listed = [
        record
        for record in session.platform.numbers_of(tenant)
        if record.state is NumberState.QUARANTINED
    ]
    names = [record.e164 for record in listed]
    journal = session.ledger.quarantined_at(session.platform.name, names)
    return (believed(record, journal.get(record.e164, ""), "") for record in listed)
