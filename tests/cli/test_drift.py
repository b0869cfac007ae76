"""Drift is reported, never written, by something that has nothing to write with."""

import contextlib
import importlib
import json
import sqlite3

from reconciler.cli.readonly import CarrierReads, PlatformReads, ReadingSession
from reconciler.protocols import Carrier, Platform

WRITES = {"write", "load_numbers", "reseal", "prepare", "send"}


def test_what_drift_opens_has_no_verb_that_writes(project):
    session = ReadingSession(project.environment, project.root)
    try:
        sources = session.sources()
        for made in (
            sources.platform,
            sources.carriers["sandbox"],
            session.accounts.carriers["sandbox"],
        ):
            assert not WRITES & set(dir(made))
    finally:
        session.close()
    assert {"write", "load_numbers", "reseal"} <= set(dir(Platform)) - set(dir(PlatformReads))
    assert {"prepare", "send"} <= set(dir(Carrier)) - set(dir(CarrierReads))


def test_drift_opens_that_and_nothing_else():
    names = vars(importlib.import_module("reconciler.cli.drift"))

    assert "ReadingSession" in names
    assert not {"Session", "SqlPlatform", "Edges", "apply_plan"} & set(names)


def test_nothing_of_the_world_changes(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    project.sql("DELETE FROM object WHERE kind = 'device' AND name = '102-desk'")
    before = [
        project.sql(f"SELECT * FROM {table}")
        for table in ("object", "number", "operation", "applied", "audit", "tenant")
    ]

    found = project.run("drift", "-o", "json")

    assert found.status == 2
    assert [
        project.sql(f"SELECT * FROM {table}")
        for table in ("object", "number", "operation", "applied", "audit", "tenant")
    ] == before
    (tenant,) = found.document["tenants"]
    assert [item["address"] for item in tenant["drifted"]] == ["acme/ring_group/sales"]
    assert tenant["missing"] == ["acme/device/102-desk"]
    assert tenant["pending"] == 0  # putting it back is no change that git asks for
    assert found.document["exit_code"] == 2


def test_drift_is_told_even_where_the_project_reverts_or_reports(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    reverting = project.run("drift")
    project.project("drift: revert", "drift: report")

    assert reverting.status == project.run("drift").status == 2


def test_what_is_merged_and_not_applied_is_no_drift(project):
    project.applied()
    project.change("after: 25s", "after: 30s")

    ended = project.run("drift")

    assert ended.status == 0
    assert "1 pending" in ended.out


def test_before_the_first_apply_nothing_has_drifted(project):
    assert project.run("drift").status == 0


def test_a_number_that_left_the_account_is_not_called_clean(project):
    project.applied()
    project.ok("sandbox", "poke", "+16175550144", "state=held")

    assert project.run("drift").status in {2, 7}


def test_a_poke_at_the_carrier_is_found_and_put_back(project):
    project.project("pbx: {host", 'old: {host: "old.example.net"}, pbx: {host')
    project.applied()
    project.ok("sandbox", "poke", "+16175550144", "route=old.example.net")

    found = project.run("drift", "-o", "json")

    assert found.status == 2
    project.applied()
    assert project.run("drift").status == 0
    numbers = project.ok("sandbox", "ledger", "-o", "json").document["numbers"]
    assert numbers == [{"number": "+16175550144", "gateway": "sip.example.net:5060"}]


def test_only_the_tenants_that_are_asked_for(project):
    project.applied()

    assert [
        t["tenant"] for t in json.loads(project.ok("drift", "acme", "-o", "json").out)["tenants"]
    ] == ["acme"]
    assert project.run("drift", "nobody").status == 3


# What is on carrier accounts and nobody has.

STRAY = ("+16175550150", "+16175550151")


def stray(project):
    """Two numbers on the account that nobody asked for, beside the tenant's own."""
    project.applied()
    with (
        contextlib.closing(
            sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db")
        ) as database,
        database,
    ):
        columns = [row[1] for row in database.execute("PRAGMA table_info(number)")]
        row = dict(zip(columns, database.execute("SELECT * FROM number").fetchone(), strict=True))
        for number in STRAY:
            made = {**row, "tn": number.removeprefix("+1")}
            marks = ", ".join("?" for _ in made)
            database.execute(
                f"INSERT INTO number ({', '.join(made)}) VALUES ({marks})", tuple(made.values())
            )
    return project


def account(project, *arguments):
    (found,) = project.run("drift", "-o", "json", *arguments).document["accounts"]
    return found


def test_numbers_on_an_account_that_nobody_has_are_counted_and_named(project):
    stray(project)

    found = account(project)

    assert (found["connector"], found["checked"], found["numbers"]) == ("sandbox", True, 3)
    assert (found["unmanaged"], found["unmanaged_count"]) == (list(STRAY), 2)
    told = project.run("drift")
    assert told.status == 0
    assert "2 numbers that nobody has" in told.out
    assert all(number in told.out for number in STRAY)
    assert all(number in project.run("drift", "-o", "md").out for number in STRAY)
    records = [json.loads(text) for text in project.run("drift", "-o", "ndjson").out.splitlines()]
    assert [r["unmanaged_count"] for r in records if r["record"] == "account"] == [2]


def test_what_is_in_the_pool_or_in_yaml_is_somebodys(project):
    stray(project)
    (project.root / "list.csv").write_text(f"{STRAY[0]}\n", encoding="utf-8")
    project.ok("numbers", "preload", "list.csv", "--connector", "sandbox")
    project.change(
        "numbers:\n", f'numbers:\n  "{STRAY[1]}": {{connector: sandbox, to: ring_group/sales}}\n'
    )

    assert account(project)["unmanaged"] == []
    assert "nobody has" not in project.run("drift").out


def test_of_named_tenants_nobody_knows_what_the_others_have(project):
    stray(project)

    assert project.run("drift", "acme", "-o", "json").document["accounts"] == []


def test_an_account_that_cannot_be_read_is_said_to_be_so(project):
    stray(project)
    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "50")

    found = account(project)

    assert (found["checked"], found["unmanaged"]) == (False, [])
    assert found["detail"]
