"""An object's settings as plain values, and the values that only one object may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Spec = Mapping[str, Any]
"""An object's settings as JSON: durations as text, secrets marked, absent when unset."""

DIAL = "dial"
"""The scope of everything that colleagues dial in a tenant."""


class Key(NamedTuple):
    """A value that only one object may have: scope, value, and how far the scope reaches."""

    scope: str
    value: str
    everywhere: bool = False
