"""All tenants of a command, planned one by one: in this process, or shared among several.

A tenant is loaded, checked, read and compared by itself, and what becomes of it is small: its
problems, what it claims among all tenants, the counts of its part and the part as text. What is
as it was when a plan last found nothing to do for it is not looked at again.
"""

from __future__ import annotations

import secrets as token_source
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler import __version__
from reconciler.cli.account_parts import connectors_of, plan_accounts, told_withdrawn
from reconciler.cli.account_parts import told as told_part
from reconciler.cli.checking import useless_silences
from reconciler.cli.clock import SystemClock
from reconciler.cli.commit import commit_of
from reconciler.cli.memory import Recalled, recall_tenants, remember_tenants
from reconciler.cli.outcome import Mode, Outcome, outcome_of
from reconciler.cli.session import Session, problem_facts
from reconciler.engine.plan import Envelope, PartFacts, Plan
from reconciler.engine.policy import Silenced
from reconciler.engine.rules.uniqueness import Claim, clashes
from reconciler.errors import InvalidConfig, Problem, Severity, by_place
from reconciler.facts import RATES_SECONDS
from reconciler.kinds import KINDS
from reconciler.loader.spool import Pieces, Spool
from reconciler.loader.tenants import TenantFiles
from reconciler.model.address import ACCOUNT, account_name
from reconciler.planner import (
    EXPIRES_AFTER,
    NOTHING,
    AccountPlan,
    Coming,
    Gathering,
    coming_of,
    leaves_service,
    with_usage,
)
from reconciler.protocols import AccountFacts, Listing, NotChecked
from reconciler.report.entries import View
from reconciler.report.plan_part import PartText, part_text, unpacked_part

