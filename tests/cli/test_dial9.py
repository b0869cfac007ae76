"""A British tenant on Dial 9, from plan to in sync, with everything that goes wrong on the way."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.sandbox.books import Fault
from reconciler.sandbox.desk import find
from scripts.stage import PassedClock
from tests.cli.test_sandbox import _served

MAIN = "+442079460100"
SECOND = "+442079460101"
SETTLE = timedelta(minutes=16)

CONNECTOR = """\
  sandbox:
    kind: dial9
    edition: {edition}
    sandbox: true
    credentials: {{token: {{env: CARRIER_KEY}}, secret: {{env: CARRIER_KEY}}}}
    numbers: {{handoff: {{type: Extension, name: pbx-trunk}}}}
"""

NUMBER = f'  "{MAIN}": {{label: Main, connector: sandbox, to: ring_group/sales, location: hq}}\n'

TENANT = f"""\
schema: 1
tenant: acme
name: Acme
timezone: Europe/London
country: GB
locations:
  hq: {{caller_name: Acme, street: 14 Inkhorn Lane, city: London, postcode: EC4A 2QL, country: GB}}
numbers:
{NUMBER}extensions:
  "101":
    name: Front desk
    email: desk@acme.example
    location: hq
    devices: {{desk: {{sip_password: {{generate: true}}}}}}
    voicemail: {{pin: {{env: VM_PIN}}}}
  "102":
    name: Back office
    location: hq
    devices: {{desk: {{}}}}
ring_groups:
  sales:
    members: [extension/101, extension/102]
    overflow: {{after: 25s, to: voicemail_box/101}}
