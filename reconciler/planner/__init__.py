"""Gather what is known of each tenant and let the engine decide: from edges to a plan.

Reads only. One read of the platform for many tenants, one of the ledger per tenant, one of
each carrier account for all tenants, one look at an inventory per number that is to be bought.
"""

from __future__ import annotations

from reconciler.planner.envelope import EXPIRES_AFTER, Gathering
from reconciler.planner.sources import Policy, Sources
from reconciler.planner.tenant import Known, look, plan_tenant, price_at
from reconciler.planner.usage import leaves_service, with_usage

__all__ = [
    "EXPIRES_AFTER",
    "Gathering",
    "Known",
    "Policy",
    "Sources",
    "leaves_service",
    "look",
    "plan_tenant",
    "price_at",
    "with_usage",
]