SHARED_FROM = 48
"""From how many tenants it pays to start other processes (each takes most of a second)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what the check said on the way."""

    plan: Plan
    facts: tuple[PartFacts, ...]
    problems: tuple[Problem, ...]
    silenced: tuple[Silenced, ...]
    skipped: tuple[str, ...]
    holdings: Mapping[str, Mapping[str, Any]]
    """Per carrier account, its numbers as they were read; of parts with nothing to do."""
    sounds: tuple[str, ...]
    """The sound files that the tenants name."""
    claimed: frozenset[str]
    """Values that tenants claim among all tenants, such as numbers, and numbers they left."""
    pieces: Pieces
    """Each part as it is told, or b""; see `told`."""
    accounts: frozenset[str] = frozenset()
    """Carrier accounts that were planned too, as they are called among tenants."""

    def told(self, view: View) -> Iterator[PartText]:
        """Each part as it is told, in the view that it was planned with."""
        for at in range(len(self.pieces)):
            piece = self.pieces[at]
            yield unpacked_part(piece) if piece else part_text(self.plan.parts[at], view)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing at all to say but that nothing is to be done."""
        read = self.plan.envelope.observed
        quiet = all(part.idle for part in self.facts)
        return quiet and all(source.complete and not source.detail for source in read)


@dataclass
class _Gathered:
    """What is known of all tenants so far."""

    gathering: Gathering
    spool: Spool = field(default_factory=Spool)
    pieces: Pieces = field(default_factory=Pieces)
    facts: list[PartFacts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    silenced: list[Silenced] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    left: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    usable: set[str] = field(default_factory=set)
    steady: list[Outcome] = field(default_factory=list)
    sounds: set[str] = field(default_factory=set)
    accounts: tuple[AccountPlan, ...] = ()
    holdings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Take one tenant; they come in the order of their names."""
        self.problems += outcome.problems
        self.silenced += outcome.silenced
        self.skipped += outcome.skipped
        self.claims += outcome.claims
        self.files |= outcome.digests
        self.sounds |= set(outcome.sounds)
        if outcome.steady:
            self.steady.append(outcome)
        for connector, held in outcome.holdings.items():
            self.holdings.setdefault(connector, {}).update(held)
        if outcome.there:
            self.there.add(outcome.tenant)
        if outcome.usable:
            self.usable.add(outcome.tenant)
        if outcome.facts is not None:
            self.gathering.add(outcome.facts, outcome.connectors)
            self.facts.append(outcome.facts)
            self.spool.add(outcome.tenant, outcome.text)
            self.pieces.add(outcome.told)
            if outcome.left:
                self.left[outcome.tenant] = len(self.facts) - 1, outcome.left

    def add_account(self, plan: AccountPlan, made: Outcome | None) -> None:
        """Take one part of a carrier account; None where there is nothing to say of it."""
        self.gathering.connectors.add(plan.connector)
        self.holdings.setdefault(plan.connector, {}).update(plan.held)
        if made is not None:
            self.add(made)

    def replace(self, at: int, outcome: Outcome) -> None:
        """Take the part of a tenant that was planned once more."""
        if outcome.facts is not None:
            self.facts[at] = outcome.facts
            self.gathering.parts[at] = outcome.facts
            self.spool.replace(at, outcome.text)
            self.pieces.replace(at, outcome.told)

    def claimed(self) -> frozenset[str]:
        """What tenants claim, and the numbers that they left."""
        left = {name for _, names in self.left.values() for name in names}
        return frozenset(left | {claim.key.value for claim in self.claims})

    @property
    def faulty(self) -> bool:
        """Whether anything is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def plan_fleet(
    session: Session,
    chosen: Collection[str],
    mode: Mode,
    scope: Mapping[str, Any],
    memory: Recalled | None = None,
) -> Planned:
    """Plan all tenants, or those chosen. Reads only.

    `memory` is what is remembered of them, where that was just looked up.

    Raises:
        InvalidConfig: There is an error in any of their files; all of them are in it.
        Unavailable: The platform or the ledger cannot be read.
    """
    files = session.tenant_files(chosen)
    sources = session.sources()
    limits = mode.policy(session).limits
    gathered = _Gathered(Gathering(sources, session.accounts, limits))
    gathered.problems += (*session.project_problems, *session.side_problems, *files.problems)
    gathered.skipped += files.skipped
    memory = memory or recall_tenants(session, files, nothing=mode.verify or bool(mode.partings))
    if not gathered.faulty:
        named = connectors_of(session, files) if chosen else None
        gathered.accounts = plan_accounts(session, mode, named)
    coming = coming_of(gathered.accounts, begun=not chosen)
    parts = () if chosen else gathered.accounts
    for plan in parts:
        gathered.add_account(plan, told_part(plan, plan.first, mode))
    left = () if chosen or gathered.faulty else told_withdrawn(session, mode)
    for outcome in left:
        gathered.add(outcome)
    outcomes = _outcomes(session, files, memory, mode, coming, faulty=gathered.faulty)
    with closing(outcomes):
        for outcome in outcomes:
            gathered.add(outcome)
    for plan in parts:
        gathered.add_account(plan, told_part(plan, plan.last, mode))
    gathered.problems += _of_all(session, files, gathered, memory, every=not chosen)
    problems = by_place(gathered.problems)
    if gathered.faulty:
        raise InvalidConfig(problems)
    _plan_moved_again(session, files, gathered, memory, mode, coming)
    if not mode.leave_drift:
        _tell_usage(session, gathered, mode)
    envelope = _described(_envelope(session, scope), gathered, problems)
    planned = Planned(
        Plan(envelope, gathered.spool, gathered.facts),
        tuple(gathered.facts),
        problems,
        tuple(gathered.silenced),
        tuple(gathered.skipped),
        gathered.holdings,
        tuple(sorted(gathered.sounds)),
        gathered.claimed(),
        gathered.pieces,
        frozenset(account_name(plan.connector) for plan in parts).union(one.tenant for one in left),
    )
    if not mode.leave_drift and not mode.partings:
        remember_tenants(session, memory, gathered.steady)
    return planned


def remember_applied(session: Session, tenants: Collection[str]) -> None:
    """Look once more at tenants that were just applied, and remember those that are in sync.

    It is the look that the next plan would take, at what is there now: nothing is inferred from
    what the apply meant to do. What cannot be looked at is no failure; the next plan tells it.
    """
    tenants = [name for name in tenants if not name.startswith(ACCOUNT)]
    if not tenants or not session.shares_database:
        return
    files = session.tenant_files(tenants)
    memory = recall_tenants(session, files, nothing=True)
    with closing(_outcomes(session, files, memory, Mode(), faulty=False)) as outcomes:
        remember_tenants(session, memory, outcomes)


def recalled_whole(session: Session, chosen: Collection[str]) -> Recalled | None:
    """What is remembered of all tenants, or of those chosen; None where one has to be looked at."""
    files = session.tenant_files(chosen)
    memory = recall_tenants(session, files)
    return memory if len(memory.tenants) == len(files.names) else None


def _outcomes(
    session: Session,
    files: TenantFiles,
    memory: Recalled,
    mode: Mode,
    coming: Coming = NOTHING,
    *,
    faulty: bool,
) -> Generator[Outcome, None, None]:
    """Each tenant in the order of its name: remembered, or planned here or by others."""
    todo = [name for name in files.names if name not in memory.tenants]
    made = _shared(session, todo, mode, coming) if len(todo) >= SHARED_FROM and not faulty else None
    policy = mode.policy(session)
    for name in files.names:
        if name in memory.tenants:
            yield memory.tenants[name]
            continue
        outcome = (
            next(made)
            if made is not None
            else outcome_of(
                session, files, name, None if faulty else policy, coming=coming, view=mode.view
            )
        )
        faulty = faulty or outcome.faulty
        yield outcome


def _shared(
    session: Session, names: Sequence[str], mode: Mode, coming: Coming
) -> Iterator[Outcome] | None:
    """Have other processes plan; None where there are none, or time is not the machine's."""
    from reconciler.cli import workers  # noqa: PLC0415 - for many tenants only

    if workers.processes() < 2 or not isinstance(session.clock, SystemClock):  # noqa: PLR2004
        return None
    named = connectors_of(session, session.tenant_files(names))
    accounts = {name: session.accounts.read(name) for name in named}
    start = workers.Start(
        session.environment,
        session.directory,
        session.overrides,
        tuple(names),
        mode,
        accounts,
        coming,
        session.accounts.may_be_gone,
        _rates(session, accounts),
    )
    return workers.planned_by_others(start, names)


