"""What VoiceTel's validation says of an address, and what is made of it."""

from __future__ import annotations

import pytest

from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Refused
from tests.carriers.says import E164, Says, speaking

KIND = "emergency_record"
RECORD = {
    "connector": "vt",
    "caller_name": "ACME",
    "street": "123 MAIN STREET SUITE 400",
    "city": "NEWARK",
    "region": "NJ",
    "postcode": "07102",
    "country": "US",
}
TOLD = {
    "addressid": 7,
    "address1": "123 Main Street",
    "address2": "Suite 400",
    "city": "Newark",
    "state": "NJ",
    "zip": "07102-1234",
}
FORM = RECORD | {"street": "123 MAIN ST", "unit": "STE 400", "postcode": "07102-1234"}


def saying(clock, **changes):
    address = {name: value for name, value in {**TOLD, **changes}.items() if value is not None}
    says = Says(200, {"status": "success", "data": {"address": address}})
    return speaking(says, clock), says


def test_a_record_is_planned_as_it_will_be_told(clock):
    carrier, says = saying(clock)

    assert carrier.form(KIND, RECORD) == FORM
    assert carrier.cannot(KIND, E164, RECORD) == carrier.cannot(KIND, E164, FORM) == ""
    prepared = carrier.prepare(CarrierAct(Action.CREATE, E164, FORM, kind=KIND))
    assert not isinstance(prepared, Refused)
    assert says.asked == 1


@pytest.mark.parametrize("name", ["addressid", "address1", "city", "state", "zip"])
def test_an_answer_that_leaves_out_what_says_where_it_is_proves_nothing(clock, name):
    carrier, _ = saying(clock, **{name: None})

    with pytest.raises(Unavailable):
        carrier.form(KIND, RECORD)
    assert carrier.cannot(KIND, E164, RECORD) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address1", "132 Main Street"),
        ("address2", "Suite 401"),
        ("address2", None),
        ("city", "Newton"),
        ("state", "NY"),
        ("zip", "07103"),
    ],
)
def test_another_place_is_no_way_of_writing_it(clock, name, value):
    carrier, says = saying(clock, **{name: value})

    assert carrier.form(KIND, RECORD) == RECORD
    assert "may be another place" in carrier.cannot(KIND, E164, RECORD)
    refused = carrier.prepare(CarrierAct(Action.CREATE, E164, RECORD, kind=KIND))
    assert isinstance(refused, Refused)
    assert says.asked == 1


def test_an_address_that_is_not_found_is_left_as_it_is(clock):
    says = Says(409, {"status": "error", "error": {"code": 409, "message": "No such place"}})
    carrier = speaking(says, clock)

    assert carrier.form(KIND, RECORD) == RECORD
    assert "No such place" in carrier.cannot(KIND, E164, RECORD)


@pytest.mark.parametrize("change", [{"country": "CA"}, {"caller_name": "X" * 21}, {"city": ""}])
def test_what_is_never_registered_is_not_asked_for(clock, change):
    carrier, says = saying(clock)

    assert carrier.form(KIND, RECORD | change) == RECORD | change
    assert carrier.cannot(KIND, E164, RECORD | change)
    assert says.asked == 0


def test_a_record_in_another_form_than_it_has_now_is_refused(clock):
    carrier, _ = saying(clock)

    refused = carrier.prepare(CarrierAct(Action.CREATE, E164, RECORD, kind=KIND))

    assert isinstance(refused, Refused)
    assert "plan again" in refused.reason
