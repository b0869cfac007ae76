"""The life of a number from the command line: bought, quarantined, released."""

from datetime import datetime, timedelta

import pytest

from tests.cli.projects import MAIN, NUMBER_LINE


@pytest.fixture
def quarantined(project):
    project.applied()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.applied()
    return project


def _over(project):
    project.days_later = 46


def test_numbers_are_listed_and_narrowed(project):
    project.applied()

    def listed(*arguments):
        return [
            n["e164"]
            for n in project.ok("numbers", "list", *arguments, "-o", "json").document["numbers"]
        ]

    assert listed() == [MAIN]
    assert listed("--tenant", "acme", "--state", "assigned") == [MAIN]
    assert listed("--tenant", "globex") == []
    assert listed("--state", "quarantined") == []
    assert listed(MAIN) == [MAIN]
    assert listed("+16175550145") == []
    assert listed("--connector", "sandbox") == [MAIN]
    assert listed("--connector", "") == []


def test_a_removed_line_quarantines_and_releases_nothing(quarantined):
    (number,) = quarantined.ok("quarantine", "-o", "json").document["numbers"]

    assert number["e164"] == MAIN
    assert number["tenant"] == "acme"
    assert number["due"] is False
    assert "45 days left" in quarantined.ok("quarantine").out
    assert quarantined.ok("quarantine", "list").out == quarantined.ok("quarantine").out
    assert (
        quarantined.ok("quarantine", "--tenant", "globex", "-o", "json").document["numbers"] == []
    )
    assert quarantined.ok("sandbox", "ledger", "-o", "json").document["releases"] == []


def test_a_date_moved_back_in_the_record_ends_no_quarantine(quarantined):
    quarantined.sql("UPDATE number SET quarantined_at = '2020-01-01T00:00:00Z'")

    assert quarantined.ok("quarantine", "-o", "json").document["numbers"][0]["due"] is False
    assert "due" not in quarantined.ok("plan").out
    quarantined.run("apply", "--yes", "--approve", f"release:{MAIN}")
    assert quarantined.ok("sandbox", "ledger", "-o", "json").document["releases"] == []


def test_the_list_says_until_when_a_number_is_kept(quarantined):
    ((since,),) = quarantined.sql("SELECT quarantined_at FROM number")
    ends = datetime.fromisoformat(since) + timedelta(days=45)

    (number,) = quarantined.ok("numbers", "list", "-o", "json").document["numbers"]

    assert number["until"] == f"{ends:%Y-%m-%dT%H:%M:%SZ}"
    told = quarantined.ok("numbers", "list").out
    assert f"{ends:%Y-%m-%d}" in told
    assert "1 number: 1 quarantined." in told


def test_one_run_with_a_wrong_clock_ends_no_quarantine_early(quarantined):
    quarantined.sql("UPDATE ledger SET last_time = '2099-01-01T00:00:00.000000Z'")

    assert quarantined.ok("quarantine", "-o", "json").document["numbers"][0]["due"] is False
    assert "due" not in quarantined.ok("plan").out


def test_a_quarantine_begun_with_the_clock_set_back_is_not_older_for_it(project):
    project.applied()
    project.days_later = -400
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.applied()
    project.days_later = 0

    assert project.ok("quarantine", "-o", "json").document["numbers"][0]["due"] is False


def test_what_is_due_is_released_with_its_approval_only(quarantined):
    _over(quarantined)

    assert "due" in quarantined.ok("quarantine").out
    skipped = quarantined.ok("apply", "--yes")
    assert f"--approve release:{MAIN}" in skipped.out
    books = quarantined.ok("sandbox", "ledger", "-o", "json").document
    assert books["releases"] == []

    quarantined.ok("apply", "--yes", "--approve", f"release:{MAIN}")

    books = quarantined.ok("sandbox", "ledger", "-o", "json").document
    assert [item["number"] for item in books["releases"]] == [MAIN]
    assert books["numbers"] == []
    assert quarantined.sql("SELECT state FROM number") == [("released",)]
    assert "No numbers" in quarantined.ok("quarantine").out


def test_another_numbers_approval_releases_nothing(quarantined):
    _over(quarantined)

    quarantined.run("apply", "--yes", "--approve", "release:+16175550145")

    assert quarantined.ok("sandbox", "ledger", "-o", "json").document["releases"] == []


def test_the_line_put_back_ends_it(quarantined):
    quarantined.change("extensions:\n", f"numbers:\n{NUMBER_LINE}extensions:\n")
    quarantined.applied()

    assert quarantined.sql("SELECT state FROM number") == [("assigned",)]
    assert len(quarantined.charges()) == 1
