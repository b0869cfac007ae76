"""What commands say is true, and what they advise leads on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE


@pytest.fixture
def timed(project):
    project.clock = PassedClock()
    return project


@pytest.fixture
def quarantined(timed):
    """The project with its number in quarantine."""
    timed.applied()
    timed.change(NUMBER_LINE, "")
    timed.change("numbers:\n", "")
    timed.ok("apply", "--yes")
    return timed


def another_tenant(project):
    head = "schema: 1\ntenant: other\nname: Other\ntimezone: America/New_York\n"
    (project.root / "tenants" / "other.yaml").write_text(head, encoding="utf-8")


def held(project):
    listed = project.ok("sandbox", "ledger", "-o", "json").document["numbers"]
    return [row["number"] for row in listed]


# Approvals.


def test_an_approval_of_a_number_that_is_not_due_is_wrong_usage(quarantined):
    quarantined.change("name: Front desk", "name: Front")

    ended = quarantined.run("apply", "--yes", "--approve", f"release:{MAIN}")

    assert ended.status == 64
    assert "its quarantine lasts until" in ended.err
    assert "Nothing is due now" in ended.err
    assert quarantined.spec("extension", "101")["name"] == "Front desk"  # nothing was done
    assert held(quarantined) == [MAIN]


def test_a_mistyped_approval_is_told_with_what_is_due(quarantined):
    quarantined.clock.ahead += timedelta(days=46)

    ended = quarantined.run("apply", "--yes", "--approve", "release:+16175550145")

    assert ended.status == 64
    assert "release:+16175550145 matches nothing in the plan" in ended.err
    assert f"Due now: release:{MAIN}" in ended.err
    assert held(quarantined) == [MAIN]


def test_a_saved_plan_holds_its_approvals_too(quarantined):
    quarantined.change("name: Front desk", "name: Front")
    quarantined.ok("plan", "--out", "plan.json")

    assert quarantined.run("apply", "plan.json", "--approve", f"release:{MAIN}").status == 64
    assert quarantined.spec("extension", "101")["name"] == "Front desk"
    quarantined.ok("apply", "plan.json")


def test_the_same_command_again_after_the_release_is_no_mistake(quarantined):
    quarantined.clock.ahead += timedelta(days=46)
    command = ("apply", "--yes", "--approve", f"release:{MAIN}")
    quarantined.ok(*command)

    again = quarantined.ok(*command)

    assert "it is released already" in again.err
    assert held(quarantined) == []


# What an apply says.


def test_an_apply_that_is_not_asked_gives_no_advice_to_apply(project):
    assert "reconciler apply" in project.ok("plan").out
    assert "reconciler apply" not in project.applied().out


def test_the_drift_that_was_left_is_listed(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")

    ended = project.ok("apply", "--yes", "--only", "config")

    told = ended.out.partition("Drift that was left as it is")[2]
    assert "acme/ring_group/sales" in told
    assert "40s" in told
    (left,) = project.ok("apply", "--yes", "--only", "config", "-o", "json").document["drift_left"]
    assert left["address"] == "acme/ring_group/sales"
    assert project.spec("ring_group", "sales")["ring"] == "40s"


# Advice.


def test_drift_advises_what_puts_it_back(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    reverting = project.run("drift").out
    project.project("drift: revert", "drift: report")
    reporting = project.run("drift").out

    assert "revert reconciler apply --tenant acme" in reverting
    assert "Next, what putting it back would do:  reconciler plan" in reverting
    assert "revert set `drift: revert` for it in reconciler.yaml, then " in reporting
    assert "what putting it back would do" not in reporting
    project.ok("apply", "--yes")
    assert project.spec("ring_group", "sales")["ring"] == "40s"  # as it says: only reported


def test_what_is_missing_is_put_back_even_where_drift_is_only_reported(project):
    project.applied()
    project.sql("DELETE FROM object WHERE kind = 'device' AND name = '102-desk'")
    project.project("drift: revert", "drift: report")

    told = project.run("drift").out

    assert "revert reconciler apply --tenant acme" in told
    assert "what putting it back would do:  reconciler plan" in told


def test_the_hint_for_a_missing_key_names_both_ways(project):
    del project.environment["RECONCILER_KEY"]

    told = " ".join(project.run("apply", "--yes").err.split())

    assert "reconciler secrets keygen --into FOLDER" in told
    assert "without --into it prints them, for variables" in told
    assert "give the key that was made" in told


def test_the_hint_for_an_empty_file_leads_on(project):
    """What E102 advises is what E160 advises: one does not lead into the other."""
    another_tenant(project)
    project.applied()
    project.write("# nothing any more\n")
    empty = project.run("plan")
    (project.root / "tenants" / "acme.yaml").unlink()
    gone = project.run("plan")

    assert "E102" in empty.err
    assert "E160" in gone.err
    for told in (empty.err, gone.err):
        assert "take" in told
        assert "entries" in told
    assert "remove it from git" not in empty.err


def test_validate_says_that_it_read_files_only(project):
    another_tenant(project)
    project.applied()
    (project.root / "tenants" / "acme.yaml").rename(project.root / "elsewhere.yaml")

    ended = project.ok("validate")

    assert "Only files were read." in ended.out
    assert "reconciler plan" in ended.out
    assert project.ok("validate", "-o", "json").document["summary"]["files_only"] is True
    assert project.run("plan").status == 3
