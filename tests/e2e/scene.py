"""A good project, made bad by one case, and what the command line says of it."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.main import run
from tests.e2e.case import ACME, PROJECT, TENANT, Case

PATH = {"PATH": "/usr/bin:/bin"}
SECONDS = 10
"""What no case may take longer than: a hang is a fault."""

_TOLD = re.compile(r"^\s*(?:error|warning|info)\[(\w+)\]: .*\n\s*--> (.+)$", re.MULTILINE)
_IN_REPORT = re.compile(r"(\S+:[0-9]+:[0-9]+)\s+((?:E|TEL)[0-9]{3})\b")


@dataclass(frozen=True)
class Said:
    """What one command said."""

    command: tuple[str, ...]
    exit: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def told(self) -> list[tuple[str, str]]:
        """Each problem told: its code and place."""
        found = _TOLD.findall(self.text)
        return found + [(code, place) for place, code in _IN_REPORT.findall(self.text)]


@contextlib.contextmanager
def template() -> Iterator[Path]:
    """A good project with keys, to be copied; gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="reconciler-bad-"))
    try:
        (root / "tenants").mkdir()
        (root / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
        (root / ACME).write_text(TENANT, encoding="utf-8")
        made = in_process(root, ("secrets", "keygen", "--into", "keys"), {})
        if made.exit:
            raise RuntimeError(made.err)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def prepared(good: Path, root: Path, case: Case) -> None:
    """Copy the good project and make it bad."""
    shutil.copytree(good, root)
    for name, text in case.first.items():
        (root / name).write_text(text, encoding="utf-8")
    for command in case.before:
        done = in_process(root, command, {})
        if done.exit:
            raise RuntimeError(f"{case.name}: {command} ended with {done.exit}: {done.text}")
    for name, content in case.files.items():
        path = root / name
        before = path.with_name(path.name + ".before")
        if path.exists():
            path.rename(before)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content(path)
        before.unlink(missing_ok=True)


def in_process(root: Path, command: tuple[str, ...], environment: dict[str, str]) -> Said:
    """Run a command here, with nobody to ask."""
    out, err, asked = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(list(command), PATH | environment, root)
    finally:
        sys.stdin = asked
    return Said(command, status, out.getvalue(), err.getvalue())


def world(root: Path) -> tuple[object, ...]:
    """Everything that callers and the bill depend on."""
    tables = ("object", "number", "published_version", "charges", "charge")
    found: list[object] = []
    for database in sorted((root / ".reconciler").glob("**/*.db")):
        with contextlib.closing(sqlite3.connect(database)) as there:
            names = {row[0] for row in there.execute("SELECT name FROM sqlite_master")}
            for table in (each for each in tables if each in names):
                found += there.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    return tuple(found)


def faults(case: Case, said: Said) -> Iterator[str]:
    """What was not said as the case wants it."""
    where = " ".join(said.command)
    if said.exit != case.exit:
        yield f"{where}: exit {said.exit}, not {case.exit}"
    if "Traceback" in said.text or "should not have happened" in said.text:
        yield f"{where}: it broke"
    if case.code and (case.code, case.place) not in said.told:
        yield f"{where}: told {said.told[:3]}, not {case.code} at {case.place}"
    if " ".join(case.hint.split()) not in " ".join(said.text.split()):
        yield f"{where}: no next step with {case.hint!r}"
    yield from (f"{where}: shows {text!r}" for text in case.absent if text in said.text)


def as_process(root: Path, command: tuple[str, ...], environment: dict[str, str]) -> Said:
    """Run a command as people do: a process of its own, with nobody to ask."""
    program = Path(sys.executable).with_name("reconciler")
    done = subprocess.run(
        [program, *command],
        cwd=root,
        env=PATH | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Said(command, done.returncode, done.stdout.decode(), done.stderr.decode())


Run = Callable[[Path, tuple[str, ...], dict[str, str]], Said]


def tried(good: Path, case: Case, run_it: Run = in_process) -> tuple[list[Said], list[str]]:
    """Run a case in a copy of the good project: what was said, and what was not as it must be."""
    with tempfile.TemporaryDirectory(prefix="reconciler-bad-") as there:
        root = Path(there) / "project"
        prepared(good, root, case)
        before = world(root)
        said = [run_it(root, command, dict(case.environment)) for command in case.commands]
        wrong = [fault for one in said for fault in faults(case, one)]
        if case.exit and world(root) != before:
            wrong.append("something was changed")
        if (root / "pwned").exists():
            wrong.append("a program was run")
    return said, wrong
