"""Runs, locks, and what a person settles."""

import json

import pytest

from reconciler.ledger.owner import this_owner
from tests.cli.projects import MAIN

WHY = ("--reason", "asked the carrier, ticket 4711")


def _state(project):
    return project.sql("SELECT state FROM operation WHERE action = 'order'")[-1][0]


def _op(project):
    return project.sql("SELECT op FROM operation WHERE action = 'order'")[-1][0]


def _audited(project, event):
    bodies = (json.loads(row[0]) for row in project.sql("SELECT body FROM audit ORDER BY n"))
    return [body for body in bodies if body["event"] == event]


def test_runs_are_listed_newest_first_and_shown(project):
    project.applied()
    first = project.last_run()
    project.change("after: 25s", "after: 30s")
    project.applied()

    listed = project.ok("runs", "list", "-o", "json").document["runs"]

    assert [run["exit_code"] for run in listed] == [0, 0]
    assert listed[1]["run_id"] == first
    shown = project.ok("runs", "show", first)
    assert f"carrier_number/{MAIN}" in shown.out
    assert "verified" in shown.out
    assert "Nothing" not in shown.out


def test_what_nobody_knows_is_shown_alone(project):
    project.lose_orders()

    run = project.last_run()
    rows = project.ok("runs", "show", run, "--unknown", "-o", "json").document["operations"]

    assert [row["action"] for row in rows] == ["order"]
    assert len(project.ok("runs", "show", run, "-o", "json").document["operations"]) > 1
    assert f"runs settle {run} acme/{_op(project)} " in project.ok("runs", "show", run).out


def test_settled_as_not_done_it_may_be_ordered_again(project):
    project.lose_orders()
    sent = project.sql("SELECT sends FROM operation WHERE action = 'order'")

    ended = project.ok("runs", "settle", project.last_run(), _op(project), "--did-not", *WHY)

    assert "Nothing was sent" in ended.out
    assert _state(project) == "failed"
    assert project.sql("SELECT sends FROM operation WHERE action = 'order'") == sent
    assert not project.sql("SELECT * FROM applied WHERE kind = 'carrier_number'")
    (told,) = _audited(project, "settle")
    assert told["reason"] == WHY[1]
    assert told["happened"] is False
    assert told["by"]
    assert told["who"] == told["by"]
    project.ok("sandbox", "reset", "--yes")
    project.applied()
    assert len(project.charges()) == 1


def test_settled_as_done_it_counts_as_applied(project):
    project.lose_orders()

    ended = project.ok(
        "runs",
        "settle",
        project.last_run(),
        f"acme/{_op(project)}",
        "--happened",
        *WHY,
        "-o",
        "json",
    )

    assert ended.document["state"] == "verified"
    assert _state(project) == "verified"
    (spec,) = project.sql("SELECT spec FROM applied WHERE kind = 'carrier_number'")[0]
    assert json.loads(spec) == {"connector": "sandbox", "handoff": "pbx"}
    assert _audited(project, "settle")[0]["happened"] is True


def test_what_was_settled_is_not_settled_again(project):
    project.lose_orders()
    run, op = project.last_run(), f"acme/{_op(project)}"
    project.ok("runs", "settle", run, op, "--did-not", *WHY)

    ended = project.run("runs", "settle", run, op, "--happened", *WHY)

    assert ended.status == 6
    assert "is failed: it is known not to have been done" in ended.err
    assert _state(project) == "failed"
    assert len(_audited(project, "settle")) == 1


def test_what_is_known_is_not_settled(project):
    project.applied()
    run, op = project.last_run(), f"acme/{_op(project)}"

    assert project.run("runs", "settle", run, op, "--did-not", *WHY).status == 6
    assert _state(project) == "verified"


def _lock(project, owner, seconds=10_000_000_000):
    project.sql(
        "INSERT INTO lease (scope, epoch, owner, run_id, nonce, ttl_seconds, expires_at)"
        " VALUES ('tenant/acme', 1, ?, 'run-7', 'nonce-7', 60, ?)"
        " ON CONFLICT (scope) DO UPDATE SET epoch = epoch + 1, owner = excluded.owner,"
        " run_id = excluded.run_id, nonce = excluded.nonce, expires_at = excluded.expires_at",
        owner,
        seconds,
    )


def test_settling_waits_for_who_works_on_the_tenant(project):
    project.lose_orders()
    _lock(project, "elsewhere/boot/1/1")

    ended = project.run("runs", "settle", project.last_run(), _op(project), "--did-not", *WHY)

    assert ended.status == 6
    assert "run-7" in ended.err
    assert _state(project) == "unknown"


def test_a_lock_is_shown_respected_and_freed_by_its_name(project):
    project.without_gateways()
    project.ok("plan")
    _lock(project, "elsewhere/boot/1/1")

    assert "nonce-7" in project.ok("locks").out
    assert project.run("apply", "--yes").status == 6
    assert project.run("unlock", "nonce-8").status == 6
    assert "tenant/acme" in project.ok("unlock", "nonce-7").out
    assert project.run("unlock", "nonce-7").status == 6
    project.applied()


@pytest.mark.parametrize("owner", ["a dead process of this machine"])
def test_the_lock_of_a_dead_process_is_no_obstacle(project, owner):
    project.ok("plan")
    host, boot, _, _ = this_owner().split("/")
    _lock(project, f"{host}/{boot}/4194304/1")

    project.applied()
