"""Reports for machines: JSON with a version, keys sorted, ASCII, money as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.model.canonical import plain

FORMAT_VERSION = "1.0"
"""Major: readers of another one refuse. Minor: something was added."""


def document(kind: str, body: Mapping[str, Any]) -> str:
    """One JSON document of a kind, ended by a line end."""
    whole = {**body, "format_version": FORMAT_VERSION, "kind": kind}
    return json.dumps(plain(whole), sort_keys=True, indent=2) + "\n"
