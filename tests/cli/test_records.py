"""The pool is a public table: what is changed in it by hand is seen, told and put back."""

import pytest

from tests.cli.projects import MAIN, NUMBER_LINE

OLD = "2020-01-01T00:00:00Z"

EDITS = {
    "given away": ("UPDATE number SET state = 'available', tenant = ''", "pool/state"),
    "at another connector": ("UPDATE number SET connector = 'elsewhere'", "pool/connector"),
    "protected": ("UPDATE number SET protect = 1", "pool/protect"),
    "kept until a date": ("UPDATE number SET release_after = '2030-01-01'", "pool/release_after"),
    "in quarantine": (
        f"UPDATE number SET state = 'quarantined', quarantined_at = '{OLD}'",
        "pool/state",
    ),
    "reserved for nobody": (
        "UPDATE number SET state = 'reserved', tenant = ''",
        "pool/tenant",
    ),
    "released": ("UPDATE number SET state = 'released', tenant = ''", "pool/state"),
    "forgotten": ("DELETE FROM number", "pool/tenant"),
}


@pytest.fixture
def applied(project):
    project.applied()
    return project


@pytest.mark.parametrize(("statement", "field"), EDITS.values(), ids=EDITS)
def test_a_record_changed_by_hand_is_drift_and_is_put_back(applied, statement, field):
    before = applied.sql("SELECT state, tenant, connector, protect, release_after FROM number")
    applied.sql(statement)

    told = applied.run("drift")
    assert (told.status, field in told.out) == (2, True), told
    applied.applied()

    after = applied.sql("SELECT state, tenant, connector, protect, release_after FROM number")
    assert after == before
    assert applied.run("drift").status == 0
    assert applied.ok("sandbox", "ledger", "-o", "json").document["releases"] == []
    assert len(applied.charges()) == 1


def test_drift_that_is_only_reported_stays_in_the_record(applied):
    applied.project("drift: revert", "drift: report")
    applied.sql("UPDATE number SET protect = 1")

    applied.applied()

    assert applied.sql("SELECT protect FROM number") == [(1,)]
    assert applied.run("drift").status == 2


@pytest.mark.parametrize("spec", ['{"to": "busy", "connector": "elsewhere"}', "{}"])
def test_whatever_stands_in_the_object_its_carrier_is_the_one_it_was_got_at(applied, spec):
    applied.sql("UPDATE object SET spec = ? WHERE kind = 'number'", spec)

    assert applied.run("drift").status == 2
    applied.applied()

    assert applied.spec("number", MAIN)["connector"] == "sandbox"
    assert applied.spec("number", MAIN)["to"] == "ring_group/sales"


def test_a_made_up_quarantine_in_the_record_releases_nothing(applied):
    applied.sql(f"UPDATE number SET state = 'quarantined', quarantined_at = '{OLD}'")
    applied.change(f"numbers:\n{NUMBER_LINE}", "")

    assert applied.run("apply", "--yes", "--approve", f"release:{MAIN}").status == 64
    applied.run("apply", "--yes")

    assert applied.ok("sandbox", "ledger", "-o", "json").document["releases"] == []
    assert applied.sql("SELECT state FROM number") == [("quarantined",)]
    (number,) = applied.ok("quarantine", "-o", "json").document["numbers"]
    assert number["due"] is False


def test_an_earlier_quarantine_is_no_reason_for_a_release(applied):
    applied.change(f"numbers:\n{NUMBER_LINE}", "")
    applied.applied()
    applied.change("extensions:\n", f"numbers:\n{NUMBER_LINE}extensions:\n")
    applied.applied()
    applied.days_later = 60
    applied.sql(f"UPDATE number SET state = 'quarantined', quarantined_at = '{OLD}'")
    applied.change(f"numbers:\n{NUMBER_LINE}", "")

    applied.run("apply", "--yes", "--approve", f"release:{MAIN}")
    applied.run("apply", "--yes")

    assert applied.ok("sandbox", "ledger", "-o", "json").document["releases"] == []
    (number,) = applied.ok("quarantine", "-o", "json").document["numbers"]
    assert number["due"] is False


def test_a_number_in_quarantine_that_somebody_routes_elsewhere_is_put_back(applied):
    applied.change(f"numbers:\n{NUMBER_LINE}", "")
    applied.applied()
    applied.sql(
        "UPDATE object SET spec = json_set(spec, '$.to', 'extension/101') WHERE kind = 'number'"
    )

    assert applied.run("drift").status == 2
    applied.applied()

    assert applied.spec("number", MAIN)["to"] == "not_in_service"
    began = applied.ok("quarantine", "-o", "json").document["numbers"][0]["quarantined_at"]
    assert not began.startswith("2020")
    assert applied.run("drift").status == 0


def test_what_was_changed_in_quarantine_is_put_back_before_it_may_go(applied):
    applied.change(f"numbers:\n{NUMBER_LINE}", "")
    applied.applied()
    applied.sql(
        "UPDATE object SET spec = json_set(spec, '$.to', 'extension/101') WHERE kind = 'number'"
    )
    applied.days_later = 46

    applied.run("apply", "--yes", "--approve", f"release:{MAIN}")

    assert applied.ok("sandbox", "ledger", "-o", "json").document["releases"] == []


def test_an_intercept_that_git_changes_reaches_the_numbers_in_quarantine(applied):
    applied.change(f"numbers:\n{NUMBER_LINE}", "")
    applied.applied()
    applied.sql("UPDATE object SET spec = json_set(spec, '$.to', 'busy') WHERE kind = 'number'")
    applied.sql("UPDATE applied SET spec = json_set(spec, '$.to', 'busy') WHERE kind = 'number'")

    assert "config" in applied.ok("plan", "-o", "json").out
    applied.applied()

    assert applied.spec("number", MAIN)["to"] == "not_in_service"
    assert applied.ok("plan", "--detailed-exitcode").status == 0
