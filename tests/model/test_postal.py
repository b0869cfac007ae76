"""Addresses in the form in which carriers give them back."""

import pytest

from reconciler.model.postal import registered

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
