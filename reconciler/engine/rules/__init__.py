"""Rules of a good configuration, a file for each theme, found by folder.

A rule is a generator from a tenant's draft to findings. Its codes are explained beside it,
in `EXPLAIN`; `RULES` of a theme names its rules.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType, ModuleType

from reconciler.engine.draft import Draft, Finding

Rule = Callable[[Draft], Iterator[Finding]]


def _themes() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        yield importlib.import_module(module.name)


RULES: tuple[Rule, ...] = tuple(rule for theme in _themes() for rule in theme.RULES)
"""Every rule."""

EXPLAINED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {code: text for theme in _themes() for code, text in theme.EXPLAIN.items()}
)
"""Code -> (summary, explanation) of every rule."""
