"""What the documents name and this version cannot do: refused by name, never passed over."""

from __future__ import annotations

UNBUILT_SECTIONS = frozenset({"connectors"})
"""Sections that come with a later version."""


def later(what: str) -> tuple[str, str]:
    """Detail and hint for something that is not built yet."""
    return f"{what} comes with a later version.", "Take it out for now; nothing is done about it."
