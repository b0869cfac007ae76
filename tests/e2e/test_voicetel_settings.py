"""All that a number has at VoiceTel, from YAML to the carrier and back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.features import features, save
from reconciler.sandbox.voicetel.messaging import add_campaign
from tests.cli.conftest import project
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

__all__ = ["project"]

CAMPAIGNS = "    campaigns: {reminders: {id: CH5K5IZ}, alerts: {id: CAL3RTS}}\n"
FIELDS = {
    "cnam_lookup": ("true", "false"),
    "forward": ('"+12125550101"', '"+13035550101"'),
    "translation": ('"+12125550101"', '"+13035550101"'),
    "fax_to": ("fax@acme.example", "other@acme.example"),
    "sms": ("{email: a@acme.example}", '{webhook: "https://hook.acme.example/x"}'),
    "campaign": ("reminders", "alerts"),
    "cnam": ("ACME CORP", "ACME"),
    "port_out_pin": ("{env: VM_PORT}", "{env: VM_PORT, version: 2}"),
}
KEPT = {"cnam", "port_out_pin"}


@pytest.fixture
def voicetel(project):
    project.project("    sandbox: true\n", "    sandbox: true\n" + CAMPAIGNS)
    project.environment["VM_PORT"] = "4287"
    project.write(TENANT)
    project.applied()
    return project


def written(project, **settings):
    words = "".join(f", {name}: {value}" for name, value in settings.items())
    line = NUMBER_LINE.replace("location: hq}", f"location: hq{words}}}")
    project.write(TENANT.replace(NUMBER_LINE, line))


def operations(project):
    made = project.run("plan", "-o", "json").document
    return [operation for part in made["parts"] for operation in part["operations"]]


def at_carrier(project):
    store = Store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    try:
        return store.number(MAIN.removeprefix("+1")), features(store, MAIN.removeprefix("+1"))
    finally:
        store.close()


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_created_changed_and_cleared_and_then_nothing_differs(voicetel, name):
    bare = at_carrier(voicetel)
    seen = []
    for value in FIELDS[name]:
        written(voicetel, **{name: value})
        assert [each["action"] for each in operations(voicetel)] == ["update"]
        voicetel.ok("apply", "--yes")
        assert operations(voicetel) == []
        assert voicetel.run("drift").status == 0
        seen.append(at_carrier(voicetel))
    assert bare != seen[0] != seen[1]
    if name not in KEPT:
        written(voicetel)
        voicetel.run("apply", "--yes")
        assert operations(voicetel) == []
        assert voicetel.run("drift").status == 0
        number, has = at_carrier(voicetel)
        assert (number, has.fax, has.sms, has.campaign) == (bare[0], "", "", "")


def test_callers_of_a_number_in_quarantine_are_diverted_by_nothing_and_come_back_with_the_line(
    voicetel,
):
    settings = {name: FIELDS[name][0] for name in ("forward", "sms", "fax_to", "campaign", "cnam")}
    bare = at_carrier(voicetel)
    written(voicetel, **settings)
    voicetel.ok("apply", "--yes")
    diverted = at_carrier(voicetel)

    voicetel.write(TENANT.replace(NUMBER_LINE, ""))
    voicetel.ok("apply", "--yes", "--allow", "quarantines=1")

    number, has = at_carrier(voicetel)
    assert (number.forward_to, has.fax, has.sms, has.campaign) == (None, "", "", "")
    assert has.name == diverted[1].name != bare[1].name
    assert operations(voicetel) == []
    assert voicetel.run("drift").status == 0

    written(voicetel, **settings)
    voicetel.ok("apply", "--yes")
    number, has = at_carrier(voicetel)
    assert (number, replace(has, row=0)) == (diverted[0], replace(diverted[1], row=0))


def test_all_fields_are_set_with_the_order_and_stay(voicetel):
    settings = {name: first for name, (first, _) in FIELDS.items()}
    words = "".join(f", {name}: {value}" for name, value in settings.items())
    line = f'  "+16175550145": {{connector: sandbox, to: ring_group/sales{words}}}\n'
    voicetel.write(TENANT.replace(NUMBER_LINE, NUMBER_LINE + line))

    voicetel.ok("apply", "--yes")

    assert operations(voicetel) == []
    assert voicetel.run("drift").status == 0
    store = Store(str(voicetel.root / ".reconciler/sandbox/sandbox.db"))
    number, has = store.number("6175550145"), features(store, "6175550145")
    store.close()
    assert (number.cnam, number.forward_to, number.translated) == (True, "2125550101", "2125550101")
    assert (has.fax, has.sms, has.campaign) == ("fax@acme.example", "email", "CH5K5IZ")
    assert (has.name, has.pin) == ("ACME CORP", "4287")


def test_what_a_colleague_changed_is_drift_and_is_put_back(voicetel):
    written(voicetel, fax_to="fax@acme.example", sms="{email: a@acme.example}")
    voicetel.ok("apply", "--yes")
    voicetel.ok("sandbox", "poke", MAIN, "fax=other@evil.example")
    voicetel.ok("sandbox", "poke", MAIN, "sms=")

    assert voicetel.run("drift").status == 2
    voicetel.ok("apply", "--yes")
    _, has = at_carrier(voicetel)
    assert (has.fax, has.sms, has.resource) == ("fax@acme.example", "email", "a@acme.example")


def switch(project, **settings):
    store = Store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    with store.transaction():
        for name, value in settings.items():
            store.change_setting(name, value)
    store.close()


def test_a_name_that_the_network_refuses_is_tried_again(voicetel):
    switch(voicetel, lidb_status="Rejected by LIDB")
    written(voicetel, cnam="ACME")
    ended = voicetel.run("apply", "--yes")
    assert ended.status == 5
    assert "Rejected by LIDB" in ended.out + ended.err
    switch(voicetel, lidb_status="Success")
    assert [each["action"] for each in operations(voicetel)] == ["update"]
    voicetel.ok("apply", "--yes")
    assert operations(voicetel) == []


def test_the_pin_is_in_no_file_of_ours(voicetel):
    written(voicetel, port_out_pin="{env: VM_PORT}")
    voicetel.ok("plan", "--out", "plan.json")
    voicetel.ok("apply", "--yes")

    told = "".join(ended.out + ended.err for ended in voicetel.ended)
    assert "4287" not in told
    assert "4287" not in (voicetel.root / "plan.json").read_text()
    dump = "".join(sqlite3.connect(voicetel.root / ".reconciler/reconciler.db").iterdump())
    assert '"4287"' not in dump


def test_a_campaign_that_takes_a_while_is_waited_for_and_then_there(voicetel):
    switch(voicetel, dialect="sdk")
    store = Store(str(voicetel.root / ".reconciler/sandbox/sandbox.db"))
    with store.transaction():
        add_campaign(store, "CH5K5IZ", "C")
    store.close()
    written(voicetel, campaign="reminders", fax_to="fax@acme.example")

    first = voicetel.run("apply", "--yes")
    assert (first.status, operations(voicetel)) == (0, [])
    assert "Waiting" in voicetel.run("plan").out
    assert at_carrier(voicetel)[1].fax == "fax@acme.example"
    switch(voicetel, clock_offset_seconds=600)
    voicetel.ok("apply", "--yes")

    assert at_carrier(voicetel)[1].campaign == "CH5K5IZ"
    assert operations(voicetel) == []
    assert "Waiting" not in voicetel.run("plan").out
    assert voicetel.run("drift").status == 0


def test_what_was_sent_and_is_never_told_is_not_sent_again(voicetel):
    written(voicetel, cnam="ACME", port_out_pin="{env: VM_PORT}")
    voicetel.ok("apply", "--yes")
    before = _events(voicetel)
    written(voicetel, cnam="ACME", port_out_pin="{env: VM_PORT}", fax_to="fax@acme.example")
    voicetel.ok("apply", "--yes")

    assert _events(voicetel)[len(before) :] == ["fax routed"]


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_cannot_be_taken_back_is_refused_and_stays(voicetel, name):
    written(voicetel, **{name: FIELDS[name][0]})
    voicetel.ok("apply", "--yes")
    left = at_carrier(voicetel)
    written(voicetel)
    planned, ended = voicetel.run("plan"), voicetel.run("apply", "--yes")

    assert (planned.status, ended.status) == (7, 7)
    why = f"connector sandbox can change {name}, and never take it away: only that is left as it is"
    assert why in " ".join(planned.out.split())
    assert operations(voicetel) == []
    assert at_carrier(voicetel) == left
    written(voicetel, **{name: FIELDS[name][0]})
    assert operations(voicetel) == []


def test_what_cannot_be_taken_back_keeps_nothing_else(voicetel):
    written(voicetel, **{name: FIELDS[name][0] for name in ("cnam", "port_out_pin", "fax_to")})
    voicetel.ok("apply", "--yes")
    written(voicetel)

    assert voicetel.run("apply", "--yes").status == 7

    _, has = at_carrier(voicetel)
    assert (has.fax, has.name, has.pin) == ("", "ACME CORP", "4287")
    assert operations(voicetel) == []


def test_a_setting_that_voicetel_has_not_got_keeps_nothing_else(voicetel):
    written(voicetel, pass_caller_id="true", fax_to="fax@acme.example")

    ended = voicetel.run("apply", "--yes")

    assert ended.status == 7
    assert at_carrier(voicetel)[1].fax == "fax@acme.example"
    assert operations(voicetel) == []


@pytest.mark.parametrize("more", [{}, {"fax_to": "fax@acme.example"}])
def test_a_pin_that_is_locked_waits_for_its_day_and_keeps_nothing_else(voicetel, more):
    switch(voicetel, dialect="sdk")
    written(voicetel, port_out_pin="{env: VM_PORT}")
    voicetel.ok("apply", "--yes")
    voicetel.environment["VM_PORT"] = "9153"
    second = {"port_out_pin": "{env: VM_PORT, version: 2}"}
    written(voicetel, **second, **more)

    ended = voicetel.ok("apply", "--yes")

    _, has = at_carrier(voicetel)
    assert (has.pin, has.fax) == ("4287", more.get("fax_to", ""))
    assert "keeps the one before, until" in " ".join((ended.out + ended.err).split())
    assert operations(voicetel) == []
    assert "at the latest: only that waits" in " ".join(voicetel.ok("plan").out.split())
    assert voicetel.run("drift").status == 0
    written(voicetel, **second, cnam="ACME", **more)
    voicetel.ok("apply", "--yes")
    assert _events(voicetel)[-1:] == ["outbound name set"]
    voicetel.days_later = 31
    voicetel.ok("apply", "--yes")
    assert at_carrier(voicetel)[1].pin == "9153"
    assert operations(voicetel) == []
    assert "9153" not in "".join(ended.out + ended.err for ended in voicetel.ended)


def test_drift_that_is_only_told_is_told_of_a_setting_that_waits(voicetel):
    written(voicetel, campaign="alerts")
    voicetel.ok("apply", "--yes")
    voicetel.project("{id: CH5K5IZ}", "{id: CN0NEYT, brand: us, description: Reminders}")
    voicetel.project(CAMPAIGNS[:13], "    brands: {us: {id: BUS1234}}\n" + CAMPAIGNS[:13])
    store = Store(str(voicetel.root / ".reconciler/sandbox/sandbox.db"))
    has = features(store, MAIN.removeprefix("+1"))
    with store.transaction():
        save(store, MAIN.removeprefix("+1"), replace(has, campaign=""), "by hand")
    store.close()
    written(voicetel, campaign="reminders")

    made = voicetel.run("plan", "--only", "config", "-o", "json").document

    (part,) = [each for each in made["parts"] if each["part"] == "acme"]
    assert part["operations"] == []
    (told,) = part["drifted"]
    assert [(each["path"], each["after"]) for each in told["changes"]] == [("/campaign", "alerts")]
    assert [each["field"] for each in part["held"]] == ["campaign"]


def test_a_pin_that_is_locked_waits_beside_a_campaign_that_is_begun(voicetel):
    switch(voicetel, dialect="sdk")
    store = Store(str(voicetel.root / ".reconciler/sandbox/sandbox.db"))
    with store.transaction():
        add_campaign(store, "CH5K5IZ", "C")
    store.close()
    written(voicetel, port_out_pin="{env: VM_PORT}")
    voicetel.ok("apply", "--yes")
    voicetel.environment["VM_PORT"] = "9153"
    written(voicetel, port_out_pin="{env: VM_PORT, version: 2}", campaign="reminders")
    voicetel.ok("apply", "--yes")
    switch(voicetel, clock_offset_seconds=600)
    voicetel.ok("apply", "--yes")

    assert at_carrier(voicetel)[1].campaign == "CH5K5IZ"
    assert "at the latest: only that waits" in " ".join(voicetel.ok("plan").out.split())
    assert operations(voicetel) == []


def _events(project):
    with sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db") as database:
        return [what for (what,) in database.execute("SELECT what FROM event ORDER BY n")]


def test_a_campaign_that_fails_is_asked_for_again_and_then_there(voicetel):
    switch(voicetel, dialect="sdk", campaign_fails="Number is hosted elsewhere")
    store = Store(str(voicetel.root / ".reconciler/sandbox/sandbox.db"))
    with store.transaction():
        add_campaign(store, "CH5K5IZ", "C")
    store.close()
    written(voicetel, campaign="reminders")
    voicetel.ok("apply", "--yes")
    switch(voicetel, clock_offset_seconds=600)
    voicetel.run("plan")  # somebody looks, and it has failed by then
    switch(voicetel, campaign_fails="")

    voicetel.run("apply", "--yes")
    assert "Waiting" in voicetel.run("plan").out
    switch(voicetel, clock_offset_seconds=1200)
    voicetel.ok("apply", "--yes")

    assert at_carrier(voicetel)[1].campaign == "CH5K5IZ"
    assert operations(voicetel) == []
