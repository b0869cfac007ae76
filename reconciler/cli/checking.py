"""All tenants of a command, checked by the rules and judged by the project's policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.engine.desired import check
from reconciler.engine.policy import Policies, Silenced
from reconciler.engine.rules.uniqueness import Claim, clashes
from reconciler.errors import InvalidConfig, Problem
from reconciler.loader.project import Tenants, load_file
from reconciler.model.document import ProjectFacts
from reconciler.model.state import DesiredTenant
from reconciler.settings.policies import parse_policies, refused_silences, told_silences


@dataclass
class Judged:
    """What became of the tenants, what is wrong with them, and what is not told."""

    tenants: list[DesiredTenant] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    silenced: list[Silenced] = field(default_factory=list)


def read_policies(
    root: Path, named: str | None, today: str, shown_as: str
) -> tuple[Policies, tuple[Problem, ...]]:
    """Read the file of policies that the project names; without one nothing is changed."""
    if named is None:
        return Policies(), ()
    try:
        document = load_file(root, named, shown_as=shown_as).document
    except InvalidConfig as error:
        return Policies(), error.problems
    return parse_policies(document.value, document.place, today)


def check_all(
    loaded: Tenants,
    facts: ProjectFacts,
    policies: Policies,
    more: Callable[[DesiredTenant], Iterable[Problem]],
    *,
    every_tenant: bool,
) -> Judged:
    """Check each tenant, then all of them against each other.

    Args:
        loaded: What the files say.
        facts: The project around them.
        policies: How bad each rule is.
        more: Finds what else is wrong with a tenant that can be used.
        every_tenant: Whether all tenants are looked at, so that a silence of one that is not
            there is useless.
    """
    made = Judged()
    claims: list[Claim] = []
    for source in loaded.tenants:
        tenant, judged, claimed = check(source, facts, policies)
        claims += claimed
        made.problems += judged.problems
        made.silenced += judged.silenced
        made.problems += refused_silences(judged.refused)
        if tenant is not None:
            made.tenants.append(tenant)
            made.problems += more(tenant)
    made.problems += clashes(claims)
    there = {source.tenant for source in loaded.tenants}
    usable = {tenant.tenant for tenant in made.tenants}
    if every_tenant and not loaded.problems:
        usable |= policies.tenants - there
    made.problems += told_silences(policies.useless(there, usable, made.silenced))
    return made
