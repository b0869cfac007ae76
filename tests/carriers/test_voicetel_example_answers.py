"""Every answer in the carrier's documents that the connector reads is given to it, and taken."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from reconciler.carriers.voicetel.changing import Change
from reconciler.carriers.voicetel.outcome import Reply, outcome_of
from reconciler.carriers.voicetel.wire import e164_of
from reconciler.model.act import Action
from reconciler.model.supply import Holding, Stage, Stock
from reconciler.protocols import (
    AccountFacts,
    CallRecords,
    CarrierAct,
    Charges,
    Coverage,
    Done,
    Prepared,
    Refused,
    Request,
    Search,
    SecretValue,
    Use,
    Waiting,
)
from tests.carriers.examples import DOCUMENTED, example_of, key, named, opened
from tests.sandbox.walk import CAMPAIGN

NUMBER, E164 = "2015551234", "+12015551234"
DAY = date(2026, 11, 22)
RECORD = {"caller_name": "ACME CORP", "street": "123 MAIN ST", "unit": "STE 400"}
RECORD |= {"city": "NEWARK", "region": "NJ", "postcode": "07102", "country": "US"}

UNREAD = {
    ("POST", "account/api-key", 200): "the key is given",
    ("POST", "account/recovery", 400): "nobody's password is recovered",
    ("POST", "numbers", 201): "a number is ordered, never put back by hand",
    ("GET", "gateways/{id}/numbers", 200): "each number tells its gateway",
    ("DELETE", "numbers/messaging-campaign", 200): "a number at a time leaves its campaign",
    ("PATCH", "numbers/{number}/messaging", 200): "routes are set by their kind",
    ("POST", "messages", 201): "no message is sent",
    ("GET", "account/registration", 200): "devices register at the platform",
    ("PUT", "support/tickets/{id}", 200): "no ticket is changed",
}
"""What the connector never asks for, and why."""


def said(act, request, method, path, status):
    """What the connector makes of an example that answers a request."""
    return outcome_of(act, request, reply(status, example_of(method, path, status)), str)


def reply(status, body):
    raw = json.dumps(body)
    return Reply(status, raw.encode(), json.loads(raw, parse_float=Decimal), DAY)


def sent(act):
    """What the connector makes of an example, asked for as it asks for it."""
    carrier = opened()
    carrier.observe()
    prepared = carrier.prepare(act)
    assert isinstance(prepared, Prepared), prepared
    return prepared.requests[0], carrier.send(prepared, "key-1")


# Settings of a number.

SET = {
    "route": {"route": 4},
    "translation": {"translation": "2015551234"},
    "cnam": {"enabled": True},
    "forward": {"destination": "2125551234"},
    "fax": {"email": "user@example.com"},
    "sms": {"type": "email", "resource": "x@y.com"},
    "lidb": {"cnam": "ACME"},
    "messaging-campaign": {"campaignId": CAMPAIGN},
    "port-out-pin": {"pin": "4287"},
}
"""What must have been asked for, that the example is its answer."""


def method_of(setting):
    return "PATCH" if setting == "port-out-pin" else "PUT"


def outcome(setting, status):
    method = method_of(setting)
    path = f"numbers/{{number}}/{setting}"
    number = example_of(method, path, status).get("data", {}).get("number", NUMBER)
    act = CarrierAct(Action.UPDATE, e164_of(number))
    request = Change(act, number, None, None).put(setting, SET[setting], method)
    return said(act, request, method, path, status)


def is_set(setting):
    def taken():
        assert isinstance(outcome(setting, 200), Done)

    return taken


def is_refused():
    assert isinstance(outcome("fax", 400), Refused)


def is_taken_out_of_its_campaign():
    path = "numbers/{number}/messaging-campaign"
    number = example_of("DELETE", path, 200)["data"]["number"]
    act = CarrierAct(Action.UPDATE, e164_of(number))
    request = Change(act, number, None, None).delete("messaging-campaign")

    assert isinstance(said(act, request, "DELETE", path, 200), Done)


def has_moved():
    act = CarrierAct(Action.MOVE, E164, None, Holding("vt"), to="99/4")

    assert isinstance(sent(act)[1], Done)


# Orders and ports.


def is_not_the_answer_to_our_order():
    """It names two numbers, and an order of ours is of one."""
    request, told = sent(CarrierAct(Action.ORDER, E164, {"connector": "vt"}))
    assert request.path == "/v2.2/orders"
    assert "+12012548000, +12015551234" in told.reason

    bought = of_one(E164, failed=[])
    assert (bought.external_id, bought.amount) == ("1747345200", Decimal("0.5"))
    assert isinstance(of_one("+12012548000", numbersOrdered=[]), Refused)


def of_one(e164, **changed):
    body = example_of("POST", "orders", 201)
    body["data"] |= changed
    request = Request("POST", "/v2.2/orders")
    return outcome_of(CarrierAct(Action.ORDER, e164), request, reply(201, body), str)


PORTED = "+19175803800"
PORT = {
    "connector": "vt",
    "numbers": [PORTED],
    "subscriber": {
        "name": "Acme",
        "type": "business",
        "street_number": "1",
        "street": "Main",
        "city": "Boston",
    }
    | {"street_type": "ST", "region": "MA", "postcode": "02110", "country": "US"},
    "authorized_by": "Jo Doe",
    "losing_carrier": {"billing_number": PORTED, "account": {"$secret": {}}},
}


def can_be_ported():
    assert opened().cannot("port", "move", PORT) == ""
    wrong = example_of("GET", "ports/availability/{number}", 200)
    wrong["data"] |= {"portable": False, "reason": "Held"}
    refused = opened(**{"ports/availability/9175803800": wrong}).cannot("port", "move", PORT)
    assert refused.endswith("does not port +19175803800: Held")


def is_submitted():
    secrets = {"losing_carrier.account": SecretValue("7714203")}
    act = CarrierAct(Action.PORT, "move", PORT, kind="port", secrets=secrets)
    _, told = sent(act)

    assert isinstance(told, Done)
    assert told.external_id == "a3a2a"
    assert "https://api.voicetel.com/a/loa/a3a2a/" in told.note


def ports_are_listed():
    (port,) = opened().orders("port").values()

    assert (port.external_id, port.stage) == ("y0d36", Stage.OVER)
    assert port.progress.since == "2026-05-18T12:00:00Z"


# Lists.


def numbers_are_listed():
    numbers = example_of("GET", "numbers", 200)["data"]["numbers"]
    state = example_of("GET", "numbers/{number}/messaging", 200)
    state["data"]["number"] = NUMBER
    found = opened(**{f"numbers/{NUMBER}/messaging": state}).observe()

    assert [number["number"] for number in numbers] == [NUMBER]
    assert set(found.holdings) == {E164}
    spec = found.holdings[E164].spec
    assert spec["sms"] == {"webhook": "https://example.com/sms"}
    assert spec["campaign"] == f"campaign:{CAMPAIGN}"
    assert spec["cnam_lookup"] is True


def gateways_are_listed():
    (gateway,) = opened().observe().others["gateway"].values()

    assert (gateway.external_id, gateway.spec["limit"], gateway.spec["prefix"]) == ("1000", 23, "9")


def inventory_is_listed():
    assert opened().stock(["+12019085750"]) == {"+12019085750": Stock.OFFERED}
    (offer,) = opened().search(Search("+1201")).offers
    assert (offer.e164, offer.place, offer.region) == ("+12019085750", "Closter", "NJ")


def coverage_is_listed():
    told = opened().coverage(Search("+1201"))

    assert isinstance(told, Coverage)
    (area,) = told.areas
    assert (area.prefix, area.region, area.count) == ("+1201908", "NJ", 270026)
    assert told.odd == ()


# Emergency records.


def is_placed():
    assert opened().cannot("emergency_record", E164, RECORD) == ""


def is_registered():
    act = CarrierAct(Action.CREATE, E164, {"connector": "vt", **RECORD}, kind="emergency_record")

    assert isinstance(sent(act)[1], Done)
    told = opened().observe().others["emergency_record"][E164].spec
    assert told == {"connector": "vt", **RECORD, "caller_name": "ACME CORP MAIN OFFICE"}


# The account itself.


def authentication_is_told():
    found = opened().observe()

    assert found.others["auth"]["vt"].spec == {"connector": "vt", "mode": "acl"}
    assert set(found.others["acl"]) == {"203.0.113.0-24"}


def access_list_is_read_by_itself():
    carrier = opened()

    assert carrier.confirms("acl", "203.0.113.0-24") is True
    assert carrier.confirms("acl", "198.51.100.0-24") is False


def entry(cidr):
    return CarrierAct(Action.CREATE, cidr.replace("/", "-"), {"cidr": cidr}, kind="acl")


def one_entry_is_added_and_one_refused():
    request, told = sent(entry("203.0.113.0/24"))

    assert isinstance(told, Done)
    assert request.path == "/v2.2/acl"
    # What is asked for alone and is no network is never sent: so it is read as one that is.
    body = example_of("POST", "acl", 409)
    body["data"]["failed"][0]["cidr"] = "198.51.100.0/24"
    refused = outcome_of(entry("198.51.100.0/24"), request, reply(409, body), str)
    assert isinstance(refused, Refused)
    assert "DB Insert failed" in refused.reason


def a_mode_that_was_taken_beside_a_refusal_is_not_known():
    """We ask for the mode alone: a refusal of something else is no answer to that."""
    act = CarrierAct(Action.UPDATE, "vt", {"mode": "digest"}, Holding("vt"), kind="auth")
    request, told = sent(act)

    assert json.loads(request.body) == {"authType": 0}
    assert not isinstance(told, Done)
    assert "One or more updates failed" in told.reason


def account_is_told():
    told = opened().about()

    assert isinstance(told, AccountFacts)
    assert (told.name, told.balance, told.rates["number"]) == (
        "1000000001",
        Decimal("12.5"),
        Decimal("0.5"),
    )
    assert told.settings == {
        "caller_id": E164,
        "timezone": "America/Chicago",
        "notify": True,
        "notify_threshold": 0,
    }
    assert told.services["mms"] is False


def charges_are_told():
    told = opened().charges()

    assert isinstance(told, Charges)
    assert (told.total, told.lines) == (Decimal("0.5"), (("DID", Decimal("0.5")),))


def calls_are_told():
    """The example is of one day, and so is what is said of it."""
    told = opened().calls(["+18008786160", E164])

    assert told == CallRecords(
        "2025-05-15T21:40:00Z",
        "2025-05-14T21:40:00Z",
        {"+18008786160": Use(1, "2025-05-15T21:38:20Z")},
    )


TAKEN = {
    **{(method_of(name), f"numbers/{{number}}/{name}", 200): is_set(name) for name in SET},
    ("PUT", "numbers/{number}/fax", 400): is_refused,
    ("DELETE", "numbers/{number}/messaging-campaign", 200): is_taken_out_of_its_campaign,
    ("PATCH", "numbers/{number}", 200): has_moved,
    ("POST", "orders", 201): is_not_the_answer_to_our_order,
    ("GET", "ports/availability/{number}", 200): can_be_ported,
    ("POST", "ports", 201): is_submitted,
    ("GET", "ports", 200): ports_are_listed,
    ("GET", "numbers", 200): numbers_are_listed,
    ("GET", "numbers/{number}/messaging", 200): numbers_are_listed,
    ("GET", "gateways", 200): gateways_are_listed,
    ("GET", "inventory", 200): inventory_is_listed,
    ("GET", "inventory/coverage", 200): coverage_is_listed,
    ("POST", "e911/validations", 200): is_placed,
    ("PUT", "e911/{dn}", 200): is_registered,
    ("GET", "auth", 200): authentication_is_told,
    ("PUT", "auth", 409): a_mode_that_was_taken_beside_a_refusal_is_not_known,
    ("GET", "acl", 200): access_list_is_read_by_itself,
    ("POST", "acl", 409): one_entry_is_added_and_one_refused,
    ("GET", "account", 200): account_is_told,
    ("GET", "account/recurring-charges", 200): charges_are_told,
    ("GET", "account/cdr", 200): calls_are_told,
}
"""What the connector makes of each answer."""


@pytest.mark.parametrize("example", DOCUMENTED, ids=named)
def test_the_connector_takes_each_answer_that_it_reads(example):
    if key(example) in UNREAD:
        assert UNREAD[key(example)]
        return
    TAKEN[key(example)]()


def test_every_answer_is_read_or_said_to_be_unread():
    every = {key(example) for example in DOCUMENTED}

    assert TAKEN.keys() | UNREAD.keys() == every
    assert not TAKEN.keys() & UNREAD.keys()


def test_the_connector_waits_where_the_newer_example_says_pending():
    assert isinstance(outcome("messaging-campaign", 202), Waiting)
