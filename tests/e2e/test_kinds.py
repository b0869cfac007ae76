"""Every kind of a tenant: planned, applied on SQLite, planned again, removed."""

import pytest

from tests.cli.conftest import project
from tests.cli.projects import NUMBER_LINE, TENANT

__all__ = ["project"]

WHOLE = TENANT.replace(
    NUMBER_LINE,
    NUMBER_LINE.replace("ring_group/sales", "auto_attendant/main")
    + '  "+16175550145": {connector: sandbox, to: conference/staff, schedule: office,\n'
    "    closed: audio/closed}\n",
) + (
    """\
intercept: audio/retired
fallback: ring_group/sales
defaults: {voicemail_box: {transcribe: true}, schedule: {exceptions: []}}
auto_attendants:
  main:
    pilot: "620"
    schedule: office
    closed: audio/closed
    holiday: audio/holiday
    greeting: {play: hello}
    options: {"1": conference/staff, "2": voicemail_box/640, "3": directory, "0": operator}
    operator: ring_group/sales
    timeout: {to: operator}
    invalid: {to: audio/closed}
audio:
  hello: {file: prompts/hello.wav}
  closed: {say: We are closed., then: voicemail_box/640}
  holiday: {say: We are closed for a holiday., then: hangup}
  retired: {say: This number is not in use., then: hangup}
conferences:
  staff: {room: "630", pin: {env: VM_CONF}, moderator_pin: {generate: true},
          wait_for_moderator: true}
schedules:
  office:
    open: [{days: mon-thu, hours: "08:00-18:00"}, {days: fri, hours: "22:00-06:00"}]
    holidays:
      - {name: Christmas Day, date: "12-25"}
      - {name: Thanksgiving, rule: 4th thu of november, days: 2}
      - {country: US, subdivision: MA}
voicemail_boxes:
  "640": {name: Front desk, owners: [extension/101], pin: {env: VM_PIN}}
"""
)

NEW = {
    "audio/closed",
    "audio/hello",
    "audio/holiday",
    "audio/retired",
    "auto_attendant/main",
    "conference/staff",
    "schedule/office",
    "voicemail_box/640",
}


@pytest.fixture
def whole(project):
    project.environment["VM_CONF"] = "915027"
    project.write(WHOLE)
    return project


def objects(project):
    return {
        f"{kind}/{name}": (kind, name)
        for kind, name in project.sql("SELECT kind, name FROM object WHERE tenant = 'acme'")
    }


def pending(project, *flags):
    made = project.run("plan", "-o", "json", *flags).document
    return [operation for part in made["parts"] for operation in part["operations"]]


def test_they_come_and_the_second_plan_is_empty(whole):
    whole.applied()

    assert objects(whole).keys() >= NEW
    assert pending(whole) == []
    assert whole.run("plan", "--detailed-exitcode").status == 0
    assert whole.run("drift").status == 0


def test_holidays_reach_the_platform_as_rules(whole):
    whole.applied()

    spec = whole.spec("schedule", "office")
    assert spec["timezone"] == "America/New_York"
    assert spec["holidays"] == [
        {"name": "Christmas Day", "date": "12-25"},
        {"name": "Thanksgiving", "rule": "4th thu of november", "days": 2},
        {"country": "US", "subdivision": "MA"},
    ]


def test_pins_of_a_room_are_sealed_and_never_written(whole):
    ended = whole.applied()

    spec = whole.spec("conference", "staff")
    assert spec["pin"] == {"$secret": {"ref": {"env": "VM_CONF"}, "version": 1}}
    rows = whole.sql("SELECT * FROM object")
    assert "915027" not in repr(rows) + ended.out + ended.err
    handed = (whole.root / "generated.ndjson").read_text(encoding="utf-8")
    assert '"acme/conference/staff"' in handed


def test_they_go_with_their_lines(whole):
    whole.applied()
    whole.write(TENANT)

    whole.applied()

    assert not objects(whole).keys() & NEW
    assert pending(whole) == []


