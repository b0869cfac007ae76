"""Addresses in the form in which carriers give them back."""

import pytest

from reconciler.model.postal import is_same_place, registered

US = {"country": "US"}


@pytest.mark.parametrize(
    ("street", "form"),
    [
        ("411 Hackensack Avenue", "411 HACKENSACK AVE"),
        ("123 Main Street", "123 MAIN ST"),
        ("123 Main St.", "123 MAIN ST"),
        ("123 Main Street North", "123 MAIN ST N"),
        ("9 North Main Street", "9 N MAIN ST"),
        ("9 North Street", "9 NORTH ST"),
        ("1 Court Street", "1 COURT ST"),
        ("7 Grove", "7 GROVE"),
        ("5  Wharf,  St", "5 WHARF ST"),
    ],
)
def test_a_street_has_the_form_of_the_postal_service(street, form):
    assert registered({**US, "street": street})["street"] == form


def test_the_name_of_a_street_is_left_alone_elsewhere():
    told = registered({"country": "GB", "street": "14 Inkhorn Lane", "unit": "Floor 2"})

    assert told == {"country": "GB", "street": "14 INKHORN LANE", "unit": "FLOOR 2"}


@pytest.mark.parametrize(
    ("unit", "form"),
    [("Suite 400", "STE 400"), ("Main building", "MAIN BLDG"), ("Floor 2, Room 4", "FL 2 RM 4")],
)
def test_a_unit_is_abbreviated(unit, form):
    assert registered({**US, "unit": unit})["unit"] == form


def test_it_is_its_own_form():
    place = {**US, "street": "9 North Main Street", "unit": "Suite 4", "city": "St. Paul"}

    assert registered(registered(place)) == registered(place)
    assert registered(place)["city"] == "ST PAUL"


def test_what_is_empty_is_left_out():
    assert registered({**US, "street": "", "unit": None, "caller_name": " "}) == US


PLACE = {"city": "PORTLAND", "region": "ME", "postcode": "04101", "country": "US"}

SAME = [
    ({"street": "123 MAIN STREET SUITE 400"}, {"street": "123 MAIN ST", "unit": "STE 400"}),
    ({"street": "123 MAIN STREET #400"}, {"street": "123 MAIN ST", "unit": "STE 400"}),
    ({"street": "123 MAIN ST", "unit": "UNIT 400"}, {"street": "123 MAIN ST", "unit": "# 400"}),
    ({"street": "12 OAK CREEK"}, {"street": "12 OAK CRK"}),
    ({"street": "12 OAK CRK"}, {"street": "12 OAK CREEK"}),
    ({"street": "12 OAK MEADOWS SOUTH"}, {"street": "12 OAK MDWS S"}),
    ({"street": "9 FIRST AVENUE"}, {"street": "9 1ST AVE"}),
    ({"street": "9 SAINT JOHN ST"}, {"street": "9 ST JOHN ST"}),
    ({"street": "7 ELM ST"}, {"street": "7 ELM ST", "postcode": "04101-1234"}),
    ({"street": "7 ELM ST", "postcode": "04101-1234"}, {"street": "7 ELM ST"}),
    ({"street": "7 ELM ST", "city": "FORT KENT"}, {"street": "7 ELM ST", "city": "FT KENT"}),
    ({"street": "7 COURT ST"}, {"street": "7 COURT STREET"}),
]

OTHER = [
    ({"street": "123 MAIN ST"}, {"street": "132 MAIN ST"}),
    ({"street": "123 MAIN ST"}, {"street": "123 MAINE ST"}),
    ({"street": "123 MARTIN ST"}, {"street": "123 MAIN ST"}),
    ({"street": "123 N MARTIN"}, {"street": "123 N MAIN"}),
    ({"street": "123 MAIN ST"}, {"street": "123 N MAIN ST"}),
    ({"street": "123 MAIN ST N"}, {"street": "123 MAIN ST S"}),
    ({"street": "123 MAIN ST"}, {"street": "123 MAIN AVE"}),
    ({"street": "12 OAK CREEK"}, {"street": "12 OAK CROSSING"}),
    ({"street": "12 CREEK MILL LN"}, {"street": "12 CRK MILL LN"}),
    ({"street": "12 OAK CREEK"}, {"street": "12 OAK FRK"}),
    ({"street": "12 MAIN ST STE 34"}, {"street": "34 MAIN ST", "unit": "STE 12"}),
    ({"street": "12 MAIN ST STE 34"}, {"street": "12 MAIN ST", "unit": "STE 43"}),
    ({"street": "12 MAIN ST", "unit": "FL 3"}, {"street": "12 MAIN ST", "unit": "STE 3"}),
    ({"street": "12 MAIN ST", "unit": "STE 3"}, {"street": "12 MAIN ST"}),
    ({"street": "7 ELM ST"}, {"street": "7 ELM ST", "city": "SACO"}),
    ({"street": "7 ELM ST"}, {"street": "7 ELM ST", "region": "OR"}),
    ({"street": "7 ELM ST"}, {"street": "7 ELM ST", "postcode": "04102"}),
    ({"street": "7 ELM ST", "postcode": "04101-1"}, {"street": "7 ELM ST", "postcode": "04101-2"}),
    ({"street": "7 ELM ST"}, {"street": "7 ELM ST", "country": "CA"}),
    ({"street": "1ST AVE"}, {"street": "2ND AVE"}),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_a_place_is_the_same_however_it_is_written(ours, theirs):
    assert is_same_place(PLACE | ours, PLACE | theirs)


@pytest.mark.parametrize(("ours", "theirs"), OTHER)
def test_what_only_looks_like_a_place_is_another_one(ours, theirs):
    assert not is_same_place(PLACE | ours, PLACE | theirs)
