"""Brands and campaigns of a carrier account: registered once, by an approval of their own."""

from __future__ import annotations

import pytest

from reconciler.sandbox.voicetel.features import features
from reconciler.sandbox.voicetel.messaging import READY, add_campaign
from tests.cli.conftest import project
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT
from tests.e2e.test_account_calls import GATEWAYS
from tests.e2e.test_account_gateways import (
    FIRST,
    acts,
    at_carrier,
    events,
    operations,
    plan,
    store_of,
)

__all__ = ["project"]

SECTIONS = """\
    brands: {harbor: {id: BMQ8L9X, name: Harbor Dental}}
    campaigns: {reminders: {id: CH5K5IZ, brand: harbor, description: Appointment reminders}}
"""
BOTH = ("--approve", "register:BMQ8L9X", "--approve", "register:CH5K5IZ")


@pytest.fixture
def harbor(project):
    project.applied()
    project.project(GATEWAYS, GATEWAYS + SECTIONS)
    return project


def registered(project, kind):
    store = store_of(project)
    found = set(store.records.all(kind))
    store.close()
    return found


def review(project, status=READY):
    at_carrier(project, lambda store: add_campaign(store, "CH5K5IZ", "B", status))


def in_campaign(project):
    project.write(
        TENANT.replace(NUMBER_LINE, NUMBER_LINE.replace("hq}", "hq, campaign: reminders}"))
    )


def test_nothing_is_registered_without_its_approval(harbor):
    made = harbor.ok("plan")

    assert "register:BMQ8L9X" in made.out
    assert "unknown" in made.out
    assert harbor.run("plan", "--detailed-exitcode").status == 0
    harbor.applied()
    assert registered(harbor, "brand") == set()
    assert registered(harbor, "campaign") == set()


def test_a_brand_and_its_campaign_are_registered_once_and_in_that_order(harbor):
    assert acts(harbor)[FIRST] == [
        "create @sandbox/brand/harbor",
        "create @sandbox/campaign/reminders",
    ]
    before = len(events(harbor))
    harbor.ok("apply", "--yes", *BOTH)

    assert events(harbor)[before:] == ["brand registered", "campaign registered"]
    assert operations(harbor) == []
    assert harbor.run("drift").status == 0
    harbor.applied()
    assert events(harbor)[before:] == ["brand registered", "campaign registered"]
    synced = harbor.ok("connectors", "sync", "-o", "json").document
    assert [each["missing"] for each in synced["connectors"]] == [[]]


def test_a_campaign_without_its_brand_is_not_begun(harbor):
    ended = harbor.run("apply", "--yes", "--approve", "register:CH5K5IZ")

    assert ended.status == 5
    assert registered(harbor, "campaign") == set()


def test_a_campaign_that_the_account_has_is_adopted(harbor):
    review(harbor)

    made = {op["address"]: op for op in operations(harbor)}
    assert made["@sandbox/campaign/reminders"]["action"] == "adopt"
    assert made["@sandbox/campaign/reminders"]["effects"] == "none"
    harbor.applied()
    assert [op["address"] for op in operations(harbor)] == ["@sandbox/brand/harbor"]


def test_a_list_without_the_campaign_that_was_there_registers_none_again(harbor):
    test_a_campaign_that_the_account_has_is_adopted(harbor)
    path = "/v2.2/messaging/campaigns"
    harbor.ok("sandbox", "fault", "empty", "--path", path, "--times", "9")

    told = harbor.run("plan", "--verify", "-o", "json")

    assert told.status == 7, told
    planned = [op["address"] for part in told.document["parts"] for op in part["operations"]]
    assert planned == ["@sandbox/brand/harbor"]


def test_a_number_waits_for_a_campaign_that_is_not_there_or_not_reviewed(harbor):
    in_campaign(harbor)
    assert any("campaign/reminders is not on the account" in each for each in held(harbor))
    harbor.ok("apply", "--yes", *BOTH)
    assert any("not ready" in each for each in held(harbor))
    assert harbor.run("plan", "--detailed-exitcode").status == 0
    assert harbor.run("drift").status == 0
    assert plan(harbor)["waiting"] == ["@sandbox/campaign/reminders", f"acme/number/{MAIN}"]
    review(harbor)
    assert operations(harbor)[0]["changes"][0]["cause"] == "config"
    harbor.applied()
    assert operations(harbor) == []
    assert campaign_of(harbor, MAIN) == "CH5K5IZ"


def test_only_the_campaign_of_a_number_waits_for_it(harbor):
    harbor.ok("apply", "--yes", *BOTH)
    more = NUMBER_LINE.replace("hq}", "hq, campaign: reminders, fax_to: fax@acme.example}")
    bought = NUMBER_LINE.replace(MAIN, "+16175550145").replace("hq}", "hq, campaign: reminders}")
    harbor.write(TENANT.replace(NUMBER_LINE, more + bought))

    harbor.ok("apply", "--yes")

    store = store_of(harbor)
    assert features(store, MAIN.removeprefix("+1")).fax == "fax@acme.example"
    assert store.number("6175550145") is not None
    store.close()
    review(harbor)
    harbor.applied()
    assert campaign_of(harbor, MAIN) == campaign_of(harbor, "+16175550145") == "CH5K5IZ"


def campaign_of(project, e164):
    store = store_of(project)
    found = features(store, e164.removeprefix("+1")).campaign
    store.close()
    return found


