from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.carriers.transport import Transport
from reconciler.carriers.voicetel import VoiceTel
from reconciler.carriers.voicetel.section import section_of
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Stock
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Request, Unknown
from tests.carriers.says import (
    BARE,
    E164,
    OTHER,
    RELEASE,
    TN,
    UPDATE,
    Says,
    do,
    error,
    ordered,
    speaking,
    uncounted,
)

# Classification, row by row.


ORDERS = {
    "ordered": (201, ordered(TN), Done),
    "ordered, with eleven digits": (201, ordered("1" + TN), Done),
    "ordered, as an integer": (201, ordered(int(TN)), Done),
    "ordered, without amount and id": (201, ordered(TN, amountCharged=None, orderId=None), Done),
    "failed": (201, ordered(failed=[TN]), Refused),
    "failed, as bare text": (
        201,
        {"status": "success", "data": {"numbersOrdered": [], "failed": [TN]}},
        Refused,
    ),
    "another number": (201, ordered(OTHER), Unknown),
    "one number too many": (201, ordered(TN, OTHER), Unknown),
    "ordered and failed": (201, ordered(TN, failed=[TN]), Unknown),
    "another number failed": (201, ordered(TN, failed=[OTHER]), Unknown),
    "no number": (201, ordered(), Unknown),
    "no data": (201, {"status": "success"}, Unknown),
    "an error within 201": (201, error(201), Unknown),
    "200 instead of 201": (200, ordered(TN), Unknown),
    "202": (202, ordered(TN), Unknown),
    "HTML": (201, b"<html>", Unknown),
    "a list": (201, [ordered(TN)], Unknown),
    "302": (302, b"", Unknown),
    "400": (400, error(400), Refused),
    "400 in the flat form": (400, {"code": 400, "message": "no"}, Refused),
    "400 in the bare form": (400, {"error": "no"}, Refused),
    "400 without a body": (400, b"", Unknown),
    "400 from a proxy": (400, b"<html>", Unknown),
    "400 with another code inside": (400, error(500), Unknown),
    "401": (401, error(401), Refused),
    "401 from a proxy": (401, b"", Unknown),
    "402": (402, error(402), Refused),
    "403": (403, error(403), Refused),
    "404": (404, error(404), Unknown),
    "408": (408, error(408), Unknown),
    "409": (409, error(409), Unknown),
    "422": (422, error(422), Refused),
    "425": (425, error(425), Unknown),
    "429": (429, error(429), Unknown),
    "500": (500, error(500), Unknown),
    "502": (502, error(502), Unknown),
    "503": (503, error(503), Unknown),
    "504": (504, error(504), Unknown),
}


@pytest.mark.parametrize("case", ORDERS.values(), ids=ORDERS)
def test_what_an_answer_to_an_order_proves(clock, case):
    status, body, outcome = case
    says = Says(status, body)
    got = do(speaking(says, clock), CarrierAct(Action.ORDER, E164, BARE))

    assert isinstance(got, outcome), got
    assert says.asked == 1
    if isinstance(got, Refused):
        assert got.stops_account == (status in {401, 402, 403})


RELEASES = {
    "204": (204, b"", Done),
    "200": (200, {"status": "success"}, Unknown),
    "400": (400, error(400), Refused),
    "401 may be an earlier release": (401, error(401), Unknown),
    "403": (403, error(403), Refused),
    "404": (404, error(404), Unknown),
    "409 may be an earlier release": (409, error(409), Unknown),
    "500": (500, error(500), Unknown),
    "HTML": (200, b"<html>", Unknown),
}


@pytest.mark.parametrize("case", RELEASES.values(), ids=RELEASES)
def test_what_an_answer_to_a_release_proves(clock, case):
    status, body, outcome = case
    says = Says(status, body)
    got = do(speaking(says, clock), RELEASE)

    assert isinstance(got, outcome), got
    assert says.asked == 1
    if isinstance(got, Refused):
        assert not got.stops_account


ROUTED = {
    "routed": (200, {"status": "success", "data": {"number": TN, "route": 1000}}, Done),
    "another number": (
        200,
        {"status": "success", "data": {"number": OTHER, "route": 1000}},
        Unknown,
    ),
    "another route": (200, {"status": "success", "data": {"number": TN, "route": 4}}, Unknown),
    "nothing said": (200, {"status": "success", "data": {}}, Unknown),
    "invalid route": (400, error(400), Refused),
    "not on the account": (401, error(401), Unknown),
    "HTML": (200, b"<html>", Unknown),
}


