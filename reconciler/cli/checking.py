"""All tenants of a command, checked by the rules and judged by the project's policies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.engine.desired import check
from reconciler.engine.policy import Policies, Silenced
from reconciler.engine.rules.uniqueness import Claim, clashes
from reconciler.errors import Problem, Severity
from reconciler.kinds import KINDS
from reconciler.loader.codes import quoted, told
from reconciler.loader.files import GONE, why_missing
from reconciler.loader.tenants import Tenants, TenantSource
from reconciler.model.document import ProjectFacts
from reconciler.model.state import DesiredTenant
from reconciler.settings.policies import refused_silences, told_silences


@dataclass
class Judged:
    """What became of the tenants, what is wrong with them, and what is not told."""

    tenants: list[DesiredTenant] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    silenced: list[Silenced] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    """One tenant, checked by itself; None where it has errors."""

    tenant: DesiredTenant | None
    problems: tuple[Problem, ...]
    silenced: tuple[Silenced, ...]
    claims: tuple[Claim, ...]


def check_one(
    source: TenantSource,
    facts: ProjectFacts,
    policies: Policies,
    root: Path,
) -> Checked:
    """Check one tenant."""
    tenant, judged, claimed = check(source, facts, policies)
    problems = [*judged.problems, *refused_silences(judged.refused), *_missing(source, root)]
    return Checked(tenant, tuple(problems), tuple(judged.silenced), tuple(claimed))


_FILES = {cls.section: cls.files() for cls in KINDS.values() if cls.section and cls.files()}
"""Fields that name a file of the project, by section."""


def files_named(source: TenantSource) -> tuple[str, ...]:
    """The files of the project that a tenant names, such as sounds."""
    return tuple(sorted({value for _, value in _named(source)}))


def _named(source: TenantSource) -> Iterator[tuple[tuple[str, ...], str]]:
    for section, fields in _FILES.items():
        entries = source.value.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            for field_name in fields if isinstance(entry, dict) else ():
                if isinstance(entry.get(field_name), str):
                    yield (section, name, field_name), entry[field_name]


def _missing(source: TenantSource, root: Path) -> Iterator[Problem]:
    """Find files that are named and not there. A path that cannot be one is told as such.

    One that is not there is a warning: a sound may reach the platform another way. What is
    there and no file, or a link out of the project, is none that was reviewed.
    """
    for path, value in _named(source):
        odd = any(step in {"", ".", ".."} for step in value.split("/"))
        why = "" if odd else why_missing(root, value)
        if why:
            yield told(
                "E161",
                source.place(path),
                f"{quoted(value)} is named here. {why}",
                "Add the file to the project, or correct its path from the project's folder.",
                severity=Severity.WARNING if why == GONE else Severity.ERROR,
            )


def useless_silences(
    policies: Policies,
    there: Collection[str],
    usable: Collection[str],
    silenced: Iterable[Silenced],
    *,
    all_there: bool,
) -> Iterable[Problem]:
    """Find silences that hide nothing.

    Args:
        policies: How bad each rule is.
        there: Tenants whose files could be read.
        usable: Those of them that have no error.
        silenced: What is not told of them.
        all_there: Whether all tenants were looked at, so that a silence of one that is not
            there is useless.
    """
    known = set(usable)
    if all_there:
        known |= policies.tenants - set(there)
    return told_silences(policies.useless(set(there), known, list(silenced)))


def check_all(
    loaded: Tenants,
    facts: ProjectFacts,
    policies: Policies,
    root: Path,
    *,
    every_tenant: bool,
) -> Judged:
    """Check each tenant, then all of them against each other.

    Args:
        loaded: What the files say.
        facts: The project around them.
        policies: How bad each rule is.
        root: The project's folder.
        every_tenant: Whether all tenants are looked at, so that a silence of one that is not
            there is useless.
    """
    made = Judged()
    claims: list[Claim] = []
    for source in loaded.tenants:
        one = check_one(source, facts, policies, root)
        claims += one.claims
        made.problems += one.problems
        made.silenced += one.silenced
        if one.tenant is not None:
            made.tenants.append(one.tenant)
    made.problems += clashes(claims)
    made.problems += useless_silences(
        policies,
        {source.tenant for source in loaded.tenants},
        {tenant.tenant for tenant in made.tenants},
        made.silenced,
        all_there=every_tenant and not loaded.problems,
    )
    return made
