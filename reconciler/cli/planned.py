"""Planning in full, for `plan`: everything is loaded, read and compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from reconciler.apply.report import Result, not_over, statuses_of
from reconciler.cli.allowances import named_increase
from reconciler.cli.fleet import Planned, plan_fleet, recalled_whole
from reconciler.cli.main import Context
from reconciler.cli.options import Output
from reconciler.cli.outcome import Mode
from reconciler.cli.output import emit, is_plain, say, width_of
from reconciler.cli.session import Session, session_of
from reconciler.cli.unchanged import key_of, scope_key
from reconciler.engine.plan import Plan, tenant_of
from reconciler.errors import Exit, Unavailable, worst
from reconciler.kinds import KINDS
from reconciler.ledger.unchanged import Memory, remember
from reconciler.loader.files import why_missing
from reconciler.loader.plan_file import write_plan
from reconciler.model.supply import Parting
from reconciler.observe import EMPTY_ACCOUNT
from reconciler.report.entries import View
from reconciler.report.ndjson import plan_ndjson
from reconciler.report.plan import plan_concise, plan_document, told_plan
from reconciler.report.plan_markdown import plan_md
from reconciler.report.text import as_text


def believe_empty(session: Session, allowed: Mapping[str, Decimal]) -> None:
    """Let an account be empty that had numbers of ours, where somebody said that it is."""
    session.accounts.may_be_gone = int(allowed.get(EMPTY_ACCOUNT, 0))


@dataclass(frozen=True, slots=True)
class Wish:
    """What `plan` was asked for."""

    tenants: tuple[str, ...]
    out: Path | None
    only_config: bool = False
    detailed: bool = False
    full: bool = False
    verify: bool = False
    outputs: tuple[Output, ...] = ()
    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    increase: Mapping[str, Decimal] = field(default_factory=dict)
    partings: Mapping[str, Parting] = field(default_factory=dict)


def show_plan(context: Context, wish: Wish) -> Exit:
    """Make a plan, save it, show it; its exit status."""
    session = session_of(context)
    try:
        return show_made(context, session, wish)
    finally:
        session.close()


def show_made(context: Context, session: Session, wish: Wish) -> Exit:
    """The same in a session that is open."""
    believe_empty(session, wish.allowed)
    width = width_of(context.environment)
    view = View(saved_as=str(wish.out or ""), full=wish.full, kinds=KINDS, width=width)
    mode = Mode(
        only_config=wish.only_config,
        verify=wish.verify,
        increase=named_increase(session, wish.increase),
        partings=wish.partings,
        view=told_in(view, wish.outputs, context.environment),
    )
    planned = plan_fleet(session, wish.tenants, mode, scope_of(wish.tenants, wish.partings))
    made = planned.plan
    if wish.out is not None:
        write_plan(context.directory / wish.out, plan_document(made.envelope, made.texts()))
    now = session.clock.now()
    emit(
        wish.outputs,
        lambda: told_plan(made.envelope, planned.told(view), view, now),
        lambda: plan_document(made.envelope, made.texts()),
        context.environment,
        lines={"concise": lambda: plan_concise(made.envelope, made.parts)},
        pieces={
            "ndjson": lambda: plan_ndjson(made.envelope, made.parts),
            "md": lambda: (plan_md(made.envelope, made.parts, view),),
        },
    )
    if planned.is_idle and not (wish.full or wish.increase or wish.partings):
        _remember(session, planned, wish.tenants, view)
    tenants = {tenant_of(part.part) for part in planned.facts}
    left = not_over(session.ledger, tenants | planned.accounts)
    return status_of(made, left, detailed=wish.detailed)


def told_in(
    view: View, outputs: Iterable[Output], environment: Mapping[str, str] | None = None
) -> View | None:
    """How parts are told where they are planned; None where no text is asked for.

    Without the environment, nothing is known of the terminal.
    """
    texts = [one for one in outputs if one.form == "text"]
    if not texts:
        return None
    plain = environment is not None and all(is_plain(one, environment) for one in texts)
    return replace(view, kinds={}, plain=plain)


def remember_unchanged(session: Session, plan: Plan, applied: Collection[str]) -> None:
    """Remember that nothing is to be done any more, where an apply has brought all of it about.

    It is a plan of the same scope as the next one would make it, from what is remembered of each
    tenant; where one of them had to be looked at for it, nothing is remembered.

    Args:
        session: The project.
        plan: What was applied.
        applied: Its parts that ended as they should.
    """
    asked = None if "numbers" in plan.envelope.scope else plan.envelope.scope.get("tenants")
    tenants = () if asked == "all" else tuple(asked or ())
    done = frozenset(applied)
    if not asked or not all(facts.idle or facts.part in done for facts in plan.facts()):
        return
    memory = recalled_whole(session, tenants)
    if memory is None:
        return
    view = View(kinds=KINDS, width=width_of(session.environment))
    mode = Mode(view=replace(view, kinds={}))
    planned = plan_fleet(session, tenants, mode, scope_of(tenants), memory)
    if planned.is_idle:
        _remember(session, planned, tenants, view)


def _remember(session: Session, planned: Planned, tenants: tuple[str, ...], view: View) -> None:
    """Remember that there was nothing to do; a memory that cannot be kept is no failure."""
    if not session.shares_database or any(why_missing(session.root, s) for s in planned.sounds):
        return
    made = planned.plan
    memory = Memory(
        key=key_of(session.root, session.project_value, frozenset(tenants), session.today),
        revisions={part.part: part.revision for part in planned.facts}
        | dict.fromkeys(planned.accounts, 0),
        holdings=planned.holdings,
        report=as_text(told_plan(made.envelope, planned.told(view), view)),
        sounds=planned.sounds,
    )
    try:
        remember(session.database, scope_key(tenants), memory)
    except Unavailable:
        return


def scope_of(tenants: tuple[str, ...], numbers: Collection[str] = ()) -> dict[str, object]:
    """What a plan is about, for its digest: tenants, or only some numbers of theirs."""
    only = {"numbers": sorted(numbers)} if numbers else {}
    return {"tenants": sorted(tenants) or "all", **only}


def status_of(made: Plan, left: Iterable[Result], *, detailed: bool) -> Exit:
    """The exit status of a plan that was shown.

    Without `detailed` it says only whether the plan could be made; with it, what the world is
    like: 8 where nobody knows what became of a paid act, 2 where something is to be done or
    not over, 0 where all is as git says, or its home announced that it will finish it.

    Args:
        made: The plan.
        left: What earlier runs left at its tenants that is not over.
        detailed: Whether `--detailed-exitcode` was given.
    """
    unread = [source for source in made.envelope.observed if not source.complete]
    for source in unread:
        say(f"not checked: {source.name}: {source.detail}")
    beyond = any(facts.unsupported or facts.unchecked for facts in made.facts())
    held = {Exit.UNAVAILABLE} if unread or beyond else set()
    for result in left:
        status = statuses_of([result])
        if status:
            word = _LEFT.get(result.status, "not over")
            say(f"{word}: {result.address}, {result.action} of run {result.run_id}: {result.note}")
        if detailed:
            held |= {Exit.UNKNOWN if each is Exit.UNKNOWN else Exit.PENDING for each in status}
    if detailed and made.envelope.has_changes:
        held.add(Exit.PENDING)
    return worst(held)


_LEFT = {"unknown": "not known", "parked": "not known, a person must look", "not_seen": "not seen"}
"""What stands before an operation that an earlier run left."""
