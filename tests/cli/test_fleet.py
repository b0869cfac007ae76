"""Many tenants: planned one by one, shared among processes, and remembered each by itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.cli import fleet
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import Context
from reconciler.cli.memory import recall_tenants
from reconciler.cli.session import session_of
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

NAMES = ("alder", "birch", "cedar", "dogwood")


@pytest.fixture
def several(project):
    """Four tenants; the first has the number."""
    (project.root / "tenants" / "acme.yaml").unlink()
    for name in NAMES:
        _write(project, name, NUMBER_LINE if name == NAMES[0] else "")
    return project


def _write(project, name, number_line="", **changed):
    text = TENANT.replace("tenant: acme", f"tenant: {name}")
    text = text.replace(f"numbers:\n{NUMBER_LINE}", f"numbers:\n{number_line}" * bool(number_line))
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    (project.root / "tenants" / f"{name}.yaml").write_text(text, encoding="utf-8")


def _remembered(project):
    context = Context(project.environment, project.root, project.clock)
    session = session_of(context)
    try:
        return set(recall_tenants(session, session.tenant_files()).tenants)
    finally:
        session.close()


def _settled(project):
    """All applied, and a plan that found nothing to do for any."""
    project.applied()
    project.ok("plan", "--detailed-exitcode")
    assert _remembered(project) == set(NAMES)


def _plan(project):
    made = json.loads(project.run("plan", "-o", "json").out)
    return {key: made[key] for key in ("content_digest", "summary", "parts", "has_changes")}


def test_several_processes_make_the_plan_that_one_makes(several, monkeypatch):
    alone = _plan(several)
    monkeypatch.setattr(fleet, "SHARED_FROM", 2)

    assert _plan(several) == alone


@pytest.mark.slow
def test_several_processes_tell_every_problem(several, monkeypatch):
    monkeypatch.setattr(fleet, "SHARED_FROM", 2)
    _write(several, "birch", Acme="Acme\nnonsense: 1")
    _write(several, "dogwood", **{"extension/102": "extension/199"})

    told = several.run("plan")

    assert told.status == 3
    assert "birch.yaml" in told.err
    assert "dogwood.yaml" in told.err


def test_a_plan_with_one_tenant_changed_is_the_plan_of_all(several):
    _settled(several)
    _write(several, "cedar", **{"Back office": "Back room"})
    before = _plan(several)
    several.sql("DELETE FROM planned")

    assert before == _plan(several)
    assert _remembered(several) == set(NAMES) - {"cedar"}


def test_plain_sql_on_a_tenant_that_is_remembered_is_seen(several):
    _settled(several)
    several.sql(
        "UPDATE object SET spec = json_set(spec, '$.name', 'Somebody')"
        " WHERE kind = 'extension' AND tenant = 'birch'"
    )

    assert _remembered(several) == set(NAMES) - {"birch"}
    assert several.run("plan", "--detailed-exitcode").status == 2
    assert several.run("drift").status == 2


def test_a_number_of_a_tenant_that_is_remembered_is_claimed_once(several):
    _settled(several)
    _write(several, "cedar", NUMBER_LINE)

    told = several.run("plan")

    assert told.status == 3
    assert "TEL410" in told.err
    assert "alder" in told.err


def test_a_line_that_moves_to_another_tenant_is_seen_beside_those_remembered(several):
    _settled(several)
    _write(several, "alder")
    _write(several, "cedar", NUMBER_LINE)

    told = several.run("plan")

    assert "in the YAML of cedar" in told.out
    assert several.run("apply", "--yes").status == 4
    assert several.sql("SELECT state, tenant FROM number") == [("assigned", "alder")]
    assert several.spec("number", MAIN)["to"] == "ring_group/sales"


def test_a_trigger_that_is_gone_hides_nothing_from_those_who_look_at_everything(several):
    _settled(several)
    for trigger in ("object_updated",):
        several.sql(f"DROP TRIGGER {trigger}")
    several.sql(
        "UPDATE object SET spec = json_set(spec, '$.name', 'Somebody')"
        " WHERE kind = 'extension' AND tenant = 'birch'"
    )

    assert several.run("plan", "--detailed-exitcode").status == 0
    assert several.run("plan", "--verify", "--detailed-exitcode").status == 2
    assert several.run("drift").status == 2


def test_another_day_and_another_project_file_forget_everything(several):
    _settled(several)
    several.days_later = 1
    assert several.ok("plan").status == 0
    several.days_later = 0
    assert _remembered(several) == set()
    several.ok("plan")
    several.project("lock_timeout: 0s", "lock_timeout: 1s")

    assert _remembered(several) == set()


# What was left out once: quarantines, silences, ports, and what an apply leaves.


class Hands(SystemClock):
    """A clock that stands where it is put."""

    def __init__(self, at):
        object.__setattr__(self, "at", at)

    def now(self):
        return self.at


@pytest.fixture
def quarantined(several):
    """The first tenant's number is in quarantine since noon, and a plan was made next day."""
    several.clock = Hands(datetime(2026, 11, 1, 12, tzinfo=UTC))
    several.applied()
    _write(several, "alder")
    several.clock = Hands(datetime(2026, 11, 2, 12, tzinfo=UTC))
    several.applied()
    return several


