"""Every example tenant, and one in full from a file that is named, on either database.

They are planned, applied and planned again; both databases are given the same plan. The tenant
in full is read from TENANT_EXAMPLE, less what this version has no carrier for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reconciler.secrets.pins import made_pin
from tests.e2e.scene import Said, in_process
from tests.postgresql import schema, server, with_options

EXAMPLES = Path(__file__).parents[2] / "examples"
IN_FULL = "TENANT_EXAMPLE"
STAFF = 150

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  voicetel:
    kind: voicetel
    sandbox: true
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "sip.example.net:5060"}}
secrets:
  keys: [{file: .reconciler/keys/fernet}]
  mac_key: {file: .reconciler/keys/mac}
  sink: {file: .reconciler/generated.ndjson}
  allow: {env: [VM_*, CONF_*]}
"""


@dataclass
class World:
    """A project, and the database that it leads to."""

    root: Path
    environment: dict[str, str]
    first: dict = field(default_factory=dict)
    """The plan that was applied."""

    def run(self, *command: str) -> Said:
        return in_process(self.root, command, self.environment)

    def ok(self, *command: str) -> Said:
        said = self.run(*command)
        assert said.exit == 0, said.text
        return said

    def planned(self) -> dict:
        self.ok("plan", "--out", "plan.json")
        return json.loads((self.root / "plan.json").read_text(encoding="utf-8"))

    def applied(self) -> None:
        self.first = self.planned()
        self.ok("apply", "plan.json")

    def objects(self) -> set[tuple[str, str, str]]:
        statement = "SELECT tenant, kind, name FROM object"
        url = self.environment.get("RECONCILER_PLATFORM_URL")
        if url is None:
            with closing(sqlite3.connect(self.root / ".reconciler" / "reconciler.db")) as store:
                return set(store.execute(statement))
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(url) as store:
            return set(store.execute(statement).fetchall())


# The two projects.


def examples(root: Path) -> World:
    """The examples as they are, their pool loaded by whoever asks for it."""
    shutil.copytree(EXAMPLES, root, ignore=shutil.ignore_patterns(".reconciler", "*.bak"))
    return with_secrets(root)


def in_full(root: Path) -> World:
    """The tenant in full, less its Dial 9 number and its caller name."""
    path = os.getenv(IN_FULL, "")
    if not path:
        pytest.skip(f"no tenant in full: {IN_FULL} names no file")
    text = without_what_waits(Path(path).read_text(encoding="utf-8"))
    (root / "tenants").mkdir(parents=True)
    (root / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    (root / "tenants" / "harbor-dental.yaml").write_text(text, encoding="utf-8")
    return with_secrets(root)


WAITS = (
    (r"^.*connector: dial9,.*\n", ""),
    (r', caller_id: "\+442079460100"', ""),
    (r", cnam: [A-Z ]+", ""),
)
"""What stands in the tenant in full that comes with the carriers, and what takes its place."""


def without_what_waits(text: str) -> str:
    for pattern, instead in WAITS:
        text, found = re.subn(pattern, instead, f"{text}\n", flags=re.MULTILINE)
        assert found == 1, f"{pattern} is there {found} times, not once"
    return text


def with_secrets(root: Path) -> World:
    """Keys, and a PIN for each variable that a tenant names."""
    named = {
        name
        for path in root.glob("tenants/*.yaml")
        for name in re.findall(r"\{env: (\w+)\}", path.read_text(encoding="utf-8"))
    }
    world = World(root, {name: made_pin(8, "") for name in named})
    world.ok("secrets", "keygen", "--into", ".reconciler/keys")
    return world


PROJECTS = {"examples": examples, "tenant-in-full": in_full}


def made(project: str, root: Path, url: str = "") -> World:
    world = PROJECTS[project](root)
    if url:
        world.environment["RECONCILER_PLATFORM_URL"] = url
    if (root / "numbers.csv").exists():
        world.ok("numbers", "preload", "numbers.csv")
    return world


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    """Each project as it was applied on SQLite, once."""
    worlds: dict[str, World] = {}

    def get(project: str) -> World:
        if project not in worlds:
            world = made(project, tmp_path_factory.mktemp("sqlite") / project)
            world.applied()
            worlds[project] = world
        return worlds[project]

    return get


@contextmanager
def on_postgresql(project: str, root: Path) -> Iterator[World]:
    with schema(server()) as name:
        world = made(project, root, with_options(server(), f"-csearch_path={name}"))
        world.applied()
        yield world


# What they must do.


def in_sync(world: World) -> None:
    assert world.run("plan", "--detailed-exitcode").exit == 0
    again = world.planned()
    assert [op for part in again["parts"] for op in part["operations"] if not op["approval"]] == []
    assert all(approval.startswith("port:") for approval in again["due"])
    # The carrier that validates an address later is given no time for it here.
    assert all("/emergency_record/" in address for address in again["waiting"])
    assert [told for told in again["problems"] if told["severity"] == "error"] == []


@pytest.mark.parametrize("project", PROJECTS)
def test_applied_on_sqlite_it_is_in_sync(project, on_sqlite):
    world = on_sqlite(project)

    assert world.first["has_changes"]
    in_sync(world)
    assert world.run("drift").exit == 0


def test_every_tenant_of_the_examples_is_on_the_platform(on_sqlite):
    there = on_sqlite("examples").objects()

    assert {tenant for tenant, _, _ in there} == {p.stem for p in EXAMPLES.glob("tenants/*.yaml")}
    staff = [one for one in there if one[:2] == ("brightline-support", "extension")]
    assert len(staff) == STAFF


def test_numbers_without_a_carrier_come_from_the_pool(on_sqlite):
    listed = json.loads(on_sqlite("examples").ok("numbers", "list", "-o", "json").out)["numbers"]

    british = {row["e164"]: row for row in listed if row["e164"].startswith("+44")}
    spare = {e164 for e164, row in british.items() if row["state"] == "available"}
    pooled = {e164 for e164, row in british.items() if not row["connector"]}
    assert spare == {"+442079460199"}
    assert pooled - spare == {"+441632960150"}
    assert british["+441632960150"]["tenant"] == "quillfeather-legal"


def test_numbers_of_two_carriers_are_bought_once_each(on_sqlite):
    world = on_sqlite("examples")

    listed = json.loads(world.ok("numbers", "list", "-o", "json").out)["numbers"]
    for connector, start in (("sandbox", "+1"), ("uk-sandbox", "+44")):
        books = json.loads(world.ok("sandbox", "ledger", connector, "-o", "json").out)
        bought = [charge["number"] for charge in books["charges"]]
        assert sorted(bought) == sorted(
            row["e164"] for row in listed if row["connector"] == connector
        )
        assert all(number.startswith(start) for number in bought)


@pytest.mark.parametrize("project", PROJECTS)
def test_both_databases_are_given_the_same_plan_and_hold_the_same(project, on_sqlite, tmp_path):
    with on_postgresql(project, tmp_path / project) as world:
        lite = on_sqlite(project)

        assert world.first["content_digest"] == lite.first["content_digest"]
        assert world.first["lineage"] != lite.first["lineage"]
        assert world.objects() == lite.objects()
        assert not (world.root / ".reconciler" / "reconciler.db").exists()
        in_sync(world)
        assert world.run("drift").exit == 0
