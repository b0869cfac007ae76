"""JSON as it is stored: what is written to a column, and what any hand may have left there."""

from __future__ import annotations

import json
import re
from typing import Any

from reconciler.model.canonical import plain

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_float=str, parse_constant=str)
"""Made once: `json.dumps` and `json.loads` make one a call where they are given options."""

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL in JSON text; PostgreSQL's jsonb has no room for it."""


def as_text(value: object) -> str:
    """Write a spec or graph: sorted keys, no spaces, letters as they are.

    Raises:
        ValueError: It cannot be stored. The message has no values.
    """
    text = _ENCODER.encode(plain(value))
    if "\\u0000" in text and _NUL.search(text):  # the first alone is no proof
        raise ValueError("a text with a NUL character cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text with half a surrogate pair cannot be stored") from None
    return text


def from_text(text: str) -> dict[str, Any]:
    """Read a spec or graph back. A fraction, which no spec of ours has, stays its text.

    What cannot be read (nested beyond measure, an integer of thousands of digits) reads as
    empty: it differs from all that git may want, and hides no other row.
    """
    try:
        value = _DECODER.decode(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
