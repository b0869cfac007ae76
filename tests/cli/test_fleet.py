"""Many tenants: planned one by one, shared among processes, and remembered each by itself."""

import json

import pytest

from reconciler.cli import fleet
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
    context = Context(environment=project.environment, directory=project.root)
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
