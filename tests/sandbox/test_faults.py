from __future__ import annotations

import pytest

from reconciler.errors import WrongUsage
from reconciler.sandbox.serve import fault, ledger, open_sandbox, poke, reset
from reconciler.sandbox.store import Fault

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


# Faults.


@pytest.mark.parametrize(
    ("planted", "status", "bought"),
    [
        (Fault("refuse", status=400), 400, 0),
        (Fault("refuse", status=402, message="Insufficient funds"), 402, 0),
        (Fault("429", retry_after="7"), 429, 0),
        (Fault("500"), 500, 0),
        (Fault("500", after=True), 500, 1),
        (Fault("502"), 502, 0),
        (Fault("502", after=True), 502, 1),
        (Fault("html"), 200, 0),
        (Fault("html", status=502, after=True), 502, 1),
        (Fault("truncated"), 201, 1),
        (Fault("garbage"), 201, 1),
        (Fault("no-effect"), 201, 0),
        (Fault("slow", seconds=0.5), 201, 1),
        (Fault("slow", seconds=0.5, after=True), 201, 1),
        (Fault("duplicate"), 201, 1),
    ],
    ids=str,
)
def test_a_fault_meets_one_request(carrier, path, planted, status, bought):
    fault(path, planted)
    got = order(carrier, TN)

    assert got.status == status
    assert len(ledger(path)) == len(listed(carrier)) == bought
    assert order(carrier, OTHER).status == 201


@pytest.mark.parametrize(("after", "bought"), [(False, 0), (True, 1)])
def test_a_dropped_connection_gets_no_answer(carrier, path, after, bought):
    fault(path, Fault("drop", "POST", "/v2.2/orders", after=after))
    with pytest.raises(ConnectionError):
        order(carrier, TN)

    assert len(ledger(path)) == len(listed(carrier)) == bought


def test_a_duplicated_order_is_charged_twice_only_without_defences(carrier, path):
    settings(carrier, keys_remembered=False, natural_key=False)
    fault(path, Fault("duplicate", "POST", "/v2.2/orders"))
    order(carrier, TN, key="op-1")

    assert len(ledger(path)) == 2


def test_slow_lets_time_pass(carrier, path, clock):
    fault(path, Fault("slow", seconds=40))
    order(carrier, TN)

    assert clock.slept == 40


def test_a_fault_waits_for_its_method_and_path(carrier, path):
    fault(path, Fault("500", "POST", "/v2.2/orders", times=2))

    assert carrier.call("GET", "/v2.2/gateways").status == 200
    assert [order(carrier, TN).status for _ in range(3)] == [500, 500, 201]


def test_a_stale_list_shows_the_past_for_a_while(carrier, path):
    order(carrier, TN)
    fault(path, Fault("stale", seconds=60))
    order(carrier, OTHER)

    assert set(listed(carrier)) == {TN}
    settings(carrier, clock_offset_seconds=61)
    assert set(listed(carrier)) == {TN, OTHER}


# The control surface and the command line.


def test_a_poke_is_seen_by_the_carrier(carrier, path):
    order(carrier, TN)
    carrier.call("POST", "/_sandbox/poke", {"number": E164, "field": "route", "value": "4"})
    poke(path, "+12125550101", "state", "active")

    assert listed(carrier)[TN]["route"] == 4
    assert OTHER in listed(carrier)
    assert ledger(path)[1:] == ()


@pytest.mark.parametrize(
    ("e164", "field", "value"),
    [
        ("+4420", "route", "4"),
        (E164, "colour", "red"),
        (E164, "route", "999"),
        (E164, "state", "lost"),
    ],
)
def test_a_poke_that_makes_no_sense_says_so(carrier, path, e164, field, value):
    with pytest.raises(WrongUsage):
        poke(path, e164, field, value)
    body = {"number": e164, "field": field, "value": value}
    assert carrier.call("POST", "/_sandbox/poke", body).status == 400


def test_a_fault_that_there_is_not_is_refused(carrier, path):
    with pytest.raises(WrongUsage, match="lost-race"):
        fault(path, Fault("gremlin"))
    assert carrier.call("POST", "/_sandbox/faults", {"kind": "gremlin"}).status == 400
    assert carrier.call("POST", "/_sandbox/faults", {"kind": "500", "colour": 1}).status == 400


def test_faults_come_and_go_over_http(carrier):
    carrier.call("POST", "/_sandbox/faults", {"kind": "500", "times": 5})
    carrier.call("DELETE", "/_sandbox/faults")

    assert carrier.call("GET", "/v2.2/gateways").status == 200


def test_the_ledger_and_the_state_are_shown_over_http(carrier):
    settings(carrier, api_key="canary-canary-canary")
    known = {"Authorization": "Bearer canary-canary-canary"}
    carrier.call("POST", "/v2.2/orders", {"numbers": [TN]}, known)

    shown = carrier.call("GET", "/_sandbox/ledger").json
    assert (shown["cash"], shown["charges"][0]["amount"]) == ("999.00", "1.00")
    state = carrier.call("GET", "/_sandbox/state")
    assert state.json["number"][0]["tn"] == TN
    assert b"canary" not in state.raw


def test_everything_outlives_the_process(carrier, path, clock):
    order(carrier, TN, key="op-1")
    again = open_sandbox(path, ["pbx.example.net:5060"], clock=clock)

    assert [number.tn for number in again.store.numbers()] == [TN]
    assert again.store.remembered("op-1") is not None
    assert [g.id for g in again.store.gateways() if not g.system] == [PBX]
    again.close()


def test_reset_forgets_all_but_the_gateways(carrier, path):
    order(carrier, TN)
    reset(path)

    assert listed(carrier) == {}
    assert ledger(path) == ()
    assert carrier.call("GET", f"/v2.2/gateways/{PBX}").status == 200
