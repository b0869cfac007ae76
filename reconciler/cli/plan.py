"""`plan`: what would change. Reads only."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.output import Output, emit, output_option, say
from reconciler.cli.session import session_of
from reconciler.engine.guard import NAMES
from reconciler.engine.plan import Plan
from reconciler.errors import Exit, WrongUsage
from reconciler.kinds import KINDS
from reconciler.loader.plan_file import write_plan
from reconciler.report.entries import View
from reconciler.report.plan import plan_json, plan_text


def parse_allowed(values: tuple[str, ...]) -> dict[str, Decimal]:
    """Read `LIMIT=N`.

    Raises:
        WrongUsage: There is no such limit, or N is no number.
    """
    found: dict[str, Decimal] = {}
    for value in values:
        name, _, amount = value.partition("=")
        if name not in NAMES:
            raise WrongUsage(f"There is no limit {name!r}.", f"The limits are {', '.join(NAMES)}.")
        if not amount.replace(".", "", 1).isdecimal() or not amount.isascii():
            raise WrongUsage(f"{value!r} gives no number.", f"Write --allow {name}=N.")
        found[name] = Decimal(amount)
    return found


def scope_of(tenants: tuple[str, ...]) -> dict[str, object]:
    """What a plan is about, for its digest."""
    return {"tenants": sorted(tenants) or "all"}


@click.command()
@click.argument("tenants", nargs=-1)
@click.option("--tenant", "named", multiple=True, help="A tenant; may be given several times.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option(
    "--only",
    type=click.Choice(["config"]),
    help="config: leave what only drifted as it is, and report it.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending.")
@click.option("--full", is_flag=True, help="Show every field.")
@output_option
@click.pass_obj
def plan(
    context: Context,
    tenants: tuple[str, ...],
    named: tuple[str, ...],
    out: Path | None,
    only: str | None,
    detailed_exitcode: bool,
    full: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Show what `apply` would change, for all tenants or those named. Changes nothing."""
    chosen = (*tenants, *named)
    session = session_of(context)
    try:
        desired = session.desired(chosen)
        desired.require()
        policy = session.policy({}, only == "config")
        made = session.plan(desired, policy, scope_of(chosen))
        if out is not None:
            write_plan(context.directory / out, plan_json(made.envelope, made.parts))
        view = View(saved_as=str(out) if out else "", full=full, kinds=KINDS)
        emit(
            outputs,
            lambda: plan_text(made.envelope, made.parts, view, session.clock.now()),
            lambda: plan_json(made.envelope, made.parts),
            context.environment,
        )
    finally:
        session.close()
    return status_of(made, detailed=detailed_exitcode)


def status_of(made: Plan, *, detailed: bool) -> Exit:
    """The exit status of a plan that was shown."""
    pending = detailed and made.envelope.has_changes
    if pending:
        return Exit.PENDING
    unread = [source for source in made.envelope.observed if not source.complete]
    for source in unread:
        say(f"not checked: {source.name}: {source.detail}")
    return Exit.UNAVAILABLE if unread else Exit.DONE
