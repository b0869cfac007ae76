"""Every action of Dial 9's sandbox, in both of its editions."""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.dial9 import numbers, objects
from reconciler.sandbox.dial9.protocol import Actions
from reconciler.sandbox.dial9.store import EDITIONS

BASE: Final = "/api/v2"
METHODS: Final = ("POST", "GET")
"""Any method does the same; these are the ones that are used."""

ACTIONS: Final[Actions] = (*numbers.ACTIONS, *objects.ACTIONS)


def routes(edition: str) -> tuple[tuple[str, str], ...]:
    """Method and path of all that an edition has; of both where it is not known yet."""
    wanted = {edition} if edition in EDITIONS else set(EDITIONS)
    names = {name for name, action in ACTIONS if wanted & set(action.editions)}
    return tuple((method, f"{BASE}/{name}") for name in sorted(names) for method in METHODS)
