"""The parts of a plan that are about carrier accounts: before all tenants, and after them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace

from reconciler.cli.outcome import Mode, Outcome
from reconciler.cli.session import Session
from reconciler.engine.plan import Part, facts_of
from reconciler.errors import ReconcilerError
from reconciler.kinds import KINDS
from reconciler.loader.accounts import account_of
from reconciler.loader.tenants import TenantFiles
from reconciler.model.address import account_name
from reconciler.model.state import DesiredTenant
from reconciler.planner import SETTINGS_SECONDS, AccountPlan, plan_account, withdrawn_parts
from reconciler.report.plan_part import part_text


def accounts_of(
    session: Session, names: Collection[str] | None = None
) -> Iterator[tuple[str, DesiredTenant]]:
    """What git says of each carrier account, or of those named, by connector."""
    for connector in session.project.settings.connectors:
        if names is None or connector in names:
            yield connector, account_of(session.project, connector)


def plan_accounts(
    session: Session, mode: Mode, names: Collection[str] | None = None
) -> tuple[AccountPlan, ...]:
    """Plan each carrier account, or those named. Reads only.

    Raises:
        InvalidConfig: A connector cannot be used as written.
        Unavailable: The ledger cannot be read.
    """
    sources, policy = session.sources(), mode.policy(session)
    made = (
        plan_account(sources, desired, connector, session.accounts, policy)
        for connector, desired in accounts_of(session, names)
    )
    return tuple(plan for plan in made if plan is not None)


def told(plan: AccountPlan, part: Part, mode: Mode) -> Outcome | None:
    """One part of an account as the plan takes it; None where there is nothing to say of it."""
    made = _as_told(part, mode, (plan.connector,))
    return None if made.facts is None or made.facts.idle else made


def _as_told(part: Part, mode: Mode, connectors: tuple[str, ...] = ()) -> Outcome:
    view = mode.view
    text = b"" if view is None else part_text(part, replace(view, kinds=KINDS)).packed()
    return Outcome(
        part.part, connectors=connectors, text=part.text, facts=facts_of(part), told=text
    )


def told_withdrawn(session: Session, mode: Mode) -> tuple[Outcome, ...]:
    """What is left at accounts that the project file has no more, as parts that do nothing.

    Raises:
        Unavailable: The ledger cannot be read.
    """
    known = session.project.settings.connectors
    return tuple(_as_told(part, mode) for part in withdrawn_parts(session.sources(), known))


def connectors_of(session: Session, files: TenantFiles) -> list[str]:
    """The carrier accounts that tenants have to do with, for all that their files let see."""
    of_platform = {record.connector for record in session.platform.numbers_of()}
    return [
        connector
        for connector in session.project.settings.connectors
        if connector in of_platform or files.mention(connector)
    ]


def names_of(session: Session) -> frozenset[str]:
    """What carrier accounts are called among tenants."""
    return frozenset(map(account_name, session.project.settings.connectors))


def ask_settings(session: Session) -> None:
    """Have what accounts tell seldom of what git wants at hand; what fails is told by the plan."""
    for connector, desired in accounts_of(session):
        if not desired.objects:
            continue
        with suppress(ReconcilerError):
            seldom = session.carriers[connector].capabilities.seldom
            if any(at.kind in seldom for at in desired.objects):
                session.accounts.facts.about(connector, SETTINGS_SECONDS)
