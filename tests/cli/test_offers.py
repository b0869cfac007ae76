"""What carriers offer, through the command line: nothing is bought, nothing left out unsaid."""

from __future__ import annotations

import pytest

from scripts.stage import PassedClock
from tests.cli.projects import MAIN


def connector(ended, name="sandbox"):
    return next(each for each in ended.document["connectors"] if each["connector"] == name)


def numbers(ended):
    return [each["e164"] for each in connector(ended)["numbers"]]


AWAY = 'connectors:\n  away: {kind: voicetel, sandbox: true, url: "http://127.0.0.1:9"}\n'
"""A connector to a port that nobody listens on."""

DIAL9 = """\
connectors:
  uk:
    kind: dial9
    sandbox: true
    edition: {edition}
    numbers: {{handoff: {{type: Extension, name: pbx-trunk}}}}
"""


def test_numbers_of_an_area_are_shown_with_their_price(project):
    ended = project.ok("numbers", "search", "--npa", "617", "--limit", "3", "-o", "json")

    assert len(numbers(ended)) == 3
    assert all(each.startswith("+1617") for each in numbers(ended))
    assert connector(ended)["complete"] is False
    assert connector(ended)["numbers"][0] == {
        "e164": numbers(ended)[0],
        "place": "Boston",
        "region": "MA",
        "exchange": "BOSTON",
        "price": {"currency": "USD", "monthly": "1.00", "once": "1.00"},
    }
    text = project.ok("numbers", "search", "--npa", "617", "--limit", "3").out
    assert numbers(ended)[0] in text
    assert "sandbox shows 3 numbers, and it may have others." in text


def test_all_that_there_is_is_called_so(project):
    ended = project.ok("numbers", "search", "--npa", "617", "--limit", "1000", "-o", "json")

    assert len(numbers(ended)) == 100
    assert connector(ended)["complete"] is True
    shown = project.ok("numbers", "search", "--npa", "617", "--limit", "100")
    assert "sandbox shows 100 numbers.\n" in shown.out
    fewer = project.ok("numbers", "search", "--npa", "617", "--limit", "99")
    assert "sandbox shows 99 numbers, and it may have others." in fewer.out


def test_digits_in_the_middle_are_looked_for_in_all_that_is_offered(project):
    """Ten would be asked for, of a hundred in random order: none of them need fit."""
    ended = project.ok("numbers", "search", "--npa", "617", "--contains", "50144", "-o", "json")

    assert numbers(ended) == [MAIN]
    assert connector(ended)["complete"] is True


def test_a_region_narrows_and_what_fits_nothing_is_no_error(project):
    there = project.ok("numbers", "search", "--prefix", "+16175550", "--region", "ma", "-ojson")
    nowhere = project.ok("numbers", "search", "--npa", "617", "--region", "NY")

    assert len(numbers(there)) == 10
    assert nowhere.out == "sandbox shows no such number.\n"


def test_searching_buys_nothing_and_reserves_nothing(project):
    found = numbers(project.ok("numbers", "search", "--npa", "617", "-o", "json"))

    assert project.charges() == []
    assert project.ok("numbers", "list", "-o", "json").document["numbers"] == []
    assert found == numbers(project.ok("numbers", "search", "--npa", "617", "-o", "json"))


