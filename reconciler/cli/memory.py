"""Which tenants are as they were when a plan last found nothing to do for them.

What git says of one is known by the digests of its files and of all that stands around them,
what the platform has by its revision, what carriers have by reading them. Whatever is in doubt
is planned in full.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from reconciler import __version__
from reconciler.cli.outcome import Outcome
from reconciler.cli.session import Session
from reconciler.database import Database
from reconciler.engine.plan import Part, facts_of
from reconciler.engine.rules.uniqueness import Claim
from reconciler.errors import InvalidConfig, Location, Problem, Severity, Unavailable
from reconciler.ledger.planned import ClaimRow, PlannedRow, claims_on, recall, remember
from reconciler.loader.project import TenantFiles
from reconciler.model.address import Address
from reconciler.model.canonical import canonical_plain, digest
from reconciler.model.spec import Key

_TEXTS = ("code", "summary", "detail", "hint", "address")

DATA = ("tzdata", "holidays")
"""Packages whose data decide about a plan."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The tenants that need not be looked at.

    Attributes:
        tenants: What became of each then, and would now.
        base: The digest of all that decides about every tenant.
        database: Where the memory is kept; None where there is none.
    """

    tenants: Mapping[str, Outcome] = field(default_factory=dict)
    base: str = ""
    database: Database | None = None

    def claims_like(self, claims: Iterable[Claim]) -> list[Claim]:
        """What these tenants claim of what others claim now."""
        return self.claims_of({claim.key.value for claim in claims})

    def claims_of(self, values: Collection[str]) -> list[Claim]:
        """What these tenants claim of some values."""
        if self.database is None or not self.tenants:
            return []
        rows = claims_on(self.database, values)
        return [_claim(row) for row in rows if row.tenant in self.tenants]


def recall_tenants(session: Session, files: TenantFiles, *, nothing: bool = False) -> Recalled:
    """Find the tenants that are as they were. One look at each file, none into it.

    Args:
        session: The project.
        files: The tenants in scope.
        nothing: Whether to believe none of it, and only to remember anew.
    """
    if not session.shares_database:
        return Recalled()
    base = digest(
        {
            "version": __version__,
            "project": session.project_digest,
            "sides": session.side_inputs(),
            "day": session.today,
            "data": _data_versions(),
        }
    )
    rows = {} if nothing else recall(session.database)
    found: dict[str, Outcome] = {}
    if rows:
        revisions = session.platform.revisions()
        open_now = {row.address.tenant for row in session.ledger.open_operations()}
        for name in files.names:
            row = rows.get(name)
            if row is None or name in open_now or row.revision != revisions.get(name, 0):
                continue
            outcome = _recalled(session, files, row, base)
            if outcome is not None:
                found[name] = outcome
    return Recalled(found, base, session.database)


@functools.cache
def _data_versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in DATA}


def _recalled(session: Session, files: TenantFiles, row: PlannedRow, base: str) -> Outcome | None:
    try:
        digests = files.digests(row.tenant)
    except InvalidConfig:
        return None  # the full plan tells what is wrong with them
    if row.key != _key(base, digests):
        return None
    holdings: dict[str, dict[str, Any]] = json.loads(row.holdings)
    if not all(_is_held(session, connector, held) for connector, held in holdings.items()):
        return None
    part = Part.model_validate_json(row.part)
    part.__dict__["text"] = row.part
    return Outcome(
        tenant=row.tenant,
        problems=tuple(map(_problem, json.loads(row.problems))),
        usable=True,
        there=True,
        digests=digests,
        connectors=tuple(json.loads(row.connectors)),
        holdings=holdings,
        text=row.part,
        facts=facts_of(part),
    )


def _key(base: str, digests: Mapping[str, str]) -> str:
    return digest({"base": base, "files": dict(digests)})


def _is_held(session: Session, connector: str, remembered: Mapping[str, Any]) -> bool:
    if session.accounts.failure(connector):
        return False
    return session.accounts.listing(connector).is_still(remembered)


def remember_tenants(memory: Recalled, idle: Collection[Outcome], claims: Iterable[Claim]) -> None:
    """Remember those for which there was nothing to do; what cannot be kept is no failure."""
    fresh = {one.tenant: one for one in idle if one.tenant not in memory.tenants}
    if not fresh or memory.database is None:
        return
    rows = [_row(one, memory.base) for one in fresh.values()]
    told = [_claim_row(claim) for claim in claims if claim.address.tenant in fresh]
    try:
        remember(memory.database, rows, told)
    except Unavailable:
        return


def _row(outcome: Outcome, base: str) -> PlannedRow:
    return PlannedRow(
        tenant=outcome.tenant,
        key=_key(base, outcome.digests),
        revision=outcome.facts.revision if outcome.facts is not None else 0,
        connectors=canonical_plain(outcome.connectors),
        holdings=canonical_plain(outcome.holdings),
        part=outcome.text,
        problems=canonical_plain([_problem_row(problem) for problem in outcome.problems]),
    )


def _problem_row(problem: Problem) -> dict[str, Any]:
    """All of a problem but its remedy, which only `fix` looks at."""
    return {
        **{name: getattr(problem, name) for name in _TEXTS},
        "severity": problem.severity.value,
        "location": astuple(problem.location),
        "related": [[astuple(place), words] for place, words in problem.related],
    }


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(
        **{name: row[name] for name in _TEXTS},
        severity=Severity(row["severity"]),
        location=Location(*row["location"]),
        related=tuple((Location(*place), words) for place, words in row["related"]),
    )


def _claim_row(claim: Claim) -> ClaimRow:
    at = claim.location
    return ClaimRow(*claim.address, claim.key.scope, claim.key.value, at.file, at.line, at.column)


def _claim(row: ClaimRow) -> Claim:
    return Claim(
        Key(row.scope, row.value, everywhere=True),
        Address(row.tenant, row.kind, row.name),
        Location(row.file, row.line, row.position),
    )
