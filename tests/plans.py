"""A whole plan of some tenants, made in one go."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.engine.plan import (
    Envelope,
    Part,
    Plan,
    facts_of,
)
from reconciler.model.resource import Naming
from reconciler.model.state import DesiredTenant
from reconciler.observe import Accounts
from reconciler.planner import Gathering, Policy, Sources, look, plan_tenant


def make_plan(
    sources: Sources,
    tenants: Iterable[DesiredTenant],
    accounts: Accounts,
    policy: Policy,
    envelope: Envelope,
) -> Plan:
    """Plan some tenants. `envelope` comes with its ids, times, scope and inputs filled in."""
    listed = tuple(tenants)
    wanted = _wanted(sources, listed)
    gathering = Gathering(sources, accounts)
    parts: list[Part] = []
    reads = sources.platform.read_many([tenant.tenant for tenant in listed])
    for tenant, read in zip(listed, reads, strict=True):
        known = look(sources, tenant, read)
        parts.append(plan_tenant(sources, known, accounts, policy, wanted))
        gathering.add(facts_of(parts[-1]), known.connectors)
    return Plan(gathering.complete(envelope), tuple(parts))


def _wanted(sources: Sources, tenants: Iterable[DesiredTenant]) -> dict[str, str]:
    """Which tenant asks for each number; the check has seen to it that only one does."""
    return {
        address.name: tenant.tenant
        for tenant in tenants
        for address in tenant.objects
        if sources.kinds[address.kind].naming is Naming.E164
    }