@pytest.mark.parametrize("case", ROUTED.values(), ids=ROUTED)
def test_what_an_answer_to_a_change_of_route_proves(clock, case):
    status, body, outcome = case
    prepared = Prepared(
        UPDATE, (Request("PUT", f"/v2.2/numbers/{TN}/route", b'{"route":1000}'),), ""
    )

    assert isinstance(speaking(Says(status, body), clock).send(prepared, "op-1"), outcome)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1000000000", 60.0),
        ("-3", None),
        ("Sun, 01 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_how_long_a_429_asks_to_wait(clock, header, seconds):
    says = Says(429, error(429), [("Retry-After", header)])

    assert do(speaking(says, clock), RELEASE).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b""),
        (404, b"<html>not found</html>"),
        (404, {"error": "not found"}),
        (404, {"status": "error", "error": {"code": 400, "message": "x"}}),
        (200, {"status": "error", "error": {"code": 200, "message": "x"}}),
        (200, {"status": "success"}),
        (200, {"status": "success", "data": {}}),
        (200, {"status": "success", "data": {"numbers": None, "gateways": {}}}),
        (200, {"status": "success", "data": []}),
        (200, []),
        (200, b""),
        (204, b""),
        (206, {"status": "success", "data": {"numbers": [], "gateways": []}}),
        (302, b""),
        (401, error(401)),
        (500, error(500)),
    ],
)
def test_what_is_not_two_lists_is_never_read_as_empty(clock, status, body):
    carrier = speaking(Says(status, body), clock)

    with pytest.raises(Unavailable):
        carrier._reader.rows("/v2.2/numbers", "numbers", empty=404)
    with pytest.raises(Unavailable):
        carrier.observe()


def test_a_404_in_the_error_body_is_an_empty_list_of_numbers_but_not_of_gateways(clock):
    carrier = speaking(Says(404, error(404, "No numbers found")), clock)

    assert carrier._reader.rows("/v2.2/numbers", "numbers", empty=404) == []
    with pytest.raises(Unavailable):
        carrier._reader.gateways()


def test_a_number_that_is_listed_twice_is_told(clock):
    rows = [{"number": TN, "route": 4}, {"number": f"1{TN}", "route": 5}, None, 7, {"number": True}]
    body = {
        "status": "success",
        "data": {"numbers": rows, "gateways": [None, {"id": "x"}], "records": []},
    }
    listing = speaking(Says(200, body), clock).observe()

    assert set(listing.holdings) == {E164}
    assert len(listing.odd) == 4


def test_an_unreadable_row_leaves_the_stock_unsaid(clock):
    body = {"status": "success", "data": {"numbers": [{"number": "?"}]}}

    assert speaking(Says(200, body), clock).stock([E164]) == {E164: Stock.UNSAID}


# The carrier's own examples, as documented.

EXAMPLE = {
    "number": "2015551234",
    "translated": "2015551234",
    "route": 1000,
    "gateway": "203.0.113.10:5060",
    "cnam": True,
    "forward": False,
    "forwardTo": None,
    "carrier": 0,
    "smsEnabled": True,
    "faxEnabled": False,
}
EXAMPLE_GATEWAY = {
    "id": 1000,
    "gateway": "203.0.113.10:5060",
    "prefix": "9",
    "limit": 23,
    "system": False,
}


def example(clock, status, body, gateways):
    transport = Transport("http://x", headers={}, clock=clock, wsgi_app=Says(status, body))
    section = section_of({"gateways": {name: {"host": host} for name, host in gateways.items()}})
    return VoiceTel("vt", transport, scarce=uncounted(transport, clock), section=section)


def test_the_documented_lists_are_read(clock):
    data = {"numbers": [EXAMPLE], "gateways": [EXAMPLE_GATEWAY], "records": []}
    data |= {"type": "email", "resource": "x@y.example"}
    carrier = example(clock, 200, {"data": data, "status": "success"}, {"pbx": "203.0.113.10"})

    assert carrier.observe().holdings["+12015551234"].spec == {
        "connector": "vt",
        "handoff": "pbx",
        "cnam_lookup": True,
        "sms": {"email": "x@y.example"},
    }


def test_the_documented_answer_to_an_order_names_one_number_too_many_for_ours(clock):
    data = {
        "orderId": "1747345200",
        "amountCharged": 0.5,
        "numbersOrdered": ["2015551234"],
        "failed": [{"number": "2012548000", "reason": "example"}],
    }
    carrier = example(clock, 201, {"data": data, "status": "success"}, {})
    act = CarrierAct(Action.ORDER, "+12015551234", BARE)
    assert isinstance(do(carrier, act), Unknown)

    carrier = example(clock, 201, {"data": data | {"failed": []}, "status": "success"}, {})
    assert do(carrier, act).amount == Decimal("0.5")


def test_the_documented_inventory_is_read(clock):
    row = {"province": "NJ", "rateCenter": "CLOSTER", "number": "2019085750", "lata": "224"}
    body = {"data": {"numbers": [row]}, "status": "success"}

    assert example(clock, 200, body, {}).stock(["+12019085750"]) == {"+12019085750": Stock.OFFERED}


def test_the_documented_error_refuses(clock):
    body = {"status": "error", "error": {"code": 400, "message": "Field Required: number"}}
    outcome = do(example(clock, 400, body, {}), CarrierAct(Action.ORDER, E164, BARE))

    assert outcome == Refused("VoiceTel answered 400: Field Required: number.")
