"""`numbers` and `quarantine`: the platform's records of numbers, listed, loaded and reserved."""

from __future__ import annotations

from collections.abc import Iterable

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.cli.supply import coverage, pick, search
from reconciler.engine.quarantine import believed, ends_at
from reconciler.errors import Exit
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.report.numbers import numbers_json, numbers_text
from reconciler.report.quarantine import quarantine_json, quarantine_text, quarantines


@click.group()
def numbers() -> None:
    """List numbers, find new ones, load the pool from a list, reserve a number for a tenant."""


for each in (search, coverage, pick):
    numbers.add_command(each)


@numbers.command("list")
@click.argument("only", nargs=-1, metavar="[NUMBER]...")
@click.option("--tenant", help="Of this tenant only.")
@click.option("--state", type=click.Choice([state.value for state in NumberState]))
@click.option("--connector", help='At this carrier account only; "" for those at none.')
@output_option
@click.pass_obj
def list_numbers(
    context: Context,
    only: tuple[str, ...],
    tenant: str | None,
    state: str | None,
    connector: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """List the platform's records of numbers, all or those named."""
    session = session_of(context)
    try:
        days = session.project.settings.quarantine_days
        found = tuple(
            number
            for number in session.platform.numbers_of(tenant)
            if (not only or number.e164 in only)
            and state in {None, number.state.value}
            and connector in {None, number.connector}
        )
        until = {record.e164: ends_at(record, days) for record in _believed(session, tenant)}
    finally:
        session.close()
    emit(
        outputs,
        lambda: numbers_text(found, until),
        lambda: (numbers_json(found, until),),
        context.environment,
    )
    return Exit.DONE


@numbers.command("preload")
@click.argument("file")
@click.option("--connector", default="", help="The carrier account that holds them.")
@click.option("--tenant", default="", help="Reserve them for this tenant at once.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be loaded.")
@output_option
@click.pass_obj
def preload_numbers(
    context: Context,
    file: str,
    connector: str,
    tenant: str,
    dry_run: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Put the numbers of a CSV list into the pool; FILE may be - for standard input.

    The first column is the number in E.164. A country (two letters) and a type (local,
    national, tollfree, mobile) may follow, or stand under a header that says so. A number that
    is in the pool already stays as it is, whoever has it. Lines that cannot be taken are listed
    with their reason; the others are loaded all the same, and the status is 3.
    """
    from reconciler.cli.preload import Wish, preload  # noqa: PLC0415 - for this command only
    from reconciler.report.preload import preload_json, preload_text  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        done = preload(context, session, Wish(file, connector, tenant, dry_run))
    finally:
        session.close()
    emit(outputs, lambda: preload_text(done), lambda: (preload_json(done),), context.environment)
    return Exit.INVALID if done.refused else Exit.DONE


@numbers.command("reserve")
@click.argument("e164s", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--tenant", required=True, help="For whom, or whose reservation is given back.")
@click.option("--give-back", is_flag=True, help="End the reservation: anybody may have it again.")
@output_option
@click.pass_obj
def reserve_numbers(
    context: Context,
    e164s: tuple[str, ...],
    tenant: str,
    give_back: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Keep numbers of the pool for a tenant, before its YAML names them.

    Only what nobody has can be reserved, and only what is reserved for the tenant can be given
    back: a number in use leaves by its line in YAML.
    """
    from reconciler.cli.reserve import reserve  # noqa: PLC0415 - for this command only
    from reconciler.report.reserve import reserve_json, reserve_text  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        done = reserve(session, e164s, tenant, give_back=give_back)
    finally:
        session.close()
    emit(outputs, lambda: reserve_text(done), lambda: (reserve_json(done),), context.environment)
    return done.exit_code


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
