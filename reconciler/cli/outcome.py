"""What becomes of one tenant when it is loaded, checked and planned by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from reconciler.cli.checking import files_named
from reconciler.cli.session import Session
from reconciler.engine.made import AnyPart
from reconciler.engine.plan import PartFacts, facts_of
from reconciler.engine.policy import Silenced
from reconciler.engine.rules.uniqueness import Claim
from reconciler.errors import Problem, Severity
from reconciler.kinds import KINDS
from reconciler.loader.files import why_missing
from reconciler.loader.tenants import TenantFiles
from reconciler.model.resource import Home
from reconciler.model.supply import Parting
from reconciler.planner import NOTHING, Coming, Known, Policy, look, plan_tenant
from reconciler.protocols import TenantRead
from reconciler.report.entries import View
from reconciler.report.plan_part import part_text


@dataclass(frozen=True, slots=True)
class Mode:
    """What a plan was asked for, the same for all its tenants.

    Attributes:
        allowed: Limits let pass once.
        only_config: Whether what only drifted is left as it is.
        leave_drift: Whether no drift at all is put back, as nothing is to be applied.
        increase: The most that the monthly bill may rise, by currency, in place of the project's.
        verify: Whether every tenant is compared, whatever is remembered of it.
        partings: How numbers leave of which somebody said so: nothing else is planned then.
        view: How each part is to be told as text, but for the kinds; None where it is not.
    """

    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    only_config: bool = False
    leave_drift: bool = False
    verify: bool = False
    increase: Mapping[str, Decimal] = field(default_factory=dict)
    partings: Mapping[str, Parting] = field(default_factory=dict)
    view: View | None = None

    def policy(self, session: Session) -> Policy:
        """What decides about a plan."""
        made = session.policy(self.allowed, self.only_config, self.increase)
        made = replace(made, partings=self.partings)
        return replace(made, reverts_drift=lambda _: False) if self.leave_drift else made


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one tenant.

    Attributes:
        tenant: Its name.
        problems: What is wrong with its files.
        silenced: What is not told of them.
        claims: What it claims among all tenants.
        usable: Whether it could be typed at all.
        there: Whether its files could be read.
        skipped: Files not read.
        digests: SHA-256 of each of its files.
        connectors: The carrier accounts that it has to do with.
        left: Numbers of its last apply that git has no more.
        steady: Whether its part, though it may say something, follows from its files and from
            what was read alone, and would be the same as long as those are.
        sounds: The sound files that it names.
        holdings: Per carrier account, its numbers there as they were read; of a steady part.
        text: Its part in canonical JSON; "" where it was not planned.
        facts: The counts of its part.
        told: Its part as it is told, a packed `PartText`; b"" where nobody asked for that.
    """

    tenant: str
    problems: tuple[Problem, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    claims: tuple[Claim, ...] = ()
    usable: bool = False
    there: bool = False
    skipped: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    connectors: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    steady: bool = False
    sounds: tuple[str, ...] = ()
    holdings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    text: str = ""
    facts: PartFacts | None = None
    told: bytes = b""

    @property
    def faulty(self) -> bool:
        """Whether its files hold an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def outcome_of(
    session: Session,
    files: TenantFiles,
    name: str,
    policy: Policy | None,
    wanted: Mapping[str, str] = MappingProxyType({}),
    read: TenantRead | None = None,
    view: View | None = None,
    coming: Coming = NOTHING,
) -> Outcome:
    """Load, check and plan one tenant. Without a policy it is only checked.

    `read` is what the platform has of it, where that was read with others already; `view` how
    its part is told; `coming` what the plan does at carrier accounts.
    """
    loaded = files.load(name)
    if not loaded.tenants:
        return Outcome(name, problems=loaded.problems, skipped=loaded.skipped)
    checked = session.check(loaded.tenants[0])
    made = Outcome(
        tenant=name,
        problems=(*loaded.problems, *checked.problems),
        silenced=checked.silenced,
        claims=checked.claims,
        usable=checked.tenant is not None,
        there=True,
        skipped=loaded.skipped,
        digests=dict(loaded.tenants[0].digests),
    )
    if policy is None or checked.tenant is None or made.faulty:
        return made
    sources = session.sources()
    known = look(sources, checked.tenant, read)
    part = plan_tenant(sources, known, session.accounts, policy, wanted, coming)
    sounds = files_named(loaded.tenants[0])
    whole = not any(why_missing(session.root, sound) for sound in sounds)
    steady = whole and _is_steady(part)
    return replace(
        made,
        connectors=tuple(sorted(known.connectors)),
        left=known.left(sources.kinds),
        steady=steady,
        sounds=sounds,
        holdings=_holdings(session, known) if steady else {},
        text=part.text,
        facts=facts_of(part),
        told=_told(part, view) if view is not None else b"",
    )


def _told(part: AnyPart, view: View) -> bytes:
    return part_text(part, replace(view, kinds=KINDS)).packed()


def _is_steady(part: AnyPart) -> bool:
    """Whether nothing is to be done, and nothing of what is told can end by itself.

    Objects of others at the platform stay as they are while its revision does. What waits for
    a home does not.
    """
    return not (part.operations or part.gates or part.drifted or part.held)


def _holdings(session: Session, known: Known) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for address, left in known.applied.items():
        connector = str(left.spec.get("connector", ""))
        if connector in known.connectors and KINDS[address.kind].home is Home.CARRIER:
            held = session.accounts.listing(connector).of(address.kind).get(address.name)
            if held is not None:
                found.setdefault(connector, {})[address.reference] = dict(held.spec)
    return found
