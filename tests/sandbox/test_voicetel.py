from __future__ import annotations

import json
from decimal import Decimal

import pytest

from reconciler.sandbox.serve import fault, ledger, open_sandbox, poke
from reconciler.sandbox.store import Fault
from reconciler.sandbox.voicetel import inventory

TN, OTHER = "2015550144", "2125550101"
E164 = f"+1{TN}"
PBX = 1000


def order(carrier, *tns, key="", route=PBX):
    headers = {"Authorization": "Bearer sandbox"} | ({"Idempotency-Key": key} if key else {})
    body = {"numbers": [{"number": tn, "route": route} for tn in tns]}
    return carrier.call("POST", "/v2.2/orders", body, headers)


def listed(carrier):
    got = carrier.call("GET", "/v2.2/numbers")
    return {} if got.status == 404 else {row["number"]: row for row in got.data["numbers"]}


def settings(carrier, **changes):
    assert carrier.call("POST", "/_sandbox/settings", changes).status == 204


# Money.


def test_an_order_puts_the_number_on_the_account_and_takes_its_rate_once(carrier, path):
    got = order(carrier, TN)

    assert got.status == 201
    assert got.data["numbersOrdered"] == [TN]
    assert got.data["failed"] == []
    assert got.data["amountCharged"] == 1.0
    assert listed(carrier)[TN]["gateway"] == "pbx.example.net:5060"
    assert [(c.tn, c.amount, c.reason) for c in ledger(path)] == [(TN, Decimal("1.00"), "order")]


def test_a_repeated_key_is_answered_again_and_charges_nothing_more(carrier, path):
    first = order(carrier, TN, key="op-1")
    again = order(carrier, TN, key="op-1")

    assert (again.status, again.json) == (first.status, first.json)
    assert len(ledger(path)) == 1


def test_a_key_is_forgotten_after_a_day(carrier, path):
    order(carrier, TN, key="op-1")
    settings(carrier, clock_offset_seconds=24 * 3600 + 1)

    assert order(carrier, TN, key="op-1").data["failed"][0]["number"] == TN


def test_a_carrier_without_either_defence_charges_twice(carrier, path):
    settings(carrier, keys_remembered=False, natural_key=False)
    order(carrier, TN, key="op-1")
    order(carrier, TN, key="op-1")

    assert len(ledger(path)) == 2


def test_the_natural_key_alone_refuses_a_second_order(carrier, path):
    settings(carrier, keys_remembered=False)
    order(carrier, TN, key="op-1")
    again = order(carrier, TN, key="op-1")

    assert again.data["numbersOrdered"] == []
    assert again.data["amountCharged"] == 0
    assert len(ledger(path)) == 1


def test_too_little_cash_is_402_and_nothing_happens(carrier, path):
    settings(carrier, cash="1.50")
    got = order(carrier, TN, OTHER)

    assert (got.status, got.json["error"]["code"]) == (402, 402)
    assert ledger(path) == ()
    assert listed(carrier) == {}


def test_refusals_are_remembered_under_a_key_only_when_switched_on(carrier):
    settings(carrier, cash="0", errors_remembered=True)
    assert order(carrier, TN, key="op-1").status == 402
    settings(carrier, cash="5.00")

    assert order(carrier, TN, key="op-1").status == 402
    assert order(carrier, TN, key="op-2").status == 201


@pytest.mark.parametrize("key", ["with space", "x" * 129, "schlüssel".encode().decode("latin-1")])
def test_a_key_of_another_form_is_400(carrier, key):
    assert order(carrier, TN, key=key).status == 400


def test_a_partial_order_charges_what_was_ordered(carrier, path):
    fault(path, Fault("partial", "POST", "/v2.2/orders"))
    got = order(carrier, TN, OTHER)

    assert len(got.data["numbersOrdered"]) == len(got.data["failed"]) == 1
    assert len(ledger(path)) == len(listed(carrier)) == 1


