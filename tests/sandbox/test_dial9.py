"""Dial 9's sandbox: numbers, money and addresses in both documented editions."""

from __future__ import annotations

import pytest

from reconciler.errors import WrongUsage
from reconciler.sandbox.desk import all_faults, find, kinds
from tests.sandbox.dial9_unit import DESK, E164, KEYS, NUMBER, OTHER, opened

# In base form and in full.


def test_a_list_may_be_in_base_form_unless_more_is_asked_for(new):
    new.settings(short_list=True)
    new.acquire()

    (base,) = new.ok("numbers/list")
    (full,) = new.ok("numbers/list", _full=True, _expansions=True)

    assert set(base) == {"id", "prefix", "number", "name"}
    assert {"callerid_passthrough", "aquisition", "destination"} <= set(full)


# Buying.


def test_ten_numbers_are_shown_and_others_the_next_time(unit):
    first = unit.ok("numbers/acquirable_numbers", prefix="020")
    again = unit.ok("numbers/acquirable_numbers", prefix="020")

    assert len(first) == len(again) == 10
    assert first != again
    assert unit.ok("numbers/acquirable_numbers", prefix="01224") == []


def test_the_seed_decides_what_is_shown_and_which_id_is_given(tmp_path, clock):
    def story(seed, name):
        caller, _ = opened(tmp_path / name, clock, "telcom")
        caller.settings(seed=seed)
        shown = caller.ok("numbers/acquirable_numbers", prefix="020")
        made = caller.acquire()["id"]
        caller.app.close()
        return shown, made

    assert story(1, "a.db") == story(1, "b.db")
    assert story(2, "c.db")[1] == 104243


def test_a_number_is_bought_once_with_a_charge_on_disk(unit):
    bought = unit.acquire()

    assert bought["number"] == NUMBER
    assert bought["aquisition"]["subscriber"]["status"] == "unknown"
    assert bool(bought["recording_enabled"])
    assert [(c["number"], c["amount"]) for c in unit.charges()] == [(E164, "1.00")]
    assert [row["number"] for row in unit.ok("numbers/list")] == [NUMBER]


def test_a_new_number_has_no_destination_key_in_the_old_edition(old):
    assert "destination" not in old.acquire()
    assert old.ok("numbers/list")[0]["destination"] is None
    old.settings(no_destination="absent")
    assert "destination" not in old.ok("numbers/list")[0]


def test_a_number_is_bought_and_routed_in_one_step_in_the_new_edition(new):
    bought = new.acquire(destination_type="Menu", destination_id=262, name="Main")

    assert (bought["destination"]["object"]["id"], bought["name"]) == (262, "Main")
    assert bought["prefix"] == "020"


@pytest.mark.parametrize(
    ("edition", "params", "code"),
    [
        ("telcom", {"number": "01224000000"}, "CouldNotAcquire"),
        ("telcom", {"number": E164}, "CouldNotAcquire"),
        ("connect", {"token": "nonsense"}, "NumberNotFound"),
    ],
)
def test_what_cannot_be_bought_costs_nothing(path, clock, edition, params, code):
    caller, _ = opened(path, clock, edition)

    assert caller.wrong("numbers/acquire", **params) == ("error", code)
    assert caller.charges() == []
    caller.app.close()


def test_a_wrong_destination_takes_the_purchase_back(new):
    asked = {"token": new.token(), "destination_type": "Menu", "destination_id": 1}

    assert new.wrong("numbers/acquire", **asked) == ("error", "ValidationError")
    assert new.charges() == new.ok("numbers/list") == []


def test_a_token_runs_out(new):
    token = new.token()
    new.settings(clock_offset_seconds=301)

    assert new.wrong("numbers/acquire", token=token) == ("error", "NumberNotFound")


def test_too_little_credit_buys_nothing(unit):
    unit.settings(cash="0.99")
    asked = {"number": NUMBER} if unit.edition == "telcom" else {"token": unit.token()}

    assert unit.wrong("numbers/acquire", **asked) == ("error", "InsufficientCredit")
    assert unit.charges() == []


def test_only_the_natural_key_stands_before_a_second_charge(old):
    old.acquire()
    assert old.wrong("numbers/acquire", number=NUMBER) == ("error", "CouldNotAcquire")
    old.settings(natural_key=False)
    old.acquire()

    assert len(old.charges()) == 2


