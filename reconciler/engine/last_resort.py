"""What one object of a tenant lends to fields of others that nobody fills: the main number."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.engine.draft import Finding, Path
from reconciler.engine.reading import fields_of
from reconciler.kinds import SECTIONS
from reconciler.model.address import Address
from reconciler.model.resource import Resource
from reconciler.model.types import LastResort


def lent_in(value: Mapping[str, Any]) -> dict[str, list[tuple[str, Path]]]:
    """Find everything that lends itself, as a file writes it, in the order of the file."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for section, cls in SECTIONS.items():
        entries = value.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            for key, field in cls.lends(entry) if isinstance(entry, dict) else ():
                found.setdefault(key, []).append((str(name), (section, name, field)))
    return found


def contested(tenant: str, lent: Mapping[str, list[tuple[str, Path]]]) -> Iterator[Finding]:
    """Find what two objects lend: then none of them does."""
    for key, listed in lent.items():
        for name, path in listed[1:]:
            first, at = listed[0]
            kind = SECTIONS[str(path[0])].kind
            yield Finding(
                "E137",
                path,
                f"{key} stands on {kind}/{first} and on {kind}/{name}.",
                "Leave it on one of them.",
                address=Address(tenant, kind, name),
                related=((at, "and here"),),
            )


@functools.cache
def asked_by(cls: type[Resource]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind that something lends itself to, each with what it asks for."""
    return tuple(
        (name, mark.key)
        for name, info in fields_of(cls).items()
        for mark in info.metadata
        if isinstance(mark, LastResort)
    )
