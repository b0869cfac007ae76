"""Which requests a fault meets, and which fault is refused because it would meet none."""

from __future__ import annotations

import pytest

from reconciler.errors import WrongUsage
from reconciler.sandbox import desk as desks
from reconciler.sandbox.aims import begins
from reconciler.sandbox.books import Fault
from reconciler.sandbox.serve import fault, ledger
from reconciler.sandbox.store import Store
from tests.sandbox.dial9_unit import DESK, E164, NUMBER

TN = "2015550144"
ORDER = {"numbers": [TN]}
KNOWN = {"dial9": {"edition": "telcom"}, "voicetel": {}}


def order(carrier):
    return carrier.call("POST", "/v2.2/orders", ORDER)


def looks(carrier):
    assert carrier.call("GET", "/v2.2/gateways").status == 200
    assert carrier.call("GET", "/v2.2/inventory?tnMask=201").status == 200


# Each meets the step that it is about, whatever is asked before.


@pytest.mark.parametrize(
    ("kind", "bought"), [("lost-race", 0), ("partial", 0), ("no-effect", 0), ("duplicate", 1)]
)
def test_a_fault_of_an_order_is_left_alone_by_reads(carrier, path, kind, bought):
    fault(path, Fault(kind))
    looks(carrier)

    got = order(carrier)

    assert got.status == 201
    assert len(ledger(path)) == bought
    assert (got.data["numbersOrdered"] == []) == (kind in {"lost-race", "partial"})


def test_a_duplicated_order_is_what_is_met_and_no_read_before_it(carrier, path):
    settings = {"natural_key": False}
    assert carrier.call("POST", "/_sandbox/settings", settings).status == 204
    fault(path, Fault("duplicate", path="/v2.2/"))
    looks(carrier)
    order(carrier)

    assert len(ledger(path)) == 2


def test_an_address_is_refused_where_one_is_given(carrier, path):
    order(carrier)
    fault(path, Fault("address-refused"))
    looks(carrier)
    asked = {"address1": "123 Main Street", "city": "Newark", "state": "NJ", "zip": "07102"}

    assert carrier.call("POST", "/v2.2/e911/validations", asked).status == 409
    assert carrier.call("POST", "/v2.2/e911/validations", asked).status == 200


@pytest.mark.parametrize(("kind", "said"), [("lost-race", "error"), ("no-effect", "success")])
def test_an_order_of_dial_9_is_met_and_no_read_that_is_a_post_too(unit, kind, said):
    asked = {"number": NUMBER} if unit.edition == "telcom" else {"token": unit.token()}
    unit.plant(kind, path="/api/v2/")
    unit.ok("numbers/list")
    unit.ok("numbers/available_prefixes")

    assert unit.ask("numbers/acquire", asked).json["status"] == said
    assert unit.charges() == unit.ok("numbers/list") == []


def test_a_refusal_of_dial_9_may_come_after_it_was_done(old):
    old.plant("refuse", path="/api/v2/numbers/acquire", after=True)

    assert old.wrong("numbers/acquire", number=NUMBER) == ("error", "ValidationError")
    assert len(old.charges()) == 1


def test_an_edition_has_its_own_paths(unit):
    planted = Fault("500", path="/api/v2/internal_numbers/list")
    section = {"edition": unit.edition}
    if unit.edition == "connect":
        assert DESK.fault(unit.path, planted, section).path == planted.path
        return
    with pytest.raises(WrongUsage, match="has no path"):
        DESK.fault(unit.path, planted, section)
    body = {"kind": "500", "path": "/api/v2/internal_numbers/list"}
    assert unit.ways.call("POST", "/_sandbox/faults", body).status == 400
    unit.settings(edition="connect")
    assert unit.ways.call("POST", "/_sandbox/faults", body).status == 204


def test_a_stale_list_is_in_the_form_of_its_edition(new):
    new.acquire()
    DESK.fault(new.path, Fault("stale", seconds=60.0), {"edition": "connect"})

    (row,) = new.ok("numbers/list")
    assert (row["recording_enabled"], row["prefix"]) == (1, "020")


def test_an_address_of_dial_9_is_refused_beside_those_that_were_named(unit):
    unit.acquire()
    unit.settings(refused_ids=[4711])
    unit.plant("address-refused")

    (row,) = unit.ok("numbers/list")
    unit.ok("numbers/update_subscriber", id=row["id"], postcode="M1 1DZ")
    unit.settings(clock_offset_seconds=60)
    (row,) = unit.ok("numbers/list")
    assert row["aquisition"]["subscriber"]["status"] == "failed"
    assert unit.app.store.setting("refused_ids") == [4711]


# Whatever can go wrong says where, and what nothing would meet is refused.


