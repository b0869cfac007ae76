"""A small project with a sandbox, and a way to run commands in it."""

import json
import sqlite3
import time
from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.clock import SystemClock
from reconciler.cli.main import run
from scripts.stage import PassedClock

MAIN = "+16175550144"
"""The tenant's first number."""

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
platform: {kind: sql, url: "sqlite:///.reconciler/reconciler.db"}
ledger: {url: same}
connectors:
  sandbox:
    kind: voicetel
    sandbox: true
    credentials: {api_key: {env: CARRIER_KEY}}
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "sip.example.net:5060"}}
secrets:
  keys: [{env: RECONCILER_KEY}]
  mac_key: {env: RECONCILER_MAC_KEY}
  sink: {file: generated.ndjson}
  allow: {env: [VM_*], files: [], exec: []}
drift: revert
limits:
  deletes: {percent: 100, count: 25}
  quarantines: {percent: 100, count: 5}
  reroutes: {percent: 100}
  monthly_increase: {USD: "50.00"}
  unknown_cost: {count: 0}
lock_timeout: 0s
"""

NUMBER_LINE = (
    f'  "{MAIN}": {{label: Main, connector: sandbox, to: ring_group/sales, location: hq}}\n'
)

TENANT = f"""\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
country: US
locations:
  hq: {{caller_name: Acme, street: 12 Oak St, city: Boston, region: MA, postcode: "02110",
       country: US}}
numbers:
{NUMBER_LINE}extensions:
  "101":
    name: Front desk
    email: desk@acme.example
    location: hq
    devices: {{desk: {{sip_password: {{generate: true}}}}}}
    voicemail: {{pin: {{env: VM_PIN}}}}
  "102":
    name: Back office
    location: hq
    devices: {{desk: {{}}}}
ring_groups:
  sales:
    members: [extension/101, extension/102]
    overflow: {{after: 25s, to: voicemail_box/101}}
dialplan: {{extension_length: 3, emergency: {{notify: [extension/101]}}}}
"""


@dataclass(frozen=True)
class Ended:
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class ShiftedClock(SystemClock):
    """The machine's clock, ahead of itself."""

    ahead: timedelta

    def now(self) -> datetime:
        return super().now() + self.ahead


Files = dict[str, tuple[int, bytes]]
"""Files below a folder by their paths: mode and content."""

KEPT_SECONDS = 30
"""How old what an apply left may be: well below every time that the program goes by."""


@dataclass(frozen=True)
class Brought:
    """What an apply said and left."""

    at: float
    files: Files
    ended: Ended
    ahead: timedelta | None
    """Of a clock that is passed in."""


_brought: dict[Hashable, Brought] = {}


def files_of(root: Path) -> Files:
    """All files below a folder but an index of SQLite, which it makes anew."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(root)): (path.stat().st_mode, path.read_bytes())
        for path in paths
        if not path.name.endswith("-shm")
    }


def put(files: Files, root: Path) -> None:
    """Write files below a folder, as they were."""
    for name, (mode, content) in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)


@dataclass
class Project:
    """A project folder and the environment that its commands are given."""

    root: Path
    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]
    ended: list[Ended] = field(default_factory=list)
    days_later: int = 0
    """How far ahead of the machine's the clock of the next commands is."""
    clock: Any = None
    """Passed to every command; None for the machine's."""
    patches: pytest.MonkeyPatch | None = None
    """What its test changes in the program; None where that is not known."""

    def run(self, *arguments: str) -> Ended:
        self.capsys.readouterr()
        ahead = ShiftedClock(timedelta(days=self.days_later)) if self.days_later else None
        status = run(list(arguments), self.environment, clock=self.clock or ahead)
        said = self.capsys.readouterr()
        self.ended.append(Ended(status, said.out, said.err))
        return self.ended[-1]

    def ok(self, *arguments: str) -> Ended:
        ended = self.run(*arguments)
        assert ended.status == 0, ended
        return ended

    def applied(self) -> Ended:
        """Bring it in sync. From the same files that is done once, and then put there."""
        start = self._start()
        before = _brought.get(start) if start is not None else None
        if before is not None and time.monotonic() - before.at < KEPT_SECONDS:
            put(before.files, self.root)
            self.ended.append(before.ended)
            if self.clock is not None:
                self.clock.ahead = before.ahead
            return before.ended
        ended = self.ok("apply", "--yes")
        if start is not None:
            _brought[start] = Brought(
                time.monotonic(), files_of(self.root), ended, self.clock and self.clock.ahead
            )
        return ended

    def _start(self) -> Hashable | None:
        """All that its first apply goes by; None where it is not the first, or goes by more."""
        patches = self.patches
        if patches is None or patches._setattr or patches._setitem:
            return None
        if self.ended or self.days_later or not isinstance(self.clock, PassedClock | None):
            return None
        if any(path.is_symlink() for path in self.root.rglob("*")):
            return None
        ahead = self.clock and self.clock.ahead
        files = tuple(files_of(self.root).items())
        return files, tuple(sorted(self.environment.items())), ahead

    def write(self, text: str) -> None:
        (self.root / "tenants" / "acme.yaml").write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        path = self.root / "tenants" / "acme.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def project(self, old: str, new: str) -> None:
        path = self.root / "reconciler.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def without_gateways(self) -> None:
        """Let its account have nothing of its own in git, so that a plan is about tenants only."""
        self.project("    numbers: {handoff: pbx}\n", "")
        self.project('    gateways: {pbx: {host: "sip.example.net:5060"}}\n', "")

    @property
    def database(self) -> Path:
        return self.root / ".reconciler" / "reconciler.db"

    def sql(self, statement: str, *values: object) -> list[tuple]:
        connection = sqlite3.connect(self.database)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def spec(self, kind: str, name: str):
        rows = self.sql("SELECT spec FROM object WHERE kind = ? AND name = ?", kind, name)
        return json.loads(rows[0][0]) if rows else None

    def charges(self):
        return self.run("sandbox", "ledger", "-o", "json").document["charges"]

    def faults(self) -> list[str]:
        """What was planted at the sandbox and has not happened yet."""
        path = self.root / ".reconciler/sandbox/sandbox.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as books:
            return [kind for (kind,) in books.execute("SELECT kind FROM fault WHERE times > 0")]

    def last_run(self) -> str:
        return self.run("runs", "list", "-o", "json").document["runs"][0]["run_id"]

    def lose_orders(self) -> Ended:
        """Have an order end in doubt: never answered, and the list shows nothing new."""
        self.ok("sandbox", "fault", "stale", "--seconds", "3600")
        self.ok(
            "sandbox",
            "fault",
            "drop",
            "--method",
            "POST",
            "--path",
            "/v2.2/orders",
            "--times",
            "1000",
        )
        return self.run("apply", "--yes")
