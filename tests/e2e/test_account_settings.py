"""Settings of a carrier account itself, which it tells six times an hour."""

from __future__ import annotations

import pytest

from reconciler.sandbox.store import Store
from tests.cli.conftest import project
from tests.e2e.test_account_calls import GATEWAYS
from tests.e2e.test_account_gateways import acts, at_carrier, events, operations, plan, store_of

__all__ = ["project"]

FIRST = "@sandbox"
SECTION = "    account: {timezone: America/Chicago, notify: true, notify_threshold: 50}\n"
UPDATE = f"{FIRST}/account/sandbox"


@pytest.fixture
def account(project):
    project.applied()
    project.project(GATEWAYS, GATEWAYS + SECTION)
    return project


def settings(project):
    store = store_of(project)
    found = store.records.get("account", "")
    store.close()
    return found


def test_settings_are_set_and_then_nothing_differs(account):
    assert acts(account)[FIRST] == [f"adopt {UPDATE}"]
    account.applied()

    told = settings(account)
    assert (told["timezone"], told["notify"], told["notifyThreshold"]) == (
        "America/Chicago",
        True,
        50,
    )
    assert operations(account) == []
    account.project("notify_threshold: 50", "notify_threshold: 60")
    assert acts(account)[FIRST] == [f"update {UPDATE}"]
    account.applied()
    assert settings(account)["notifyThreshold"] == 60
    assert operations(account) == []


def test_only_what_differs_is_sent_and_what_git_leaves_out_stays(account):
    at_carrier(account, lambda store: store.records.put("account", "", {"callerId": "2015550199"}))
    account.applied()
    assert settings(account)["callerId"] == "2015550199"
    account.project("notify: true", "notify: false")
    store = store_of(account)
    with store.transaction():
        # Changed meanwhile by somebody else: what git does not touch now is not written over.
        store.records.put(
            "account", "", store.records.get("account", "") | {"callerId": "2015550198"}
        )
    store.close()
    account.applied()

    assert settings(account)["callerId"] == "2015550198"
    assert settings(account)["notify"] is False


def test_an_answer_serves_many_plans_and_a_change_is_seen_in_an_hour(account):
    account.applied()
    at_carrier(account, changed_by_hand)
    account.ok("plan", "--verify")
    account.days_later = 1

    drift = account.run("drift", "-o", "json")

    assert drift.status == 2, drift.out
    (found,) = [t for t in drift.document["tenants"] if t["tenant"] == FIRST]
    assert [item["address"] for item in found["drifted"]] == [UPDATE]
    account.applied()
    assert settings(account)["timezone"] == "America/Chicago"


def changed_by_hand(store: Store) -> None:
    store.records.put("account", "", store.records.get("account", "") | {"timezone": "Asia/Tokyo"})


def test_what_cannot_be_asked_now_is_not_checked_and_nothing_else_waits(account):
    account.ok(
        "sandbox", "fault", "500", "--method", "GET", "--path", "/v2.2/account", "--times", "9"
    )
    account.sql("DELETE FROM carrier_fact") if has_facts(account) else None
    account.days_later = 1

    made = plan(account)

    (held,) = [each for part in made["parts"] for each in part["held"]]
    assert (held["address"], held["what"]) == (UPDATE, "unchecked")
    assert account.run("apply", "--yes").status == 7
    assert "timezone" not in settings(account)


def has_facts(project):
    return bool(project.sql("SELECT name FROM sqlite_master WHERE name = 'carrier_fact'"))


def test_a_change_whose_answer_is_lost_is_sent_again(account):
    account.ok("sandbox", "fault", "drop", "--method", "PUT", "--path", "/v2.2/account")

    account.applied()

    assert settings(account)["timezone"] == "America/Chicago"
    assert events(account).count("account changed") == 1
    assert operations(account) == []


def test_what_equals_git_becomes_ours_and_nothing_is_sent(account):
    wanted = {"timezone": "America/Chicago", "notify": True, "notifyThreshold": 50}
    at_carrier(account, lambda store: store.records.put("account", "", wanted))
    account.days_later = 1
    before = events(account)

    (made,) = operations(account)
    assert (made["action"], made["effects"]) == ("adopt", "none")
    account.applied()

    assert events(account) == before


