"""An object's settings as plain values, and the values that only one object may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Spec = Mapping[str, Any]
"""An object's settings as JSON: durations as text, secrets marked, absent when unset."""

KEPT = "$kept"
"""Marks a setting of which its home keeps another value; with the day until when, at the latest."""


def kept_until(value: object) -> str:
    """The day until when a home keeps another value of a setting; "" where it does not."""
    return str(value.get(KEPT, "")) if isinstance(value, Mapping) else ""


DIAL = "dial"
"""The scope of everything that colleagues dial in a tenant."""


class Key(NamedTuple):
    """A value that only one object may have: scope, value, and how far the scope reaches."""

    scope: str
    value: str
    everywhere: bool = False