dialplan: {{extension_length: 3, emergency: {{notify: [extension/101]}}}}
"""


@pytest.fixture(params=["telcom", "connect"])
def british(request, project):
    """The project on Dial 9, on a clock that is passed in: waiting costs nothing."""
    path = project.root / "reconciler.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  sandbox:\n    kind"), text.index("secrets:")
    text = text[:start] + CONNECTOR.format(edition=request.param) + text[end:]
    path.write_text(text.replace('USD: "50.00"', 'GBP: "50.00"'), encoding="utf-8")
    project.write(TENANT)
    project.clock = PassedClock()
    return project


def test_codes_that_the_carrier_answers_itself_are_told_where_something_is_to_be_done(british):
    codes = 'dialplan: {feature_codes: {pickup: "*8", voicemail: "*97"}, '
    british.write(TENANT.replace("dialplan: {", codes))

    made = british.run("plan", "-o", "json").document
    notes = [note["text"] for part in made["parts"] for note in part["notes"]]
    british.ok("apply", "--yes")

    assert len(notes) == 1
    assert "sandbox answers *8 itself (Pick up)" in notes[0]
    assert "the feature code pickup (*8)" in notes[0]
    assert "TEL102" not in british.ok("plan").out


def test_a_carrier_that_does_not_tell_its_codes_stops_nothing(british):
    path = "/api/v2/numbers/available_access_numbers"
    fault(british, "500", path, "--times", "1000")
    british.write(TENANT.replace("dialplan: {", 'dialplan: {feature_codes: {pickup: "*8"}, '))

    british.ok("apply", "--yes")

    assert list(held(british)) == [MAIN]


def fault(project, kind, path="/api/v2/numbers/acquire", *more):
    project.ok("sandbox", "fault", kind, "--path", path, *more)


def held(project):
    books = project.ok("sandbox", "ledger", "-o", "json").document
    return {row["number"]: row["gateway"] for row in books["numbers"]}


def in_sync(project):
    return project.run("plan", "--detailed-exitcode").status == 0


def order_state(project):
    return project.sql("SELECT state FROM operation WHERE action = 'order'")[-1][0]


def charged(project):
    return [charge["number"] for charge in project.charges()]


def test_a_plan_is_applied_and_then_in_sync(british):
    plan = british.ok("plan", "-o", "json").document
    (order,) = (o for part in plan["parts"] for o in part["operations"] if o["action"] == "order")
    assert order["address"] == f"acme/carrier_number/{MAIN}"
    assert british.run("plan", "--detailed-exitcode").status == 2

    british.applied()

    (charge,) = british.charges()
    assert (charge["number"], charge["amount"], charge["currency"]) == (MAIN, "1.00", "GBP")
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert in_sync(british)
    assert british.run("drift").status == 0


def test_an_order_that_was_dropped_after_it_was_done_is_charged_once(british):
    fault(british, "drop", "/api/v2/numbers/acquire", "--after")

    british.applied()

    assert charged(british) == [MAIN]
    assert in_sync(british)


@pytest.mark.parametrize("kind", ["plain-error", "unknown-code", "unknown-status"])
def test_an_order_whose_error_nobody_knows_was_done_all_the_same_and_is_charged_once(british, kind):
    fault(british, kind, "/api/v2/numbers/acquire", "--after")

    british.applied()

    assert charged(british) == [MAIN]
    assert in_sync(british)


@pytest.mark.parametrize("british", ["connect"], indirect=True)
def test_what_an_order_needs_and_cannot_be_read_stops_nothing_that_does_not_need_it(british):
    with unit_of(british) as store:
        store.change_setting("without", ["numbers/available_prefixes"])

    ended = british.run("apply", "--yes")

    assert (ended.status, charged(british)) == (5, [])
    assert "numbers/available_prefixes was answered" in " ".join(ended.out.split())
    left = [o["address"] for part in plan_of(british)["parts"] for o in part["operations"]]
    assert {address.split("/", 1)[1] for address in left} == {
        f"{kind}/{MAIN}" for kind in ("carrier_number", "emergency_record", "number")
    }

    with unit_of(british) as store:
        store.change_setting("without", [])
    british.ok("apply", "--yes")
    assert charged(british) == [MAIN]


def plan_of(british):
    return british.run("plan", "-o", "json").document


def without_natural_key(british, stale):
    """A carrier that answers what says nothing, shows an old list and sells a number twice."""
    with unit_of(british) as store:
        store.change_setting("natural_key", value=False)
    fault(british, "plain-error", "/api/v2/numbers/acquire", "--after")
    british.ok("sandbox", "fault", "stale", "--seconds", str(stale))


def test_an_order_that_a_list_does_not_show_yet_is_not_given_again(british):
    without_natural_key(british, stale=60)

    assert british.run("apply", "--yes").status == 8
    assert british.run("apply", "--yes").status == 8
    british.clock.ahead += SETTLE
    british.ok("apply", "--yes")

    assert charged(british) == [MAIN]
    assert in_sync(british)


@pytest.mark.parametrize("kind", ["drop", "plain-error", "unknown-code"])
def test_an_order_that_was_dropped_before_is_unknown_until_the_settle_window_is_over(british, kind):
    fault(british, kind)

    ended = british.run("apply", "--yes")
    assert (ended.status, order_state(british), charged(british)) == (8, "unknown", [])
    british.clock.ahead += timedelta(minutes=5)
    assert british.run("apply", "--yes").status == 8
    british.clock.ahead += SETTLE
    while (status := british.run("apply", "--yes").status) == 8:
        assert (charged(british), order_state(british)) == ([], "unknown")
        british.clock.ahead += SETTLE

    assert status == 0
    assert charged(british) == [MAIN]
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert in_sync(british)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("500", ()),
        ("html", ()),
        ("truncated", ()),
        ("garbage", ()),
        ("denied", ()),
        ("429", ("--times", "3")),
        ("unknown-status", ()),
        ("drop", ("--times", "3")),
    ],
)
def test_a_list_that_cannot_be_read_plans_nothing_and_quarantines_nothing(british, kind, more):
    british.applied()
    british.change(NUMBER, "")
    british.change("numbers:\n", "")
    fault(british, kind, "/api/v2/numbers/list", *more)

    ended = british.run("plan", "--detailed-exitcode", "-o", "json")

    assert ended.status == 7
    planned = [o for part in ended.document["parts"] for o in part["operations"]]
    assert [o for o in planned if "number/" in o["address"]] == []
    assert held(british) == {MAIN: "Extension/pbx-trunk"}


def test_a_handoff_that_cannot_be_taken_away_is_refused_in_the_plan_and_stays(british):
    path = british.root / "reconciler.yaml"
    text = path.read_text(encoding="utf-8")
    default = "    numbers: {handoff: {type: Extension, name: pbx-trunk}}\n"
    path.write_text(text.replace(default, ""), encoding="utf-8")
    own = ", handoff: {type: Extension, name: pbx-trunk}"
    british.change("location: hq}\n", f"location: hq{own}}}\n")
    british.applied()
    british.change(own, "")

    planned = british.run("plan")
    assert planned.status == 7
    why = "connector sandbox can change handoff, and never take it away: it stays as it is"
    assert why in " ".join(planned.out.split())
    assert british.run("apply", "--yes").status == 7
    assert held(british) == {MAIN: "Extension/pbx-trunk"}

    british.change("location: hq}\n", f"location: hq{own}}}\n")
    assert in_sync(british)


def test_an_empty_404_is_no_empty_account(british):
    british.applied()
    plan = ("plan", "--detailed-exitcode")
    with_status(british, "html", 404)

    assert british.run(*plan).status == 7
    assert british.run(*plan).status == 0


def with_status(project, kind, status):
    path = project.root / ".reconciler/sandbox/sandbox.db"
    find("dial9").fault(path, Fault(kind, path="/api/v2/numbers/list", status=status))


def test_what_a_colleague_changed_there_is_drift_and_is_put_right(british):
    british.applied()
    british.ok("sandbox", "poke", MAIN, "destination=Menu/Main Menu")

    drift = british.run("drift")
    assert drift.status == 2
    assert "Main Menu" in drift.out
    british.applied()
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert in_sync(british)


def test_a_hand_off_and_the_caller_id_are_settings_of_one_number(british):
    british.applied()
    british.change(
        "location: hq}\n",
        "location: hq, pass_caller_id: false, handoff: {type: CallGroup, name: Sales}}\n",
    )

    british.applied()
    assert held(british) == {MAIN: "CallGroup/Sales"}
    assert in_sync(british)
    british.change(", pass_caller_id: false, handoff: {type: CallGroup, name: Sales}", "")
    british.applied()
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert in_sync(british)


def test_a_number_that_is_there_already_is_adopted_and_costs_nothing(british):
    british.ok("sandbox", "poke", MAIN, "destination=Menu/Main Menu")

    british.applied()

    assert charged(british) == []
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert in_sync(british)


def test_a_number_is_given_back_by_its_id_once_its_quarantine_is_over(british):
    british.applied()
    british.change(NUMBER, "")
    british.change("numbers:\n", "")
    british.ok("apply", "--yes", "--allow", "quarantines=1")
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    british.clock.ahead += timedelta(days=46)

    british.ok("apply", "--yes", "--approve", f"release:{MAIN}")

    books = british.ok("sandbox", "ledger", "-o", "json").document
    assert [row["number"] for row in books["releases"]] == [MAIN]
    assert held(british) == {}
    assert in_sync(british)


def test_a_release_that_was_dropped_after_it_was_done_is_over(british):
    british.applied()
    british.change(NUMBER, "")
    british.change("numbers:\n", "")
    british.ok("apply", "--yes", "--allow", "quarantines=1")
    british.clock.ahead += timedelta(days=46)
    fault(british, "drop", "/api/v2/numbers/delete", "--after")

    british.ok("apply", "--yes", "--approve", f"release:{MAIN}")

    assert held(british) == {}
    assert in_sync(british)


@pytest.mark.parametrize(
    ("setting", "bought"), [("fax_to: fax@acme.example", 0), ("cnam: ACME", 1)]
)
def test_a_field_that_the_carrier_cannot_hold_is_told_and_stops_what_decides_on_calls(
    british, setting, bought
):
    british.change("location: hq}\n", f"location: hq, {setting}}}\n")

    ended = british.run("plan", "-o", "json")

    assert f"cannot hold {setting.partition(':')[0]}" in ended.out
    assert british.run("apply", "--yes").status == 7
    assert len(charged(british)) == bought


def test_a_gateway_is_no_hand_off_here(british):
    british.change("location: hq}\n", "location: hq, handoff: pbx}\n")

    ended = british.run("validate", "-o", "json")

    assert ended.status == 3
    assert "E128" in {problem["code"] for problem in ended.document["problems"]}


def test_faults_of_another_carrier_are_refused(british):
    ended = british.run("sandbox", "fault", "502")

    assert ended.status == 64
    assert "lost-race" in ended.err


def test_it_is_served_under_the_path_that_its_url_needs(british):
    server = _served(british)
    try:
        url = server.stdout.readline().split()[3]
        british.project("    sandbox: true\n", f"    sandbox: true\n    url: {url}\n")
        british.applied()
        assert url.endswith("/api/v2")
        assert charged(british) == [MAIN]
    finally:
        server.terminate()
        server.communicate(timeout=20)


def test_no_secret_of_the_carrier_is_kept_or_shown(british):
    british.applied()
    british.ok("sandbox", "poke", MAIN, "destination=VoicemailBox/General")
    british.run("drift", "-o", "json")

    told = "".join(ended.out + ended.err for ended in british.ended)
    told += british.database.read_bytes().decode("utf-8", "replace")
    assert british.environment["CARRIER_KEY"] not in told
    assert "in-plain-text" not in told
    assert json.dumps("1234") not in told


def test_what_dial_9_cannot_hold_is_no_drift_and_hides_none(british):
    british.applied()
    british.change("location: hq}\n", "location: hq, cnam: ACME}\n")
    british.clock.ahead += timedelta(minutes=1)

    told = british.ok("drift", "-o", "json").document

    (tenant,) = [each for each in told["tenants"] if each["tenant"] == "acme"]
    assert (tenant["state"], tenant["not_checked"]) == ("unsupported", [])
    assert "cannot hold cnam" in tenant["unsupported"][0]["detail"]
    assert "NOT CHECKED" not in british.ok("drift").out
    records = british.ok("drift", "-o", "ndjson").out.splitlines()
    assert [json.loads(each)["record"] for each in records].count("unsupported") == 1
    with unit_of(british) as store:
        (number,) = store.numbers()
        store.save(
            replace(number, destination_type=None, destination_id=None), "taken away in the console"
        )
    drifted = british.run("drift")
    assert drifted.status == 2
    assert "handoff" in drifted.out
    assert british.run("plan").status == 7


# The address for 999.


@contextmanager
def unit_of(project):
    """The carrier's own books."""
    store = find("dial9").store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    try:
        with store.transaction():
            yield store
    finally:
        store.close()