def test_a_number_that_is_deleted_is_free_again_and_gets_another_id(unit):
    first = unit.acquire()["id"]

    assert unit.ok("numbers/delete", id=first) is True
    assert unit.wrong("numbers/delete", id=first) == ("error", "NumberNotFound")
    assert unit.acquire()["id"] == first + 1


def test_an_unknown_id_can_be_said_the_old_way(old):
    old.settings(unknown_id="not-found")

    assert old.wrong("numbers/info", id=7)[0] == "not-found"


# Changing.


def test_a_save_without_an_id_makes_a_number(old):
    bought = old.ok("numbers/save", number=NUMBER)
    internal = old.ok(
        "numbers/save", number="201", context="utility", destination_type="Menu", destination_id=262
    )

    assert len(old.charges()) == 1
    assert bought["context"] == "incoming"
    assert (internal["context"], internal["destination"]["type"]) == ("utility", "Menu")
    assert "aquisition" not in internal
    assert [row["number"] for row in old.ok("numbers/list")] == [NUMBER]
    old.settings(utility_listed=True)
    assert [row["number"] for row in old.ok("numbers/list")] == [NUMBER, "201"]
    assert old.wrong("numbers/save", number="201", context="utility")[1] == "ValidationError"
    assert old.wrong("numbers/save", number="x", context="other")[0] == "parameter-error"


def test_the_time_of_the_last_change_moves_without_a_difference(unit):
    bought = unit.acquire()
    unit.settings(clock_offset_seconds=9)
    action = "numbers/save" if unit.edition == "telcom" else "numbers/update"

    saved = unit.ok(action, id=bought["id"])

    assert saved["updated_at"] > bought["updated_at"]
    assert saved["created_at"] == bought["created_at"]


@pytest.mark.parametrize("asked", [("Menu", 1), ("Nonsense", 262), ("Menu", None), (None, 262)])
def test_a_destination_that_there_is_not_is_refused(old, asked):
    id_ = old.acquire()["id"]

    type_, to = asked
    told = old.wrong("numbers/save", id=id_, destination_type=type_, destination_id=to)
    assert told == ("error", "ValidationError")


def test_internal_numbers_have_a_controller_of_their_own(new):
    made = new.ok("internal_numbers/create", number="201", name="Reception")
    id_ = new.acquire()["id"]

    assert new.ok("internal_numbers/list")[0]["number"] == "201"
    assert new.wrong("internal_numbers/update", id=made["id"])[0] == "parameter-error"
    changed = new.ok("internal_numbers/update", id=str(made["id"]), caller_id_passthrough=False)
    assert changed["caller_id_passthrough"] == 0
    assert new.wrong("internal_numbers/update", id="77")[1] == "InternalNumberNotFound"
    routed = new.ok(
        "numbers/update", id=id_, destination_type="InternalNumber", destination_id=made["id"]
    )
    assert routed["destination"]["object"]["name"] == "Reception"


# The address for 999.


def subscriber(unit, **params):
    return unit.ok("numbers/update_subscriber", **params)["aquisition"]["subscriber"]


def test_an_address_is_pending_for_a_while(unit):
    id_ = unit.acquire()["id"]
    pending = {"telcom": "validation_pending", "connect": "pending_validation"}[unit.edition]

    given = subscriber(unit, id=id_, name="Acme", postcode="EC4A 2QL", address1="14 Inkhorn Lane")
    assert (given["status"], given["pushed_at"], given["name"]) == (pending, None, "Acme")
    unit.settings(clock_offset_seconds=6)

    kept = unit.ok("numbers/list")[0]["aquisition"]["subscriber"]
    assert (kept["status"], kept["pushed_at"]) == ("validated", "2026-11-01T12:00:05.000Z")
    again = subscriber(unit, id=id_, address2="Floor 2")
    assert (again["status"], again["address1"]) == (pending, "14 Inkhorn Lane")


