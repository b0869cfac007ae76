"""A number's record is part of what an arrival relies on: whoever got it first keeps it."""

from __future__ import annotations

import pytest

from tests.cli.projects import MAIN


def test_a_number_that_somebody_got_meanwhile_is_not_bought(project):
    project.without_gateways()
    project.ok("plan", "--out", "plan.json")
    project.sql(
        "INSERT INTO number (e164, state, tenant, country, type, updated_by)"
        " VALUES (?, 'assigned', 'globex', 'US', 'local', 'pat@console')",
        MAIN,
    )

    ended = project.run("apply", "plan.json")

    assert ended.status == 6
    assert "pat@console" in ended.out
    assert not project.charges()
    assert project.spec("number", MAIN) is None
    assert project.sql("SELECT state, tenant FROM number") == [("assigned", "globex")]


@pytest.mark.parametrize(
    "taken",
    [
        "UPDATE number SET state = 'assigned', tenant = 'globex'",
        "UPDATE number SET state = 'reserved', tenant = 'globex'",
        "DELETE FROM number",
    ],
)
def test_a_number_of_the_pool_that_is_gone_meanwhile_is_not_taken(project, taken):
    project.without_gateways()
    project.change("connector: sandbox, to: ring_group/sales, location: hq", "to: ring_group/sales")
    project.ok("plan", "acme")
    project.sql("INSERT INTO number (e164, country, type) VALUES (?, 'US', 'local')", MAIN)
    project.ok("plan", "--out", "plan.json")
    project.sql(taken)
    record = project.sql("SELECT state, tenant FROM number")

    ended = project.run("apply", "plan.json")

    assert ended.status == 6
    assert project.spec("number", MAIN) is None
    assert project.spec("extension", "101") is None  # nothing of the part was done
    assert project.sql("SELECT state, tenant FROM number") == record
