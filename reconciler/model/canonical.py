"""The one form of a value that is digested: equal values, equal bytes, on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def canonical(value: object) -> bytes:
    """Write a value as JSON with sorted keys, without spaces, in ASCII.

    Money (Decimal) is written as text, `1.50` and `1.5` being two texts.

    Raises:
        ValueError: It holds a float or something else that JSON has no one form for.
    """
    return _ENCODER.encode(plain(value)).encode("ascii")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
"""Made once: `json.dumps` makes one a call where it is given options."""


def canonical_plain(value: object) -> str:
    """The canonical form of a value that `plain` would leave as it is, such as a model's dump.

    Five times as fast as `canonical`, which looks at every value first.
    """
    return _ENCODER.encode(value)


def digest_plain(value: object) -> str:
    """SHA-256 of `canonical_plain`."""
    return hashlib.sha256(canonical_plain(value).encode("ascii")).hexdigest()


def digest(value: object) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def graph_digest(graph: Mapping[str, Any]) -> str:
    """Digest of a published graph, as `Observed.published` holds it."""
    return digest(graph)


def plain(value: object) -> Any:
    """Turn a value into dict, list, str, int, bool and None alone.

    Raises:
        ValueError: It holds something that has no place there. The message has no values.
    """
    kind = type(value)
    if kind is str or kind is bool or kind is int or value is None:
        return value
    if kind is dict:
        return _mapping(value)  # type: ignore[arg-type]
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return _money(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise ValueError(f"a {type(value).__name__} has no canonical form")


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    """A mapping of plain values; most of them are text already and need no call."""
    return {
        (key if type(key) is str else _key(key)): (item if type(item) is str else plain(item))
        for key, item in value.items()
    }


def _money(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("an amount that is not a number has no canonical form")
    return format(value, "f")


def _key(key: object) -> str:
    # 1 and "1" would become one key, and the digest of two values the same.
    if not isinstance(key, str):
        raise ValueError(f"a {type(key).__name__} is no key of a canonical form")  # noqa: TRY004
    return key
