"""`connectors`: what carrier accounts there are, whether they answer, what is on them."""

from __future__ import annotations

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, width_of
from reconciler.cli.session import session_of
from reconciler.errors import Exit, WrongUsage, worst


@click.group()
def connectors() -> None:
    """List carrier accounts, test them, hold what is on them against what is ours; forget one."""


@connectors.command("list")
@output_option
@click.pass_obj
def list_connectors(context: Context, outputs: tuple[Output, ...]) -> int:
    """List carrier accounts and what each can do. Asks no carrier, runs no program.

    Whether credentials are there is told, never what they are. Numbers are those of the last
    read, with its time.
    """
    from reconciler.cli.account_list import listed_accounts  # noqa: PLC0415 - brings carriers
    from reconciler.report.connectors import (  # noqa: PLC0415 - as above
        accounts_json,
        accounts_text,
    )

    session = session_of(context)
    try:
        accounts, elsewhere = listed_accounts(session)
    finally:
        session.close()
    emit(
        outputs,
        lambda: accounts_text(accounts, elsewhere, width_of(context.environment)),
        lambda: (accounts_json(accounts, elsewhere),),
        context.environment,
    )
    return Exit.DONE


@connectors.command("test")
@click.argument("names", nargs=-1, metavar="[CONNECTOR]...")
@output_option
@click.pass_obj
def test_connectors(context: Context, names: tuple[str, ...], outputs: tuple[Output, ...]) -> int:
    """Read each carrier account once, all or those named: what it says, and how fast.

    Exits 7 when one fails.
    """
    from reconciler.cli.account_reads import tested  # noqa: PLC0415 - brings carriers
    from reconciler.report.connectors import reads_json, reads_text  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        found = tuple(tested(session, names))
    finally:
        session.close()
    status = worst(one.status for one in found)
    emit(
        outputs,
        lambda: reads_text(found),
        lambda: (reads_json(found, status),),
        context.environment,
        status=status,
    )
    return status


@connectors.command("sync")
@click.argument("names", nargs=-1, metavar="[CONNECTOR]...")
@output_option
@click.pass_obj
def sync_connectors(context: Context, names: tuple[str, ...], outputs: tuple[Output, ...]) -> int:
    """Read carrier accounts now: what is there and nobody's, what is ours and not there.

    Changes nothing at any home. Exits 2 when something of ours is missing, 7 when an account
    could not be read.
    """
    from reconciler.cli.account_reads import synced  # noqa: PLC0415 - brings carriers
    from reconciler.report.connectors import synced_json, synced_text  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        found = tuple(synced(session, names))
    finally:
        session.close()
    status = worst(one.status for one in found)
    emit(
        outputs,
        lambda: synced_text(found),
        lambda: (synced_json(found, status),),
        context.environment,
        status=status,
    )
    return status


@connectors.command("forget")
@click.argument("name", metavar="NAME")
@click.option("--reason", default="", metavar="TEXT", help="Why. Kept for good.")
@output_option
@click.pass_obj
def forget_connector(context: Context, name: str, reason: str, outputs: tuple[Output, ...]) -> int:
    """Give up what was left on the account NAME, which reconciler.yaml has no more.

    Gateways, access list and the like stay there as they are, and no plan speaks of them any
    more. Sends nothing. Numbers of tenants are not forgotten.
    """
    from reconciler.cli.forget import (  # noqa: PLC0415 - brings carriers
        forget,
        forgotten_json,
        forgotten_text,
    )

    if not reason.strip():
        raise WrongUsage("The reason is missing.", "Give --reason with why it is given up.")
    session = session_of(context)
    try:
        left = forget(session, name, reason.strip())
    finally:
        session.close()
    emit(
        outputs,
        lambda: forgotten_text(name, left),
        lambda: (forgotten_json(name, left, reason.strip()),),
        context.environment,
    )
    return Exit.DONE