def pending_again(project):
    """Somebody gives the same address once more, in the carrier's console."""
    with unit_of(project) as store:
        (number,) = store.numbers()
        store.save(replace(number, pushed=4e9), "typed")


def addresses(project):
    """Who and where each number is for 999, as the carrier has it."""
    store = find("dial9").store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    try:
        return {n.number: n.subscriber["address1"] for n in store.numbers()}
    finally:
        store.close()


def test_the_location_of_a_number_is_its_address_for_999(british):
    british.applied()
    assert addresses(british) == {"02079460100": "14 INKHORN LANE"}

    british.change("14 Inkhorn Lane", "15 Inkhorn Lane")
    british.applied()

    assert addresses(british) == {"02079460100": "15 INKHORN LANE"}
    assert in_sync(british)


def test_an_address_is_not_given_again_where_nothing_differs(british):
    british.applied()
    fault(british, "refuse", "/api/v2/numbers/update_subscriber")

    british.applied()

    assert in_sync(british)


def test_an_address_whose_answer_was_lost_is_seen_by_reading(british):
    fault(british, "drop", "/api/v2/numbers/update_subscriber", "--after")

    british.applied()

    assert addresses(british) == {"02079460100": "14 INKHORN LANE"}
    assert in_sync(british)


def test_an_address_that_is_still_validated_waits_and_is_no_change_and_no_failure(british):
    with unit_of(british) as store:
        store.change_setting("validation_seconds", 600)
    british.applied()

    for _ in range(2):  # it is not remembered as in sync, either
        told = british.ok("plan", "--detailed-exitcode", "-o", "json").document
        assert told["waiting"] == [f"acme/emergency_record/{MAIN}"]
    assert "Dial 9 validates the address" in british.ok("plan").out
    assert "1 waiting" in british.ok("apply", "--yes").out
    assert british.run("drift").status == 0

    british.clock.ahead += timedelta(minutes=10)
    assert british.ok("plan", "-o", "json").document["waiting"] == []


