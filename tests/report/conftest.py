from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from reconciler.report.text import Line, as_text

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, Iterable[Line]], None]:
    """Compare a report with its file. Delete the file to have it written anew, and look at it."""

    def compare(name: str, lines: Iterable[Line]) -> None:
        path, text = GOLDEN / f"{name}.txt", as_text(lines)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            pytest.fail(f"{path} was written: look at it, then run again")
        assert text == path.read_text(encoding="utf-8")

    return compare