def test_a_number_that_is_nobodys_fiction_is_never_sold(carrier, path):
    assert order(carrier, "2015559999").data["numbersOrdered"] == []
    assert ledger(path) == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"numbers": []},
        {"numbers": "2015550144"},
        {"numbers": ["+12015550144"]},
        {"numbers": [{"number": TN, "route": 999}]},
        {"numbers": [{"number": TN, "route": True}]},
        {"numbers": [None]},
        {"numbers": [TN] * 101},
    ],
)
def test_a_bad_order_is_400_before_anything_is_written(carrier, path, body):
    assert carrier.call("POST", "/v2.2/orders", body).status == 400
    assert ledger(path) == ()
    assert listed(carrier) == {}


# Numbers.


def test_an_empty_list_is_404_with_the_error_body_unless_switched_off(carrier):
    got = carrier.call("GET", "/v2.2/numbers")
    assert (got.status, got.json["error"]["code"]) == (404, 404)
    settings(carrier, empty_is_404=False)

    assert carrier.call("GET", "/v2.2/numbers").data == {"numbers": []}


def test_a_released_number_never_returns(carrier, path):
    order(carrier, TN)
    assert carrier.call("POST", f"/v2.2/numbers/{TN}/release").status == 204

    assert listed(carrier) == {}
    assert carrier.call("POST", f"/v2.2/numbers/{TN}/release").status == 409
    assert carrier.call("POST", "/v2.2/numbers", {"number": TN}).status == 409
    assert order(carrier, TN).data["numbersOrdered"] == []
    settings(carrier, clock_offset_seconds=3600)
    assert carrier.call("GET", f"/v2.2/inventory?tnMask={TN}").data["numbers"] == []


def test_a_removed_number_can_be_attached_again(carrier, path):
    order(carrier, TN)
    assert carrier.call("DELETE", f"/v2.2/numbers/{TN}").status == 204
    assert carrier.call("DELETE", f"/v2.2/numbers/{TN}").status == 404

    assert carrier.call("POST", "/v2.2/numbers", {"number": TN}).status == 201
    assert listed(carrier)[TN]["route"] == 4
    assert len(ledger(path)) == 1


def test_a_number_in_a_port_is_neither_removed_nor_released(carrier, path):
    order(carrier, TN)
    poke(path, E164, "porting", "true")

    assert carrier.call("DELETE", f"/v2.2/numbers/{TN}").status == 409
    assert carrier.call("POST", f"/v2.2/numbers/{TN}/release").status == 409
    assert TN in listed(carrier)


def test_settings_of_a_number_are_read_back(carrier):
    order(carrier, TN)
    base = f"/v2.2/numbers/{TN}"
    carrier.call("PUT", f"{base}/route", {"route": 4})
    carrier.call("PUT", f"{base}/cnam", {"enabled": True})
    carrier.call("PUT", f"{base}/forward", {"destination": OTHER})
    carrier.call("PUT", f"{base}/translation", {"translation": OTHER})

    row = carrier.call("GET", base).data
    assert (row["route"], row["gateway"], row["cnam"]) == (4, "DID", True)
    assert (row["forward"], row["forwardTo"], row["translated"]) == (True, OTHER, OTHER)
    assert carrier.call("DELETE", f"{base}/forward").status == 204
    assert carrier.call("DELETE", f"{base}/forward").status == 404
    assert carrier.call("GET", base).data["forwardTo"] is None


def test_an_invalid_route_is_400_and_a_foreign_number_401(carrier):
    order(carrier, TN)

    assert carrier.call("PUT", f"/v2.2/numbers/{TN}/route", {"route": 7}).status == 400
    assert carrier.call("PUT", f"/v2.2/numbers/{OTHER}/route", {"route": 4}).status == 401


# Inventory.


def test_an_exact_mask_offers_any_number_of_fiction_until_it_is_taken(carrier):
    got = carrier.call("GET", "/v2.2/inventory?tnMask=9075550199&quantity=10")
    assert [row["number"] for row in got.data["numbers"]] == ["9075550199"]
    assert carrier.call("GET", "/v2.2/inventory?tnMask=9075559999").data["numbers"] == []


