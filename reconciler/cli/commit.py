"""Which commit the files are from, as git says; nothing when there is no git or no commit."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SECONDS = 10.0


def commit_of(root: Path, environment: Mapping[str, str]) -> tuple[str, bool]:
    """The commit that `root` is at, "" when unknown, and whether files differ from it.

    One call of git, with a fixed argument list and without the repository's own hooks,
    pagers and helpers: a pull request must not be able to run a program through it.
    """
    git = shutil.which("git", path=environment.get("PATH"))
    if git is None:
        return "", False
    command = [
        git, "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-C", str(root), "status", "--porcelain=v2", "--branch", "--", ".",
    ]  # fmt: skip
    clean = {name: environment[name] for name in ("PATH", "HOME", "LANG") if name in environment}
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command,
            env={**clean, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", False
    if done.returncode != 0:
        return "", False
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    dirty = any(not line.startswith("#") for line in lines)
    return ("" if commit == "(initial)" else commit), dirty
