"""Rules of a good configuration, a file for each theme, found by folder.

A rule is a generator from a tenant's draft to findings. Beside it stand, by code: `EXPLAIN`,
what it means; `FIXED`, why no policy may soften its errors; `DECIDED_BY`, the command that
decides what no file can tell. `RULES` of a theme names its rules.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from reconciler.engine.draft import Draft, Finding

Rule = Callable[[Draft], Iterator[Finding]]


def _themes() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        yield importlib.import_module(module.name)


def _gathered(name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for theme in _themes():
        found.update(getattr(theme, name, {}))
    return MappingProxyType(found)


RULES: tuple[Rule, ...] = tuple(rule for theme in _themes() for rule in theme.RULES)
"""Every rule."""

EXPLAINED: Mapping[str, tuple[str, str]] = _gathered("EXPLAIN")
"""Code -> (summary, explanation) of every rule."""

FIXED: Mapping[str, str] = _gathered("FIXED")
"""Code -> why its errors stay errors, whatever a policy says."""

DECIDED_BY: Mapping[str, tuple[str, ...]] = _gathered("DECIDED_BY")
"""Code -> the commands that decide it, for what files alone do not tell."""