def test_a_campaign_under_review_waits_and_is_no_change_and_no_failure(harbor):
    harbor.ok("apply", "--yes", *BOTH)

    assert plan(harbor)["waiting"] == ["@sandbox/campaign/reminders"]
    assert harbor.run("plan", "--detailed-exitcode").status == 0
    assert "it is CAMPAIGN_PENDING_DCA" in harbor.ok("plan").out
    harbor.days_later = 31
    assert harbor.run("apply", "--yes").status == 4
    harbor.ok("apply", "--yes", "--allow", "waiting_days=31")
    review(harbor)
    assert plan(harbor)["waiting"] == []


def held(project):
    return [each["detail"] for part in plan(project)["parts"] for each in part["held"]]


@pytest.mark.parametrize("when", [[], ["--after"]])
def test_a_brand_whose_answer_is_lost_is_never_registered_again(harbor, when):
    path = "/v2.2/messaging/brands"
    harbor.ok("sandbox", "fault", "drop", "--method", "POST", "--path", path, *when)

    ended = harbor.run("apply", "--yes", *BOTH, "-o", "json")

    assert ended.status == 8
    result = ended.document["parts"][0]["operations"][0]
    assert result["status"] == "parked"
    before = events(harbor)
    harbor.days_later = 2
    harbor.run("apply", "--yes")
    assert events(harbor) == before
    run = ended.document["run_id"]
    word = "--happened" if when else "--did-not"
    harbor.ok("runs", "settle", run, f"{FIRST}/{result['id']}", word, "--reason", "asked them")
    left = [op["address"] for op in operations(harbor)]
    assert ("@sandbox/brand/harbor" in left) is not bool(when)


def test_a_campaign_whose_answer_is_lost_is_looked_for(harbor):
    path = "/v2.2/messaging/campaigns"
    harbor.ok("sandbox", "fault", "drop", "--method", "POST", "--path", path, "--after")

    harbor.ok("apply", "--yes", *BOTH)

    assert events(harbor).count("campaign registered") == 1
    assert operations(harbor) == []


def test_what_is_registered_is_neither_changed_nor_taken_back(harbor):
    harbor.ok("apply", "--yes", *BOTH)
    before = events(harbor)
    harbor.project("Harbor Dental", "Harbour Dental")

    refused = harbor.run("apply", "--yes")
    assert refused.status == 4
    assert "cannot be changed" in refused.out
    assert "E419" in harbor.run("plan").out
    harbor.project(SECTIONS.replace("Harbor Dental", "Harbour Dental"), "")
    assert operations(harbor) == []
    harbor.applied()
    assert events(harbor) == before
    harbor.project(GATEWAYS, GATEWAYS + SECTIONS)
    assert operations(harbor) == []  # known still: nothing is registered again


def test_a_campaign_of_which_only_the_id_is_known_is_not_registered(harbor):
    harbor.project("{id: CH5K5IZ, brand: harbor, description: Appointment reminders}", "CN0TH3R")
    store = store_of(harbor)
    store.records.drop("campaign", "CN0TH3R")
    store.close()
    harbor.run("apply", "--yes")

    assert "register:CN0TH3R" not in harbor.run("plan").out


def test_an_approval_names_what_waits_for_it(harbor):
    assert harbor.run("apply", "--yes", "--approve", "register:CXXXXXX").status == 64
    assert harbor.run("apply", "--yes", "--approve", "register:+1").status == 64


def test_a_campaign_of_a_brand_that_nobody_declares_is_a_problem(harbor):
    harbor.project("brand: harbor", "brand: harbour")

    ended = harbor.run("validate")

    assert ended.status == 3
    assert 'Did you mean "harbor"?' in ended.out + ended.err


KNOWN = SECTIONS.replace("{id: BMQ8L9X, name: Harbor Dental}", "{id: BMQ8L9X}")


def test_a_brand_by_its_id_alone_is_there_already_and_a_campaign_may_name_it(project):
    project.applied()
    project.project(GATEWAYS, GATEWAYS + KNOWN)
    before = events(project)

    made = {op["address"]: op for op in operations(project)}
    assert made["@sandbox/brand/harbor"]["action"] == "adopt"
    assert made["@sandbox/brand/harbor"]["effects"] == "none"
    assert "register:BMQ8L9X" not in project.ok("plan").out
    project.ok("apply", "--yes", "--approve", "register:CH5K5IZ")

    assert events(project)[len(before) :] == ["campaign registered"]
    assert registered(project, "campaign") == {"CH5K5IZ"}
    assert operations(project) == []
    assert project.run("drift").status == 0


def test_a_name_that_is_written_later_registers_nothing(project):
    project.applied()
    project.project(GATEWAYS, GATEWAYS + KNOWN)
    project.applied()
    before = events(project)
    project.project("{id: BMQ8L9X}", "{id: BMQ8L9X, name: Harbor Dental}")

    assert [op["address"] for op in operations(project)] == ["@sandbox/campaign/reminders"]
    project.applied()
    assert events(project) == before


def test_a_brand_that_was_registered_here_may_lose_its_name_in_git(harbor):
    harbor.ok("apply", "--yes", *BOTH)
    harbor.project("{id: BMQ8L9X, name: Harbor Dental}", "{id: BMQ8L9X}")

    assert operations(harbor) == []
    assert harbor.run("plan", "--detailed-exitcode").status == 0


def test_another_id_of_a_brand_is_refused(project):
    project.applied()
    project.project(GATEWAYS, GATEWAYS + KNOWN)
    project.applied()
    project.project("BMQ8L9X", "BMQ8L9Y")

    gates = [gate["id"] for part in plan(project)["parts"] for gate in part["gates"]]
    assert gates == ["E419"]
