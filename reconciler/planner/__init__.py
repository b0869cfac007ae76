"""Gather what is known of each tenant and let the engine decide: from edges to a plan.

Reads only. One read of the platform for many tenants, one of the ledger per tenant, one of
each carrier account for all tenants, one look at an inventory per number that is to be bought.
"""

from __future__ import annotations

from reconciler.planner.account import SETTINGS_SECONDS, AccountPlan, coming_of, plan_account
from reconciler.planner.envelope import EXPIRES_AFTER, Gathering
from reconciler.planner.sources import NOTHING, Coming, Policy, Sources
from reconciler.planner.tenant import Known, look, plan_tenant, price_at
from reconciler.planner.usage import leaves_service, with_usage
from reconciler.planner.withdrawn import way_out, withdrawn, withdrawn_parts

__all__ = [
    "EXPIRES_AFTER",
    "NOTHING",
    "SETTINGS_SECONDS",
    "AccountPlan",
    "Coming",
    "Gathering",
    "Known",
    "Policy",
    "Sources",
    "coming_of",
    "leaves_service",
    "look",
    "plan_account",
    "plan_tenant",
    "price_at",
    "way_out",
    "with_usage",
    "withdrawn",
    "withdrawn_parts",
]
