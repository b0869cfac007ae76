from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.engine.quarantine import ends_at
from reconciler.model.supply import NumberState
from reconciler.report.locks import locks_json, locks_text
from reconciler.report.numbers import numbers_json, numbers_text
from reconciler.report.quarantine import quarantine_json, quarantine_text, quarantines
from reconciler.report.runs import run_json, run_text, runs_json, runs_text
from reconciler.report.text import as_text
from tests.report.records import DONE, LEASE, NUMBERS, ORDERED, PARKED, RUN, WAITING, entry, number

NOW = datetime(2026, 11, 21, 14, 2, 11, tzinfo=UTC)
OPEN = RUN._replace(run_id="01JD7R", finished_at="", exit_code=None)


def test_runs(golden):
    golden("runs", runs_text([OPEN, RUN]))


def test_a_run_and_its_journal(golden):
    golden("run", run_text(RUN, [DONE, ORDERED, PARKED, WAITING]))


def test_a_run_that_is_over_asks_for_nothing():
    text = as_text(run_text(RUN, [DONE]))

    assert "resume" not in text
    assert "settle" not in text


def test_runs_in_json():
    assert json.loads(runs_json([OPEN, RUN]))["runs"][1] == {
        "run_id": "01JD7Q",
        "started_at": "2026-11-21T14:02:11.123456Z",
        "finished_at": "2026-11-21T14:02:19.000001Z",
        "who": "jo@host",
        "command": "apply plan.json",
        "exit_code": 8,
        "parts": ["acme", "globex"],
        "plan_id": "5f0e6bb8a1d14c02b07e0a3c1f5f2f11",
        "taken_over_by": "",
    }


def test_a_journal_in_json_has_all_but_the_bodies():
    text = run_json(RUN, [DONE, ORDERED])
    row = json.loads(text)["operations"][1]

    assert "not told" not in text
    assert row["address"] == "acme/carrier_number/+12015550144"
    assert (row["state"], row["open"], row["action"], row["charge"]) == (
        "unknown",
        True,
        "order",
        "paid",
    )
    assert set(row) == set(DONE._fields) - {"body"} | {"open"}


def test_locks(golden):
    golden("locks", locks_text([LEASE]))


def test_no_locks():
    assert as_text(locks_text([])) == "Nothing is locked.\n"
    assert json.loads(locks_json([]))["locks"] == []


def test_locks_in_json():
    (held,) = json.loads(locks_json([LEASE]))["locks"]

    assert (held["scope"], held["nonce"], held["owner"]) == ("tenant/acme", "8a31", "jo@host/4711")


UNTIL = {number.e164: ends_at(number, 45) for number in NUMBERS}


def test_numbers(golden):
    golden("numbers", numbers_text(NUMBERS, UNTIL))


def test_numbers_in_json():
    assert [n["e164"] for n in json.loads(numbers_json(NUMBERS, UNTIL))["numbers"]] == [
        n.e164 for n in NUMBERS
    ]
    assert as_text(numbers_text([], {})) == "No numbers.\n"


def test_quarantine(golden):
    golden("quarantine", quarantine_text(quarantines(NUMBERS, 45, NOW), NOW))


SINCE = datetime(2026, 10, 1, 9, tzinfo=UTC)
ENDS = {
    "a second before its end": ({}, SINCE + timedelta(days=45, seconds=-1), False),
    "at its end": ({}, SINCE + timedelta(days=45), True),
    "on the day that it is kept until": (
        {"release_after": "2026-12-31"},
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        False,
    ),
    "on the day after": (
        {"release_after": "2026-12-31"},
        datetime(2027, 1, 1, tzinfo=UTC),
        True,
    ),
    "a date that would shorten it": (
        {"release_after": "2026-10-02"},
        SINCE + timedelta(days=44),
        False,
    ),
    "protected": ({"protect": True}, SINCE + timedelta(days=400), False),
    "since nobody knows when": ({"quarantined_at": ""}, SINCE + timedelta(days=400), False),
    "since no instant": ({"quarantined_at": "soon"}, SINCE + timedelta(days=400), False),
    "since an instant without a zone": (
        {"quarantined_at": "2026-10-01T09:00:00"},
        SINCE + timedelta(days=400),
        False,
    ),
}


@pytest.mark.parametrize(("facts", "now", "due"), ENDS.values(), ids=ENDS)
def test_when_a_quarantine_ends(facts, now, due):
    since = {"quarantined_at": "2026-10-01T09:00:00Z"}
    held = number("+12015550188", NumberState.QUARANTINED, **(since | facts))
    (found,) = quarantines([held], 45, now)

    assert found.due is due
    assert json.loads(quarantine_json([found]))["numbers"][0]["due"] is due


def test_only_numbers_in_quarantine_are_told():
    assert len(quarantines(NUMBERS, 45, NOW)) == 5
    assert as_text(quarantine_text([], NOW)) == "No numbers are in quarantine.\n"


def test_a_free_operation_shows_no_key():
    sent = entry("op-09", idem_key="deadbeef00", sends=1)

    assert "deadbeef" not in as_text(run_text(RUN, [sent]))
