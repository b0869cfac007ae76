"""A project, a clock and ids that are always the same, and everything that is told of them."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import secrets
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.cli.main import run
from reconciler.secrets import keygen
from tests.cli.projects import PROJECT, TENANT

FOLDER = Path(__file__).parent / "files"
SECOND = "+16175550145"

FORMATS = {
    "validate": ("text", "concise", "json", "ndjson"),
    "plan": ("text", "concise", "json", "ndjson", "md"),
    "apply": ("text", "json", "ndjson", "md"),
    "drift": ("text", "json", "ndjson", "md"),
}


class StillClock:
    """A clock that stands still but for whoever sleeps."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 14, 2, 11, tzinfo=UTC) + self.ahead

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Scene:
    """The project, and what its commands wrote: file name to text."""

    root: Path
    environment: dict[str, str]
    clock: StillClock = field(default_factory=StillClock)
    written: dict[str, str] = field(default_factory=dict)

    def tell(self, name: str, *arguments: str) -> None:
        """Run a command once and keep all its formats."""
        command = arguments[0]
        wanted = {form: self.root / f"out.{form}" for form in FORMATS[command]}
        options = [part for form, path in wanted.items() for part in ("-o", f"{form}={path}")]
        self.quietly(*arguments, *options)
        for form, path in wanted.items():
            ending = "txt" if form == "text" else form
            text = path.read_text(encoding="utf-8").replace(socket.gethostname(), "host")
            self.written[f"{command}_{name}.{ending}"] = text
            path.unlink()

    def quietly(self, *arguments: str) -> None:
        """Run a command without keeping what it says."""
        nowhere = io.StringIO()
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            run(list(arguments), self.environment, self.root, self.clock)

    def change(self, old: str, new: str) -> None:
        path = self.root / "tenants" / "acme.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def sql(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.root / ".reconciler/reconciler.db")) as there:
            there.execute(statement)
            there.commit()


def told() -> dict[str, str]:
    """Everything that is compared: file name to text."""
    with tempfile.TemporaryDirectory() as folder, _pinned(), _project(Path(folder)) as scene:
        _act(scene)
        return scene.written


def _act(scene: Scene) -> None:
    scene.change("ring_group/sales, location", "ring_group/salse, location")
    scene.tell("faults", "validate")
    scene.change("ring_group/salse, location", "ring_group/sales, location")
    scene.tell("clean", "validate")
    scene.tell("first", "plan")
    scene.tell("first", "apply", "--yes")
    scene.tell("same", "plan", "--full")
    scene.tell("none", "drift")
    # Signed and numbered by whoever did it: else the database puts its own time there.
    scene.sql(
        "UPDATE object SET spec = replace(spec, '25s', '40s'), version = version + 1,"
        " updated_by = 'pat@reseller.example', updated_at = '2026-11-21T13:58:00Z'"
        " WHERE name = 'sales'"
    )
    scene.sql("DELETE FROM object WHERE kind = 'device' AND name = '102-desk'")
    scene.tell("found", "drift")
    scene.change("    name: Back office\n", "    name: Back | `office` @all\n")
    scene.change("  sales:\n", '  sales:\n    pilot: "600"\n')
    scene.change(
        "extensions:\n", f'  "{SECOND}": {{connector: sandbox, to: extension/102}}\nextensions:\n'
    )
    scene.change("to: ring_group/sales, location: hq}", "to: extension/101, location: hq}")
    scene.tell("changes", "plan")
    scene.quietly("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/orders")
    scene.tell("refused", "apply", "--yes")


@contextlib.contextmanager
def _project(root: Path) -> Iterator[Scene]:
    (root / "tenants").mkdir()
    (root / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    (root / "tenants" / "acme.yaml").write_text(TENANT, encoding="utf-8")
    key, mac_key = keygen()
    yield Scene(
        root,
        {
            "RECONCILER_KEY": key,
            "RECONCILER_MAC_KEY": mac_key,
            "CARRIER_KEY": "x",
            "VM_PIN": "73915082",
        },
    )


@contextlib.contextmanager
def _pinned() -> Iterator[None]:
    """Have ids count up, and one person do it all."""
    drawn, names = secrets.token_hex, dict(os.environ)  # noqa: TID251 - put back below
    count = itertools.count(1)
    secrets.token_hex = lambda size=32: f"{next(count):0{2 * (size or 32)}x}"
    os.environ["LOGNAME"] = "jo"  # noqa: TID251 - who runs it
    try:
        yield
    finally:
        secrets.token_hex = drawn
        os.environ.clear()  # noqa: TID251 - as it was
        os.environ.update(names)  # noqa: TID251 - as it was
