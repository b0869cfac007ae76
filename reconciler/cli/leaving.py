"""`numbers remove` and `numbers move`: numbers that leave their account at somebody's word.

A plan of nothing but these numbers, made, shown and applied as any other, with an approval each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.apply import Asked, Wish, apply_now
from reconciler.cli.approvals import parse_approvals
from reconciler.cli.holdings import quarantined
from reconciler.cli.main import Context
from reconciler.cli.options import Output
from reconciler.cli.output import say
from reconciler.cli.planned import Wish as PlanWish
from reconciler.cli.planned import show_made
from reconciler.cli.session import Session, session_of
from reconciler.engine.quarantine import ends_at
from reconciler.errors import Blocked, Exit, WrongUsage
from reconciler.model.supply import NumberState, Parting, PoolNumber
from reconciler.report.numbers import told_state


@dataclass(frozen=True, slots=True)
class Leave:
    """What was asked for.

    Attributes:
        partings: How each number is to leave.
        approvals: Those that were given.
        out: The file that the plan is saved to, instead of being applied; None to apply it.
        lock_timeout: How long to wait for a lock, "" for as long as the project says.
        outputs: Where the report goes.
    """

    partings: Mapping[str, Parting]
    approvals: tuple[str, ...]
    out: Path | None
    lock_timeout: str
    outputs: tuple[Output, ...]


def leave(context: Context, asked: Leave) -> int:
    """Have numbers leave; those that have left just so already are told, and are no failure.

    Raises:
        Blocked: One of them may not leave now, or an approval is missing: nothing was done.
        WrongUsage: Approvals and a file to save the plan to were given.
    """
    if asked.out is not None and asked.approvals:
        raise WrongUsage(
            "A plan that is saved needs no approval yet.", "Give it to `apply`, with the file."
        )
    approvals = parse_approvals(asked.approvals)
    overrides = {"lock_timeout": asked.lock_timeout} if asked.lock_timeout else {}
    session = session_of(context, overrides)
    try:
        records = session.platform.numbers(asked.partings)
        todo = dict(_to_leave(session, asked.partings, records))
        if not todo:
            return Exit.DONE
        tenants = tuple(sorted({records[e164].tenant for e164 in todo}))
        if asked.out is not None:
            wish = PlanWish(tenants, asked.out, outputs=asked.outputs, partings=todo)
            return show_made(context, session, wish)
        said = Asked(approvals, {}, yes=False, expect="", secrets_out=None)
        wished = Wish(said, asked.outputs, tenants=tenants, partings=todo)
        return apply_now(context, session, wished)
    finally:
        session.close()


def _to_leave(
    session: Session, partings: Mapping[str, Parting], records: Mapping[str, PoolNumber]
) -> Iterator[tuple[str, Parting]]:
    """The numbers that have not left yet.

    Raises:
        Blocked: With the reason of each that may not.
    """
    days = session.project.settings.quarantine_days
    believed = {each.e164: each for each in quarantined(session, records.values())}
    wrong = []
    for e164, parting in partings.items():
        record = believed.get(e164) or records.get(e164)
        if record is not None and record.left_by == str(parting):
            say(f"note: {e164} is {told_state(record)} already.")
            continue
        why = _kept(session, parting, record, days)
        if why:
            wrong.append(f"{e164} {why}")
        else:
            yield e164, parting
    if wrong:
        raise Blocked("\n".join(wrong), "Nothing was done. See: reconciler numbers list")


def _kept(session: Session, parting: Parting, record: PoolNumber | None, days: int) -> str:
    """Say why a number may not leave now; "" when it may, as far as its record tells."""
    if record is None:
        return "is not known to the platform."
    if record.state is not NumberState.QUARANTINED:
        whose = f" ({record.tenant})" if record.tenant else ""
        more = ": take its line out of YAML and apply that first" if whose else ""
        return f"is {told_state(record)}{whose}, not in quarantine{more}."
    carrier = session.carriers.get(record.connector)
    if carrier is None:
        return "is at no carrier account that the project has."
    if parting.action not in carrier.capabilities.removals:
        return f"is at {record.connector}, which has no way to {parting.action.value} a number."
    until = ends_at(record, parting.kept_days(days))
    if until is None or until > session.clock.now():
        when = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "as its record has no date"
        return f"is kept {when}."
    return ""
