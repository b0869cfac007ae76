"""`numbers remove` and `numbers move`: only what leaves, only when it may, and never twice."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.projects import MAIN, NUMBER_LINE

TN = MAIN.removeprefix("+1")
MOVED = f"move:{MAIN}=99/4"
REMOVED = f"remove:{MAIN}"
VERBS = {
    "move": (("numbers", "move", MAIN, "--to-account", "99", "--to-route", "4"), MOVED),
    "remove": (("numbers", "remove", MAIN), REMOVED),
}
MOVE, REMOVE = VERBS["move"][0], VERBS["remove"][0]


def held(project):
    """What the carrier says of the number: its state, and each event that took it off."""
    path = project.root / ".reconciler" / "sandbox" / "sandbox.db"
    with closing(sqlite3.connect(path)) as database:
        ((state,),) = database.execute("SELECT state FROM number WHERE tn = ?", (TN,))
        events = database.execute("SELECT what FROM event WHERE tn = ? ORDER BY rowid", (TN,))
        return state, [what for (what,) in events if what in {"removed", "moved to 99", "released"}]


def tenant(project):
    return (project.root / "tenants" / "acme.yaml").read_text()


def record(project):
    return project.sql("SELECT state, tenant, left_by FROM number")


@pytest.fixture
def quarantined(project):
    """A number whose line is gone from git, in quarantine."""
    project.applied()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.ok("apply", "--yes", "--allow", "quarantines=1")
    return project


@pytest.mark.parametrize(
    ("verb", "days", "there", "left_by"),
    [
        ("move", 0, ("sold", ["moved to 99"]), "move 99/4"),
        ("remove", 46, ("held", ["removed"]), "remove"),
    ],
    ids=VERBS,
)
def test_a_number_leaves_once_it_is_approved_and_everything_knows(
    quarantined, verb, days, there, left_by
):
    command, approval = VERBS[verb]
    quarantined.days_later = days

    ended = quarantined.ok(*command, "--approve", approval)

    assert held(quarantined) == there
    assert record(quarantined) == [("released", "", left_by)]
    assert f"{verb:<11} number/{MAIN}" in ended.out
    assert quarantined.run("plan", "--detailed-exitcode").status == 0
    assert quarantined.run("drift").status == 0
    assert "No numbers are in quarantine" in quarantined.ok("quarantine").out
    told = quarantined.ok("numbers", "list").out
    assert {"move": "moved to 99/4", "remove": "removed"}[verb] in told


@pytest.mark.parametrize("verb", VERBS)
def test_saying_it_again_does_nothing_and_is_no_failure(quarantined, verb):
    command, approval = VERBS[verb]
    quarantined.days_later = 46
    quarantined.ok(*command, "--approve", approval)
    before = held(quarantined)

    ended = quarantined.ok(*command, "--approve", approval)

    assert "already" in ended.err
    assert held(quarantined) == before


@pytest.mark.parametrize("verb", VERBS)
def test_without_its_approval_nothing_is_done(quarantined, verb):
    command, approval = VERBS[verb]
    quarantined.days_later = 46

    for given in ((), ("--approve", f"release:{MAIN}"), ("--approve", f"move:{MAIN}=98/4")):
        ended = quarantined.run(*command, *given)
        assert ended.status == (64 if given else 4), ended

    assert approval in quarantined.run(*command).err
    assert held(quarantined) == ("active", [])
    assert record(quarantined) == [("quarantined", "acme", "")]


def test_neither_apply_nor_its_approval_lets_a_number_move(quarantined):
    quarantined.days_later = 46

    for approval in (MOVED, REMOVED):
        assert quarantined.run("apply", "--yes", "--approve", approval).status == 64
    quarantined.ok("apply", "--yes")

    assert held(quarantined) == ("active", [])


def test_a_number_is_removed_only_when_its_quarantine_is_over(quarantined):
    quarantined.days_later = 44

    ended = quarantined.run(*REMOVE, "--approve", REMOVED)

    assert (ended.status, "is kept until" in ended.err) == (4, True), ended
    assert held(quarantined) == ("active", [])


def test_a_date_that_was_set_for_a_number_keeps_it_from_moving_too(project):
    project.change(f"{NUMBER_LINE[:-2]}", f"{NUMBER_LINE[:-2]}, release_after: 2099-01-01")
    project.applied()
    lines = tenant(project).splitlines(keepends=True)
    project.write("".join(one for one in lines if MAIN not in one and one != "numbers:\n"))
    project.ok("apply", "--yes", "--allow", "quarantines=1")

    ended = project.run(*MOVE, "--approve", MOVED)

    assert (ended.status, "is kept until 2099-01-02" in ended.err) == (4, True), ended
    assert held(project) == ("active", [])


def test_a_made_up_quarantine_lets_nothing_go(project):
    project.applied()
    project.sql("UPDATE number SET state = 'quarantined', quarantined_at = '2020-01-01T00:00:00Z'")

    for command, approval in VERBS.values():
        assert project.run(*command, "--approve", approval).status != 0

    assert held(project) == ("active", [])


def test_a_number_that_git_names_stays(quarantined):
    quarantined.write(f"{tenant(quarantined)}numbers:\n{NUMBER_LINE}")
    quarantined.days_later = 46

    for command, _ in VERBS.values():
        told = quarantined.run(*command)
        assert "is kept" in told.out, told
    for command, approval in VERBS.values():
        assert quarantined.run(*command, "--approve", approval).status in {4, 64}

    assert held(quarantined) == ("active", [])


def test_every_number_that_may_not_leave_is_told_and_nothing_is_done(project):
    project.applied()
    other = "+16175550199"

    ended = project.run("numbers", "move", MAIN, other, "--to-account", "99", "--to-route", "4")

    assert ended.status == 4
    assert "is assigned (acme), not in quarantine" in ended.err
    assert f"{other} is not known" in ended.err


def test_nothing_else_that_waits_is_applied_with_it(quarantined):
    quarantined.change("12 Oak St", "9 North Main Street")

    quarantined.ok(*MOVE, "--approve", MOVED)

    left = quarantined.ok("plan", "-o", "json").document["parts"][0]["operations"]
    assert [op["address"] for op in left] == ["acme/location/hq"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_saved_plan_is_applied_as_it_is(quarantined, verb):
    command, approval = VERBS[verb]
    quarantined.days_later = 46
    quarantined.ok(*command, "--out", "leave.json")
    assert held(quarantined) == ("active", [])

    ended = quarantined.ok("apply", "leave.json", "--approve", approval)

    assert "1 done" in ended.out
    assert held(quarantined)[0] != "active"


def test_a_saved_plan_that_was_changed_to_another_account_is_refused(quarantined):
    quarantined.ok(*MOVE, "--out", "leave.json")
    plan = json.loads((quarantined.root / "leave.json").read_text())
    (part,) = plan["parts"]
    for operation in part["operations"]:
        operation["to"] = "666/4" if operation["to"] else ""
    (quarantined.root / "leave.json").write_text(json.dumps(plan))

    ended = quarantined.run("apply", "leave.json", "--approve", MOVED)

    assert ended.status == 3, ended
    assert held(quarantined) == ("active", [])


FAULTS = (
    ("refuse",),
    ("429",),
    ("500",),
    ("500", "--after"),
    ("truncated",),
    ("html", "--after"),
    ("drop",),
    ("drop", "--after"),
    ("no-effect",),
)


@pytest.mark.parametrize("verb", ["move", pytest.param("remove", marks=pytest.mark.slow)])
@pytest.mark.parametrize("fault", FAULTS, ids="".join)
def test_whatever_the_carrier_answers_it_leaves_once_and_is_told_for_what_it_is(
    quarantined, verb, fault
):
    command, approval = VERBS[verb]
    quarantined.days_later = 46
    quarantined.ok("sandbox", "fault", *fault, "--path", f"/v2.2/numbers/{TN}")

    ended = quarantined.run(*command, "--approve", approval)
    if ended.status == 0:
        assert held(quarantined)[0] != "active"
    for days in (47, 48, 49):
        quarantined.days_later = days
        quarantined.run(*command, "--approve", approval)

    state, events = held(quarantined)
    assert (state != "active", len(events)) == (True, 1)
    assert record(quarantined) == [("released", "", "move 99/4" if verb == "move" else "remove")]
    assert quarantined.run("plan", "--detailed-exitcode").status == 0


def test_a_route_that_the_other_account_lacks_is_refused_by_the_carrier(quarantined):
    command = ("numbers", "move", MAIN, "--to-account", "99", "--to-route", "77")

    ended = quarantined.run(*command, "--approve", f"move:{MAIN}=99/77")

    assert (ended.status, "accountId, route" in ended.out) == (5, True), ended
    assert held(quarantined) == ("active", [])
    quarantined.ok(*MOVE, "--approve", MOVED)


def test_an_id_that_is_none_is_refused_before_anything(quarantined):
    for account, route in (("9 9", "4"), ("99", "4;drop"), ("", "4")):
        command = ("numbers", "move", MAIN, "--to-account", account, "--to-route", route)
        assert quarantined.run(*command).status == 64


def test_what_voicetel_cannot_take_for_an_account_is_told(quarantined):
    command = ("numbers", "move", MAIN, "--to-account", "acme", "--to-route", "4")

    ended = quarantined.run(*command, "--approve", f"move:{MAIN}=acme/4")

    assert (ended.status, "by their ids, such as 99/4" in " ".join(ended.out.split())) == (5, True)
    assert held(quarantined) == ("active", [])
