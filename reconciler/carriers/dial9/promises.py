"""What a Dial 9 account can promise, in both editions, known without opening it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from reconciler.carriers.dial9 import dialled, internal, number, subscriber
from reconciler.carriers.dial9.section import CONNECT, TELCOM
from reconciler.carriers.transport import AWAY, Retries
from reconciler.protocols import Allowance, Capabilities

CURRENCY: Final = "GBP"
WITH_ORDER: Final = frozenset({"connector"})

EDITIONS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {"Dial 9 telcom": {"edition": TELCOM}, "Dial 9 connect": {"edition": CONNECT}}
)
"""What a section may be of, each with the settings that say so."""

CAPABILITIES: Final = Capabilities(
    keyed=False,
    natural_key=True,
    tells_stock=False,
    deletes_by_id=True,
    fields=number.FIELDS,
    others=MappingProxyType({subscriber.KIND: subscriber.FIELDS, dialled.KIND: internal.OLDER}),
    with_order=WITH_ORDER,
    makes_anew=frozenset({dialled.KIND}),
    by_id=frozenset({dialled.KIND}),
    comes_with=number.COMES_WITH,
    asynchronous=frozenset({subscriber.KIND}),
    lasting=number.LASTING | subscriber.LASTING | internal.LASTING,
)

RETRIES: Final = Retries(statuses=MappingProxyType({"GET": AWAY}))
"""What Dial 9 may be sent again: reads. It has no limit yet, and announces one."""

NEWER: Final = replace(
    CAPABILITIES,
    others=MappingProxyType({**CAPABILITIES.others, dialled.KIND: internal.NEWER}),
    by_id=frozenset(),
    permanent=frozenset({dialled.KIND}),
    tells=frozenset({"calls"}),
)
"""The newer edition lists calls and internal numbers, and documents no way to remove one."""


def capabilities_of(settings: Mapping[str, Any]) -> Capabilities:
    """What an account with such a section can do."""
    return NEWER if settings.get("edition") == CONNECT else CAPABILITIES


def allowance_of(settings: Mapping[str, Any], connector: str) -> Allowance | None:
    """None: "API access is currently unrestricted" (voice-api-docs.telcom.uk)."""
    del settings, connector
    return None
