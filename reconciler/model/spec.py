"""An object's settings as plain values, and the values that only one object may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]
"""An object's settings as JSON: durations as text, secrets marked, absent when unset."""

DIAL = "dial"
"""The scope of everything that colleagues dial in a tenant."""


@dataclass(frozen=True, slots=True)
class Key:
    """A value that only one object may have: scope, value, and how far the scope reaches."""

    scope: str
    value: str
    everywhere: bool = False