def test_a_removed_shared_box_is_told_on_its_own_line_as_lost(whole):
    whole.applied()
    whole.change('  "640": {name: Front desk, owners: [extension/101], pin: {env: VM_PIN}}\n', "")
    whole.change('"2": voicemail_box/640, ', "")
    whole.change("then: voicemail_box/640", "then: hangup")
    whole.change("voicemail_boxes:\n", "")

    (delete,) = (op for op in pending(whole) if op["action"] == "delete")

    assert delete["entry"] == delete["address"] == "acme/voicemail_box/640"
    assert delete["reversibility"] == "lossy"


def test_a_number_in_quarantine_says_the_intercept(whole):
    whole.applied()
    whole.change(
        '  "+16175550145": {connector: sandbox, to: conference/staff, schedule: office,\n', ""
    )
    whole.change("    closed: audio/closed}\n", "")

    whole.applied()

    assert whole.spec("number", "+16175550145")["to"] == "audio/retired"
    assert whole.run("plan", "--detailed-exitcode").status == 0


# A switch that people turn.


def turned(project, state):
    project.sql(
        "UPDATE object SET spec = json_set(spec, '$.force', ?) WHERE kind = 'schedule'", state
    )


def test_a_schedule_switched_by_hand_is_no_drift(whole):
    whole.applied()
    turned(whole, "closed")

    assert pending(whole) == []
    assert whole.run("drift").status == 0


def test_a_change_of_hours_leaves_the_switch_as_it_is(whole):
    whole.applied()
    turned(whole, "holiday")
    whole.change("08:00-18:00", "09:00-17:00")

    whole.applied()

    spec = whole.spec("schedule", "office")
    assert spec["force"] == "holiday"
    assert spec["open"][0]["hours"] == "09:00-17:00"
    assert pending(whole) == []
    turned(whole, None)
    assert pending(whole) == []


def test_nobody_turns_the_switch_in_yaml(whole):
    whole.change("  office:\n", "  office:\n    force: closed\n")

    ended = whole.run("validate", "-o", "json")

    assert ended.status == 3
    assert "E135" in ended.out


# What waits for an approval, and what a carrier cannot hold.

PORT = """\
ports:
  spring:
    connector: sandbox
    numbers: ["+16175550150"]
    to: ring_group/sales
    subscriber: {name: Acme, street_number: "12", street: Spring, street_type: ST, city: Boston,
                 region: MA, postcode: "02110", country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+16175550150", account: {env: VM_ACCOUNT}}
"""


def test_a_port_order_that_nobody_approves_is_told_and_stops_nothing(whole):
    whole.write(WHOLE + PORT)

    said = whole.ok("plan").out
    whole.applied()

    assert "port/spring" in said
    assert "--approve port:acme/spring" in said
    assert objects(whole).keys() >= NEW
    assert "port/spring" not in objects(whole)
    assert whole.run("plan", "--detailed-exitcode").status == 0
    assert whole.run("drift").status == 0


def test_a_forward_that_the_carrier_cannot_make_stops_its_number_and_no_other(whole):
    forward = 'forward: "+442079460101", '
    whole.change('"+16175550145": {', '"+16175550145": {' + forward)

    said = whole.run("plan")
    ended = whole.run("apply", "--yes")

    assert said.status == 7
    assert "VoiceTel forwards to +1 numbers only" in " ".join(said.out.split())
    assert ended.status == 7
    assert "number/+16175550144" in objects(whole)
    assert "number/+16175550145" not in objects(whole)
    assert [charge for charge in whole.charges() if "5550145" in str(charge)] == []
    assert "forwards to +1 numbers only" in " ".join(whole.ok("drift").out.split())
    whole.change(forward, "")
    assert whole.ok("apply", "--yes")
    assert "number/+16175550145" in objects(whole)
