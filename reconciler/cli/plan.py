"""`plan`: what would change. Reads only."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats
from reconciler.cli.unchanged import report_if_unchanged
from reconciler.errors import Exit


@click.command()
@click.argument("tenants", nargs=-1)
@click.option("--tenant", "named", multiple=True, help="A tenant; may be given several times.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option(
    "--only",
    type=click.Choice(["config"]),
    help="config: leave what only drifted as it is, and report it.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="empty_account=N",
    help="Believe once that an account is empty which had N numbers of ours.",
)
@click.option(
    "--max-monthly-increase",
    "increase",
    multiple=True,
    metavar="USD=AMOUNT",
    help="The most that the monthly bill may rise, in place of the project's limit.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending.")
@click.option("--full", is_flag=True, help="Show every field.")
@click.option("--verify", is_flag=True, help="Compare every tenant, whatever is remembered.")
@output_formats("concise", "ndjson", "md")
@click.pass_obj
def plan(
    context: Context,
    tenants: tuple[str, ...],
    named: tuple[str, ...],
    out: Path | None,
    only: str | None,
    allowed: tuple[str, ...],
    increase: tuple[str, ...],
    detailed_exitcode: bool,
    full: bool,
    verify: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Show what `apply` would change, for all tenants or those named. Changes nothing."""
    chosen = (*tenants, *named)
    if not (out or only or allowed or increase or full or verify) and outputs == (Output("text"),):
        report = report_if_unchanged(context, chosen)
        if report is not None:
            click.echo(report, nl=False)
            return Exit.DONE
    from reconciler.cli.allowances import parse_allowed, parse_increase  # noqa: PLC0415 - as below
    from reconciler.cli.planned import Wish, show_plan  # noqa: PLC0415 - half a second
    from reconciler.observe import EMPTY_ACCOUNT  # noqa: PLC0415 - as above

    said = parse_allowed(allowed, (EMPTY_ACCOUNT,))
    wish = Wish(
        chosen,
        out,
        only == "config",
        detailed_exitcode,
        full,
        verify,
        outputs,
        said,
        parse_increase(increase),
    )
    return show_plan(context, wish)
