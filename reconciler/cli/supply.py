"""`numbers search`, `coverage` and `pick`: what carriers offer, and taking it into git."""

from __future__ import annotations

import click

from reconciler.cli.answering import answer
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit

MOST = 1000

_connector = click.option("--connector", default="", help="Ask this carrier account only.")
_prefix = click.option("--prefix", default="", help="How numbers begin, in E.164: +44161.")
_npa = click.option("--npa", default="", help="An area code of North America: 617.")
_region = click.option("--region", default="", help="A state or province, two letters: MA.")


@click.command()
@_connector
@_prefix
@_npa
@click.option("--contains", default="", help="Digits that stand somewhere in the number.")
@_region
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=10, show_default=True, help="At most so many."
)
@output_option
@click.pass_obj
def search(
    context: Context,
    connector: str,
    prefix: str,
    npa: str,
    contains: str,
    region: str,
    limit: int,
    outputs: tuple[Output, ...],
) -> int:
    """Show numbers that carriers offer, with what is known of their price.

    Nothing is bought or reserved. A carrier that shows only some of its numbers says so. Exits
    7 when one could not be asked.
    """
    from reconciler.cli.asking import searched, sought, status_of  # noqa: PLC0415 - lazily
    from reconciler.report.search import offers_json, offers_text  # noqa: PLC0415 - as above

    wanted = sought(prefix, npa, contains, region, limit)
    return answer(
        context,
        outputs,
        lambda session: searched(session, connector, wanted),
        status_of,
        offers_text,
        offers_json,
    )


@click.command()
@_connector
@_prefix
@_npa
@_region
@output_option
@click.pass_obj
def coverage(
    context: Context,
    connector: str,
    prefix: str,
    npa: str,
    region: str,
    outputs: tuple[Output, ...],
) -> int:
    """Show where carriers have numbers, and how many where they say."""
    from reconciler.cli.asking import covered, sought, status_of  # noqa: PLC0415 - lazily
    from reconciler.report.search import coverage_json, coverage_text  # noqa: PLC0415 - as above

    wanted = sought(prefix, npa, "", region, MOST)
    return answer(
        context,
        outputs,
        lambda session: covered(session, connector, wanted),
        status_of,
        coverage_text,
        coverage_json,
    )


@click.command()
@click.argument("e164", metavar="NUMBER")
@click.option("--tenant", required=True, help="For whom.")
@click.option("--to", required=True, help="Where its calls go: ring_group/sales.")
@click.option("--connector", default="", help="The carrier account; left out: the only one.")
@click.option("--label", default="", help="What people call it.")
@click.option("--location", default="", help="Its emergency location, by name.")
@click.option("--offline", is_flag=True, help="Do not ask the carrier whether it has it.")
@click.option("--diff", is_flag=True, help="Show what would be written; write nothing, exit 2.")
@output_option
@click.pass_obj
def pick(
    context: Context,
    e164: str,
    tenant: str,
    to: str,
    connector: str,
    label: str,
    location: str,
    offline: bool,
    diff: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Write a number into a tenant's YAML, comments kept. Buys nothing.

    Refused (4) where any tenant's file, the pool or the ledger has the number already, and
    where its carrier neither holds nor offers it. The tenant is checked with the new line
    before the file is touched.
    """
    from reconciler.cli.authoring import Authoring  # noqa: PLC0415 - lazily
    from reconciler.cli.pick import Wish, pick  # noqa: PLC0415 - as above
    from reconciler.report.pick import pick_json, pick_text  # noqa: PLC0415 - as above

    authoring = Authoring(context, ())
    wish = Wish(e164, tenant, to, connector, label, location, offline, write=not diff)
    try:
        done = pick(authoring, wish)
    finally:
        authoring.session.close()
    emit(
        outputs,
        lambda: pick_text(done),
        lambda: (pick_json(done),),
        context.environment,
        status=done.status,
    )
    return done.status
