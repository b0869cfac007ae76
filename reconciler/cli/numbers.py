"""`numbers` and `quarantine`: the platform's records of numbers. Reads only."""

from __future__ import annotations

from datetime import datetime

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit
from reconciler.model.supply import NumberState
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
        now = _now(session)
        items = quarantines(
            session.platform.numbers_of(tenant), session.project.settings.quarantine_days, now
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


def _now(session: Session) -> datetime:
    """The later of the clock and the journal's last time: a clock set back ends no quarantine."""
    last = session.ledger.last_time()
    now = session.clock.now()
    return max(now, datetime.fromisoformat(last)) if last else now
