"""`numbers` and `quarantine`: the platform's records of numbers, and how they come and go."""

from __future__ import annotations

import re
from pathlib import Path

import click

from reconciler.cli.approvals import FORMS
from reconciler.cli.holdings import quarantined
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import session_of
from reconciler.cli.supply import coverage, pick, search
from reconciler.engine.quarantine import ends_at
from reconciler.errors import Exit, WrongUsage
from reconciler.model.act import Action
from reconciler.model.supply import NumberState, Parting
from reconciler.report.numbers import numbers_json, numbers_text
from reconciler.report.quarantine import quarantine_json, quarantine_text, quarantines


@click.group()
def numbers() -> None:
    """List numbers, find new ones, load and reserve those of the pool, give up old ones."""


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
        until = {
            record.e164: ends_at(record, days)
            for record in quarantined(session, session.platform.numbers_of(tenant))
        }
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


_APPROVE = click.option(
    "--approve",
    "approvals",
    multiple=True,
    metavar=FORMS,
    help="Approve one act that cannot be undone; one option for each.",
)
_OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, and leave it to `apply`.",
)
_LOCK = click.option(
    "--lock-timeout", default="", metavar="DURATION", help="How long to wait for a lock: 90s."
)


@numbers.command("remove")
@click.argument("e164s", nargs=-1, required=True, metavar="NUMBER...")
@_APPROVE
@_OUT
@_LOCK
@output_formats("ndjson", "md")
@click.pass_obj
def remove_numbers(
    context: Context,
    e164s: tuple[str, ...],
    approvals: tuple[str, ...],
    out: Path | None,
    lock_timeout: str,
    outputs: tuple[Output, ...],
) -> int:
    """Take numbers off their carrier account; the carrier keeps them.

    For numbers whose quarantine is over, at a carrier that knows this beside a release (VoiceTel).
    It cannot be undone from here: each needs --approve remove:NUMBER. Nothing else is applied.
    """
    from reconciler.cli.leaving import Leave, leave  # noqa: PLC0415 - for this command only

    partings = dict.fromkeys(e164s, Parting(Action.REMOVE))
    return leave(context, Leave(partings, approvals, out, lock_timeout, outputs))


@numbers.command("move")
@click.argument("e164s", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--to-account", required=True, metavar="ID", help="The carrier's id of the account.")
@click.option(
    "--to-route", required=True, metavar="ID", help="The id of the route there, valid over there."
)
@_APPROVE
@_OUT
@_LOCK
@output_formats("ndjson", "md")
@click.pass_obj
def move_numbers(
    context: Context,
    e164s: tuple[str, ...],
    to_account: str,
    to_route: str,
    approvals: tuple[str, ...],
    out: Path | None,
    lock_timeout: str,
    outputs: tuple[Output, ...],
) -> int:
    """Hand numbers to another account of their carrier.

    For numbers in quarantine, however long they have been there, at a carrier that knows this
    (VoiceTel). From then on our account sees nothing of them: each needs
    --approve move:NUMBER=ACCOUNT/ROUTE. Nothing else is applied.
    """
    from reconciler.cli.leaving import Leave, leave  # noqa: PLC0415 - for this command only

    for value in (to_account, to_route):
        if not re.fullmatch(r"[0-9A-Za-z._-]+", value):
            raise WrongUsage(f"{value!r} is no id.", "Write it as the carrier does: 99.")
    partings = dict.fromkeys(e164s, Parting(Action.MOVE, f"{to_account}/{to_route}"))
    return leave(context, Leave(partings, approvals, out, lock_timeout, outputs))


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
            quarantined(session, session.platform.numbers_of(tenant)),
            session.project.settings.quarantine_days,
            now,
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
