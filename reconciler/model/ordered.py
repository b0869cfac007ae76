"""The canonical form of values whose keys are put in order first, and only once.

Apart from `canonical`, as a plan of what is unchanged does without pydantic's core.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from reconciler.model.canonical import canonical_plain

SCALARS = frozenset({str, int, bool, type(None)})
"""Types without keys, told before a call is made for a value."""


def in_key_order(value: Any) -> Any:
    """Copy plain values so that the keys of every mapping are in order."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is dict or isinstance(value, Mapping):  # the second asks an abstract class: slow
        return {
            key: item if type(item) in SCALARS else in_key_order(item)
            for key in sorted(value)
            for item in (value[key],)
        }
    if isinstance(value, (list, tuple)):
        return [item if type(item) in SCALARS else in_key_order(item) for item in value]
    return value


def canonical_ordered(value: object) -> str:
    """As `canonical_plain`, for values whose mappings have their keys in order already.

    Four times as fast: pydantic writes the same JSON, but for letters beyond ASCII.
    """
    try:
        text = to_json(value)
    except ValueError:  # nested beyond measure, or half a surrogate pair
        return canonical_plain(value)
    if text.isascii() and b"\x7f" not in text:
        return text.decode("ascii")
    return _BEYOND.sub(lambda letters: canonical_plain(letters[0])[1:-1], text.decode())


_BEYOND = re.compile("[^ -~]+")
"""What canonical text has escapes for, and pydantic writes as it is."""


def digest_ordered(value: object) -> str:
    """SHA-256 of `canonical_ordered`."""
    return hashlib.sha256(canonical_ordered(value).encode("ascii")).hexdigest()
