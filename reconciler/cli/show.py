"""`show`: a saved plan again. Reads the file and nothing else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from reconciler.cli.clock import SystemClock
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats
from reconciler.cli.output import emit, say, width_of
from reconciler.engine.plan import Plan
from reconciler.errors import Exit, WrongUsage
from reconciler.kinds import KINDS
from reconciler.loader.plan_file import load_plan
from reconciler.report.entries import View
from reconciler.report.ndjson import plan_ndjson
from reconciler.report.plan import plan_concise, plan_json, plan_text
from reconciler.report.plan_markdown import plan_md


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--full", is_flag=True, help="Show every field.")
@click.option("--concise", is_flag=True, help="One operation a line.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when the plan has changes.")
@output_formats("concise", "ndjson", "md")
@click.pass_obj
def show(
    context: Context,
    file: Path,
    full: bool,
    concise: bool,
    detailed_exitcode: bool,
    outputs: tuple[Output, ...],
) -> int:
    """Show the plan saved in FILE. Opens neither platform nor carriers, and needs no project."""
    if full and concise:
        raise WrongUsage("--full and --concise contradict each other.", "Give one of them.")
    plan = load_plan(context.directory / file)
    now = (context.clock or SystemClock()).now()
    view = View(saved_as=str(file), full=full, kinds=KINDS, width=width_of(context.environment))
    emit(
        outputs,
        lambda: (
            plan_concise(plan.envelope, plan.parts)
            if concise
            else plan_text(plan.envelope, plan.parts, view, now)
        ),
        lambda: plan_json(plan.envelope, plan.parts),
        context.environment,
        lines={"concise": lambda: plan_concise(plan.envelope, plan.parts)},
        pieces={
            "ndjson": lambda: plan_ndjson(plan.envelope, plan.parts),
            "md": lambda: (plan_md(plan.envelope, plan.parts, view),),
        },
    )
    _tell_age(plan, now)
    return Exit.PENDING if detailed_exitcode and plan.envelope.has_changes else Exit.DONE


def _tell_age(plan: Plan, now: datetime) -> None:
    if datetime.fromisoformat(plan.envelope.expires) <= now:
        say(f"note: it expired at {plan.envelope.expires}; to apply, plan again.")
