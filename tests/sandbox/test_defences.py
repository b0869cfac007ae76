"""Each defence of a carrier: what it refuses, and what happens where it is switched off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.sandbox.serve import fault, ledger, poke
from reconciler.sandbox.store import Fault
from tests.sandbox.dial9_unit import NUMBER, OTHER
from tests.sandbox.walk import PORT, PORTED

TN = "2015550144"
E164 = f"+1{TN}"
PBX = 1000


def settings(carrier, **changes):
    assert carrier.call("POST", "/_sandbox/settings", changes).status == 204


def order(carrier, route=PBX):
    return carrier.call("POST", "/v2.2/orders", {"numbers": [{"number": TN, "route": route}]})


def listed(carrier):
    got = carrier.call("GET", "/v2.2/numbers")
    return {} if got.status == 404 else {row["number"]: row for row in got.data["numbers"]}


# VoiceTel.


def test_a_gateway_in_use_stays_unless_that_is_off(carrier):
    order(carrier)
    assert carrier.call("DELETE", f"/v2.2/gateways/{PBX}").status == 409
    settings(carrier, gateway_in_use_kept=False)

    assert carrier.call("DELETE", f"/v2.2/gateways/{PBX}").status == 204
    assert carrier.call("GET", f"/v2.2/gateways/{PBX}").status == 404
    assert (listed(carrier)[TN]["route"], listed(carrier)[TN]["gateway"]) == (PBX, None)
    made = carrier.call("POST", "/v2.2/gateways", {"gateway": "new.example.org"}).data
    assert made["id"] != PBX, "the number would lead to a gateway that it was never routed to"


@pytest.mark.parametrize(
    ("method", "at", "body"),
    [
        ("DELETE", f"/v2.2/numbers/{TN}", None),
        ("POST", f"/v2.2/numbers/{TN}/release", None),
        ("PATCH", f"/v2.2/numbers/{TN}", {"accountId": 1000000002, "route": 4}),
    ],
)
def test_a_number_that_is_porting_stays_unless_that_is_off(carrier, path, method, at, body):
    order(carrier)
    poke(path, E164, "porting", "true")
    assert carrier.call(method, at, body).status == 409
    assert TN in listed(carrier)
    settings(carrier, porting_frozen=False)

    assert carrier.call(method, at, body).status in {200, 204}
    assert TN not in listed(carrier)


def test_networks_of_the_list_are_apart_unless_that_is_off(carrier):
    wide, narrow = {"cidr": "203.0.113.0/24"}, {"cidr": "203.0.113.7/32"}
    carrier.call("POST", "/v2.2/acl", {"acl": [wide]})
    assert carrier.call("POST", "/v2.2/acl", {"acl": [narrow]}).status == 409
    settings(carrier, acl_overlap_refused=False)

    assert carrier.call("POST", "/v2.2/acl", {"acl": [narrow, wide]}).status == 200
    assert carrier.call("GET", "/v2.2/acl").data["acl"] == [wide, narrow]


def test_a_port_needs_its_check_unless_that_is_off(carrier, path):
    assert carrier.call("POST", "/v2.2/ports", PORT).status == 400
    assert ledger(path) == ()
    settings(carrier, port_check_needed=False)

    assert carrier.call("POST", "/v2.2/ports", PORT).status == 201
    assert ledger(path)[0].tn == PORTED


def test_a_released_number_is_gone_unless_that_is_off(carrier, path):
    order(carrier)
    carrier.call("POST", f"/v2.2/numbers/{TN}/release")
    assert order(carrier).data["failed"][0]["reason"] == "Number no longer available"
    assert TN not in offered(carrier)
    settings(carrier, released_gone=False)

    assert TN in offered(carrier, again=True)
    assert carrier.call("POST", "/v2.2/numbers", {"number": TN}).status == 409
    fault(path, Fault("lost-race"))
    assert order(carrier).data["failed"][0]["reason"] == "Number no longer available"


def test_a_number_that_came_back_is_sold_again(carrier, path):
    order(carrier)
    carrier.call("POST", f"/v2.2/numbers/{TN}/release")
    settings(carrier, released_gone=False)

    assert order(carrier).data["numbersOrdered"] == [TN]
    assert set(listed(carrier)) == {TN}
    assert len(ledger(path)) == 2
    carrier.call("DELETE", f"/v2.2/numbers/{TN}")
    assert order(carrier).data["failed"], "a number that was only removed is not for sale"


def offered(carrier, *, again=False):
    """What is for sale; asked in another way where the answer is remembered."""
    mask = f"tnMask={TN[:8] if again else TN[:7]}&quantity=1000"
    return {row["number"] for row in carrier.call("GET", f"/v2.2/inventory?{mask}").data["numbers"]}


def test_what_cannot_be_paid_is_refused_unless_that_is_off(carrier, path):
    settings(carrier, cash="0.50", port_check_needed=False)
    carrier.call("POST", "/_sandbox/poke", {"number": E164, "field": "state", "value": "held"})
    asked = (
        ("POST", "/v2.2/orders", {"numbers": ["2015550145"]}, 201),
        ("POST", "/v2.2/ports", PORT, 201),
        ("POST", "/v2.2/numbers", {"number": TN}, 201),
    )
    assert [carrier.call(*each[:3]).status for each in asked] == [402, 402, 402]
    assert ledger(path) == ()
    settings(carrier, funds_checked=False)

    assert [carrier.call(*each[:3]).status for each in asked] == [each[3] for each in asked]
    cash = Decimal(carrier.call("GET", "/_sandbox/ledger").json["cash"])
    assert cash == Decimal("0.50") - sum(charge.amount for charge in ledger(path))
    assert cash < 0
    assert carrier.call("GET", "/v2.2/account").data["cash"] == float(cash)


def test_a_look_up_and_a_message_are_paid_for_too(carrier):
    settings(carrier, cash="0")
    assert carrier.call("GET", f"/v2.2/cnam/{TN}").status == 402
    settings(carrier, funds_checked=False)
    assert carrier.call("GET", f"/v2.2/cnam/{TN}").status == 200


# Dial 9.


def acquire(unit, number=NUMBER):
    params = {"number": number} if unit.edition == "telcom" else {"token": unit.token(number)}
    return unit.ask("numbers/acquire", params).json


def test_credit_is_looked_at_unless_that_is_off(unit):
    unit.settings(cash="0.50")
    assert acquire(unit)["data"]["code"] == "InsufficientCredit"
    assert unit.charges() == []
    unit.settings(funds_checked=False)

    assert acquire(unit)["status"] == "success"
    assert [charge["amount"] for charge in unit.charges()] == ["1.00"]
    assert unit.ways.call("GET", "/_sandbox/ledger").json["cash"] == "-0.50"


def test_a_destination_that_there_is_not_is_refused_unless_that_is_off(unit):
    number = unit.acquire()
    update = "numbers/save" if unit.edition == "telcom" else "numbers/update"
    asked = {"id": number["id"], "destination_type": "Menu", "destination_id": 5000}
    unit.ok(update, id=number["id"], destination_type="Menu", destination_id=262)
    assert unit.wrong(update, **asked) == ("error", "ValidationError")
    assert unit.ok("numbers/list")[0]["destination"]["object"]["id"] == 262
    unit.settings(destination_checked=False)

    unit.ok(update, **asked)
    assert unit.ok("numbers/list")[0]["destination"] is None


def test_a_number_is_deleted_once_unless_that_is_off(unit):
    number = unit.acquire()
    assert unit.ok("numbers/delete", id=number["id"]) is True
    assert unit.wrong("numbers/delete", id=number["id"]) == ("error", "NumberNotFound")
    unit.settings(second_delete_refused=False)

    assert unit.ok("numbers/delete", id=number["id"]) is True
    assert unit.wrong("numbers/delete", id=number["id"] + 1) == ("error", "NumberNotFound")
    kept = unit.acquire(OTHER)
    assert unit.ok("numbers/delete", id=kept["id"]) is True
    assert unit.ok("numbers/list") == []
