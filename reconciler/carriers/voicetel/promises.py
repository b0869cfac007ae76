"""What a VoiceTel account can promise, known without opening it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from reconciler.carriers.transport import AWAY, Retries
from reconciler.carriers.voicetel import account_objects, emergency, ports
from reconciler.carriers.voicetel.account import TELLS, allowance_at
from reconciler.carriers.voicetel.changing import FIELDS, WITH_ORDER, WRITE_ONLY
from reconciler.carriers.voicetel.section import section_of
from reconciler.model.act import PARTINGS
from reconciler.protocols import Allowance, Capabilities

EDITIONS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({"VoiceTel": {}})
"""What a section may be of, each with the settings that say so."""

LASTING: Final = frozenset({"connector", "handoff", "cnam", "cnam_lookup", "port_out_pin"})
"""What VoiceTel has no verb to take away; a hand-off is always to something."""

CAPABILITIES: Final = Capabilities(
    keyed=True,
    natural_key=False,
    tells_stock=True,
    fields=FIELDS,
    with_order=WITH_ORDER,
    write_only=WRITE_ONLY | account_objects.WRITE_ONLY | ports.WRITE_ONLY,
    others=MappingProxyType(
        {
            emergency.KIND: emergency.FIELDS,
            ports.KIND: ports.FIELDS,
            **account_objects.FIELDS,
        }
    ),
    unlisted=account_objects.UNLISTED,
    seldom=account_objects.SELDOM,
    makes_anew=account_objects.MAKES_ANEW,
    asynchronous=frozenset({"campaign", ports.KIND}),
    lasting=LASTING | emergency.LASTING | account_objects.LASTING | ports.LASTING,
    rewrites=frozenset({emergency.KIND}),
    removals=PARTINGS,
    tells=TELLS,
)

RETRIES: Final = Retries(
    statuses=MappingProxyType({"GET": AWAY, "POST": AWAY}),
    never=("/v2.2/account", "/v2.2/cnam", "/v2.2/lrn"),
)
"""What VoiceTel may be sent again: reads, and of what is posted the validation of an address, which
keeps nothing. Of what is about the account six an hour are taken, and a look-up is billed: once."""

LIST_PRICES: Final = {
    emergency.KIND: (Decimal(0), Decimal("2.50")),
    ports.KIND: (ports.FEE, Decimal("0.00")),
}
"""USD once and a month, from VoiceTel's price list of 2026-05-09, marked a draft there. What a
ported number costs a month begins when it comes."""


def capabilities_of(settings: Mapping[str, Any]) -> Capabilities:
    """What an account with such a section can do."""
    del settings
    return CAPABILITIES


def allowance_of(settings: Mapping[str, Any], connector: str) -> Allowance:
    """How few requests about the account with such a section are taken."""
    section = section_of(settings)
    inside = section.sandbox and not section.url
    return allowance_at(f"sandbox {connector}" if inside else section.place)


_KEY: Final = re.compile("[A-Za-z0-9_-]{1,128}")


def is_key(key: str) -> bool:
    """Whether VoiceTel takes it as the idempotency key of an order."""
    return _KEY.fullmatch(key) is not None
