"""Which tenants are as they were when a plan last found nothing to do for them.

What git says of one is known by the digests of its files and of all that stands around them,
what the platform has by its revision, what carriers have by reading them, what ends by the
clock by looking at every quarantine. Whatever is in doubt is planned in full.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field
from itertools import islice
from typing import Any

from reconciler import __version__
from reconciler.cli.outcome import Outcome
from reconciler.cli.session import Session
from reconciler.database import Database
from reconciler.engine.plan import Part, facts_of
from reconciler.engine.policy import Silence, Silenced
from reconciler.engine.rules.uniqueness import Claim
from reconciler.errors import InvalidConfig, Location, Problem, Severity, Unavailable
from reconciler.ledger.planned import ClaimRow, PlannedRow, claims_on, recall, remember
from reconciler.loader.files import why_missing
from reconciler.loader.project import PROJECT_FILE, file_digest, side_digests
from reconciler.loader.tenants import TenantFiles
from reconciler.model.address import Address
from reconciler.model.canonical import canonical_plain, digest
from reconciler.model.spec import Key
from reconciler.platform.quarantined import ended

_TEXTS = ("code", "summary", "detail", "hint", "address")

_TOGETHER = 250
"""Tenants that are remembered in one transaction: no more of them are held in memory for it."""

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
    base = _base(session)
    rows = {} if nothing else recall(session.database)
    if not rows:
        return Recalled({}, base, session.database)
    moving = _Moving.now(session)
    found: dict[str, Outcome] = {}
    for name in files.names:
        row = rows.get(name)
        if row is not None and moving.leaves(row):
            outcome = _recalled(session, files, row, base)
            if outcome is not None:
                found[name] = outcome
    return Recalled(found, base, session.database)


@dataclass(frozen=True, slots=True)
class _Moving:
    """What moves beside files and carriers: revisions, open operations, quarantines that end.

    Attributes:
        revisions: The platform's, by tenant.
        open_now: Tenants with an operation that is not over.
        ended: Numbers whose quarantine is over.
    """

    revisions: Mapping[str, int]
    open_now: Collection[str]
    ended: Collection[str]

    @classmethod
    def now(cls, session: Session) -> _Moving:
        """Read it, once for all tenants."""
        days, now = session.project.settings.quarantine_days, session.clock.now()
        return cls(
            session.platform.revisions(),
            {row.address.tenant for row in session.ledger.open_operations()},
            {record.e164 for record in ended(session.database, days, now)},
        )

    def leaves(self, row: PlannedRow) -> bool:
        """Whether nothing of it concerns a tenant that is remembered."""
        return (
            row.tenant not in self.open_now
            and row.revision == self.revisions.get(row.tenant, 0)
            and not any(number in self.ended for number in json.loads(row.left_over))
        )


def _base(session: Session) -> str:
    return digest(
        {
            "version": __version__,
            "project": session.project_digest,
            "sides": session.side_inputs(),
            "day": session.today,
            "data": _data_versions(),
        }
    )


@functools.cache
def _data_versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in DATA}


def _recalled(session: Session, files: TenantFiles, row: PlannedRow, base: str) -> Outcome | None:
    try:
        digests = files.digests(row.tenant)
    except InvalidConfig:
        return None  # the full plan tells what is wrong with them
    sounds = tuple(json.loads(row.sounds))
    if row.key != _key(base, digests) or any(why_missing(session.root, each) for each in sounds):
        return None
    holdings: dict[str, dict[str, Any]] = json.loads(row.holdings)
    if not all(_is_held(session, connector, held) for connector, held in holdings.items()):
        return None
    part = Part.model_validate_json(row.part)
    part.__dict__["text"] = row.part
    return Outcome(
        tenant=row.tenant,
        problems=tuple(map(_problem, json.loads(row.problems))),
        silenced=tuple(_silenced(session, each) for each in json.loads(row.silenced)),
        usable=True,
        there=True,
        digests=digests,
        connectors=tuple(json.loads(row.connectors)),
        left=tuple(json.loads(row.left_over)),
        steady=True,
        sounds=sounds,
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


def remember_tenants(session: Session, memory: Recalled, looked_at: Iterable[Outcome]) -> None:
    """Remember those that were just looked at and are steady; those recalled are kept already.

    What cannot be kept is no failure.
    """
    fresh = (one for one in looked_at if one.steady and one.tenant not in memory.tenants)
    indexes = {silence: index for index, silence in enumerate(session.policies.silences)}
    while together := list(islice(fresh, _TOGETHER)):
        if memory.database is None or not _still_so(session):
            return
        rows = [_row(one, memory.base, indexes) for one in together]
        told = [_claim_row(claim) for one in together for claim in one.claims]
        try:
            remember(memory.database, rows, told)
        except Unavailable:
            return


def _still_so(session: Session) -> bool:
    """Whether the project's own files are as they were read: others may have been planned by them.

    A tenant's files are read with what is made of them; these were read once, before.
    """
    try:
        sides = side_digests(session.root, session.project_value)
        whole = file_digest(session.root, PROJECT_FILE)
    except InvalidConfig:
        return False
    read = {name: session.side_file(name) for name in sides}
    same = all(one is not None and one.digest == sides[name] for name, one in read.items())
    return same and whole == session.project_digest


def _row(outcome: Outcome, base: str, indexes: Mapping[Silence, int]) -> PlannedRow:
    return PlannedRow(
        tenant=outcome.tenant,
        key=_key(base, outcome.digests),
        revision=outcome.facts.revision if outcome.facts is not None else 0,
        connectors=canonical_plain(outcome.connectors),
        holdings=canonical_plain(outcome.holdings),
        part=outcome.text,
        problems=canonical_plain([_problem_row(problem) for problem in outcome.problems]),
        silenced=canonical_plain([_silenced_row(one, indexes) for one in outcome.silenced]),
        left_over=canonical_plain(outcome.left),
        sounds=canonical_plain(outcome.sounds),
    )


def _silenced_row(silenced: Silenced, indexes: Mapping[Silence, int]) -> list[Any]:
    """What is not told, and the place of its silence among the policies; None for a rule off."""
    at = None if silenced.silence is None else indexes[silenced.silence]
    return [_problem_row(silenced.problem), at]


def _silenced(session: Session, row: tuple[Mapping[str, Any], int | None]) -> Silenced:
    """The same, of policies that are byte for byte those of then."""
    problem, at = row
    return Silenced(_problem(problem), None if at is None else session.policies.silences[at])


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
