"""VoiceTel's inventory: what is asked of it, and what an answer proves."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from reconciler.errors import Unavailable
from reconciler.protocols import Area, Coverage, Found, Offer, Refused, Search
from tests.carriers.says import Says, error, speaking

BOSTON = {"number": "6175550101", "rateCenter": "BOSTON", "city": "Boston", "province": "MA"}
OFFER = Offer("+16175550101", "Boston", "MA", "BOSTON")


class Hears(Says):
    """One answer to everything, and what was asked last."""

    query = ""

    def __call__(self, environ, start_response):
        self.query = parse_qs(environ["QUERY_STRING"])
        return super().__call__(environ, start_response)


def numbers(*rows):
    return Hears(200, {"status": "success", "data": {"numbers": list(rows)}})


def counts(*rows):
    return Hears(200, {"status": "success", "data": {"coverage": list(rows)}})


def test_one_more_is_asked_for_so_that_the_last_is_known_as_such(clock):
    says = numbers(BOSTON)

    found = speaking(says, clock).search(Search("+1617", region="MA", limit=1))

    assert found == Found((OFFER,), complete=True)
    assert says.query == {"tnMask": ["617"], "quantity": ["2"], "province": ["MA"]}


def test_as_many_as_were_asked_for_are_not_called_all(clock):
    found = speaking(numbers(BOSTON, BOSTON | {"number": "6175550102"}), clock).search(
        Search("+1617", limit=1)
    )

    assert (found.offers, found.complete) == ((OFFER,), False)
    assert found.note


def test_a_thousand_is_the_most_and_is_not_called_all(clock):
    says = numbers(*(BOSTON | {"number": f"617555{n:04d}"} for n in range(1000)))

    found = speaking(says, clock).search(Search("+1617", limit=1000))

    assert says.query["quantity"] == ["1000"]
    assert (len(found.offers), found.complete) == (1000, False)


def test_what_it_shows_beside_what_was_asked_is_left_out(clock):
    found = speaking(numbers(BOSTON, BOSTON | {"number": "2125550101"}), clock).search(
        Search("+1617", contains="0101")
    )

    assert found == Found((OFFER,), complete=True)


ODD = [{"number": "617555"}, "617", None, {"city": "Boston"}, {"number": "\x1b[2J6175550199"}]


def test_odd_rows_hide_nobody_and_are_told_escaped(clock):
    found = speaking(numbers(*ODD, BOSTON), clock).search(Search("+1617"))

    assert found.offers == (OFFER,)
    assert len(found.odd) == len(ODD)
    assert "\x1b" not in "".join(found.odd)


def test_fields_may_be_missing(clock):
    assert speaking(numbers({"number": 16175550101}), clock).search(Search("+1617")) == Found(
        (Offer("+16175550101"),), complete=True
    )


@pytest.mark.parametrize("prefix", ["", "+", "+1", "+16", "+161"])
def test_without_an_area_code_nothing_is_asked(clock, prefix):
    says = numbers()

    assert isinstance(speaking(says, clock).search(Search(prefix)), Refused)
    assert says.asked == 0


@pytest.mark.parametrize("prefix", ["+44", "+2", "+52"])
def test_another_country_is_refused(clock, prefix):
    says = counts()
    carrier = speaking(says, clock)

    assert isinstance(carrier.search(Search(prefix)), Refused)
    assert isinstance(carrier.coverage(Search(prefix)), Refused)
    assert says.asked == 0


BAD = {
    "no list": Says(200, {"status": "success", "data": {}}),
    "an error with 200": Says(200, error(200)),
    "not found": Says(404, error(404)),
    "the network was silent": Says(502, error(502)),
    "a page": Says(200, b"<html>", content_type="text/html"),
    "cut off": Says(200, b'{"status":"success","data":{"numbers":[{"number"'),
}


@pytest.mark.parametrize("says", BAD.values(), ids=BAD)
def test_what_is_no_answer_is_not_an_empty_one(clock, says):
    carrier = speaking(says, clock)

    with pytest.raises(Unavailable):
        carrier.search(Search("+1617"))
    with pytest.raises(Unavailable):
        carrier.coverage(Search("+1617"))


# Coverage.

DIVISIONS = {
    "everything": (Search(), {"countBy": ["state"]}),
    "a state": (Search(region="MA"), {"countBy": ["rateCenter"], "locState": ["MA"]}),
    "an area code": (Search("+1617"), {"countBy": ["npanxx"], "npa": ["617"]}),
    "an exchange": (Search("+1617555"), {"countBy": ["block"], "npa": ["617"]}),
    "both": (
        Search("+1617", region="MA"),
        {"countBy": ["npanxx"], "npa": ["617"], "locState": ["MA"]},
    ),
}


@pytest.mark.parametrize(("wanted", "query"), DIVISIONS.values(), ids=DIVISIONS)
def test_it_is_divided_as_finely_as_was_asked(clock, wanted, query):
    says = counts()

    assert speaking(says, clock).coverage(wanted).areas == ()
    assert says.query == query


def test_areas_are_told_in_our_words_and_those_outside_left_out(clock):
    says = counts(
        {"npa": "617", "nxx": "908", "locState": "MA", "lata": "128", "count": 270026},
        {"npa": "617", "nxx": "556", "count": "7"},
        {"npa": "617", "nxx": "555", "block": "1", "count": 5},
        {"count": None},
        "odd",
    )

    assert speaking(says, clock).coverage(Search("+16175")) == Coverage(
        (Area("+16175551", count=5), Area("+1617556", count=7)),
        odd=(
            'A row of VoiceTel\'s coverage has no readable count: {"count":null}',
            "A row of VoiceTel's coverage has no readable count: odd",
        ),
    )
    assert speaking(says, clock).coverage(Search("+1617908")).areas == (
        Area("+1617908", region="MA", count=270026),
    )


def test_a_place_is_a_rate_centre_or_a_city(clock):
    says = counts({"rcAbbre": "BOSTON", "locState": "MA", "count": 3}, {"city": "Lynn", "count": 1})

    assert {area.place for area in speaking(says, clock).coverage(Search(region="MA")).areas} == {
        "BOSTON",
        "Lynn",
    }
