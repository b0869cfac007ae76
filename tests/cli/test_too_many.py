"""A 429 to a write proves nothing: whatever is paid for is looked for before it is sent again."""

import sqlite3
from contextlib import closing

import pytest

from tests.cli.projects import MAIN

BUSY = ("sandbox", "fault", "429", "--method", "POST")


@pytest.mark.parametrize("natural_key", ["true", "false"])
@pytest.mark.parametrize("after", [(), ("--after",)])
def test_an_order_that_is_told_to_come_later_is_charged_once(project, natural_key, after):
    project.ok("sandbox", "switch", f"natural_key={natural_key}")
    project.ok(*BUSY, "--path", "/v2.2/orders", *after)

    project.applied()

    assert [charge["number"] for charge in project.charges()] == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_a_gateway_that_may_have_been_made_is_not_made_again(project):
    project.ok("sandbox", "switch", "gateway_twice=true")
    project.ok(*BUSY, "--path", "/v2.2/gateways", "--after")

    for _ in range(3):
        project.run("apply", "--yes")

    assert len(made(project)) == 1
    assert project.run("plan", "--detailed-exitcode").status == 0


def made(project):
    """The account's own gateways."""
    path = project.root / ".reconciler" / "sandbox" / "sandbox.db"
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT * FROM gateway WHERE system = 0").fetchall()
