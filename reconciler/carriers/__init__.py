"""Our adapters to carriers, one file each, found by looking into this folder.

A carrier's file is named like its kind. It has `KIND`, `connect`, the `CURRENCY` of what it bills
and, so that what an account can do is known without opening it, `capabilities_of` a section, the
`EDITIONS` that there are and `allowance_of` a section and its connector's name: how few requests
about the account it takes. It is imported when a project names that kind, not before: it brings
httpx with it.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

_SHARED = frozenset({"scarce", "transport"})
"""Files in here that are no carrier."""


def kinds() -> tuple[str, ...]:
    """Every kind of connector there is, sorted, without importing any."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if name not in _SHARED))


def find(kind: str) -> ModuleType | None:
    """The module of a kind, with its `connect`; None when there is no such kind."""
    if kind not in kinds():
        return None
    return importlib.import_module(f"{__name__}.{kind}")