def test_an_address_that_is_validated_for_too_long_stops_the_tenant_until_it_is_allowed(british):
    with unit_of(british) as store:
        store.change_setting("validation_seconds", 60 * 86400)
    british.applied()
    british.clock.ahead += timedelta(days=30)
    assert "for 30 days" in british.ok("apply", "--yes").out
    british.clock.ahead += timedelta(days=1)

    told = british.run("apply", "--yes")

    assert told.status == 4
    assert "has been waiting for 31 days" in " ".join(told.out.split())
    british.ok("apply", "--yes", "--allow", "waiting_days=31")


def test_an_address_that_somebody_gives_again_with_the_same_words_waits(british):
    british.applied()
    british.clock.ahead += timedelta(minutes=1)
    british.ok("plan")  # in sync, and remembered
    pending_again(british)

    told = british.ok("plan", "-o", "json").document

    assert told["waiting"] == [f"acme/emergency_record/{MAIN}"]


def test_an_address_that_was_not_taken_is_told_by_the_next_plan(british):
    british.ok("sandbox", "fault", "address-refused")
    british.applied()
    british.clock.ahead += timedelta(minutes=1)

    plan = british.run("plan", "-o", "json")

    (source,) = (each for each in plan.document["observed"] if each["name"] == "sandbox")
    assert "did not take the address of +442079460100" in source["detail"]