@pytest.mark.parametrize("way", ["postcode", "fault"])
def test_an_address_is_refused(unit, way):
    id_ = unit.acquire()["id"]
    if way == "fault":
        unit.plant("address-refused")
    subscriber(unit, id=id_, postcode="ZZ1 1ZZ" if way == "postcode" else "EC4A 2QL")
    unit.settings(clock_offset_seconds=6)

    assert unit.ok("numbers/info", id=id_)["aquisition"]["subscriber"]["status"] == "failed"
    subscriber(unit, id=id_, postcode="EC4A 2QL")
    unit.settings(clock_offset_seconds=12)
    assert unit.ok("numbers/info", id=id_)["aquisition"]["subscriber"]["status"] == "validated"


def test_another_word_for_a_good_address_can_be_chosen(old):
    id_ = old.acquire()["id"]
    old.settings(validated="complete")
    subscriber(old, id=id_, postcode="EC4A 2QL")
    old.settings(clock_offset_seconds=6)

    assert old.ok("numbers/info", id=id_)["aquisition"]["subscriber"]["status"] == "complete"


# Times.


def test_a_time_has_milliseconds_until_it_is_read_again(path, clock):
    clock.at = clock.at.replace(microsecond=109_000)
    caller, _ = opened(path, clock, "telcom")

    bought = caller.acquire()
    kept = caller.ok("numbers/list")[0]

    assert bought["aquisition"]["acquired_at"] == "2026-11-01T12:00:00.109Z"
    assert kept["aquisition"]["acquired_at"] == kept["created_at"] == "2026-11-01T12:00:00.000Z"
    caller.app.close()


def test_a_group_has_its_times_in_another_form(new):
    assert new.ok("call_groups/list")[0]["created_at"] == "2015-05-05 14:40:00 +0000"


# Look-ups.


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("extensions/list", "pbx-trunk"),
        ("call_groups/list", "Sales"),
        ("menus/list", "Main Menu"),
        ("voicemail_boxes/list", "General"),
    ],
)
def test_what_numbers_lead_to_can_be_looked_up(unit, action, name):
    assert name in [row["name"] for row in unit.ok(action)]
    unit.settings(without=[action])
    assert unit.ask(action).status == 400


def test_passwords_are_in_plain_sight_as_at_the_carrier(unit):
    assert unit.ok("extensions/list")[0]["password"]
    assert unit.ok("voicemail_boxes/list")[0]["password"] == "1234"


def test_members_of_a_group_differ_by_edition(old, tmp_path, clock):
    assert old.ok("call_groups/info", id=900)["extension_ids"] == [2902]
    caller, _ = opened(tmp_path / "new.db", clock, "connect")
    assert caller.ok("call_groups/info", id=900)["members"] == [{"type": "Extension", "id": 2902}]
    caller.app.close()


def test_feature_codes_are_listed(unit):
    codes = {row["number"] for row in unit.ok("numbers/available_access_numbers")}

    assert {"*55", "*30*{number}", "*8"} <= codes


# Faults and the operator's side.


@pytest.mark.parametrize(
    ("kind", "options", "status", "said", "bought"),
    [
        ("refuse", {}, 200, "ValidationError", 0),
        ("refuse", {"message": "InsufficientCredit"}, 200, "InsufficientCredit", 0),
        ("plain-error", {}, 200, "error", 0),
        ("unknown-status", {"after": True}, 200, "resting", 1),
        ("unknown-code", {}, 200, "SomethingNew", 0),
        ("denied", {}, 200, "access-denied", 0),
        ("429", {"retry_after": "7"}, 429, "Too many", 0),
        ("500", {}, 500, "internal-server-error", 0),
        ("500", {"after": True}, 500, "internal-server-error", 1),
        ("503", {"after": True}, 503, "maintenance", 1),
        ("301", {}, 301, "", 0),
        ("html", {"status": 404}, 404, "<html>", 0),
        ("truncated", {}, 200, "success", 1),
        ("no-effect", {}, 200, "success", 0),
        ("duplicate", {}, 200, "success", 1),
        ("blank-data", {}, 200, '" data"', 1),
        ("slow", {"seconds": 31.0}, 200, "success", 1),
    ],
    ids=str,
)
def test_a_fault_meets_one_request(old, kind, options, status, said, bought):
    old.plant(kind, path="/api/v2/numbers/acquire", **options)

    got = old.ask("numbers/acquire", {"number": NUMBER})

    assert got.status == status
    assert said in got.raw.decode("utf-8", "replace")
    assert len(old.charges()) == len(old.ok("numbers/list")) == bought
    assert old.clock.slept == options.get("seconds", 0)
    old.acquire(OTHER)


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_gets_no_answer(unit, after):
    asked = {"number": NUMBER} if unit.edition == "telcom" else {"token": unit.token()}
    unit.plant("drop", path="/api/v2/numbers/acquire", after=after)

    with pytest.raises(ConnectionError):
        unit.ask("numbers/acquire", asked)

    assert len(unit.charges()) == len(unit.ok("numbers/list")) == int(after)