def _at(project, **after):
    project.clock = Hands(datetime(2026, 11, 2, 12, tzinfo=UTC) + timedelta(**after))


def test_a_tenant_with_a_number_in_quarantine_is_remembered_until_that_ends(quarantined):
    _at(quarantined, days=45, hours=-2)
    quarantined.ok("plan")
    assert _remembered(quarantined) == set(NAMES)

    _at(quarantined, days=45, hours=1)

    assert _remembered(quarantined) == set(NAMES) - {"alder"}
    assert f"release:{MAIN}" in quarantined.run("plan").out


def test_a_release_date_that_is_taken_back_by_plain_sql_is_seen(quarantined):
    _at(quarantined, days=20)
    quarantined.ok("plan")
    assert _remembered(quarantined) == set(NAMES)

    quarantined.sql("UPDATE number SET quarantined_at = '2026-01-01T00:00:00Z'")

    assert "alder" not in _remembered(quarantined)


def test_another_tenant_may_not_take_what_a_remembered_one_has_in_quarantine(quarantined):
    _at(quarantined, days=20)
    quarantined.ok("plan")
    assert "alder" in _remembered(quarantined)
    _write(quarantined, "cedar", NUMBER_LINE)

    told = quarantined.run("plan")

    assert "in the YAML of cedar" in told.out
    assert quarantined.run("apply", "--yes").status == 4
    assert quarantined.sql("SELECT state, tenant FROM number") == [("quarantined", "alder")]


def _silenced(project):
    _write(project, "alder", NUMBER_LINE.replace("ring_group/sales", "hangup"))
    path = project.root / "reconciler.yaml"
    path.write_text(path.read_text("utf-8") + "policies: policies.yaml\n", "utf-8")
    (project.root / "policies.yaml").write_text(
        f"silence: [{{code: TEL203, object: alder/number/{MAIN}, reason: in flight,"
        ' until: "2099-12-01"}]\n',
        "utf-8",
    )


def _told(project):
    problems = json.loads(project.run("plan", "-o", "json").out)["problems"]
    return [(each["code"], each["address"]) for each in problems]


def test_a_tenant_with_a_silence_is_remembered_with_it(several):
    _silenced(several)
    several.applied()
    several.sql("DELETE FROM planned")
    first = _told(several)
    assert _remembered(several) == set(NAMES)

    assert _told(several) == first
    assert not {"E172", "TEL203"} & {code for code, _ in first}


def test_silences_that_other_processes_used_are_not_useless(several, monkeypatch):
    _silenced(several)
    monkeypatch.setattr(fleet, "SHARED_FROM", 2)

    assert not {"E172", "TEL203"} & {code for code, _ in _told(several)}


