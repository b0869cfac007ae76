"""Settings of a number, its messages, its emergency address, ports, the account."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.errors import WrongUsage
from reconciler.sandbox.serve import fault, ledger, poke
from reconciler.sandbox.store import Fault
from tests.sandbox.walk import ADDRESS, CAMPAIGN, OTHER, PBX, PORT, PORTED, TN

E164 = f"+1{TN}"
DAY = 24 * 3600


def settings(carrier, **changes):
    assert carrier.call("POST", "/_sandbox/settings", changes).status == 204


def campaign(carrier, name=CAMPAIGN, network="B"):
    body = {"id": name, "network": network}
    assert carrier.call("POST", "/_sandbox/campaigns", body).status == 204


@pytest.fixture
def held(carrier):
    body = {"numbers": [{"number": TN, "route": PBX}]}
    assert carrier.call("POST", "/v2.2/orders", body).status == 201
    return carrier


def put(carrier, setting, body, tn=TN):
    return carrier.call("PUT", f"/v2.2/numbers/{tn}/{setting}", body)


def row(carrier):
    return carrier.call("GET", f"/v2.2/numbers/{TN}").data


# Fax and text messages.


def test_fax_and_messages_are_read_one_by_one_and_flagged_in_the_list(held):
    assert (row(held)["faxEnabled"], row(held)["smsEnabled"]) == (False, False)
    put(held, "fax", {"email": "fax@b.example"})
    put(held, "sms", {"type": "sip", "resource": "192.0.2.7:5060"})

    (listed,) = held.call("GET", "/v2.2/numbers").data["numbers"]
    assert (listed["faxEnabled"], listed["smsEnabled"]) == (True, True)
    assert held.call("GET", f"/v2.2/numbers/{TN}/fax").data["email"] == "fax@b.example"
    assert held.call("GET", f"/v2.2/numbers/{TN}/sms").data["type"] == "sip"
    state = held.call("GET", f"/v2.2/numbers/messaging?numbers={TN}").data["numbers"][0]
    assert state["resource"] == "192.0.2.7:5060"
    settings(held, bulk_tells_resource=False)
    state = held.call("GET", f"/v2.2/numbers/messaging?numbers={TN}").data["numbers"][0]
    assert state["resource"] == ""


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://hook.example/x", 200),
        ("http://hook.example/x", 400),
        ("https://localhost/x", 400),
        ("https://hook.invalid/x", 400),
        ("https://down.example/x", 400),
        ("https://[::1", 400),
    ],
)
def test_a_webhook_must_answer_over_https(held, url, status):
    settings(held, webhooks_down=["down.example"])

    assert put(held, "sms", {"type": "webhook", "resource": url}).status == status


def test_a_released_number_takes_its_settings_along(held):
    put(held, "fax", {"email": "fax@b.example"})
    held.call("DELETE", f"/v2.2/numbers/{TN}")
    held.call("POST", "/v2.2/numbers", {"number": TN})

    assert row(held)["faxEnabled"] is False
    assert row(held)["route"] == 4


# What cannot be read back.


def test_an_outbound_name_is_kept_whatever_the_network_says(held, path):
    settings(held, lidb_status="Rejected by LIDB")
    got = put(held, "lidb", {"cnam": "Joe's Pizza!"})

    assert got.status == 200
    assert (got.data["cnam"], got.data["carrierStatus"]) == ("Joes Pizza", "Rejected by LIDB")
    assert got.data["customerOrderReference"].startswith("1000000001-")
    held.call("POST", "/v2.2/orders", {"numbers": [OTHER]})
    assert held.call("GET", f"/v2.2/cnam/{TN}").data["cnam"] == "Joes Pizza"
    assert ledger(path)[-1].amount == Decimal("0.0075")


def test_a_pin_is_locked_for_thirty_days_in_the_newer_dialect(held):
    pin = f"/v2.2/numbers/{TN}/port-out-pin"
    assert "changed" not in held.call("PATCH", pin, {"pin": "1111"}).data
    settings(held, dialect="sdk")
    assert held.call("PATCH", pin, {"pin": "2222"}).data == {
        "number": TN,
        "portOutPin": "1111",
        "changed": False,
    }
    settings(held, clock_offset_seconds=30 * DAY)
    assert held.call("PATCH", pin, {"pin": "2222"}).data["changed"] is True
    assert b"2222" not in held.call("GET", "/_sandbox/state").raw


# Campaigns.


def test_a_number_is_in_one_campaign_and_its_path_is_cleared(held):
    campaign(held)
    campaign(held, "CPATHAA", "A")
    first = put(held, "messaging-campaign", {"campaignId": CAMPAIGN}).data
    second = put(held, "messaging-campaign", {"campaignId": "CPATHAA"}).data

    assert (first["previousNetwork"], first["previousNetworkCleared"]) == (None, False)
    assert (second["previousNetwork"], second["previousNetworkCleared"]) == ("B", True)
    state = held.call("GET", f"/v2.2/numbers/{TN}/messaging").data
    assert (state["campaign"]["id"], state["carrier"], row(held)["carrier"]) == ("CPATHAA", 17, 17)


def test_a_binding_may_fail_and_leaves_the_number_as_it_was(held):
    settings(held, dialect="sdk", campaign_fails="Number is hosted elsewhere")
    campaign(held, "CSL0WPA", "C")
    assert put(held, "messaging-campaign", {"campaignId": "CSL0WPA"}).status == 202
    settings(held, clock_offset_seconds=600)

    state = held.call("GET", f"/v2.2/numbers/{TN}/messaging").data
    assert (state["pending"]["state"], state["campaign"]) == ("failed", None)
    assert state["pending"]["message"] == "Number is hosted elsewhere"
    settings(held, campaign_fails="")
    again = put(held, "messaging-campaign", {"campaignId": "CSL0WPA"})
    assert (again.status, again.data["job"]["state"]) == (202, "queued")


# Emergency addresses.


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, ("123 MAIN ST", "STE 400")),
        ({"address1": "411 Hackensack Avenue"}, ("411 HACKENSACK AVE", "")),
        ({"address1": "7 N. Elm Blvd", "address2": "Apartment 3"}, ("7 N ELM BLVD", "APT 3")),
        ({"address1": "7 North Elm St.", "address2": ""}, ("7 N ELM ST", "")),
        ({"address1": "1 Court Street South"}, ("1 COURT ST S", "")),
        ({"address1": "9 Floor Lane, Room 2"}, ("9 FLOOR LN", "RM 2")),
    ],
)
def test_an_address_comes_back_as_dispatchers_write_it(carrier, asked, told):
    address = carrier.call("POST", "/v2.2/e911/validations", ADDRESS | asked).data["address"]

    assert (address["address1"], address["address2"]) == told


def test_an_address_comes_back_as_switched(carrier):
    settings(carrier, e911_writes=["COURT ST=CT", "NEWARK=NEWTON", "URT=X"])

    asked = ADDRESS | {"address1": "1 Court Street", "city": "Newark"}
    address = carrier.call("POST", "/v2.2/e911/validations", asked).data["address"]

    assert (address["address1"], address["city"]) == ("1 CT", "NEWTON")


def test_an_address_may_be_refused(held, path):
    fault(path, Fault("address-refused", "POST", "/v2.2/e911"))
    body = {"dn": TN, "callername": "Acme", **ADDRESS}
    assert held.call("POST", "/v2.2/e911", body).status == 409
    settings(held, e911_refused=["07102"])
    assert held.call("POST", "/v2.2/e911", body).status == 409
    assert held.call("GET", "/v2.2/e911").status == 404


def test_a_second_record_replaces_the_first_unless_switched_off(held):
    body = {"dn": TN, "callername": "Acme", **ADDRESS}
    held.call("POST", "/v2.2/e911", body)
    assert held.call("POST", "/v2.2/e911", body | {"callername": "Other"}).status == 201
    settings(held, e911_replaces=False)
    assert held.call("POST", "/v2.2/e911", body).status == 409
    assert held.call("GET", "/v2.2/e911").data["records"][0]["callername"] == "Other"


# Ports.


@pytest.fixture
def ported(carrier):
    carrier.call("GET", f"/v2.2/ports/availability/{PORTED}")
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 201
    return carrier


def port(carrier):
    return carrier.call("GET", "/v2.2/ports").data["ports"][0]


def test_a_check_is_good_for_an_hour(carrier, path):
    carrier.call("GET", f"/v2.2/ports/availability/{PORTED}")
    settings(carrier, clock_offset_seconds=3601)
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 400
    settings(carrier, port_check_is_412=True)
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 412
    assert ledger(path) == ()


def test_a_port_is_paid_when_it_is_submitted(carrier, path):
    carrier.call("GET", f"/v2.2/ports/availability/{PORTED}")
    settings(carrier, cash="5.99")
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 402
    settings(carrier, cash="6.00")
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 201
    assert [(c.amount, c.reason, c.tn) for c in ledger(path)] == [(Decimal(6), "port", PORTED)]


def test_an_exception_waits_and_a_date_is_moved(ported, path):
    poke(path, f"+1{PORTED}", "port", "exception")
    settings(ported, clock_offset_seconds=10 * DAY)
    assert (port(ported)["status"], port(ported)["message"]) == (
        "Exception",
        "Account number mismatch",
    )
    poke(path, f"+1{PORTED}", "port", "resume")
    assert port(ported)["status"] == "Validating"  # from now on, by its own clock
    settings(ported, clock_offset_seconds=20 * DAY)
    assert port(ported)["status"] == "Complete"


def test_a_port_that_is_called_off_goes_on_no_more(ported, path):
    poke(path, f"+1{PORTED}", "port", "cancel")
    settings(ported, clock_offset_seconds=30 * DAY)
    assert port(ported)["status"] == "Cancelled"


def test_a_moved_date_is_the_day_on_which_the_number_comes(ported, path):
    settings(ported, clock_offset_seconds=3 * DAY)
    assert (port(ported)["status"], port(ported)["foc"]) == ("Pending", "20261107")
    poke(path, f"+1{PORTED}", "foc", "2026-11-20")
    settings(ported, clock_offset_seconds=18 * DAY)
    assert (port(ported)["status"], port(ported)["foc"]) == ("Pending", "20261120")
    assert "Nov/20/2026" in port(ported)["message"]
    settings(ported, clock_offset_seconds=20 * DAY)
    assert port(ported)["status"] == "Complete"
    assert ported.call("GET", f"/v2.2/numbers/{PORTED}").data["route"] == PBX


def test_a_port_that_is_submitted_with_a_flaw_meets_it_later(carrier, path):
    fault(path, Fault("port-exception", "POST", "/v2.2/ports", message="Wrong name"))
    carrier.call("GET", f"/v2.2/ports/availability/{PORTED}")
    carrier.call("POST", "/v2.2/ports", PORT)
    assert port(carrier)["status"] == "submitted"
    settings(carrier, clock_offset_seconds=3 * DAY)
    assert (port(carrier)["status"], port(carrier)["message"]) == ("Exception", "Wrong name")


@pytest.mark.parametrize(("field", "value"), [("port", "later"), ("foc", "soon")])
def test_a_poke_of_a_port_that_makes_no_sense_is_refused(ported, path, field, value):
    with pytest.raises(WrongUsage):
        poke(path, f"+1{PORTED}", field, value)
    with pytest.raises(WrongUsage):
        poke(path, E164, "port", "exception")


@pytest.mark.parametrize(
    ("tn", "reason"),
    [("8005550100", "Toll-free"), (PORTED, "Rate center"), (TN, "already on account")],
)
def test_what_cannot_be_ported_says_why(held, tn, reason):
    settings(held, unportable=[PORTED])
    got = held.call("GET", f"/v2.2/ports/availability/{tn}").data

    assert got["portable"] is False
    assert reason in got["reason"]


# The account.


def test_the_modes_have_other_numbers_in_the_other_dialect(carrier):
    carrier.call("PUT", "/v2.2/auth", {"authType": 1})
    assert carrier.call("GET", "/v2.2/auth").data["authTypeDescription"] == "IP Auth"
    settings(carrier, dialect="sdk")
    told = carrier.call("GET", "/v2.2/auth").data
    assert (told["authType"], told["authTypeDescription"]) == (2, "IP")


def test_a_password_change_is_another_key(carrier):
    changed = carrier.call("PUT", "/v2.2/auth", {"authType": 3, "password": "abc1234567"})
    assert [each["field"] for each in changed.data["updated"]] == ["authType", "password"]
    assert carrier.call("GET", "/v2.2/gateways").status == 401
    asked = {"username": "1000000001", "password": "abc1234567"}
    key = carrier.call("POST", "/v2.2/account/api-key", asked).data["apikey"]
    known = {"Authorization": f"Bearer {key}"}
    assert carrier.call("GET", "/v2.2/auth", None, known).data["authType"] == 3
    assert b"abc1234567" not in carrier.call("GET", "/_sandbox/state").raw


def test_calls_are_told_newest_first_between_two_instants(carrier):
    for ago in (60, 3600, 3 * DAY):
        body = {"number": E164, "caller": f"+1{OTHER}", "ago": ago, "seconds": 90}
        assert carrier.call("POST", "/_sandbox/calls", body).status == 204
    calls = carrier.call("GET", "/v2.2/account/cdr").data["cdr"]

    assert [call["value"]["dst"] for call in calls] == [TN, TN]
    assert int(calls[0]["key"][1]) > int(calls[1]["key"][1])
    assert calls[0]["value"]["ba"] == "0.015000"


def test_a_refused_login_takes_one_of_six_and_a_429_takes_none(carrier):
    wrong = {"username": "1000000001", "password": "wrong"}
    answers = [carrier.call("POST", "/v2.2/account/api-key", wrong).status for _ in range(8)]
    assert answers == [401] * 6 + [429] * 2
    settings(carrier, clock_offset_seconds=3601, limiter_tells=True)
    for _ in range(6):
        carrier.call("GET", "/v2.2/account")
    assert carrier.call("GET", "/v2.2/account").headers["Retry-After"] == "3600"


# Switches.


def test_what_the_documents_leave_open_is_switched(held, path):
    settings(held, key_binds_body=True, partial_charges_all=True, refunds=True)
    key = {"Authorization": "Bearer sandbox", "Idempotency-Key": "op-1"}
    first = held.call("POST", "/v2.2/orders", {"numbers": [OTHER, TN]}, key)
    assert first.data["amountCharged"] == 2.0
    assert held.call("POST", "/v2.2/orders", {"numbers": [TN]}, key).status == 400
    held.call("DELETE", f"/v2.2/numbers/{TN}")
    assert ledger(path)[-1].amount == Decimal("-1.00")
    settings(held, attach_charges=True, cash_for_whole_order=False)
    held.call("POST", "/v2.2/numbers", {"number": TN})
    assert ledger(path)[-1].reason == "attach"
    settings(held, cash="4.00")
    assert held.call("POST", "/v2.2/orders", {"numbers": [TN, "3035550101"]}).status == 201


def test_gateways_behave_otherwise_when_switched(carrier):
    body = {"gateway": "sip.example.org", "prefix": "9", "limit": 5}
    made = carrier.call("POST", "/v2.2/gateways", body).data["id"]
    settings(carrier, gateway_twice=True, gateway_put_resets=True, gateway_resolves=True)
    assert carrier.call("POST", "/v2.2/gateways", body).status == 201
    changed = carrier.call("PUT", f"/v2.2/gateways/{made}", {"gateway": "sip.example.org"}).data
    assert (changed["prefix"], changed["limit"]) == ("", 23)
    assert changed["gateway"].startswith("198.51.100.")
    settings(carrier, unresolved=["gone.example.org"])
    assert carrier.call("POST", "/v2.2/gateways", {"gateway": "gone.example.org"}).status == 400


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("fax", "a@b.example", {"email": "a@b.example"}),
        ("sms", "email:a@b.example", {"type": "email", "resource": "a@b.example"}),
    ],
)
def test_a_colleague_may_change_what_a_number_has(held, path, field, value, told):
    held.call("POST", "/_sandbox/poke", {"number": E164, "field": field, "value": value})

    got = held.call("GET", f"/v2.2/numbers/{TN}/{field}").data
    assert {name: got[name] for name in told} == told


@pytest.mark.parametrize(("field", "value"), [("sms", "pigeon:x"), ("campaign", "CZZZZZZ")])
def test_a_poke_of_a_setting_that_makes_no_sense_is_refused(held, path, field, value):
    with pytest.raises(WrongUsage):
        poke(path, E164, field, value)


@pytest.mark.parametrize("kind", ["503", "504", "soft-error"])
def test_an_error_changes_nothing_unless_it_comes_after(held, path, kind):
    fault(path, Fault(kind, "PUT", "/v2.2/numbers"))
    got = put(held, "cnam", {"enabled": True})
    assert got.json["status"] == "error"
    assert got.status == (200 if kind == "soft-error" else int(kind))
    assert row(held)["cnam"] is False
    fault(path, Fault(kind, "PUT", "/v2.2/numbers", after=True))
    put(held, "cnam", {"enabled": True})
    assert row(held)["cnam"] is True