def test_somebody_else_was_faster(unit):
    asked = {"number": NUMBER} if unit.edition == "telcom" else {"token": unit.token()}
    unit.plant("lost-race", path="/api/v2/numbers/acquire")

    assert unit.wrong("numbers/acquire", **asked) == ("error", "CouldNotAcquire")
    assert unit.charges() == []


def test_a_stale_list_shows_the_past_for_a_while(unit):
    unit.acquire()
    unit.plant("stale", seconds=60.0)
    unit.acquire(OTHER)

    assert [row["number"] for row in unit.ok("numbers/list")] == [NUMBER]
    unit.settings(clock_offset_seconds=61)
    assert [row["number"] for row in unit.ok("numbers/list")] == [NUMBER, OTHER]


def test_a_poke_is_seen_by_the_carrier_and_costs_nothing(unit):
    for field, value in (("destination", "Menu/Main Menu"), ("passthrough", "false")):
        body = {"number": E164, "field": field, "value": value}
        assert unit.ways.call("POST", "/_sandbox/poke", body).status == 204

    (row,) = unit.ok("numbers/list")
    assert (row["destination"]["object"]["id"], bool(row["callerid_passthrough"])) == (262, False)
    assert unit.charges() == []


@pytest.mark.parametrize(
    ("e164", "field", "value"),
    [
        ("+12015550144", "state", "active"),
        (E164, "colour", "red"),
        (E164, "destination", "Menu/nobody"),
        (E164, "state", "lost"),
    ],
)
def test_a_poke_that_makes_no_sense_says_so(unit, e164, field, value):
    with pytest.raises(WrongUsage):
        DESK.poke(unit.path, e164, field, value)
    body = {"number": e164, "field": field, "value": value}
    assert unit.ways.call("POST", "/_sandbox/poke", body).status == 400


def test_a_fault_that_there_is_not_is_refused(unit):
    with pytest.raises(WrongUsage, match="lost-race"):
        unit.plant("gremlin")
    assert unit.ways.call("POST", "/_sandbox/faults", {"kind": "gremlin"}).status == 400
    assert unit.ways.call("POST", "/_sandbox/faults", {"kind": "500", "colour": 1}).status == 400


def test_faults_come_and_go_over_http(unit):
    unit.ways.call("POST", "/_sandbox/faults", {"kind": "500", "times": 5})
    unit.ways.call("DELETE", "/_sandbox/faults")

    assert unit.ask("numbers/list").status == 200


def test_the_state_is_shown_without_the_credentials(old):
    old.settings(token="canary-canary")
    known = KEYS | {"X-Auth-Token": "canary-canary"}
    old.ask("numbers/acquire", {"number": NUMBER}, known)

    state = old.ways.call("GET", "/_sandbox/state")
    assert state.json["number"][0]["number"] == NUMBER
    assert b"canary" not in state.raw
    assert old.ways.call("GET", "/_sandbox/ledger").json["cash"] == "999.00"


def test_everything_outlives_the_process(unit, clock):
    unit.acquire()
    again = DESK.open(unit.path, {"edition": unit.edition}, clock)

    assert [number.number for number in again.store.numbers()] == [NUMBER]
    again.close()


def test_reset_forgets_numbers_charges_and_faults(unit):
    unit.acquire()
    unit.plant("500", times=9)
    DESK.reset(unit.path)

    assert unit.ok("numbers/list") == unit.charges() == []
    assert unit.ok("extensions/list")


def test_the_edition_is_the_connectors_and_can_be_switched(old):
    old.settings(edition="connect")

    assert "paginated" in old.ask("numbers/list").json["flags"]


def test_each_carrier_has_a_desk():
    assert kinds() == ("dial9", "voicetel")
    assert {"lost-race", "stale", "denied", "502"} <= set(all_faults())
    with pytest.raises(KeyError):
        find("nobody")
