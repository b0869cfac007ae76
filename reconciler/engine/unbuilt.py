"""What the documents name and this version cannot do: refused by name, never passed over."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNBUILT_SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "voicemail_boxes": "voicemail_box",
        "conferences": "conference",
        "schedules": "schedule",
        "audio": "audio",
        "ports": "port",
        "connectors": "connector",
    }
)
"""Sections that come with a later version, with the kind that stands in each."""

UNBUILT_KINDS = frozenset({"conference", "schedule", "audio", "port"})
"""Kinds that nothing can point at yet."""


def later(what: str) -> tuple[str, str]:
    """Detail and hint for something that is not built yet."""
    return f"{what} comes with a later version.", "Take it out for now; nothing is done about it."
