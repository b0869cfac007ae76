"""Every kind, found by its file in this folder; nothing is registered by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from reconciler.model.resource import Resource


def _declared() -> Iterator[type[Resource]]:
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Resource) and "kind" in vars(value):
                yield value


def catalogue(
    classes: Iterable[type[Resource]],
) -> tuple[Mapping[str, type[Resource]], Mapping[str, type[Resource]]]:
    """Index kinds by name and, those that have one, by their section.

    Raises:
        TypeError: Two kinds share a name or a section.

    """
    kinds: dict[str, type[Resource]] = {}
    sections: dict[str, type[Resource]] = {}
    for cls in sorted(set(classes), key=lambda one: (one.kind, one.__module__)):
        for index, name in ((kinds, cls.kind), (sections, cls.section)):
            if name in index:
                raise TypeError(f"{cls.__module__} and {index[name].__module__} both say {name!r}")
            if name:
                index[name] = cls
    return MappingProxyType(kinds), MappingProxyType(sections)


KINDS, SECTIONS = catalogue(_declared())
"""Every kind by its singular name, and those with a section of their own by that."""
