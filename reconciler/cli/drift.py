"""`drift`: what was changed behind git's back. Reads only, and has nothing to write with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, say
from reconciler.cli.planned import scope_of
from reconciler.cli.readonly import ReadingSession
from reconciler.cli.session import session_of
from reconciler.engine.plan import Plan
from reconciler.errors import Exit
from reconciler.report.drift import drift_exit, drift_json, drift_text
from reconciler.report.text import Line, line


@click.command()
@click.argument("tenants", nargs=-1)
@click.option("--tenant", "named", multiple=True, help="A tenant; may be given several times.")
@output_option
@click.pass_obj
def drift(
    context: Context,
    tenants: tuple[str, ...],
    named: tuple[str, ...],
    outputs: tuple[Output, ...],
) -> int:
    """Find what is not as the last apply left it, at all tenants or those named.

    Exits 2 when something drifted, 7 when something could not be checked.
    """
    chosen = (*tenants, *named)
    session = session_of(context, kind=ReadingSession)
    try:
        desired = session.desired(chosen)
        desired.require()
        policy = replace(session.policy({}, True), reverts_drift=lambda _: False)
        made = session.plan(desired, policy, scope_of(chosen))
        status = drift_exit(made.parts)
        emit(
            outputs,
            lambda: _text(made, status),
            lambda: (drift_json(made.parts),),
            context.environment,
        )
    finally:
        session.close()
    _tell(made)
    return status


def _text(made: Plan, status: Exit) -> Iterator[Line]:
    yield from drift_text(made.parts)
    if status is Exit.PENDING:
        yield line("Next, what putting it back would do:  reconciler plan")
    elif status is Exit.UNAVAILABLE:
        yield line("Next, once what was not checked can be read:  reconciler drift")
    elif made.envelope.has_changes:
        yield line("Next, what is merged and not applied:  reconciler plan")


def _tell(made: Plan) -> None:
    for source in made.envelope.observed:
        if not source.complete:
            say(f"not checked: {source.name}: {source.detail}")
    for part in made.parts:
        for gate in part.gates:
            if gate.kind == "refusal":
                say(f"note: {part.part}: what git asks for is refused: {gate.detail}")
