"""A connector that leaves the project file takes nothing away, and is never called clean."""

from __future__ import annotations

import time

import pytest

from reconciler.sandbox.serve import default_path
from reconciler.sandbox.store import Store
from tests.cli.projects import MAIN, NUMBER_LINE

OTHER = """\
  other:
    kind: voicetel
    sandbox: true
    credentials: {api_key: {env: CARRIER_KEY}}
    gateways: {aux: {host: "sip2.example.net:5060"}}
"""
WHY = ("--reason", "the contract ended")


@pytest.fixture
def gone(project):
    """A project whose second account was applied, and is not in its file any more."""
    project.project("connectors:\n", f"connectors:\n{OTHER}")
    project.applied()
    project.project(OTHER, "")
    return project


def gateways(project):
    store = Store(str(project.root / default_path("other")))
    try:
        return [gateway.host for gateway in store.gateways() if not gateway.system]
    finally:
        store.close()


def known(project):
    return project.sql("SELECT kind, name FROM applied WHERE tenant = '@other'")


def test_a_plan_names_what_is_left_there_with_the_next_step(gone):
    told = gone.run("plan")

    assert told.status == 7
    text = " ".join(told.out.split())
    assert "@other" in text
    assert "gateway/aux not checked: reconciler.yaml has no connector other any more" in text
    assert "put connectors.other back without it, and apply" in text
    assert "reconciler connectors forget other --reason TEXT" in text
    assert "@other/gateway/aux" in gone.run("plan", "-o", "md").out


def test_it_is_told_again_by_the_next_plan_and_by_drift_and_apply(gone):
    assert [gone.run("plan").status for _ in range(2)] == [7, 7]
    assert gone.run("apply", "--yes").status == 7
    ended = gone.run("drift", "-o", "json")
    assert ended.status == 7
    states = {each["tenant"]: each["state"] for each in ended.document["tenants"]}
    assert states == {"@other": "not_checked", "acme": "clean"}


def test_nothing_there_is_touched_and_other_tenants_go_on(gone):
    gone.change("after: 25s", "after: 30s")

    assert gone.run("apply", "--yes").status == 7

    assert gone.spec("ring_group", "sales")["overflow"]["after"] == "30s"
    assert known(gone) == [("gateway", "aux")]
    assert gateways(gone) == ["sip2.example.net:5060"]


def test_a_plan_of_one_tenant_does_not_speak_of_it(gone):
    assert "@other" not in gone.ok("plan", "acme").out


def test_a_saved_plan_is_applied_and_says_so(gone):
    gone.change("after: 25s", "after: 30s")
    gone.run("plan", "--out", "p.json")

    assert gone.run("apply", "p.json").status == 7
    assert gone.spec("ring_group", "sales")["overflow"]["after"] == "30s"


def test_put_back_without_it_what_was_there_is_removed(gone):
    gone.project(
        "connectors:\n", "connectors:\n" + OTHER.replace(OTHER.splitlines()[-1] + "\n", "")
    )

    gone.applied()

    assert known(gone) == []
    assert gateways(gone) == []
    gone.project(OTHER.replace(OTHER.splitlines()[-1] + "\n", ""), "")
    assert gone.ok("plan", "--detailed-exitcode").status == 0


def test_put_back_as_it_was_nothing_is_to_be_done(gone):
    gone.project("connectors:\n", f"connectors:\n{OTHER}")

    assert gone.ok("plan", "--detailed-exitcode").status == 0


# Given up.


def test_an_account_that_is_given_up_is_forgotten_and_left_as_it_is(gone):
    told = gone.ok("connectors", "forget", "other", *WHY)

    assert "Forgotten: @other/gateway/aux. It was not taken away" in told.out
    assert known(gone) == []
    assert gateways(gone) == ["sip2.example.net:5060"]
    assert gone.ok("plan", "--detailed-exitcode").status == 0
    assert gone.ok("store", "check").status == 0
    assert gone.ok("locks", "-o", "json").document["locks"] == []


