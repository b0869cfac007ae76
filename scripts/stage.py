"""A project in a temporary folder, and the command line driven in it, for the shows."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.cli.main import run

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  sandbox:
    kind: voicetel
    sandbox: true
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "sip.example.net:5060"}}
secrets:
  keys: [{file: keys/fernet}]
  mac_key: {file: keys/mac}
  sink: {file: .reconciler/generated.ndjson}
"""

TENANT = """\
schema: 1
tenant: {tenant}
name: {title}
timezone: America/New_York
country: US
locations:
  office:
    {{caller_name: {title}, street: 1 Main St, unit: Floor 1,
     city: Boston, region: MA, postcode: "02110", country: US}}
numbers:
  "+1{area}5550100": {{connector: sandbox, to: ring_group/sales}}
  "+1{area}5550101": {{connector: sandbox, to: extension/4201}}
extensions:
  "4201":
    {{name: Desk 1, location: office, email: one@example.com,
     devices: {{desk: {{}}}}, voicemail: {{}}}}
  "4202": {{name: Desk 2, location: office, devices: {{desk: {{}}}}}}
  "4203": {{name: Desk 3, location: office, devices: {{desk: {{}}}}}}
ring_groups:
  sales:
    pilot: "6000"
    ring: 20s
    members: [extension/4201, extension/4202]
    overflow: {{after: 40s, to: voicemail_box/4201}}
dialplan: {{emergency: {{notify: [extension/4201]}}}}
"""

PORT = """\
ports:
  # from the old office
  spring:
    connector: sandbox
    numbers: ["+16175550150", "+16175550151"]
    to: ring_group/sales
    subscriber: {name: Acme, type: business, street_number: "12", street: Spring, street_type: ST,
                 city: Boston, region: MA, postcode: "02110", country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+16175550150", account: {env: VM_ACCOUNT},
                     pin: {env: VM_PORT_PIN}}
"""
"""A port order for such a tenant, with its secrets in VM_ACCOUNT and VM_PORT_PIN."""


class PassedClock:
    """A clock that is set by whoever holds it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - the show is its own entry point

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass
class Stage:
    """A project to show something on."""

    root: Path
    clock: PassedClock = field(default_factory=PassedClock)
    quiet: bool = False

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the project."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"the show is out of date: {old!r} is not in {name}")
        self.say(f"edit {name}: {old.strip()} -> {new.strip() or '(gone)'}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def reconciler(self, *arguments: str, show: bool = True) -> Answer:
        """Run one command in the project."""
        out, err = io.StringIO(), io.StringIO()
        if show:
            self.say(f"$ reconciler {' '.join(arguments)}")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(list(arguments), {"PATH": "/usr/bin:/bin"}, self.root, self.clock)
        answer = Answer(status, out.getvalue(), err.getvalue())
        if "Traceback" in answer.err:
            raise SystemExit(f"a traceback:\n{answer.err}")
        if show:
            self.say(f"  exit {status}")
        return answer

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run raw SQL on the platform's database, as somebody else would."""
        self.say(f"SQL {' '.join(statement.split())}")
        with contextlib.closing(sqlite3.connect(self.root / ".reconciler/reconciler.db")) as there:
            rows = there.execute(statement, values).fetchall()
            there.commit()
        return rows

    def say(self, text: str) -> None:
        """Print what is done."""
        if not self.quiet:
            print(text)


@contextlib.contextmanager
def stage(*tenants: tuple[str, str]) -> Iterator[Stage]:
    """A new project with tenants, given as name and area code; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="reconciler-show-"))
    try:
        made = Stage(folder)
        made.write("reconciler.yaml", PROJECT)
        for tenant, area in tenants:
            text = TENANT.format(tenant=tenant, title=tenant.title(), area=area)
            made.write(f"tenants/{tenant}.yaml", text)
        keys = made.reconciler("secrets", "keygen", "--into", "keys", show=False)
        if keys.status:
            raise SystemExit(keys.err)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def must(condition: object, what: str) -> None:
    """Say that something holds, or stop because it does not."""
    if not condition:
        raise SystemExit(f"DOES NOT HOLD: {what}")
    print(f"  holds: {what}")
