"""`drift`: what was changed behind git's back. Reads only, and has nothing to write with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click

from reconciler.cli.account_numbers import account_numbers
from reconciler.cli.account_parts import ask_settings
from reconciler.cli.fleet import plan_fleet
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats
from reconciler.cli.outcome import Mode
from reconciler.cli.output import emit, say, width_of
from reconciler.cli.planned import scope_of
from reconciler.cli.readonly import ReadingSession
from reconciler.cli.session import session_of
from reconciler.engine.plan import Plan
from reconciler.errors import Exit
from reconciler.report.accounts import AccountNumbers
from reconciler.report.drift import WaysOut, drift_exit, drift_json, drift_text, tenant_drift
from reconciler.report.markdown import drift_md
from reconciler.report.ndjson import drift_ndjson
from reconciler.report.text import Line, line
from reconciler.settings.model import Drift


@click.command()
@click.argument("tenants", nargs=-1)
@click.option("--tenant", "named", multiple=True, help="A tenant; may be given several times.")
@output_formats("ndjson", "md")
@click.pass_obj
def drift(
    context: Context,
    tenants: tuple[str, ...],
    named: tuple[str, ...],
    outputs: tuple[Output, ...],
) -> int:
    """Find what is not as the last apply left it, at all tenants or those named.

    Exits 2 when something drifted, 7 when something could not be checked. What a connector can
    never hold is told, and is neither.
    """
    chosen = (*tenants, *named)
    session = session_of(context, kind=ReadingSession)
    try:
        if not chosen:
            ask_settings(session)
        session.accounts.facts.asks = False  # what would be bought, and for how much, is no drift
        mode = Mode(only_config=True, leave_drift=True, verify=True)
        planned = plan_fleet(session, chosen, mode, scope_of(chosen))
        made, accounts = planned.plan, () if chosen else account_numbers(session, planned.claimed)
        status = drift_exit(made.parts)
        emit(
            outputs,
            lambda: _text(
                made,
                status,
                _reverts(session.project.settings.drift),
                width_of(context.environment),
                accounts,
            ),
            lambda: (drift_json(made.parts, accounts),),
            context.environment,
            pieces={
                "ndjson": lambda: drift_ndjson(made.parts, accounts),
                "md": lambda: (drift_md(made.parts, sorted(chosen) or "all", accounts),),
            },
            status=status,
        )
    finally:
        session.close()
    _tell(made)
    return status


def _reverts(said: Drift) -> Callable[[str], bool]:
    """Whether the project has what drifted at an address put back."""

    def reverts(address: str) -> bool:
        tenant, kind, _ = address.split("/", 2)
        return said.of(tenant, kind) == "revert"

    return reverts


def _text(
    made: Plan,
    status: Exit,
    reverts: Callable[[str], bool],
    width: int,
    accounts: Iterable[AccountNumbers],
) -> Iterator[Line]:
    yield from drift_text(made.parts, WaysOut(reverts=reverts), width, accounts)
    if status is Exit.PENDING and _is_put_back(made, reverts):
        yield line("Next, what putting it back would do:  reconciler plan")
    elif status is Exit.PENDING:
        yield line("Next:  reconciler plan shows it too; this project has drift only reported.")
    elif status is Exit.UNAVAILABLE:
        yield line("Next, once what was not checked can be read:  reconciler drift")
    elif made.envelope.has_changes:
        yield line("Next, what is merged and not applied:  reconciler plan")


def _is_put_back(made: Plan, reverts: Callable[[str], bool]) -> bool:
    """Whether an apply would put any of it back; what is missing it makes again in any case."""
    found = [tenant_drift(part) for part in made.parts]
    reported = {drift.address for part in made.parts for drift in part.drifted}
    return any(
        each.missing
        or any(item.address not in reported or reverts(item.address) for item in each.drifted)
        for each in found
    )


def _tell(made: Plan) -> None:
    for source in made.envelope.observed:
        if not source.complete:
            say(f"not checked: {source.name}: {source.detail}")
    for part in made.parts:
        for gate in part.gates:
            if gate.kind == "refusal":
                say(f"note: {part.part}: what git asks for is refused: {gate.detail}")
