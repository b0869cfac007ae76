"""Prefixes and ten random numbers: all that Dial 9 says of what it has."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import Unavailable
from reconciler.protocols import Area, Coverage, Found, Offer, Refused, Search
from tests.carriers.dial9.world import EDITIONS, Answers, opened, speaking

JSON = "application/json"
PREFIXES = [
    {"description": "Aberdeen (01224)", "prefix": "01224"},
    {"description": "London", "prefix": "020"},
    {"description": "Odd (0", "prefix": "(0"},
    {"prefix": "0306"},
    {"description": "No prefix"},
    "01632",
]


@pytest.fixture(params=EDITIONS)
def world(request, path, clock):
    with opened(path, clock, request.param) as made:
        yield made


def says(data):
    whole = {"status": "success", "time": 0.01, "flags": {}, "data": data}
    return 200, json.dumps(whole).encode(), JSON


def carrier(clock, numbers=(), prefixes=PREFIXES):
    answers = Answers(available_prefixes=says(prefixes), acquirable_numbers=says(list(numbers)))
    return speaking(answers, clock), answers


def test_it_looks_again_while_fewer_are_found_than_were_wanted(world):
    few = world.carrier.search(Search("+4420", limit=10))
    many = world.carrier.search(Search("+4420", limit=25))

    assert (len(few.offers), len(many.offers)) == (10, 25)
    assert not many.complete
    assert "at random" in many.note


def test_it_stops_where_nothing_new_comes(clock):
    speaker, answers = carrier(clock, ["01224069352"])

    found = speaker.search(Search("+441224", limit=100))

    assert found.offers == (Offer("+441224069352", "Aberdeen", exchange="01224"),)
    assert answers.asked.count("acquirable_numbers") == 5


def test_a_longer_start_is_looked_for_under_its_prefix(clock):
    speaker, _ = carrier(clock, ["01224069352", "01224169352"])

    found = speaker.search(Search("+4412240", limit=5))

    assert [offer.e164 for offer in found.offers] == ["+441224069352"]


def test_rows_that_are_no_number_are_left_out(clock):
    speaker, _ = carrier(clock, ["01224069352", "*55", 7, {"token": "t"}, None])

    assert len(speaker.search(Search("+441224")).offers) == 1


def test_a_start_under_no_prefix_is_never_called_empty_for_certain(clock):
    speaker, answers = carrier(clock)

    found = speaker.search(Search("+44161"))

    assert found == Found((), complete=False, note="Dial 9 names no prefix that begins so.")
    assert "acquirable_numbers" not in answers.asked


def test_too_many_prefixes_are_not_looked_under_one_by_one(clock):
    many = [{"description": "", "prefix": f"01{n}"} for n in range(200, 211)]
    speaker, answers = carrier(clock, prefixes=many)

    refused = speaker.search(Search("+44"))

    assert isinstance(refused, Refused)
    assert "11 prefixes" in refused.reason
    assert "acquirable_numbers" not in answers.asked
    assert isinstance(speaker.search(Search("+441200")), Found)


def test_states_are_not_its_own(clock):
    speaker, answers = carrier(clock)

    assert isinstance(speaker.search(Search("+4420", region="MA")), Refused)
    assert isinstance(speaker.coverage(Search(region="MA")), Refused)
    assert answers.asked == []


def test_coverage_is_the_list_of_prefixes_in_our_words(clock):
    speaker, _ = carrier(clock)

    assert speaker.coverage(Search()) == Coverage(
        (Area("+441224", "Aberdeen"), Area("+4420", "London"), Area("+44306"))
    )
    assert speaker.coverage(Search("+44203")).areas == (Area("+4420", "London"),)


@pytest.mark.parametrize("data", [None, {}, "x"], ids=str)
def test_what_is_no_list_is_not_an_empty_one(clock, data):
    answers = Answers(available_prefixes=says(data), acquirable_numbers=says(data))
    speaker = speaking(answers, clock)

    with pytest.raises(Unavailable):
        speaker.coverage(Search())
    answers.by_action["available_prefixes"] = says(PREFIXES)
    with pytest.raises(Unavailable):
        speaker.search(Search("+4420"))