@pytest.mark.parametrize("kind", desks.kinds())
def test_every_fault_of_every_sandbox_can_be_planted_and_says_what_it_does(kind, path):
    desk = desks.find(kind)
    for name in sorted(desk.faults):
        lasts = 5.0 if name in {"slow", "stale"} else 0.0
        planted = desk.fault(path, Fault(name, seconds=lasts), KNOWN[kind])
        told = desk.aims.told(planted)
        assert told.startswith("it meets the next") or name in desk.aims.lasting
        assert "{" not in told


@pytest.mark.parametrize("kind", desks.kinds())
def test_every_step_of_a_fault_is_a_path_of_its_carrier(kind, path):
    desk = desks.find(kind)
    for method, start in desk.aims.steps.values():
        assert desk.fault(path, Fault("500", method, start), KNOWN[kind]).path == start


@pytest.mark.parametrize(
    ("fault", "method", "at", "meets"),
    [
        ("500", "GET", "/v2.2/numbers", True),
        ("lost-race", "POST", "/v2.2/orders", True),
        ("lost-race", "GET", "/v2.2/orders", False),
        ("lost-race", "POST", "/v2.2/ports", False),
        ("duplicate", "PUT", "/v2.2/numbers/2015550144/route", True),
        ("duplicate", "GET", "/v2.2/numbers", False),
        ("stale", "GET", "/v2.2/numbers", True),
        ("stale", "GET", "/v2.2/gateways", False),
    ],
)
def test_a_fault_says_which_requests_it_is_about(fault, method, at, meets):
    assert desks.find("voicetel").aims.is_about(fault, method, at) is meets


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "500", "path": "numbers"},
        {"kind": "500", "path": "/v2.2/oders"},
        {"kind": "500", "path": "/v2.2/orders/1"},
        {"kind": "500", "path": "/v2.2/ports/TOOLONG"},
        {"kind": "500", "path": "/v2.2/numbers/abc"},
        {"kind": "500", "method": "post"},
        {"kind": "500", "method": "PATCH", "path": "/v2.2/gateways"},
        {"kind": "lost-race", "path": "/v2.2/numbers"},
        {"kind": "stale"},
        {"kind": "slow"},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "seconds": "long"},
        {"kind": "slow", "seconds": 1e9},
        {"kind": "slow", "seconds": True},
        {"kind": "500", "times": 0},
        {"kind": "500", "times": "2"},
        {"kind": "500", "status": 42},
        {"kind": "500", "status": [500]},
        {"kind": "500", "after": "yes"},
        {"kind": "500", "retry_after": "7\r\nX: y"},
        {"kind": "500", "colour": "red"},
        {"kind": ["500"]},
        {"kind": "none"},
        {"times": 2},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused_over_http(carrier, path, wrong):
    got = carrier.call("POST", "/_sandbox/faults", wrong)

    assert got.status == 400
    assert len(got.json["error"]["message"].split(". ")) > 1, "it has no next step"
    assert Store(str(path)).dump()["fault"] == []


@pytest.mark.parametrize(
    ("template", "start", "fits"),
    [
        ("/v2.2/numbers/{number}/fax", "/", True),
        ("/v2.2/numbers/{number}/fax", "/v2.2/num", True),
        ("/v2.2/numbers/{number}/fax", "/v2.2/numbers/201", True),
        ("/v2.2/numbers/{number}/fax", "/v2.2/numbers/2015550144/f", True),
        ("/v2.2/numbers/{number}/fax", "/v2.2/numbers//fax", False),
        ("/v2.2/numbers/{number}/fax", "/v2.2/numbers/201x", False),
        ("/v2.2/numbers/{number}/fax", "/v2.2/numbers/2015550144/fax/", False),
        ("/v2.2/numbers/{number}/fax", "v2.2/numbers", False),
        ("/v2.2/ports/{pid}", "/v2.2/ports/a1B2", True),
        ("/v2.2/ports/{pid}", "/v2.2/ports/a1B2c3", False),
    ],
)
def test_a_path_begins_with_what_was_typed_of_it(template, start, fits):
    assert begins(template, start) is fits


def test_a_poke_takes_true_or_false_and_a_number_that_can_be(unit):
    before = unit.ok("numbers/list")
    for e164, field, value in (
        ("+44999", "recording", "true"),
        ("+4420794601", "passthrough", "true"),
        ("+44207946010x", "passthrough", "true"),
        (E164, "passthrough", "maybe"),
        (E164, "recording", "yes"),
        (E164, "recording", ""),
    ):
        with pytest.raises(WrongUsage):
            DESK.poke(unit.path, e164, field, value)
    assert unit.ok("numbers/list") == before


@pytest.mark.parametrize(("field", "value"), [("cnam", "yes"), ("porting", "1"), ("cnam", "")])
def test_a_flag_of_voicetel_is_poked_to_true_or_false(carrier, field, value):
    body = {"number": f"+1{TN}", "field": field, "value": value}

    got = carrier.call("POST", "/_sandbox/poke", body)

    assert (got.status, "Give true or false." in got.json["error"]["message"]) == (400, True)
    assert carrier.call("GET", "/v2.2/numbers").status == 404