def _rates(
    session: Session, accounts: Mapping[str, Listing | str]
) -> dict[str, AccountFacts | NotChecked]:
    """What accounts with rates of their own say of them, read once for all processes."""
    return {
        name: session.accounts.facts.about(name, RATES_SECONDS)
        for name, read in accounts.items()
        if isinstance(read, Listing) and "rates" in session.carriers[name].capabilities.tells
    }


def _of_all(
    session: Session,
    files: TenantFiles,
    gathered: _Gathered,
    memory: Recalled,
    *,
    every: bool,
) -> Iterator[Problem]:
    """What is wrong between tenants, and with those that no file describes any more."""
    yield from clashes([*gathered.claims, *memory.claims_like(gathered.claims)])
    yield from useless_silences(
        session.policies,
        gathered.there,
        gathered.usable,
        gathered.silenced,
        all_there=every and len(gathered.there) == len(files.names),
    )
    if every and not gathered.faulty:
        yield from session.left_behind(files.names)


def _plan_moved_again(
    session: Session,
    files: TenantFiles,
    gathered: _Gathered,
    memory: Recalled,
    mode: Mode,
    coming: Coming,
) -> None:
    """Plan those tenants once more whose numbers another tenant asks for now."""
    gone = {name for _, names in gathered.left.values() for name in names}
    if not gone:
        return
    claims = [*gathered.claims, *memory.claims_of(gone)]
    wanted = {c.key.value: c.address.tenant for c in claims if c.key.value in gone}
    policy = mode.policy(session)
    for tenant, (at, names) in gathered.left.items():
        if any(wanted.get(name, tenant) != tenant for name in names):
            made = outcome_of(session, files, tenant, policy, wanted, coming=coming, view=mode.view)
            gathered.replace(at, made)


def _tell_usage(session: Session, gathered: _Gathered, mode: Mode) -> None:
    """Say of numbers that leave service whether they are in use: asked once, after all else."""
    for at, facts in enumerate(gathered.facts):
        if not leaves_service(facts):
            continue
        part = with_usage(gathered.spool[at], session.accounts)
        gathered.spool.replace(at, part.text)
        if mode.view is not None:
            view = replace(mode.view, kinds=KINDS)
            gathered.pieces.replace(at, part_text(part, view).packed())


def _envelope(session: Session, scope: Mapping[str, Any]) -> Envelope:
    now = session.clock.now()
    commit, dirty = commit_of(session.root, session.environment)
    return Envelope(
        tool={"name": "reconciler", "version": __version__},
        plan_id=token_source.token_hex(16),
        lineage=session.ledger.lineage(),
        serial=session.ledger.serial(),
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        expires=f"{now + EXPIRES_AFTER:%Y-%m-%dT%H:%M:%SZ}",
        scope=dict(scope),
        inputs={"commit": commit, "dirty": dirty, **session.side_inputs()},
    )


def _described(envelope: Envelope, gathered: _Gathered, problems: Iterable[Problem]) -> Envelope:
    made = gathered.gathering.complete(envelope)
    digests = {name: f"sha256:{value}" for name, value in sorted(gathered.files.items())}
    return made.model_copy(
        update={
            "inputs": {**made.inputs, "files": digests},
            "problems": tuple(map(problem_facts, problems)),
        }
    )
