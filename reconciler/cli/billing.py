"""`billing preview`: what tenants cost at carriers, by month."""

from __future__ import annotations

import re

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import session_of
from reconciler.errors import Exit, WrongUsage


@click.group()
def billing() -> None:
    """Show what tenants cost at carriers."""


@billing.command("preview")
@click.argument("tenants", nargs=-1, metavar="[TENANT]...")
@click.option("--period", default="", metavar="YYYY-MM", help="The month; left out: this one.")
@click.option(
    "--check",
    is_flag=True,
    help="Hold all of it against what carriers bill. Takes one of their few requests.",
)
@output_option
@click.pass_obj
def preview(
    context: Context,
    tenants: tuple[str, ...],
    period: str,
    check: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Show what each tenant costs in a month: whole months, nothing converted.

    Each line is priced, a deliberate 0.00, or not configured: then it is shown and on no bill.
    With --check, exits 7 when an account could not be asked.
    """
    from reconciler.cli.preview import checked, previewed  # noqa: PLC0415 - brings the edges
    from reconciler.report.billing import billing_json, billing_text  # noqa: PLC0415 - as above

    if period and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", period):
        raise WrongUsage(f"{period!r} is no month.", "Write --period 2026-11.")
    if check and (tenants or period):
        raise WrongUsage(
            "A carrier bills all tenants together, and as it is now.",
            "Leave out the tenants and --period, or --check.",
        )
    session = session_of(context)
    try:
        made = previewed(session, tenants, period)
        made = checked(session, made) if check else made
    finally:
        session.close()
    blind = any(one.billed is None for one in made.checks)
    status = Exit.UNAVAILABLE if blind else Exit.DONE
    emit(
        outputs,
        lambda: billing_text(made),
        lambda: (billing_json(made),),
        context.environment,
        status=status,
    )
    return status
