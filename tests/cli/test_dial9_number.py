"""What only Dial 9 holds of a number: its recording, and the prefix before callers' names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.test_dial9 import MAIN, NUMBER, british, fault, in_sync, unit_of

__all__ = ["british"]

BOTH = "carrier_record: true, carrier_caller_id_prefix: 'Sales:'"
SAVE = ("/api/v2/numbers/save", "/api/v2/numbers/update")


def at_dial9(project):
    """Whether its calls are recorded there, what is put before names, and the caller ID."""
    with unit_of(project) as store:
        (number,) = store.numbers()
    return number.recording, number.caller_id_prefix, number.passthrough


def words(ended):
    return " ".join(ended.out.split())


def with_fields(project, fields):
    project.change("location: hq}\n", f"location: hq, {fields}}}\n")


def test_a_plan_shows_that_dial_9_records_what_it_sells_and_the_apply_ends_it(british):
    plan = british.ok("plan")
    assert "carrier_record true → (none)" in words(plan)

    british.applied()

    assert at_dial9(british) == (False, None, True)
    assert in_sync(british)


def test_a_number_may_be_recorded_there_and_have_a_prefix_and_both_can_be_taken_back(british):
    with_fields(british, BOTH)
    plan = british.ok("plan")
    assert "carrier_caller_id_prefix (none) → Sales:" in words(plan)
    assert "carrier_record" not in words(plan)  # it stays as Dial 9 makes it

    british.applied()
    assert at_dial9(british) == (True, "Sales:", True)
    assert in_sync(british)

    british.change(f", {BOTH}", "")
    taken = words(british.ok("plan"))
    assert "carrier_record true → (none)" in taken
    assert "carrier_caller_id_prefix Sales: → (none)" in taken
    british.applied()
    assert at_dial9(british) == (False, None, True)
    assert in_sync(british)


@pytest.mark.parametrize(
    "nothing", ["carrier_record: false", "carrier_caller_id_prefix: ''", "carrier_record: null"]
)
def test_what_says_nothing_is_what_is_left_out(british, nothing):
    british.applied()
    with_fields(british, nothing)

    assert in_sync(british)


@pytest.mark.parametrize("said", ["", BOTH], ids=["git says nothing", "git says both"])
def test_what_a_colleague_changed_there_is_drift_and_the_next_apply_reverts_it(british, said):
    if said:
        with_fields(british, said)
    british.applied()
    wanted = at_dial9(british)
    british.ok("sandbox", "poke", MAIN, "caller_id_prefix=EVIL")
    british.ok("sandbox", "poke", MAIN, f"recording={'false' if said else 'true'}")

    drift = british.run("drift")
    assert drift.status == 2
    assert "carrier_caller_id_prefix" in drift.out
    assert "carrier_record" in drift.out
    assert "EVIL" in drift.out
    british.applied()
    assert at_dial9(british) == wanted
    assert in_sync(british)


def test_drift_that_is_only_reported_stays_as_it_is(british):
    british.project("drift: revert\n", "drift: report\n")
    british.applied()
    british.ok("sandbox", "poke", MAIN, "recording=true")
    british.ok("sandbox", "poke", MAIN, "caller_id_prefix=Old:")

    assert british.run("drift").status == 2
    british.ok("apply", "--yes")
    assert at_dial9(british) == (True, "Old:", True)
    with_fields(british, "pass_caller_id: false")
    british.ok("apply", "--yes")
    assert at_dial9(british) == (True, "Old:", False)


def test_a_number_that_is_adopted_shows_what_is_taken_from_it(british):
    british.ok("sandbox", "poke", MAIN, "caller_id_prefix=Old:")

    plan = words(british.ok("plan"))

    assert "carrier_caller_id_prefix Old: → (none); carrier_record true → (none)" in plan
    british.applied()
    assert at_dial9(british) == (False, None, True)
    assert in_sync(british)


def test_a_number_that_was_bought_and_not_set_yet_is_still_to_be_set(british):
    newer = "edition: connect" in (british.root / "reconciler.yaml").read_text()
    fault(british, "refuse", SAVE[newer], "--times", "9")
    assert british.run("apply", "--yes").status == 5
    assert at_dial9(british) == (True, None, True)
    british.ok("sandbox", "fault", "none")

    assert "carrier_record true → (none)" in words(british.ok("plan"))
    british.applied()
    assert at_dial9(british) == (False, None, True)
    assert in_sync(british)


def test_nothing_more_is_recorded_in_quarantine_and_it_comes_back_with_the_line(british):
    with_fields(british, BOTH)
    british.applied()
    line = NUMBER.replace("location: hq}", f"location: hq, {BOTH}}}")
    british.change(line, "")
    british.change("numbers:\n", "")

    british.ok("apply", "--yes", "--allow", "quarantines=1")
    assert at_dial9(british) == (False, "Sales:", True)
    assert in_sync(british)
    british.clock.ahead += timedelta(days=2)
    british.change("extensions:\n", f"numbers:\n{line}extensions:\n")
    british.applied()
    assert at_dial9(british) == (True, "Sales:", True)
    assert in_sync(british)