def test_an_address_that_was_not_taken_is_never_in_sync(british):
    british.ok("sandbox", "fault", "address-refused")
    british.applied()
    british.ok("plan")  # it is still validated: nothing is known, and that is remembered
    british.clock.ahead += timedelta(minutes=1)

    for command in ("plan", "drift", "apply"):
        told = british.run(command)
        assert told.status == 7, told
        assert "did not take the address of +442079460100" in " ".join(told.out.split())

    british.change("14 Inkhorn Lane", "15 Inkhorn Lane")
    british.run("apply", "--yes")
    british.clock.ahead += timedelta(minutes=1)
    assert in_sync(british)


@pytest.mark.parametrize("word", ["in the book", "expired", "Awaiting push"])
def test_an_address_whose_status_nobody_knows_is_never_in_sync(british, word):
    with unit_of(british) as store:
        store.change_setting("validated", word)
    british.ok("apply", "--yes")  # all is done; how it ends is told later
    british.ok("plan")
    british.clock.ahead += timedelta(minutes=1)

    for command in ("plan", "drift", "apply"):
        told = british.run(command)
        assert told.status == 7, told
        assert f'Dial 9 says "{word}" of its address' in " ".join(told.out.split())
    for command in (("doctor", "--online"), ("connectors", "sync"), ("connectors", "test")):
        told = " ".join(british.run(*command).out.split())
        assert f'says "{word}" of its address' in told or command[1] == "test"
        assert "1 in trouble" in told or command[1] == "sync"
        assert "not understood" not in told

    path = british.root / "reconciler.yaml"
    text = path.read_text(encoding="utf-8")
    there = f"    validated_as: [{word}]\n"
    path.write_text(text.replace("    kind: dial9\n", f"    kind: dial9\n{there}"), "utf-8")
    assert in_sync(british)


@pytest.mark.parametrize("word", ["unknown", "pending"])
def test_an_address_of_which_nothing_is_known_yet_waits_and_fails_nothing(british, word):
    record = f"acme/emergency_record/{MAIN}"
    with unit_of(british) as store:
        store.change_setting("validated", word)
    british.ok("apply", "--yes")
    british.clock.ahead += timedelta(minutes=1)

    assert british.ok("plan", "-o", "json").document["waiting"] == [record]
    (waiting,) = british.ok("apply", "--yes", "-o", "json").document["waiting"]
    assert waiting["address"] == record
    british.clock.ahead += timedelta(days=31)
    assert british.run("apply", "--yes").status == 4


def test_an_address_that_is_too_long_is_told_by_the_plan(british):
    british.change("city: London", f"city: {'Long' * 20}")

    plan = british.run("plan")

    assert plan.status == 7
    assert "55 characters of a `city`, not 80" in " ".join(plan.out.split())


def test_an_address_that_it_cannot_keep_is_told_by_the_plan_and_stops_nothing_else(british):
    british.change("postcode: EC4A 2QL", "postcode: EC4A2QL")

    plan = british.run("plan", "-o", "json")

    assert "written with one blank, as EC4A 2QL" in plan.out
    assert plan.status == 7
    british.run("apply", "--yes")
    assert held(british) == {MAIN: "Extension/pbx-trunk"}
    assert addresses(british) == {"02079460100": None}


def test_a_hand_off_that_is_not_there_is_told_by_the_plan(british):
    missing = "there is no CallGroup named 'nobody'"
    british.change("location: hq}\n", "location: hq, handoff: {type: CallGroup, name: nobody}}\n")

    plan = british.run("plan", "-o", "json")

    assert plan.status == 7
    assert missing in plan.out
    british.run("apply", "--yes")
    assert charged(british) == []
