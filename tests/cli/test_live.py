"""What callers meet is the published version: it is watched like everything else."""

import pytest

from tests.cli.projects import TENANT

MENU = """\
auto_attendants:
  main:
    greeting: {say: "Press 1 for sales, or 0 for the desk."}
    options: {"1": ring_group/sales, "0": operator}
    operator: extension/101
    timeout: {to: operator}
    invalid: {to: operator}
"""

LIVE = "SELECT count(*) FROM published_version"


@pytest.fixture
def menu(project):
    project.write(TENANT + MENU)
    project.applied()
    assert project.sql(LIVE) == [(1,)]
    return project


def test_a_live_version_that_somebody_deleted_is_drift_and_comes_back(menu):
    menu.sql("DELETE FROM published_version")

    told = menu.run("drift")
    assert (told.status, "auto_attendant/main" in told.out) == (2, True), told
    menu.applied()

    assert menu.sql(LIVE) == [(1,)]
    assert menu.run("drift").status == 0


def test_it_comes_back_even_where_drift_is_only_reported(menu):
    menu.project("drift: revert", "drift: report")
    menu.sql("DELETE FROM published_version")

    menu.applied()

    assert menu.sql(LIVE) == [(1,)]


def test_another_version_that_somebody_published_is_drift(menu):
    menu.sql(
        "INSERT INTO published_version SELECT tenant, kind, name, version + 1, '{}', 'other',"
        " '2026-11-22T00:00:00Z', 'somebody' FROM published_version"
    )

    assert menu.run("drift").status == 2
    menu.project("drift: revert", "drift: report")
    menu.applied()
    assert menu.run("drift").status == 2
    menu.project("drift: report", "drift: revert")
    menu.applied()
    assert menu.run("drift").status == 0


def test_a_menu_that_git_changed_is_no_drift(menu):
    menu.change('"0": operator', '"0": extension/102')

    told = menu.run("drift")

    assert told.status == 0, told
    assert menu.run("plan", "--detailed-exitcode").status == 2
