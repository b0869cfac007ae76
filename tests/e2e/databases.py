"""One project on either database, and a way in behind its back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.secrets import keygen
from tests.cli.projects import PROJECT, TENANT, Project
from tests.postgresql import schema, server, with_options

SQLITE_URL = "sqlite:///.reconciler/reconciler.db"

KILLED = """
import os, signal, sys
from reconciler.cli import interrupt
where, number, environment, command = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
passed = 0
def checkpoint(self, name):
    global passed
    passed += name == where
    if name == where and passed == number:
        os.kill(os.getpid(), signal.SIGKILL)
interrupt.Interrupts.checkpoint = checkpoint
from reconciler.cli.main import run
sys.exit(run(command, eval(environment)))
"""
"""Kills itself when it passes a boundary for the n-th time."""


@dataclass
class OnPostgresql(Project):
    """A project whose platform and ledger are in a schema of a server."""

    url: str = ""
    schema: str = ""

    def sql(self, statement: str, *values: object) -> list[tuple]:
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

    def spec(self, kind: str, name: str):
        rows = self.sql("SELECT spec FROM object WHERE kind = ? AND name = ?", kind, name)
        return rows[0][0] if rows else None

    def leads_to(self, url: str) -> None:
        """Use another URL: from the environment, where a password may stand."""
        if "@" in url and ":" in url.partition("://")[2].partition("@")[0]:
            self.environment["RECONCILER_PLATFORM_URL"] = url
            return
        path = self.root / "reconciler.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        lines = [
            f"platform: {{kind: sql, url: {json.dumps(url)}}}" if "platform:" in line else line
            for line in lines
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


CUT = """
import sys
from reconciler.cli import interrupt
where, server, environment, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
server, session = server.split(" ")
cut = []
def checkpoint(self, name):
    if name == where and not cut:
        import psycopg
        with psycopg.connect(server, autocommit=True) as other:
            cut.extend(other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = %s", (session,)).fetchall())
interrupt.Interrupts.checkpoint = checkpoint
from reconciler.cli.main import run
status = run(command, eval(environment))
sys.exit(status if cut else 99)
"""
"""Has the server end its connection when it passes a boundary."""


def cut_off(project: OnPostgresql, where: str, *command: str) -> subprocess.CompletedProcess:
    """Run a command in a process whose connection is cut at a boundary."""
    project.leads_to(f"{project.url}&application_name={project.schema}")
    return _run(project, CUT, where, f"{server()} {project.schema}", command)


def killed(project: Project, where: str, number: int, *command: str) -> int:
    """Run a command in a process that kills itself at a boundary; its status."""
    done = _run(project, KILLED, where, str(number), command)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def _run(
    project: Project, script: str, first: str, second: str, command: tuple[str, ...]
) -> subprocess.CompletedProcess:
    repo = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", script, first, second, repr(project.environment), *command],
        cwd=project.root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(repo)},
        capture_output=True,
        text=True,
        check=False,
    )


def folder(root: Path, environment: dict[str, str] | None = None) -> dict[str, str]:
    """Write a project on SQLite; the environment of its commands."""
    (root / "tenants").mkdir(parents=True)
    (root / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    (root / "tenants" / "acme.yaml").write_text(TENANT, encoding="utf-8")
    if environment is not None:
        return environment
    key, mac_key = keygen()
    return {
        "RECONCILER_KEY": key,
        "RECONCILER_MAC_KEY": mac_key,
        "CARRIER_KEY": "canary-carrier-key-5f81",
        "VM_PIN": "73915082",
        "NO_COLOR": "1",
    }


@contextmanager
def on_postgresql(
    root: Path, capsys: pytest.CaptureFixture[str], environment: dict[str, str] | None = None
) -> Iterator[OnPostgresql]:
    """A project on the test server, in a schema of its own."""
    with schema(server()) as name:
        url = with_options(server(), f"-csearch_path={name}")
        made = OnPostgresql(root, folder(root, environment), capsys, url=url, schema=name)
        made.leads_to(url)
        yield made
