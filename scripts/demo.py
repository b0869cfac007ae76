"""Take the example project from nothing to in sync, command by command: `make demo`.

Started in the project's folder; each command runs just as its line says, in this one process.
It may be run again at any time: keys and PINs are made once, and what is in sync is left alone.
It ends with 0 only if every command ended as it should and no number was bought twice.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

from reconciler.cli.main import run as started
from reconciler.secrets.pins import made_pin

KEYS = Path(".reconciler/keys")
PINS = KEYS / "pins.env"
DIGITS = 8
BOUGHT = ("order", "acquire")
"""What carriers call getting a number in their books."""
PLAN, TEXT = ".reconciler/demo.json", ".reconciler/demo.txt"


class Broken(Exception):
    """A command did not end as it should."""


def tell(text: str = "") -> None:
    """Print a line before the next command prints its own."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def pins() -> dict[str, str]:
    """Give a PIN to each variable that the tenants' files name; what was given once stays."""
    before = PINS.read_text(encoding="utf-8") if PINS.is_file() else ""
    given = dict(line.split("=", 1) for line in before.splitlines())
    files = (path.read_text(encoding="utf-8") for path in Path("tenants").glob("*.yaml"))
    named = {name for text in files for name in re.findall(r"\{env: (\w+)\}", text)}
    new = {name: made_pin(DIGITS, "") for name in sorted(named - given.keys())}
    if new:
        with os.fdopen(os.open(PINS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
            file.writelines(f"{name}={pin}\n" for name, pin in new.items())
        tell(f"\n# a PIN for each of {len(new)} variables that the tenants' files name: {PINS}")
    return given | new


def run(*arguments: str, why: str) -> None:
    """Run a command in sight of the reader.

    Raises:
        Broken: It ended with another status than 0.
    """
    tell(f"\n# {why}\n$ {shlex.join(('reconciler', *arguments))}")
    ended = started(list(arguments), dict(os.environ))  # noqa: TID251 - as a command reads it
    sys.stdout.flush()
    if ended != 0:
        raise Broken(f"`reconciler {shlex.join(arguments)}` ended with {ended}, not with 0.")


def read(*arguments: str) -> str:
    """Run a command for what it says to machines.

    Raises:
        Broken: It ended with another status than 0.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        ended = started(list(arguments), dict(os.environ))  # noqa: TID251 - as above
    if ended != 0:
        raise Broken(f"`reconciler {shlex.join(arguments)}` ended with {ended}.")
    return said.getvalue()


def smallest() -> str:
    """Name the tenant that has least to read."""
    return min(Path("tenants").glob("*.yaml"), key=lambda path: path.stat().st_size).stem


def sandboxes() -> list[str]:
    """Name the carriers that are played on this machine."""
    return sorted(path.stem for path in Path(".reconciler/sandbox").glob("*.db"))


def check_ledger(name: str) -> None:
    """Look whether a carrier charged each number once.

    Raises:
        Broken: A number was bought twice, or none at all.
    """
    charges = json.loads(read("sandbox", "ledger", name, "-o", "json"))["charges"]
    bought = Counter(str(row["number"]) for row in charges if row["reason"] in BOUGHT)
    twice = [number for number, count in bought.items() if count > 1]
    if twice or not bought:
        raise Broken(f"Bought twice: {', '.join(twice)}." if twice else "Nothing was bought.")


def demo() -> None:
    """Run everything in its order."""
    if not all((KEYS / name).is_file() for name in ("fernet", "mac")):
        run("secrets", "keygen", "--into", str(KEYS), why="keys to seal secrets with, made once")
    os.environ.update(pins())  # noqa: TID251 - the commands read them there
    run("validate", why="check the files; needs no credentials and no network")
    run("numbers", "preload", "numbers.csv", why="the pool: numbers that name no carrier")
    run("plan", "--out", PLAN, "-o", f"text={TEXT}", why=f"what would change, to read in {TEXT}")
    tell_part(smallest())
    run("apply", PLAN, why="make exactly that so; the carrier is a sandbox on this machine")
    run("plan", "--detailed-exitcode", why="nothing is left to do, or this would exit 2")
    for name in sandboxes():
        run("sandbox", "ledger", name, why="what the carrier charged: each number once")
        check_ledger(name)
    run("drift", why="has anybody changed anything behind git's back? That would exit 2")
    count = len(list(Path("tenants").glob("*.yaml")))
    tell(f"\nmake demo: {count} tenant{'s' * (count != 1)} applied and in sync.")
    tell("Next: break something on purpose, as README.md shows.")


def tell_part(tenant: str) -> None:
    """Print what the saved text says of one tenant."""
    text = Path(TEXT).read_text(encoding="utf-8")
    parts = re.split(r"^(?=\S+ · )", text, flags=re.MULTILINE)
    tell(f"\n# of it, one tenant: {tenant}")
    tell(
        next((part for part in parts if part.startswith(f"{tenant} · ")), "it is in sync").rstrip()
    )


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