WRONG = {
    "two starts": ["--npa", "617", "--prefix", "+1617"],
    "no area code": ["--npa", "117"],
    "a national form": ["--prefix", "0161"],
    "no digits": ["--npa", "617", "--contains", "CALL"],
    "Arabic digits": ["--npa", "617", "--contains", "\u0661"],
    "no region": ["--npa", "617", "--region", "Mass"],
    "no limit": ["--npa", "617", "--limit", "0"],
    "too many": ["--npa", "617", "--limit", "1001"],
    "no such connector": ["--npa", "617", "--connector", "sandbocks"],
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_wrong_usage(project, options):
    assert project.run("numbers", "search", *options).status == 64


def test_what_nobody_has_a_way_to_search_for_is_wrong_usage(project):
    abroad = project.run("numbers", "search", "--prefix", "+44161")
    anywhere = project.run("numbers", "search", "--contains", "7000")

    assert (abroad.status, anywhere.status) == (64, 64)
    assert "VoiceTel has +1 numbers only" in abroad.out
    assert "by area code only" in anywhere.out


def test_a_connector_that_cannot_be_read_hides_no_other(project):
    project.clock = PassedClock()  # waiting for what is away costs nothing
    project.project("connectors:\n", AWAY)

    ended = project.run("numbers", "search", "--npa", "617", "-o", "json")

    assert ended.status == ended.document["exit_code"] == 7
    assert len(numbers(ended)) == 10
    lost = connector(ended, "away")
    assert (lost["numbers"], lost["complete"]) == (None, False)
    assert "was not sent" in lost["detail"]
    alone = project.ok("numbers", "search", "--npa", "617", "--connector", "sandbox", "-o", "json")
    assert [each["connector"] for each in alone.document["connectors"]] == ["sandbox"]


@pytest.mark.parametrize("fault", ["500", "truncated", "html"])
def test_an_answer_that_is_none_is_not_an_empty_one(project, fault):
    project.ok("sandbox", "fault", fault, "--method", "GET", "--times", "100")

    search = project.run("numbers", "search", "--npa", "617")
    coverage = project.run("numbers", "coverage")

    assert (search.status, coverage.status) == (7, 7)
    assert "no such" not in search.out + coverage.out
    assert "failed  sandbox: " in search.out


# Coverage.


def areas(ended):
    found = connector(ended)["areas"]
    return {(each["prefix"] or each["place"] or each["region"]): each["count"] for each in found}


def test_coverage_goes_from_states_to_exchanges(project):
    states = project.ok("numbers", "coverage", "-o", "json")
    centres = project.ok("numbers", "coverage", "--region", "MA", "-o", "json")
    exchanges = project.ok("numbers", "coverage", "--npa", "617", "-o", "json")
    blocks = project.ok("numbers", "coverage", "--prefix", "+16175550", "-o", "json")

    assert areas(states)["MA"] == 100
    assert areas(states)["NJ"] == 200
    assert areas(centres) == {"BOSTON": 100}
    assert areas(exchanges) == {"+1617555": 100}
    assert areas(blocks) == {"+16175550": 100}
    assert areas(project.ok("numbers", "coverage", "--prefix", "+16175551", "-ojson")) == {}
    assert "Name a state" in project.ok("numbers", "coverage").out


def test_what_was_bought_is_covered_no_more(project):
    project.applied()

    assert areas(project.ok("numbers", "coverage", "--npa", "617", "-o", "json")) == {
        "+1617555": 99
    }


def test_coverage_of_another_country_is_wrong_usage(project):
    assert project.run("numbers", "coverage", "--prefix", "+44").status == 64


# Another carrier, which cannot say what it lacks.


@pytest.mark.parametrize("edition", ["telcom", "connect"])
def test_ten_random_numbers_are_never_called_all(project, edition):
    project.project("connectors:\n", DIAL9.format(edition=edition))

    ended = project.ok("numbers", "search", "--prefix", "+4420", "-o", "json")

    (london,) = [each for each in ended.document["connectors"] if each["connector"] == "uk"]
    assert len(london["numbers"]) == 10
    assert (london["complete"], "at random" in london["note"]) == (False, True)
    assert london["numbers"][0]["place"] == "London"
    assert london["numbers"][0]["price"]["currency"] == "GBP"
    refused = connector(ended)
    assert (refused["numbers"], "+1 numbers only" in refused["detail"]) == (None, True)

    covered = project.ok("numbers", "coverage", "--connector", "uk", "-o", "json")
    (areas,) = [each["areas"] for each in covered.document["connectors"]]
    told = {each["prefix"]: (each["place"], each["count"]) for each in areas}
    assert told["+4420"] == ("London", None)