def test_a_silence_that_hides_nothing_any_more_is_told_beside_those_remembered(several):
    _silenced(several)
    several.applied()
    assert _remembered(several) == set(NAMES)
    _write(several, "alder", NUMBER_LINE)

    assert "E172" in {code for code, _ in _told(several)}


PORT = """\
ports:
  spring:
    connector: sandbox
    numbers: ["+16175550150"]
    to: extension/101
    subscriber: {name: Acme, street_number: "12", street: Spring, street_type: ST, city: Boston,
                 region: MA, postcode: "02110", country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+16175550150", account: {env: VM_ACCOUNT}}
"""


def _port(project, name):
    path = project.root / "tenants" / f"{name}.yaml"
    path.write_text(path.read_text("utf-8") + PORT, "utf-8")


def test_a_tenant_whose_port_waits_is_looked_at_each_time(several):
    several.environment["VM_ACCOUNT"] = "1"
    _port(several, "birch")
    several.ok("apply", "--yes", "--approve", "port:birch/spring")

    assert _remembered(several) == set(NAMES) - {"birch"}
    assert "Your request is being worked on" in several.ok("plan").out


def test_an_apply_that_ended_in_sync_is_remembered_without_a_plan(several):
    several.applied()

    assert _remembered(several) == set(NAMES)
    assert several.ok("plan", "--detailed-exitcode").status == 0


def test_an_apply_of_one_tenant_is_remembered_beside_the_others(several):
    _settled(several)
    _write(several, "cedar", **{"Back office": "Back room"})

    several.ok("apply", "--tenant", "cedar", "--yes")

    assert _remembered(several) == set(NAMES)
    several.sql("UPDATE object SET spec = json_set(spec, '$.name', 'X') WHERE kind = 'extension'")
    assert several.run("plan", "--detailed-exitcode").status == 2


@pytest.mark.slow
def test_what_an_apply_did_not_bring_in_sync_is_not_remembered(several):
    several.ok("sandbox", "fault", "stale", "--seconds", "3600")
    several.run("apply", "--yes")

    assert "alder" not in _remembered(several)


def test_a_project_file_that_changed_since_it_was_read_lets_nothing_be_remembered(several):
    several.applied()
    several.sql("DELETE FROM planned")
    context = Context(several.environment, several.root)
    session = session_of(context)
    assert session.project_digest if session.project else False
    several.project("lock_timeout: 0s", "lock_timeout: 1s")
    try:
        fleet.remember_applied(session, NAMES)
    finally:
        session.close()

    assert several.sql("SELECT count(*) FROM planned") == [(0,)]
    several.project("lock_timeout: 1s", "lock_timeout: 0s")
    assert _remembered(several) == set()


def test_two_tenants_that_claim_the_same_are_never_both_remembered(several):
    """Two plans of one tenant each, which see nothing of each other's files."""
    _settled(several)
    for name in ("birch", "cedar"):
        _port(several, name)
        several.ok("plan", name)

    remembered = _remembered(several)

    assert remembered.isdisjoint({"birch", "cedar"})
    told = several.run("plan")
    assert told.status == 3
    assert "+16175550150" in told.err
    assert "birch" in told.err


def test_a_sound_file_that_goes_is_missed_in_a_tenant_that_is_remembered(several):
    path = several.root / "tenants" / "birch.yaml"
    path.write_text(
        path.read_text("utf-8") + "audio: {closed: {file: sounds/closed.wav, then: hangup}}\n",
        "utf-8",
    )
    sound = several.root / "sounds" / "closed.wav"
    sound.parent.mkdir()
    sound.write_bytes(b"RIFF")
    several.applied()
    several.ok("plan")
    assert "birch" in _remembered(several)

    sound.unlink()

    assert "birch" not in _remembered(several)
    assert ("E161", "") in _told(several)
    sound.write_bytes(b"RIFF")
    assert ("E161", "") not in _told(several)