def test_who_gave_it_up_and_why_is_kept(gone):
    document = gone.ok("connectors", "forget", "other", *WHY, "-o", "json").document

    assert document["addresses"] == ["@other/gateway/aux"]
    run = gone.ok("runs", "list", "-o", "json").document["runs"][0]
    assert (run["command"], run["exit_code"]) == ("connectors forget other", 0)
    (body,) = gone.sql("SELECT body FROM audit WHERE body LIKE '%the contract ended%'")
    assert '"forget"' in body[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("other",), "The reason is missing"),
        (("other", "--reason", " "), "The reason is missing"),
        (("sandbox", *WHY), "reconciler.yaml has the connector sandbox"),
        (("another", *WHY), "Nothing is known of the account @another"),
    ],
)
def test_what_may_not_be_forgotten_is_wrong_usage(gone, arguments, words):
    ended = gone.run("connectors", "forget", *arguments)

    assert ended.status == 64
    assert words in ended.err
    assert known(gone) == [("gateway", "aux")]
    assert gone.sql("SELECT name FROM applied WHERE tenant = '@sandbox'") == [("pbx",)]


def test_what_somebody_works_on_is_not_forgotten(gone):
    lease = gone.sql("SELECT scope FROM lease WHERE scope = 'tenant/@other'")
    assert lease
    gone.sql(
        "UPDATE lease SET owner = 'elsewhere/1/2/3', run_id = 'r1', expires_at = ?"
        " WHERE scope = 'tenant/@other'",
        time.time() + 60,
    )

    ended = gone.run("connectors", "forget", "other", *WHY)

    assert ended.status == 6
    assert known(gone) == [("gateway", "aux")]


def test_what_is_not_over_there_is_not_forgotten(project):
    project.project("connectors:\n", f"connectors:\n{OTHER}")
    project.ok("connectors", "sync")
    path = ("--path", "/v2.2/gateways", "--times", "1000")
    project.ok("sandbox", "fault", "drop", "other", "--method", "POST", *path)
    assert project.run("apply", "--yes").status in {5, 8}
    assert project.sql("SELECT count(*) FROM operation WHERE tenant = '@other'")[0][0] == 1
    project.project(OTHER, "")
    project.sql(
        "INSERT INTO applied (tenant, kind, name, spec, macs, run_id, at)"
        " SELECT '@other', kind, 'old', spec, macs, run_id, at FROM applied WHERE kind = 'gateway'"
    )

    ended = project.run("connectors", "forget", "other", *WHY)

    assert ended.status == 6
    assert "is not over" in ended.err
    assert "reconciler resume" in ended.err
    assert known(project) == [("gateway", "old")]


# The numbers of tenants.


def without_sandbox(project):
    path = project.root / "reconciler.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  sandbox:\n"), text.index("secrets:\n")
    head = text[:start].replace("connectors:\n", "connectors: {}\n")
    path.write_text(head + text[end:], encoding="utf-8")


def test_a_number_of_a_connector_that_is_gone_is_kept_and_told(project):
    project.applied()
    without_sandbox(project)
    project.change(f"numbers:\n{NUMBER_LINE}", "")

    told = project.run("plan")

    assert told.status == 7
    text = " ".join(told.out.split())
    assert "There is no connector sandbox in reconciler.yaml any more: put it back." in text
    assert project.run("apply", "--yes").status == 7
    assert project.sql("SELECT state, tenant FROM number") == [("assigned", "acme")]
    assert project.run("connectors", "forget", "sandbox", *WHY).status == 0  # its gateway only
    assert project.sql("SELECT state, tenant FROM number") == [("assigned", "acme")]
    assert f"number/{MAIN}" in project.run("plan").out


def test_doctor_names_what_is_ours_at_a_connector_that_is_gone(project):
    project.applied()
    without_sandbox(project)
    pool = "INSERT INTO number (e164, state, tenant, connector) VALUES (?, 'available', '', ?)"
    project.sql(pool, "+16175550149", "sandbox")

    checks = project.run("doctor", "-o", "json").document["checks"]

    (told,) = [each for each in checks if each["group"] == "connectors"]
    assert (told["name"], told["status"]) == ("sandbox", "warn")
    for name in ("gateway/pbx", f"carrier_number/{MAIN}", "carrier_number/+16175550149"):
        assert name in told["detail"]
    assert "Put connectors.sandbox back" in told["next"]
