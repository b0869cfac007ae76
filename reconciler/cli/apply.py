"""`apply` and `resume`: do exactly what a plan says, and say exactly what was done."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import click

from reconciler.apply.edges import Edges
from reconciler.apply.report import Report
from reconciler.apply.resume import resume_run
from reconciler.apply.run import Options, apply_plan, recover_tenant
from reconciler.cli.account_parts import names_of
from reconciler.cli.allowances import (
    named_allowed,
    named_increase,
    parse_allowed,
    parse_increase,
)
from reconciler.cli.approvals import FORMS, QUESTIONS, check_approvals, parse_approvals
from reconciler.cli.events import Telling
from reconciler.cli.fleet import Planned, plan_fleet, remember_applied
from reconciler.cli.interrupt import Interrupts
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats
from reconciler.cli.outcome import Mode
from reconciler.cli.output import emit, say, tell_report, width_of
from reconciler.cli.planned import believe_empty, remember_unchanged, scope_of, told_in
from reconciler.cli.session import Desired, Session, session_of
from reconciler.engine.plan import Operation, Plan, short
from reconciler.errors import Blocked, Exit, ReconcilerError, Severity, Stale, WrongUsage
from reconciler.kinds import KINDS
from reconciler.loader.plan_file import load_plan
from reconciler.model.address import parse_address
from reconciler.model.supply import Parting
from reconciler.protocols import EMPTIED
from reconciler.report.apply import apply_json, apply_text
from reconciler.report.apply_markdown import apply_md
from reconciler.report.entries import View
from reconciler.report.ndjson import apply_ndjson
from reconciler.report.plan import told_plan


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person or the pipeline said."""

    approvals: frozenset[str]
    allowed: dict[str, Decimal]
    yes: bool
    expect: str
    secrets_out: str | None
    increase: Mapping[str, Decimal] = field(default_factory=dict)
    run_id: str = ""
    """The run's id, once it has one: what it takes over before it plans says so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be applied, and how it is told.

    Attributes:
        asked: What was said.
        outputs: Where the report goes.
        file: A saved plan; None to plan now.
        tenants: Those that are planned; none for all.
        only_config: Whether what only drifted is left as it is.
        overrides: Settings that flags gave.
        partings: Numbers that are to leave, and how: given these, nothing else is done.
    """

    asked: Asked
    outputs: tuple[Output, ...]
    file: Path | None = None
    tenants: tuple[str, ...] = ()
    only_config: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    partings: Mapping[str, Parting] = field(default_factory=dict)


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--tenant", "tenants", multiple=True, help="A tenant; may be given several times.")
@click.option(
    "--approve",
    "approvals",
    multiple=True,
    metavar=FORMS,
    help="Approve one act that cannot be undone; one option for each.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="LIMIT=N",
    help="Let a limit pass once; one about money with its currency: budget:USD=250.",
)
@click.option(
    "--max-monthly-increase",
    "increase",
    multiple=True,
    metavar="USD=AMOUNT",
    help="The most that the monthly bill may rise, in place of the project's limit.",
)
@click.option("--expect", default="", metavar="DIGEST", help="Apply only this plan: 9f2c-71ab.")
@click.option(
    "--only",
    type=click.Choice(["config"]),
    help="config: leave what only drifted as it is, and report it.",
)
@click.option("--yes", is_flag=True, help="Do not ask. Never covers what needs an approval.")
@click.option("--secrets-out", metavar="FILE", help="Where generated passwords go.")
@click.option("--lock-timeout", metavar="DURATION", help="How long to wait for a lock: 90s.")
@output_formats("ndjson", "md")
@click.pass_obj
def apply(
    context: Context,
    file: Path | None,
    tenants: tuple[str, ...],
    approvals: tuple[str, ...],
    allowed: tuple[str, ...],
    increase: tuple[str, ...],
    expect: str,
    only: str | None,
    yes: bool,
    secrets_out: str | None,
    lock_timeout: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """Make the systems equal to git: the saved plan in FILE, or what `plan` would show."""
    said = Asked(
        parse_approvals(approvals),
        parse_allowed(allowed),
        yes,
        expect,
        secrets_out,
        parse_increase(increase),
    )
    if file is not None and (tenants or only):
        raise WrongUsage(
            "A saved plan is applied whole and as it is.", "Leave --tenant and --only to `plan`."
        )
    overrides = {"lock_timeout": lock_timeout} if lock_timeout else {}
    wish = Wish(said, outputs, file, tenants, only == "config", overrides)
    session = session_of(context, overrides)
    try:
        return apply_now(context, session, wish)
    finally:
        session.close()


def apply_now(context: Context, session: Session, wish: Wish) -> int:
    """Plan, or load the plan; show it, ask, apply exactly that, and tell what was done."""
    asked, outputs = wish.asked, wish.outputs
    interrupts = Interrupts()
    session.checkpoint = interrupts.checkpoint
    telling = Telling(outputs, session.environment, session.clock)
    edges = _edges(session, asked, telling, interrupts)
    believe_empty(session, asked.allowed)
    asked = replace(
        asked,
        run_id=edges.new_id() if wish.file is None else "",
        allowed=named_allowed(session, asked.allowed),
        increase=named_increase(session, asked.increase),
    )
    view = View(kinds=KINDS, advises=False, width=width_of(session.environment))
    mode = Mode(
        asked.allowed,
        only_config=wish.only_config,
        increase=asked.increase,
        partings=wish.partings,
        view=_told_in(view, outputs),
    )
    planned = _planned(session, edges, asked, wish, mode) if wish.file is None else None
    plan = planned.plan if planned else load_plan(context.directory / str(wish.file))
    _expected(plan, asked.expect)
    check_approvals(session, plan, asked.approvals)
    if planned is not None and not _agreed(
        session, planned, asked, mode.view and view, wish.partings
    ):
        return Exit.DONE
    asked = _asked_in_person(plan, asked)
    if wish.partings:
        _all_approved(plan, asked)
    _record_emptied(session, edges)
    with interrupts, telling.begun(plan):
        report = _applied(session, edges, plan, asked)
    status = _told(session, plan, report, outputs, telling)
    _remember(session, plan, report)
    return status


@click.command()
@click.argument("run")
@click.option("--secrets-out", metavar="FILE", help="Where generated passwords go.")
@output_formats("ndjson", "md")
@click.pass_obj
def resume(context: Context, run: str, secrets_out: str | None, outputs: tuple[Output, ...]) -> int:
    """Go on with RUN: its own operations, nothing else."""
    session = session_of(context)
    asked = Asked(frozenset(), {}, yes=True, expect="", secrets_out=secrets_out)
    try:
        interrupts = Interrupts()
        session.checkpoint = interrupts.checkpoint
        telling = Telling(outputs, session.environment, session.clock)
        edges = _edges(session, asked, telling, interrupts)
        with interrupts, telling.begun(None):
            desired = session.desired()
            desired.require()
            options = Options(
                command=f"resume {run}", still_wanted=lambda op: _still_wanted(desired, op)
            )
            report = resume_run(edges, run, options, session.accounts)
        return _told(session, None, report, outputs, telling)
    finally:
        session.close()


def _edges(session: Session, asked: Asked, telling: Telling, interrupts: Interrupts) -> Edges:
    """Open everything that an apply needs; what is missing stops it before anything is done."""
    settings = session.project.settings
    return Edges(
        platform=session.platform,
        carriers=session.carriers,
        ledger=session.ledger,
        clock=session.clock,
        kinds=KINDS,
        who=session.who,
        owner=session.owner,
        shares_database=session.shares_database,
        secrets=session.vault,
        sink=session.sink(asked.secrets_out),
        checkpoint=interrupts.checkpoint,
        tell=telling.tell,
        lock_timeout_seconds=float(settings.lock_timeout),
    )


def _planned(session: Session, edges: Edges, asked: Asked, wish: Wish, mode: Mode) -> Planned:
    """Resolve what dead runs left behind, then plan."""
    tenants = wish.tenants
    left = {row.address.tenant for row in session.ledger.open_operations()}
    scope = {*session.tenant_files(tenants).names} | (set() if tenants else names_of(session))
    behind = sorted(left & scope)
    if behind:
        desired = session.desired(tenants)
        desired.require()
        options = Options(asked.approvals, still_wanted=lambda op: _still_wanted(desired, op))
        for tenant in behind:
            recover_tenant(edges, tenant, options, session.accounts, asked.run_id)
    return plan_fleet(session, tenants, mode, scope_of(tenants, wish.partings))


def _still_wanted(desired: Desired, operation: Operation) -> bool:
    address = parse_address(operation.address)
    if address is None:
        return False
    for tenant in desired.tenants:
        if tenant.tenant == address.tenant and address in tenant.objects:
            return dict(tenant.objects[address].spec) == operation.after
    return False


def _expected(plan: Plan, expect: str) -> None:
    """Refuse another plan than the one that was approved by its digest."""
    got = plan.envelope.content_digest
    wanted = expect.replace("-", "").lower()
    if expect and (len(wanted) < 8 or not got.startswith(wanted)):  # noqa: PLR2004 - 9f2c-71ab
        raise Stale(
            f"The plan is {short(got)}, not {expect}: what is to be done has changed.",
            "Look at it: reconciler plan",
        )


def _told_in(view: View, outputs: Iterable[Output]) -> View | None:
    """How the plan is told before it is applied; None where nobody reads it on stdout."""
    return told_in(view, (output for output in outputs if output.file is None))


def _agreed(
    session: Session, planned: Planned, asked: Asked, view: View | None, partings: Collection[str]
) -> bool:
    """Show a plan that was just made, where it is to be shown, and ask; whether to go on."""
    if not any(facts.work for facts in planned.facts):
        return True
    if view is not None:
        lines = told_plan(planned.plan.envelope, planned.told(view), view, session.clock.now())
        tell_report(lines, session.environment)
    if asked.yes or asked.expect or partings:  # what leaves is agreed to by its approval
        return True
    if not sys.stdin.isatty():
        raise WrongUsage("Nobody can be asked here.", "Say --yes, or --expect with the digest.")
    return click.confirm("Apply this plan?", default=False, err=True)


def _asked_in_person(plan: Plan, asked: Asked) -> Asked:
    """On a terminal, have each number that would be lost for good typed back."""
    due = set(plan.envelope.approvals.get("required", ())) - asked.approvals
    if not due or asked.yes or asked.expect or not sys.stdin.isatty():
        return asked
    given = set(asked.approvals)
    for approval in sorted(due):
        word, _, number = approval.partition(":")
        say(f"{number}: {QUESTIONS[word]}")
        typed = click.prompt(
            "Type it to let it happen, or leave empty",
            default="",
            show_default=False,
            err=True,
        )
        if typed.strip() == number:
            given.add(approval)
        elif typed.strip():
            say(f"{typed.strip()!r} is not {number}: nothing is approved.")
    return replace(asked, approvals=frozenset(given))


def _all_approved(plan: Plan, asked: Asked) -> None:
    """Refuse to do a part of what somebody asked for by its number."""
    lacking = sorted(set(plan.envelope.approvals.get("required", ())) - asked.approvals)
    if lacking:
        flags = " ".join(f"--approve {approval}" for approval in lacking)
        raise Blocked("Nothing was done: what cannot be undone needs its approval.", flags)


def _record_emptied(session: Session, edges: Edges) -> None:
    """Record which accounts were believed to be empty, so that it need be said once only."""
    for account, gone in sorted(session.accounts.believed_empty.items()):
        with edges.ledger.transaction(None, "approve") as journal:
            known = "number of ours was" if gone == 1 else "numbers of ours were"
            journal.approve(EMPTIED, account, f"{gone} {known} known there")


def _applied(session: Session, edges: Edges, plan: Plan, asked: Asked) -> Report:
    git = _Git(session)
    options = Options(
        approvals=asked.approvals,
        allowed=asked.allowed,
        increase=asked.increase,
        limit=session.project.settings.limits.monthly_increase,
        command="apply",
        still_wanted=lambda op: _still_wanted(git.desired, op),
        run_id=asked.run_id,
    )
    return apply_plan(edges, plan, options, session.accounts)


@dataclass
class _Git:
    """What git says, loaded when it is asked for: only what a dead run left behind asks."""

    session: Session

    @cached_property
    def desired(self) -> Desired:
        """All tenants; none where their files hold an error."""
        try:
            desired = self.session.desired(files_only=True)
        except ReconcilerError:
            return Desired((), ())
        faulty = any(problem.severity is Severity.ERROR for problem in desired.problems)
        return Desired((), desired.problems) if faulty else desired


def _remember(session: Session, plan: Plan, report: Report) -> None:
    """Let the next plan know what ended in sync; all is done and told, so nothing fails here."""
    done = [part.part for part in report.parts if part.status == "done"]
    with suppress(ReconcilerError, KeyboardInterrupt):
        remember_applied(session, done)
        if report.exit_code is Exit.DONE:
            remember_unchanged(session, plan, done)


def _told(
    session: Session,
    plan: Plan | None,
    report: Report,
    outputs: tuple[Output, ...],
    telling: Telling,
) -> int:
    emit(
        [output for output in outputs if output.form != "ndjson"],
        lambda: apply_text(report, plan, width_of(session.environment)),
        lambda: (apply_json(report, plan),),
        session.environment,
        pieces={"md": lambda: (apply_md(report, plan),)},
        status=report.exit_code,
    )
    telling.events.finish(lambda: apply_ndjson(apply_json(report, plan)), report.exit_code)
    return report.exit_code
