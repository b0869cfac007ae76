"""Drift is reported, never written, by something that has nothing to write with."""

import importlib
import json

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
