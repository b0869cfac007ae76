"""Every operation of VoiceTel's sandbox, in both of its dialects."""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.voicetel import (
    account,
    acl,
    auth,
    campaigns,
    e911,
    gateways,
    health,
    inventory,
    lookups,
    messaging,
    number_settings,
    numbers,
    orders,
    ports,
    support,
)
from reconciler.sandbox.wsgi import Routes

ROUTES: Final[Routes] = {
    **account.ROUTES,
    **acl.ROUTES,
    **auth.ROUTES,
    **campaigns.ROUTES,
    **e911.ROUTES,
    **gateways.ROUTES,
    **inventory.ROUTES,
    **lookups.ROUTES,
    **messaging.ROUTES,
    **number_settings.ROUTES,
    **numbers.ROUTES,
    **orders.ROUTES,
    **ports.ROUTES,
    **support.ROUTES,
}
"""Every operation of the carrier's description, by method and path."""

NEWER: Final[Routes] = {**ROUTES, **health.ROUTES}
"""The same with what only the vendor's SDK has."""
