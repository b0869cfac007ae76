"""A saved plan with parts of an account is believed only as it was made."""

from __future__ import annotations

import pytest

from tests.cli.conftest import project
from tests.e2e.bad_plans import forged
from tests.e2e.test_account_gateways import NEW, OLD, at_carrier, gateways, operations

__all__ = ["project"]


@pytest.fixture
def saved(project):
    """A plan that replaces a gateway: two parts of the account around one tenant."""
    project.applied()
    project.project(OLD, NEW)
    project.ok("plan", "--out", "plan.json")
    return project


def removals_first(document):
    document["parts"].insert(0, document["parts"].pop())


def left_behind(document):
    operation = document["parts"][-1]["operations"][0]
    operation["after"] = operation["before"]


def of_a_tenant(document):
    document["parts"][0]["kind"] = "tenant"


def of_another(document):
    document["parts"][-1]["operations"][0]["tenant"] = "acme"


FORGED = {
    "what goes comes first": (removals_first, "in the wrong place"),
    "what goes stays": (left_behind, "only removes"),
    "a tenant's part": (of_a_tenant, "another kind"),
    "another tenant's act": (of_another, "another tenant's"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_plan_that_was_forged_is_refused_and_does_nothing(saved, name):
    change, why = FORGED[name]
    path = saved.root / "plan.json"
    path.write_bytes(forged(change)(path.read_bytes()))

    ended = saved.run("apply", "plan.json", "--yes")

    assert ended.status == 3
    assert why in ended.err
    assert set(gateways(saved)) == {OLD}


def test_a_plan_by_its_digest_is_the_same_for_whoever_makes_it(saved):
    digest = saved.run("plan", "-o", "json").document["content_digest"]

    saved.ok("apply", "--expect", digest[:8])

    assert set(gateways(saved)) == {NEW}
    assert operations(saved) == []


def test_a_part_is_stale_when_its_gateway_was_changed_meanwhile(saved):
    at_carrier(saved, lambda store: store.add_gateway(NEW, "", 5))

    ended = saved.run("apply", "plan.json", "--yes", "-o", "json")

    assert (ended.status, ended.document["exit_codes"]) == (5, [5, 6])
    told = {part["part"]: part["status"] for part in ended.document["parts"]}
    assert told["@sandbox"] == "stale"
    assert told["@sandbox:removals"] == "held_back"
    assert OLD in gateways(saved)
