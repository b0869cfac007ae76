"""Take the example project from nothing to in sync, command by command: `make demo`.

Started in the project's folder, by the interpreter that has `reconciler` beside it. It may be
run again at any time: keys are made once, and what is in sync is left alone. It ends with 0
only if every command ended as it should and no number was bought twice.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

KEYS = Path(".reconciler/keys")
COMMAND = Path(sys.executable).with_name("reconciler")


class Broken(Exception):
    """A command did not end as it should."""


def tell(text: str = "") -> None:
    """Print a line before the next command prints its own."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(*arguments: str, why: str) -> None:
    """Run a command in sight of the reader.

    Raises:
        Broken: It ended with another status than 0.
    """
    tell(f"\n# {why}\n$ {shlex.join(('reconciler', *arguments))}")
    ended = subprocess.run([COMMAND, *arguments], check=False).returncode
    if ended != 0:
        raise Broken(f"`reconciler {shlex.join(arguments)}` ended with {ended}, not with 0.")


def read(*arguments: str) -> str:
    """Run a command for what it says to machines.

    Raises:
        Broken: It ended with another status than 0.
    """
    ended = subprocess.run([COMMAND, *arguments], check=False, capture_output=True, text=True)
    if ended.returncode != 0:
        raise Broken(f"`reconciler {shlex.join(arguments)}` ended with {ended.returncode}.")
    return ended.stdout


def check_ledger() -> None:
    """Look whether the carrier charged each number once.

    Raises:
        Broken: A number was bought twice, or none at all.
    """
    charges = json.loads(read("sandbox", "ledger", "-o", "json"))["charges"]
    bought = Counter(str(row["number"]) for row in charges if row["reason"] == "order")
    twice = [number for number, count in bought.items() if count > 1]
    if twice or not bought:
        raise Broken(f"Bought twice: {', '.join(twice)}." if twice else "Nothing was bought.")


def demo() -> None:
    """Run everything in its order."""
    if not all((KEYS / name).is_file() for name in ("fernet", "mac")):
        run("secrets", "keygen", "--into", str(KEYS), why="keys to seal secrets with, made once")
    run("validate", why="check the files; needs no credentials and no network")
    run("plan", why="what would change, for callers and for the bill")
    run("apply", "--yes", why="make it so; the carrier is a sandbox on this machine")
    run("plan", "--detailed-exitcode", why="nothing is left to do, or this would exit 2")
    run("sandbox", "ledger", why="what the carrier charged: each number once")
    check_ledger()
    run("drift", why="has anybody changed anything behind git's back? That would exit 2")
    words = {1: "one tenant", 2: "two tenants"}
    count = len(list(Path("tenants").glob("*.yaml")))
    tell(f"\nmake demo: {words.get(count, f'{count} tenants')} applied and in sync.")
    tell("Next: break something on purpose, as README.md shows.")


def main() -> int:
    """Run the demo; its exit status."""
    try:
        demo()
    except Broken as broken:
        tell(f"\nmake demo: {broken}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
