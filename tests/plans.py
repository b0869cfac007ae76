"""A whole plan of some tenants, made in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reconciler.engine.plan import (
    Envelope,
    Part,
    Plan,
    facts_of,
)
from reconciler.model.naming import Naming
from reconciler.model.state import DesiredTenant
from reconciler.observe import Accounts
from reconciler.planner import (
    Gathering,
    Policy,
    Sources,
    coming_of,
    look,
    plan_account,
    plan_tenant,
)


def make_plan(
    sources: Sources,
    tenants: Iterable[DesiredTenant],
    accounts: Accounts,
    policy: Policy,
    envelope: Envelope,
    of_accounts: Mapping[str, DesiredTenant] = MappingProxyType({}),
) -> Plan:
    """Plan some tenants, and accounts around them, by connector.

    `envelope` comes with its ids, times, scope and inputs filled in.
    """
    listed = tuple(tenants)
    around = [
        plan
        for connector, wanted in of_accounts.items()
        if (plan := plan_account(sources, wanted, connector, accounts, policy)) is not None
    ]
    coming = coming_of(around, begun=True)
    wanted = _wanted(sources, listed)
    gathering = Gathering(sources, accounts)
    parts: list[Part] = [plan.first for plan in around]
    reads = sources.platform.read_many([tenant.tenant for tenant in listed])
    for tenant, read in zip(listed, reads, strict=True):
        known = look(sources, tenant, read)
        parts.append(plan_tenant(sources, known, accounts, policy, wanted, coming).typed())
        gathering.add(facts_of(parts[-1]), known.connectors)
    parts += [plan.last for plan in around]
    for plan in around:
        gathering.add(facts_of(plan.first), {plan.connector})
        gathering.add(facts_of(plan.last), {plan.connector})
    return Plan(gathering.complete(envelope), tuple(parts))


def _wanted(sources: Sources, tenants: Iterable[DesiredTenant]) -> dict[str, str]:
    """Which tenant asks for each number; the check has seen to it that only one does."""
    return {
        address.name: tenant.tenant
        for tenant in tenants
        for address in tenant.objects
        if sources.kinds[address.kind].naming is Naming.E164
    }
