"""Which commit the files are from, as git says; nothing when there is no git or no commit.

The repository is as little trusted as the files in it: its own configuration may name programs
(filters, a file-system monitor, hooks, transports), and a pull request must not be able to have
one run. Each is switched off for our calls of git.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

SECONDS = 10.0

_NO_PROGRAMS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_STATUS = (
    "status", "--porcelain=v2", "--branch", "--untracked-files=normal",
    # A submodule has a configuration of its own, which our switches do not reach.
    "--ignore-submodules=dirty", "--", ".",
)  # fmt: skip
_NO_TRANSPORT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks
    "GIT_NO_LAZY_FETCH": "1",
}


def commit_of(root: Path, environment: Mapping[str, str]) -> tuple[str, bool]:
    """The commit that `root` is at, "" when unknown, and whether files differ from it."""
    # Where git has nothing to say, its two processes take a third of a small plan's time.
    if not any(
        (folder / ".git").exists() for folder in (root.absolute(), *root.absolute().parents)
    ):
        return "", False
    git = shutil.which("git", path=environment.get("PATH"))
    if git is None:
        return "", False
    start = (git, *_NO_PROGRAMS, "-C", str(root))
    clean = {name: environment[name] for name in ("PATH", "HOME", "LANG") if name in environment}
    try:
        named = _said((*start, "config", "-z", "--name-only", "--get-regexp", "^filter[.]"), clean)
        said = _said((*start, *_STATUS), clean | _no_filters(named.split("\0")))
    except (OSError, subprocess.TimeoutExpired):
        return "", False
    lines = said.splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    dirty = any(not line.startswith("#") for line in lines)
    return ("" if commit == "(initial)" else commit), dirty


def _said(command: Iterable[str], environment: Mapping[str, str]) -> str:
    """What a call of git printed, "" when it failed."""
    done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        tuple(command),
        env={**environment, **_NO_TRANSPORT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""


def _no_filters(keys: Iterable[str]) -> dict[str, str]:
    """Settings that empty every program of a filter: `status` runs it on files that changed."""
    emptied = [key for key in dict.fromkeys(keys) if key.endswith((".clean", ".process"))]
    emptied += [key for key in dict.fromkeys(keys) if key.endswith(".required")]
    made = {"GIT_CONFIG_COUNT": str(len(emptied))}
    for number, key in enumerate(emptied):
        made[f"GIT_CONFIG_KEY_{number}"] = key
        made[f"GIT_CONFIG_VALUE_{number}"] = "false" if key.endswith(".required") else ""
    return made
