"""How Dial 9's sandbox is asked and answers: what its framework does with any action."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from reconciler.sandbox.dial9.store import Number
from tests.sandbox.dial9_unit import KEYS, NUMBER

LIST = "/api/v2/numbers/list"


# How anything is asked and answered.


def test_the_verb_does_not_matter_and_the_version_in_the_path_neither(unit):
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert unit.ask("numbers/list", method=method).json["status"] == "success"
    assert unit.ways.call("POST", "/api/v7/numbers/list", {}, KEYS).status == 200
    assert unit.ask("numbers/list", method="OPTIONS").raw == b"OK"


def test_an_envelope_has_four_keys_in_every_answer_of_an_action(unit):
    got = unit.ask("numbers/available_prefixes").json

    assert set(got) == {"status", "time", "flags", "data"}
    assert got["flags"] == {}
    assert round(got["time"], 2) == got["time"]


@pytest.mark.parametrize("action", ["numbers/nothing", "nothing/list"])
def test_an_action_that_there_is_not_is_400_without_data(unit, action):
    got = unit.ask(action)

    assert (got.status, got.json) == (400, {"status": "invalid-controller-or-action"})


def test_what_is_outside_the_api_is_an_html_page(unit):
    got = unit.ways.call("GET", "/", None, KEYS)

    assert got.status == 404
    assert b"<html>" in got.raw


def test_broken_json_is_400_and_so_is_an_empty_body(unit):
    for content_type in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
        headers = KEYS | {"Content-Type": content_type}
        got = unit.ways.call("POST", LIST, None, headers)
        assert (got.status, got.json["status"]) == (400, "invalid-json")


def test_parameters_come_as_params_where_the_body_is_no_json(unit):
    query = urlencode({"params": json.dumps({"id": 7})})
    plain = {name: value for name, value in KEYS.items() if name != "Content-Type"}

    got = unit.ways.call("GET", f"/api/v2/numbers/info?{query}", None, plain)
    bare = unit.ways.call("GET", "/api/v2/numbers/info?id=7", None, plain)

    assert got.data["code"] == "NumberNotFound"
    assert bare.json["status"] == "parameter-error"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("12", "`id` should be a `Integer` but is a `String`"),
        (1.5, "`id` should be a `Integer` but is a `Float`"),
        (True, "`id` should be a `Integer` but is a `TrueClass`"),
        ([1], "`id` should be a `Integer` but is a `Array`"),
        ({"a": 1}, "`id` should be a `Integer` but is a `Hash`"),
        (None, "`id` parameter is required but is missing"),
        ("", "`id` parameter is required but is missing"),
        (" ", "`id` should be a `Integer` but is a `String`"),
    ],
)
def test_a_parameter_is_of_its_class_or_the_action_is_not_begun(unit, value, said):
    assert unit.wrong("numbers/delete", id=value) == ("parameter-error", said)


def test_false_is_not_looked_at(unit):
    assert unit.wrong("numbers/delete", id=False) == ("error", "NumberNotFound")


@pytest.mark.parametrize("value", [True, False, 1, 0, "true", "false", "1", "0"])
def test_a_boolean_has_eight_forms(old, value):
    id_ = old.acquire()["id"]

    got = old.ok("numbers/save", id=id_, recording_enabled=value)

    assert got["recording_enabled"] is (value in {True, "true", "1"})
    assert old.wrong("numbers/save", id=id_, recording_enabled="yes")[0] == "parameter-error"
    assert old.wrong("numbers/save", id=id_, recording_enabled=2)[0] == "parameter-error"


def test_a_flag_that_is_not_checked_takes_anything(new):
    id_ = new.acquire()["id"]

    assert new.ok("numbers/update", id=id_, recording_enabled="whatever")["recording_enabled"] == 1
    assert new.ok("numbers/update", id=id_, recording_enabled=None)["recording_enabled"] == 0


def test_an_empty_text_is_null_and_a_blank_is_not(old):
    id_ = old.acquire()["id"]

    for value, kept in (("Sales:", "Sales:"), ("", None), (" ", " "), (None, None)):
        assert old.ok("numbers/save", id=id_, caller_id_prefix=value)["caller_id_prefix"] == kept


def test_what_is_not_sent_stays_and_what_is_null_is_cleared(old):
    id_ = old.acquire()["id"]
    sent = {"destination_type": "Menu", "destination_id": 262, "caller_id_prefix": "A"}
    old.ok("numbers/save", id=id_, **sent)

    kept = old.ok("numbers/save", id=id_)
    cleared = old.ok("numbers/save", id=id_, destination_type=None, destination_id=None)

    assert (kept["destination"]["object"]["name"], kept["caller_id_prefix"]) == ("Main Menu", "A")
    assert (cleared["destination"], cleared["caller_id_prefix"]) == (None, "A")


def test_a_documented_default_is_applied_to_what_is_not_sent(new, old):
    id_ = new.acquire()["id"]
    new.ok("numbers/update", id=id_, callerid_passthrough=False)

    assert new.ok("numbers/info", id=id_)["callerid_passthrough"] == 0
    assert new.ok("numbers/update", id=id_, name="x")["callerid_passthrough"] == 1


# Who asks.


def test_both_headers_are_needed_and_looked_at_before_anything_else(unit):
    for missing in ("X-Auth-Token", "X-Auth-Secret"):
        headers = {name: value for name, value in KEYS.items() if name != missing}
        got = unit.ways.call("POST", "/api/v2/numbers/info", None, headers).json
        assert got["time"] is None
        code = "access-denied" if unit.edition == "telcom" else "error"
        assert got["status"] == code


@pytest.mark.parametrize("style", ["access-denied", "error"])
def test_either_edition_can_deny_either_way(unit, style):
    unit.settings(token="other", denial=style)

    assert unit.ask("numbers/list").json["status"] == style


@pytest.mark.parametrize("style", ["", "access-denied", "error"])
@pytest.mark.parametrize("after", [False, True])
def test_a_denial_on_demand_is_in_the_style_of_its_edition_or_of_the_switch(unit, style, after):
    unit.settings(denial=style)
    asked = {"number": NUMBER} if unit.edition == "telcom" else {"token": unit.token()}
    unit.plant("denied", path="/api/v2/numbers/acquire", after=after)

    got = unit.ask("numbers/acquire", asked).json

    own = "access-denied" if unit.edition == "telcom" else "error"
    assert (got["status"], got["time"]) == (style or own, None)
    if got["status"] == "error":
        assert got["data"]["code"] == "AccessDenied"
        assert (got["data"]["controller"], got["data"]["action"]) == ("numbers", "acquire")
    else:
        assert got["data"]["message"] == "Access to numbers/acquire is not permitted."
    assert len(unit.charges()) == after


def test_units_are_for_resellers(new):
    assert new.wrong("units/list") == ("error", "MustBeAnAdminOrReseller")
    new.settings(reseller=True)
    new.acquire()

    (unit,) = new.ok("units/list")
    assert unit["statistics"]["incoming_numbers"] == [NUMBER]


def test_a_unit_that_is_not_ours_is_unknown(new):
    assert new.wrong("numbers/list", unit_id=9) == ("error", "UnitNotFound")
    assert new.wrong("extensions/list", unit_id=9) == ("error", "UnitNotFound")


# Lists.


@pytest.fixture
def many(new):
    with new.app.store.transaction():
        for line in range(130):
            store = new.app.store
            store.save(Number(store.next_id(), f"02079460{line:03d}", acquired=0.0), "planted")
    return new


@pytest.mark.parametrize(
    ("asked", "page", "per_page", "rows"),
    [
        ({}, 1, 30, 30),
        ({"per_page": 60}, 1, 60, 60),
        ({"per_page": 61}, 1, 60, 60),
        ({"per_page": 0}, 1, 60, 60),
        ({"per_page": 60, "page": 3}, 3, 60, 10),
        ({"per_page": 60, "page": 4}, 4, 60, 0),
    ],
)
def test_a_page_has_at_most_sixty_rows(many, asked, page, per_page, rows):
    got = many.ask("numbers/list", asked).json

    assert len(got["data"]) == rows
    assert got["flags"]["paginated"] == {
        "page": page,
        "per_page": per_page,
        "total_pages": -(-130 // per_page),
        "total_records": 130,
    }


def test_an_explicit_null_takes_no_default(many):
    assert many.wrong("numbers/list", page=None)[1] == "`page` parameter is required but is missing"


def test_a_list_is_sorted_by_what_it_says(many):
    got = many.ask("numbers/list", {"sort_by": "number", "order": "desc"}).json

    assert got["flags"]["sorted"] == {"by": "number", "order": "desc"}
    assert got["data"][0]["number"] == "02079460129"
    assert many.wrong("numbers/list", sort_by="colour") == (
        "parameter-error",
        "`sort_by` must be one of id, number, name",
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"number": "02079460007"}, 1),
        ({"number": {"operator": "starts_with", "value": "0207946000"}}, 10),
        ({"number": {"operator": "in", "value": ["02079460007", "x"]}}, 1),
        ({"colour": "red"}, "UnsupportedAttribute"),
        ({"number": {"operator": "like", "value": "x"}}, "InvalidOperator"),
        ({"number": {"operator": "gt", "value": "x"}}, "UnsupportedOperator"),
        ({"number": {"operator": "in", "value": "x"}}, "ArrayNeeded"),
    ],
)
def test_a_list_is_filtered_or_says_why_not(many, filters, found):
    got = many.ask("numbers/list", {"filters": filters}).json

    if isinstance(found, int):
        assert len(got["data"]) == found
        assert got["flags"]["filters"] == filters
    else:
        assert (got["data"]["code"], got["data"]["issue_code"]) == ("FilterError", found)


def test_the_old_list_has_no_pages(old):
    assert old.ask("numbers/list", {"page": None}).json["flags"] == {}
