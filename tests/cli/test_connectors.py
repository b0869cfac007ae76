"""Carrier accounts, listed without asking, tested by one read, held against what is ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE

THEIRS = "+16175550177"
AWAY = 'connectors:\n  away: {kind: voicetel, sandbox: true, url: "http://127.0.0.1:9"}\n'


def one(ended, name="sandbox"):
    return next(each for each in ended.document["connectors"] if each["name"] == name)


def listed(project, name="sandbox"):
    return one(project.ok("connectors", "list", "-o", "json"), name)


def lose(project, tn, days_later=1):
    """Have the carrier lose a number, long after anything of ours could still be on its way.

    Another one stays: an empty list would not be believed.
    """
    project.ok("sandbox", "poke", THEIRS, "cnam=true")
    with closing(sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db")) as there:
        there.execute("DELETE FROM number WHERE tn = ?", (tn.removeprefix("+1"),))
        there.commit()
    project.days_later = days_later


# list.


def test_it_tells_what_an_account_is_and_can_do(project):
    told = listed(project)

    assert (told["kind"], told["mode"], told["handoff"]) == ("voicetel", "sandbox", "pbx")
    assert told["account"].startswith("voicetel-")
    assert told["capabilities"]["keyed"] is True
    assert "handoff" in told["capabilities"]["fields"]
    assert told["numbers"] is None
    text = project.ok("connectors", "list").out
    assert "sandbox  voicetel, sandbox\n" in text
    assert "a repeated order is known by its key" in text
    assert "never read" in text


def test_it_asks_no_carrier(project):
    project.project("connectors:\n", AWAY)

    assert listed(project, "away")["trouble"] == ""
    assert listed(project, "away")["account"].startswith("voicetel-")


def test_credentials_are_told_of_and_never_shown(project):
    ended = project.ok("connectors", "list")
    assert "api_key {env: CARRIER_KEY}: present" in ended.out
    assert "canary" not in ended.out + project.ok("connectors", "list", "-o", "json").out

    del project.environment["CARRIER_KEY"]
    told = listed(project)

    assert [(each["field"], each["resolved"]) for each in told["credentials"]] == [
        ("api_key", "missing")
    ]
    assert told["account"] == ""
    assert told["capabilities"] is not None


def test_no_program_is_run_for_a_list(project):
    project.project("{env: CARRIER_KEY}", f"{{exec: [/usr/bin/touch, {project.root / 'was-run'}]}}")

    told = listed(project)

    assert [each["resolved"] for each in told["credentials"]] == ["not_tried"]
    assert not (project.root / "was-run").exists()


def test_numbers_are_those_of_the_last_read_without_another(project):
    project.ok("sandbox", "poke", THEIRS, "cnam=true")
    project.applied()
    told = listed(project)["numbers"]
    assert (told["ours"], told["others"], told["missing"]) == (1, 1, 0)

    project.ok("sandbox", "poke", "+16175550178", "cnam=true")
    assert listed(project)["numbers"] == told

    project.days_later = 1
    project.ok("connectors", "sync")
    assert listed(project)["numbers"]["others"] == 2
    assert listed(project)["numbers"]["at"] > told["at"]


def test_the_count_follows_what_is_ours_now(project):
    project.ok("sandbox", "poke", THEIRS, "cnam=true")
    project.applied()
    (project.root / "pool.csv").write_text(f"{THEIRS}\n+16175550179\n", encoding="utf-8")
    project.ok("numbers", "preload", "pool.csv", "--connector", "sandbox")

    told = listed(project)["numbers"]

    assert (told["ours"], told["others"], told["missing"]) == (2, 0, 1)


def test_a_read_of_another_account_says_nothing_of_this_one(project):
    project.applied()
    project.sql("UPDATE carrier_snapshot SET account = 'somebody-else'")

    assert listed(project)["numbers"] is None


def test_drift_keeps_nothing_and_a_failed_read_neither(project):
    project.run("drift")
    assert project.sql("SELECT * FROM carrier_snapshot") == []

    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "1000")
    assert project.run("connectors", "sync").status == 7
    assert project.sql("SELECT * FROM carrier_snapshot") == []


def test_what_is_ours_at_a_connector_that_is_gone_is_told_by_kind(project):
    project.applied()
    project.project("  sandbox:\n", "  renamed:\n")

    ended = project.ok("connectors", "list", "-o", "json")

    assert ended.document["elsewhere"] == {
        "sandbox": {"carrier_number": 1, "emergency_record": 1, "gateway": 1}
    }
    text = project.ok("connectors", "list").out
    told = "1 number, 1 emergency record, 1 gateway of ours at sandbox, which is not in the project"
    assert told in " ".join(text.split())


def test_a_project_without_connectors(project):
    text = (project.root / "reconciler.yaml").read_text(encoding="utf-8")
    start, rest = text.split("connectors:\n")
    (project.root / "reconciler.yaml").write_text(start + "secrets:" + rest.split("secrets:")[1])

    for command in ("list", "test", "sync"):
        assert "no connectors" in project.ok("connectors", command).out


# test.


def test_one_read_says_what_is_there_and_how_fast(project):
    project.applied()

    ended = project.ok("connectors", "test", "-o", "json")

    told = one(ended)
    assert told["result"] == "ok"
    assert told["detail"].endswith(", 1 number, 1 emergency_record, 1 gateway.")
    assert 0 < told["milliseconds"] < 30_000
    assert project.ok("connectors", "test", "sandbox").out.startswith("ok      sandbox: ")


def test_one_that_fails_ends_in_7_and_hides_no_other(project):
    project.clock = PassedClock()  # waiting for what is away costs nothing
    project.project("connectors:\n", AWAY)

    ended = project.run("connectors", "test", "-o", "json")

    assert ended.status == ended.document["exit_code"] == 7
    assert (one(ended, "away")["result"], one(ended)["result"]) == ("failed", "ok")
    assert one(ended, "away")["hint"]
    assert project.run("connectors", "test", "sandbox").status == 0


def test_a_missing_key_is_a_failure_that_says_so(project):
    del project.environment["CARRIER_KEY"]

    ended = project.run("connectors", "test")

    assert ended.status == 7
    assert "CARRIER_KEY" in ended.out


@pytest.mark.parametrize("command", ["test", "sync"])
def test_an_answer_that_lacks_what_was_just_there_is_not_believed(project, command):
    project.applied()
    lose(project, MAIN, days_later=0)

    ended = project.run("connectors", command)

    assert ended.status == 7
    assert "gave an old list" in ended.out


@pytest.mark.parametrize("command", ["test", "sync"])
def test_a_connector_that_is_not_there_is_wrong_usage(project, command):
    assert project.run("connectors", command, "sandbocks").status == 64


# sync.


def test_an_account_as_we_have_it(project):
    project.applied()

    ended = project.ok("connectors", "sync", "-o", "json")

    told = one(ended)
    # The number, the address that is registered for it, and the gateway that it is handed to.
    assert (told["read"], told["ours"], told["unowned"], told["missing"]) == (True, 3, [], [])
    assert "3 ours." in project.ok("connectors", "sync").out


def test_what_is_there_and_nobodys_is_told_and_left_alone(project):
    project.applied()
    project.ok("sandbox", "poke", THEIRS, "cnam=true")
    project.change(NUMBER_LINE, f"{NUMBER_LINE}  # {THEIRS} is next.\n")

    ended = project.ok("connectors", "sync", "-o", "json")

    assert one(ended)["unowned"] == [
        {
            "kind": "carrier_number",
            "name": THEIRS,
            "whose": "",
            "detail": "named in acme's files",
        }
    ]
    assert project.charges() == [each for each in project.charges() if each["number"] == MAIN]
    assert project.sql("SELECT e164 FROM number") == [(MAIN,)]
    assert "billed all the same" in project.ok("connectors", "sync").out


def test_what_is_ours_and_not_there_ends_in_2(project):
    project.applied()
    lose(project, MAIN)

    ended = project.run("connectors", "sync", "-o", "json")

    assert ended.status == ended.document["exit_code"] == 2
    assert [(each["name"], each["whose"]) for each in one(ended)["missing"]] == [(MAIN, "acme")]
    text = project.run("connectors", "sync")
    assert "never bought again by itself" in text.out
    assert len(project.charges()) == 1


def test_it_is_missing_also_where_only_the_ledger_or_only_the_pool_knows_it(project):
    project.applied()
    lose(project, MAIN)

    project.sql("DELETE FROM number")
    assert len(one(project.run("connectors", "sync", "-o", "json"))["missing"]) == 1

    (project.root / "pool.csv").write_text("+16175550179\n", encoding="utf-8")
    project.ok("numbers", "preload", "pool.csv", "--connector", "sandbox")
    missing = one(project.run("connectors", "sync", "-o", "json"))["missing"]
    assert [(each["name"], each["whose"]) for each in missing] == [
        (MAIN, "acme"),
        ("+16175550179", ""),
    ]


def test_a_released_number_is_no_loss(project):
    project.applied()
    lose(project, MAIN)
    project.sql("UPDATE number SET state = 'released'")
    project.sql("DELETE FROM applied WHERE kind = 'carrier_number'")

    assert one(project.ok("connectors", "sync", "-o", "json"))["missing"] == []


def test_an_order_in_doubt_is_told_beside_what_it_may_have_bought(project):
    assert project.lose_orders().status == 8
    project.ok("sandbox", "poke", MAIN, "cnam=true")
    project.days_later = 1

    ended = project.run("connectors", "sync", "-o", "json")

    (stray,) = one(ended)["unowned"]
    assert stray["name"] == MAIN
    assert f"run {project.last_run()} is not over with it" in stray["detail"]


def test_one_that_cannot_be_read_is_not_an_empty_one(project):
    project.applied()
    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "1000")

    ended = project.run("connectors", "sync", "-o", "json")

    assert ended.status == 7
    assert (one(ended)["read"], one(ended)["missing"]) == (False, [])


def test_rows_that_cannot_be_understood_are_told(project):
    project.applied()
    with closing(sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db")) as there:
        there.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('odd_rows', 'true')")
        there.commit()

    ended = project.ok("connectors", "sync", "-o", "json")

    assert len(one(ended)["odd"]) == 1
    assert one(ended)["ours"] == 3