@pytest.mark.parametrize(
    "wrong", ["notify_threshold: -1", "timezone: 'Chicago, US'", "colour: red"]
)
def test_a_setting_that_cannot_be_is_a_problem(account, wrong):
    account.project("notify_threshold: 50", wrong)

    assert account.run("validate").status == 3


def test_a_caller_id_elsewhere_is_told_and_not_sent(account):
    account.project("notify_threshold: 50", 'caller_id: "+442079460100"')

    (held,) = [each for part in plan(account)["parts"] for each in part["held"]]

    assert "+1 numbers only" in held["detail"]


# A setting that the answer leaves out.


def untold(project):
    project.ok("sandbox", "switch", "account_told=false")


def changes(project):
    return [(c["path"], c["cause"]) for op in operations(project) for c in op["changes"]]


def test_what_is_not_told_is_set_once_and_neither_drift_nor_set_again(account):
    untold(account)

    account.applied()
    before = events(account)
    assert settings(account)["notify"] is True
    for days in range(1, 4):
        account.days_later = days
        assert operations(account) == []
        assert account.run("drift").status == 0
        account.applied()

    assert events(account) == before
    account.project("notify_threshold: 50", "notify_threshold: 60")
    assert changes(account) == [("/notify_threshold", "config")]
    account.applied()
    assert settings(account)["notifyThreshold"] == 60


def test_a_setting_that_is_told_and_is_none_is_drift(account):
    account.project("notify: true", 'notify: true, caller_id: "+12015550198"')
    account.applied()
    at_carrier(account, cleared_by_hand)
    account.days_later = 1

    assert changes(account) == [("/caller_id", "drift")]


def cleared_by_hand(store: Store) -> None:
    store.records.put("account", "", store.records.get("account", "") | {"callerId": None})


# A change is believed once it is seen.

PUT = ("--method", "PUT", "--path", "/v2.2/account")
GET = ("--method", "GET", "--path", "/v2.2/account")


def test_a_change_without_effect_is_seen_and_made_again(account):
    account.ok("sandbox", "fault", "no-effect", *PUT)

    ended = account.applied()

    assert settings(account)["timezone"] == "America/Chicago"
    assert "attempt 2" in ended.out
    assert operations(account) == []


def test_a_change_that_never_has_an_effect_is_not_called_done(account):
    account.applied()
    account.project("notify_threshold: 50", "notify_threshold: 60")
    account.ok("sandbox", "fault", "no-effect", *PUT, "--times", "2")

    ended = account.run("apply", "--yes")

    assert ended.status == 5, ended
    assert "notify_threshold is 50" in ended.out
    account.applied()
    assert settings(account)["notifyThreshold"] == 60
    assert operations(account) == []


def test_a_change_that_cannot_be_looked_at_now_says_so(account):
    account.ok("plan")
    account.ok("sandbox", "fault", "503", *GET, "--times", "9")

    ended = account.run("apply", "--yes")

    assert ended.status == 0, ended
    assert "not verified" in ended.out
    assert settings(account)["timezone"] == "America/Chicago"
    account.ok("sandbox", "fault", "none")
    assert operations(account) == []


def test_a_change_is_not_looked_at_where_the_hour_is_used_up(account):
    account.ok("plan")
    one = "INSERT INTO carrier_budget (bucket, at) SELECT bucket, at FROM carrier_budget LIMIT 1"
    while account.sql("SELECT count(*) FROM carrier_budget") < [(5,)]:
        account.sql(one)

    ended = account.run("apply", "--yes")

    assert ended.status == 0, ended
    assert "not verified: 5 of 6 requests used" in " ".join(ended.out.split())


def test_a_change_that_is_not_told_says_so(account):
    untold(account)

    ended = account.applied()

    assert "notify_threshold" in ended.out
    assert "not told" in ended.out


def test_one_read_serves_the_check_and_the_next_plan(account):
    account.ok("plan")
    before = asked(account)

    account.applied()
    account.ok("plan", "--verify")

    assert asked(account) == before + 1


def asked(project):
    """How many of the few requests an hour were used."""
    ((used,),) = project.sql("SELECT count(*) FROM carrier_budget")
    return used
