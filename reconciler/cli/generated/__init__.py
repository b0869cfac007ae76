"""Files that `python -m scripts.freshness --write` makes; see `cli.generate`."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load(name: str) -> Any:
    """Read one of them."""
    return json.loads(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))
