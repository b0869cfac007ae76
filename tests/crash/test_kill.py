"""A few real kills of real processes; the full number is `make crash-kill`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("carrier", "more"),
    [
        ("voicetel", ["--account"]),
        ("dial9-connect", ["--waiting"]),
        ("voicetel", []),
        ("voicetel", ["--account", "--waiting"]),
        ("dial9-telcom", []),
        ("dial9-connect", []),
        ("voicetel", ["--waiting"]),
        ("dial9-telcom", ["--waiting"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "".join(value).replace("--", "-"),
)
def test_a_killed_apply_is_finished_by_the_next_and_charges_once(
    carrier: str, more: list[str]
) -> None:
    # In a process of its own: it forks, and a test worker has threads.
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.crash.kill", "--count", "1", "--seed", "7"),
            *("--carrier", carrier, *more),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 violations" in done.stdout
