"""The emergency address of a number: registered, followed, kept, and never lost by accident."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from reconciler.cli import fleet, workers
from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE

RECORD = f"acme/emergency_record/{MAIN}"
TN = MAIN.removeprefix("+1")
CANADIAN = "city: Halifax, region: NS, postcode: B3J 1A1, country: CA"


def at_carrier(project, statement):
    path = project.root / ".reconciler" / "sandbox" / "sandbox.db"
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute(statement).fetchall()


def registered(project):
    """The street of each record that the carrier has, by number."""
    rows = at_carrier(project, "SELECT name, body FROM record WHERE kind = 'e911'")
    return {name: json.loads(body)["address1"] for name, body in rows}


def test_a_number_with_a_location_is_registered_and_stays_so(project):
    project.applied()

    assert registered(project) == {TN: "12 OAK ST"}
    assert project.run("plan", "--detailed-exitcode").status == 0
    assert project.run("drift").status == 0


def test_a_number_whose_address_cannot_be_registered_is_not_bought_for_nobody(project):
    project.change('city: Boston, region: MA, postcode: "02110",\n       country: US', CANADIAN)

    ended = project.run("apply", "--yes")

    assert ended.status == 7, ended
    assert "registers addresses in the US only" in ended.out
    assert "only that is left out" in ended.out
    assert project.spec("number", MAIN)["to"] == "ring_group/sales"
    assert [charge["number"] for charge in project.charges()] == [MAIN]
    assert registered(project) == {}
    again = project.run("plan", "--detailed-exitcode")
    assert (again.status, "nothing to do" in again.out) == (7, True)


def test_an_address_and_an_order_that_are_both_held_are_told_as_that(project):
    project.change('city: Boston, region: MA, postcode: "02110",\n       country: US', CANADIAN)
    project.change("location: hq}", "location: hq, forward: '+442079460101'}")

    told = " ".join(project.run("plan").out.split())

    assert "registers addresses in the US only" in told
    assert "it is not ordered" in told
    assert "it is left out, as its number is" in told
    assert "only that is left out" not in told
    project.run("apply", "--yes")
    assert not project.charges()


def test_a_location_that_moves_takes_its_numbers_along(project):
    project.applied()
    project.change("12 Oak St", "9 North Main Street")

    told = project.run("plan", "--detailed-exitcode")

    assert told.status == 2
    assert "9 N MAIN ST" in told.out
    project.applied()
    assert registered(project) == {TN: "9 N MAIN ST"}
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_a_record_that_somebody_removed_is_drift_and_put_back(project):
    project.applied()
    at_carrier(project, "DELETE FROM record WHERE kind = 'e911'")

    assert project.run("drift").status == 2
    project.applied()
    assert list(registered(project)) == [TN]


def test_without_its_approval_no_record_is_removed(project):
    project.applied()
    project.change("to: ring_group/sales, location: hq}", "to: ring_group/sales}")

    told = project.ok("plan", "-o", "json").document
    (operation,) = [op for op in told["parts"][0]["operations"] if op["address"] == RECORD]
    assert (operation["action"], operation["approval"]) == ("delete", f"emergency:{MAIN}")
    project.applied()
    assert list(registered(project)) == [TN]

    ended = project.ok("apply", "--yes", "--approve", f"emergency:{MAIN}")
    assert registered(project) == {}
    assert "bought" not in ended.out
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_an_approval_for_another_number_is_refused(project):
    project.applied()
    project.change("to: ring_group/sales, location: hq}", "to: ring_group/sales}")

    ended = project.run("apply", "--yes", "--approve", "emergency:+16175550199")

    assert ended.status == 64
    assert list(registered(project)) == [TN]


def test_it_stays_in_quarantine_and_goes_just_before_the_release(project):
    project.applied()
    project.change(NUMBER_LINE, "")
    project.change("numbers:\n", "")
    project.ok("apply", "--yes", "--allow", "quarantines=1")
    assert list(registered(project)) == [TN]

    project.days_later = 46
    project.ok("apply", "--yes")
    assert list(registered(project)) == [TN]

    ended = project.ok("apply", "--yes", "--approve", f"release:{MAIN}")
    assert registered(project) == {}
    told = ended.out
    assert told.index(f"emergency_record/{MAIN}") < told.rindex("release")


def test_a_name_that_is_too_long_for_the_carrier_is_told_by_the_plan(project):
    project.change("caller_name: Acme,", "caller_name: Acme Dental and Orthodontics,")

    assert "at most 20 characters" in " ".join(project.run("plan").out.split())


@pytest.mark.parametrize("when", [["--after"], []])
def test_a_lost_answer_is_found_out_by_reading(project, when):
    path = f"/v2.2/e911/{TN}"
    project.ok("sandbox", "fault", "drop", "--method", "PUT", "--path", path, *when)

    project.applied()

    assert list(registered(project)) == [TN]
    assert len(project.charges()) == 1
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_a_list_of_records_that_cannot_be_read_leaves_everything_unchecked(project):
    project.applied()
    project.ok("sandbox", "fault", "500", "--path", "/v2.2/e911", "--times", "1000")

    ended = project.run("plan", "--verify")

    assert ended.status == 7
    assert "not checked" in ended.out


# A list in which nothing is, though something of ours was there.


@pytest.mark.parametrize("kind", ["404", "empty", "500", "truncated", "html", "garbage"])
@pytest.mark.parametrize("path", ["/v2.2/numbers", "/v2.2/gateways", "/v2.2/e911"])
def test_nothing_is_planned_for_what_a_broken_or_empty_list_is_about(project, path, kind):
    project.clock = PassedClock()
    project.applied()
    project.clock.ahead += timedelta(days=1)
    project.ok("sandbox", "fault", kind, "--method", "GET", "--path", path, "--times", "50")

    told = project.run("apply", "--yes", "-o", "json")

    assert told.status == 7, told
    assert [op for part in told.document["parts"] for op in part["operations"]] == []
    project.ok("sandbox", "fault", "none")
    assert project.run("plan", "--detailed-exitcode", "--verify").status == 0
    assert registered(project) == {TN: "12 OAK ST"}


def test_a_record_that_the_carrier_says_twice_is_gone_is_registered_again(project):
    project.applied()
    at_carrier(project, "DELETE FROM record WHERE kind = 'e911'")

    told = project.run("plan", "--detailed-exitcode")

    assert told.status == 2, told
    project.applied()
    assert registered(project) == {TN: "12 OAK ST"}


def test_whoever_looked_says_that_an_empty_list_is_right(project):
    project.applied()
    at_carrier(project, "DELETE FROM record WHERE kind = 'e911'")
    project.ok("sandbox", "fault", "404", "--path", f"/v2.2/e911/{TN}", "--times", "50")
    assert project.run("plan", "--detailed-exitcode").status == 7

    told = project.run("plan", "--allow", "empty_account=1", "-o", "json")

    planned = [op["address"] for part in told.document["parts"] for op in part["operations"]]
    assert planned == [RECORD]


def test_what_was_said_of_an_empty_list_reaches_processes_that_plan_together(project, monkeypatch):
    monkeypatch.setattr(fleet, "SHARED_FROM", 1)
    monkeypatch.setattr(workers, "processes", lambda: 2)
    project.applied()
    at_carrier(project, "DELETE FROM record WHERE kind = 'e911'")
    project.ok("sandbox", "fault", "404", "--path", f"/v2.2/e911/{TN}", "--times", "50")
    assert project.run("plan").status == 7

    told = project.run("plan", "--allow", "empty_account=1", "-o", "json")

    planned = [op["address"] for part in told.document["parts"] for op in part["operations"]]
    assert planned == [RECORD]


def test_every_number_that_is_left_without_its_address_is_told_by_the_apply(project):
    other = MAIN[:-1] + "5"
    project.change(NUMBER_LINE, NUMBER_LINE + NUMBER_LINE.replace(MAIN, other))
    project.change('city: Boston, region: MA, postcode: "02110",\n       country: US', CANADIAN)

    ended = project.run("apply", "--yes", "-o", "text", "-o", "json=told.json", "-o", "md=told.md")

    assert ended.status == 7
    told = json.loads((project.root / "told.json").read_text())["not_planned"]
    records = {f"acme/number/{e164}" for e164 in (MAIN, other)}
    assert {each["address"] for each in told} == records
    assert all("registers addresses in the US only" in each["detail"] for each in told)
    assert all(record in " ".join(ended.out.split()) for record in records)
    comment = (project.root / "told.md").read_text().partition("What was done")[0]
    assert comment.count("left as it was") == len(records)