def test_a_prefix_gives_the_same_numbers_each_time(carrier, tmp_path, clock):
    first = carrier.call("GET", "/v2.2/inventory?tnMask=201*&quantity=5").data["numbers"]
    second = open_sandbox(tmp_path / "other.db", clock=clock)
    stock = inventory._stock(second.store, "201")[:5]
    second.close()

    assert [row["number"] for row in first] == stock
    assert len(set(stock)) == 5


def test_an_answer_of_the_inventory_is_ten_minutes_old_at_most(carrier):
    mask = f"/v2.2/inventory?tnMask={TN}"
    carrier.call("GET", mask)
    order(carrier, TN)

    assert [row["number"] for row in carrier.call("GET", mask).data["numbers"]] == [TN]
    settings(carrier, clock_offset_seconds=601)
    assert carrier.call("GET", mask).data["numbers"] == []


def test_a_lost_race_lands_in_failed(carrier, path):
    fault(path, Fault("lost-race", "POST", "/v2.2/orders"))

    assert order(carrier, TN).data["failed"] == [
        {"number": TN, "reason": "Number no longer available"}
    ]
    assert ledger(path) == ()


@pytest.mark.parametrize("query", ["tnMask=abc", "tnMask=201&quantity=0", "tnMask=2&quantity=1001"])
def test_a_bad_search_is_400(carrier, query):
    assert carrier.call("GET", f"/v2.2/inventory?{query}").status == 400


# Gateways.


def test_gateways_are_made_changed_and_removed_when_nothing_is_routed_there(carrier):
    made = carrier.call("POST", "/v2.2/gateways", {"gateway": "203.0.113.10", "prefix": "9"})
    assert (made.status, made.data["id"], made.data["limit"]) == (201, 1001, 23)
    assert (
        carrier.call("POST", "/v2.2/gateways", {"gateway": "203.0.113.10", "prefix": "9"}).status
        == 409
    )
    order(carrier, TN, route=1001)
    assert carrier.call("DELETE", "/v2.2/gateways/1001").status == 409
    carrier.call("PUT", f"/v2.2/numbers/{TN}/route", {"route": PBX})

    changed = carrier.call("PUT", "/v2.2/gateways/1001", {"limit": 5})
    assert (changed.data["gateway"], changed.data["prefix"], changed.data["limit"]) == (
        "203.0.113.10",
        "9",
        5,
    )
    assert carrier.call("DELETE", "/v2.2/gateways/1001").status == 204
    assert carrier.call("GET", "/v2.2/gateways/1001").status == 404


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "127.0.0.1:5060", "a b", "", 7])
def test_a_gateway_that_is_not_routable_is_400(carrier, host):
    assert carrier.call("POST", "/v2.2/gateways", {"gateway": host}).status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_carriers_own_gateways_stay(carrier, method):
    assert carrier.call(method, "/v2.2/gateways/4", {"limit": 5}).status == 404
    assert carrier.call("GET", "/v2.2/gateways/4").data["system"] is True


# The account.


def test_a_key_is_wanted_and_any_will_do_until_one_is_set(carrier):
    nobody = carrier.call("GET", "/v2.2/gateways", headers={})
    assert (nobody.status, nobody.json["error"]["code"]) == (401, 401)
    settings(carrier, api_key="k" * 32)

    assert carrier.call("GET", "/v2.2/gateways").status == 401
    known = {"Authorization": f"Bearer {'k' * 32}"}
    assert carrier.call("GET", "/v2.2/gateways", headers=known).status == 200


def test_the_account_is_readable_six_times_an_hour(carrier):
    order(carrier, TN)
    answers = [carrier.call("GET", "/v2.2/account") for _ in range(7)]

    assert answers[0].data["cash"] == 999.0
    assert [got.status for got in answers] == [200] * 6 + [429]
    settings(carrier, clock_offset_seconds=3601)
    assert carrier.call("GET", "/v2.2/account").status == 200


def test_an_unknown_path_is_404_without_the_carriers_error_body(carrier):
    got = carrier.call("GET", "/v2.2/weather")

    assert got.status == 404
    with pytest.raises(json.JSONDecodeError):
        json.loads(got.raw)
