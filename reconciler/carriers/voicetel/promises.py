"""What a VoiceTel account can promise, known without opening it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.carriers.voicetel import account_objects, emergency, ports
from reconciler.carriers.voicetel.account import TELLS
from reconciler.carriers.voicetel.changing import FIELDS, WITH_ORDER, WRITE_ONLY
from reconciler.protocols import Capabilities

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
    tells=TELLS,
)


def capabilities_of(settings: Mapping[str, Any]) -> Capabilities:
    """What an account with such a section can do."""
    del settings
    return CAPABILITIES
