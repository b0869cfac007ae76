"""A carrier account that became empty: taken for a wrong list until somebody says that it is so."""

import contextlib
import sqlite3
from datetime import timedelta

import pytest

from reconciler.sandbox.serve import open_sandbox
from reconciler.sandbox.store import Number
from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE


@pytest.fixture
def emptied(project):
    """Everything applied, and a day later the account is empty."""
    project.clock = PassedClock()
    project.applied()
    path = project.root / ".reconciler/sandbox/sandbox.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM number")
    project.clock.ahead += timedelta(days=1)
    return project


def test_an_empty_list_is_not_believed_and_the_way_out_is_named(emptied):
    told = emptied.run("plan")

    assert told.status == 7
    assert "--allow empty_account=1" in told.out
    assert "E414" not in told.out


def test_a_plan_believes_it_where_it_is_said_and_records_nothing(emptied):
    told = emptied.run("plan", "--allow", "empty_account=1", "--detailed-exitcode")

    assert told.status == 2
    assert "E414" in told.out
    assert emptied.run("plan").status == 7


def test_fewer_than_there_were_is_not_enough(emptied):
    assert emptied.run("plan", "--allow", "empty_account=0").status == 7


def test_an_apply_records_who_said_it_and_from_then_on_it_is_so(emptied):
    emptied.change(f"numbers:\n{NUMBER_LINE}", "")
    assert emptied.run("apply", "--yes").status == 7

    told = emptied.run("apply", "--yes", "--allow", "empty_account=1")

    assert told.status == 0, told
    assert emptied.sql("SELECT state FROM number WHERE e164 = ?", MAIN) == [("quarantined",)]
    ((kind, detail, who),) = emptied.sql(
        "SELECT kind, detail, who FROM approval WHERE kind = 'emptied'"
    )
    assert (kind, detail) == ("emptied", "1 number of ours was known there")
    assert "@" in who
    assert emptied.run("plan", "--detailed-exitcode").status == 0
    assert "emptied" in str(emptied.sql("SELECT body FROM audit"))


def test_it_was_said_once_where_git_still_wants_the_number(emptied):
    emptied.run("apply", "--yes", "--allow", "empty_account=1")

    told = emptied.run("plan")

    assert "E414" in told.out
    assert "empty_account" not in told.out


def test_what_was_adopted_is_known_there_as_what_was_bought(project):
    project.ok("plan")
    path = project.root / ".reconciler/sandbox/sandbox.db"
    with (
        contextlib.closing(open_sandbox(path, (), clock=PassedClock())) as app,
        app.store.transaction(),
    ):
        app.store.save_number(Number(MAIN.removeprefix("+1"), "active", route=4), "planted")
    project.applied()
    assert project.charges() == []
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM number")
    project.clock = PassedClock()
    project.clock.ahead += timedelta(days=1)

    told = project.run("plan")

    assert (told.status, "--allow empty_account=1" in told.out) == (7, True)


def test_other_limits_are_let_pass_by_apply_only(project):
    told = project.run("plan", "--allow", "deletes=3")

    assert told.status == 64
    assert "Say it to `apply`" in told.err
