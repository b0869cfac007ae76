"""`connectors`: what carrier accounts there are, whether they answer, what is on them."""

from __future__ import annotations

import click

from reconciler.cli.answering import answer
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import width_of
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

    return answer(
        context,
        outputs,
        listed_accounts,
        lambda _: Exit.DONE,
        lambda found: accounts_text(*found, width_of(context.environment)),
        lambda found, _: accounts_json(*found),
    )


@connectors.command("test")
@click.argument("names", nargs=-1, metavar="[CONNECTOR]...")
@output_option
@click.pass_obj
def test_connectors(context: Context, names: tuple[str, ...], outputs: tuple[Output, ...]) -> int:
    """Read each carrier account once, all or those named: what it says, and how fast.

    Exits 7 when one fails.
    """
    from reconciler.cli.account_reads import tested  # noqa: PLC0415 - brings carriers
    from reconciler.report.account_reads import reads_json, reads_text  # noqa: PLC0415 - as above

    return answer(
        context,
        outputs,
        lambda session: tuple(tested(session, names)),
        lambda found: worst(one.status for one in found),
        reads_text,
        reads_json,
    )


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
    from reconciler.report.account_reads import synced_json, synced_text  # noqa: PLC0415 - as above

    return answer(
        context,
        outputs,
        lambda session: tuple(synced(session, names)),
        lambda found: worst(one.status for one in found),
        synced_text,
        synced_json,
    )


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
    return answer(
        context,
        outputs,
        lambda session: forget(session, name, reason.strip()),
        lambda _: Exit.DONE,
        lambda left: forgotten_text(name, left),
        lambda left, _: forgotten_json(name, left, reason.strip()),
    )
