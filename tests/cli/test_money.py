"""Honest money: live rates, the balance against the cost, limits on what may be more a month."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from reconciler.cli import fleet, workers
from reconciler.cli.clock import SystemClock
from reconciler.sandbox.serve import default_path
from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.account import add_call
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

PRICES = """\
schema: 1
connectors:
  sandbox:
    currency: USD
    numbers:
      - {monthly: "1.25", once: "0.75"}
    emergency_record: {monthly: "2.00"}
"""


def account(project, **settings):
    """Change the sandbox behind everybody's back."""
    store = Store(str(project.root / default_path("sandbox")))
    with store.transaction():
        for name, value in settings.items():
            store.change_setting(name, value)
    store.close()


@pytest.fixture
def known(project):
    """A project whose sandbox is there."""
    project.ok("connectors", "sync")
    return project


def order(document):
    """The order in a plan."""
    operations = [op for part in document["parts"] for op in part["operations"]]
    (found,) = [op for op in operations if op["action"] == "order"]
    return found


def used(project):
    return project.sql("SELECT count(*) FROM carrier_budget")[0][0]


def prices(project, text=PRICES):
    project.project("drift: revert", "prices: prices.yaml\ndrift: revert")
    (project.root / "prices.yaml").write_text(text, encoding="utf-8")


# Live rates.


def test_the_accounts_own_rate_comes_first_and_is_named(known):
    prices(known)
    account(known, did_rate="3.10")

    cost = order(known.ok("plan", "-o", "json").document)["cost"]
    text = " ".join(known.ok("plan").out.split())

    assert (cost["monthly"], cost["once"], cost["source"]) == ("3.10", "3.10", "live")
    assert "+3.10 USD/month, 3.10 USD once (priced live)" in text
    assert "+2.00 USD/month (from the price file)" in text  # before the list price of 2.50


def test_without_live_rates_the_file_speaks_and_then_the_list(known):
    account(known, account_told=False)
    assert order(known.ok("plan", "-o", "json").document)["cost"]["source"] == "list"
    prices(known)

    cost = order(known.ok("plan", "-o", "json").document)["cost"]

    assert (cost["monthly"], cost["once"], cost["source"]) == ("1.25", "0.75", "file")


def test_two_plans_ask_the_account_once_and_a_plan_that_buys_nothing_never(known):
    known.run("drift")
    assert used(known) == 0
    known.ok("plan")
    known.ok("plan")
    assert used(known) == 1
    known.applied()
    before = used(known)
    known.ok("plan")
    known.ok("drift")
    assert used(known) == before


def test_the_same_amount_is_the_same_plan_whoever_said_it(known):
    live = known.ok("plan", "-o", "json").document
    known.sql("DELETE FROM carrier_fact")
    account(known, account_told=False)

    listed = known.ok("plan", "-o", "json").document

    assert order(live)["cost"]["source"] != order(listed)["cost"]["source"]
    assert live["content_digest"] == listed["content_digest"]


# The balance.


def test_a_plan_that_buys_shows_what_is_left(known):
    account(known, cash="12.50")

    ended = known.ok("plan")
    document = known.ok("plan", "-o", "json").document

    assert "Balance  sandbox: 12.50 USD, this needs 1.00 USD" in ended.out
    (told,) = document["cost"]["balances"]
    assert (told["connector"], told["needed"], told["left"]) == ("sandbox", "1.00", "12.50")
    assert told["state"] == "enough"


def test_a_balance_that_cannot_be_read_is_not_checked_and_stops_nothing(known):
    for _ in range(5):
        known.sql("DELETE FROM carrier_fact")
        known.ok("plan")
    known.sql("DELETE FROM carrier_fact")

    ended = known.ok("plan")

    assert "not checked (5 of 6 requests used, next at " in ended.out
    known.applied()
    assert [charge["number"] for charge in known.charges()] == [MAIN]


def test_an_apply_that_costs_more_than_is_left_sends_nothing(known):
    account(known, cash="0.40")
    assert "stopped until the account is topped up" in known.ok("plan", "--out", "p.json").out

    for command in (("apply", "p.json"), ("apply", "--yes")):
        ended = known.run(*command)

        assert ended.status == 4, ended
        assert "sandbox has 0.40 USD left, and this needs 1.00 USD." in ended.out
        assert "top the account up by 0.60 USD" in ended.out
    assert known.charges() == []
    assert known.spec("extension", "101") is None


def test_an_account_that_was_just_topped_up_is_asked_again(known):
    account(known, cash="0.40")
    known.ok("plan", "--out", "p.json")
    account(known, cash="5.00")

    known.ok("apply", "p.json")

    assert [charge["number"] for charge in known.charges()] == [MAIN]


def test_a_balance_that_was_just_read_is_not_read_again(known):
    account(known, cash="0.40")

    assert known.run("apply", "--yes").status == 4
    assert used(known) == 1


def test_the_carrier_may_be_left_to_decide_and_that_is_recorded(known):
    account(known, cash="0.40")

    ended = known.run("apply", "--yes", "--allow", "balance=1.00")

    assert ended.status == 5  # 402 is a definite refusal
    assert known.charges() == []
    rows = known.sql("SELECT value FROM approval WHERE kind = 'limit'")
    assert ("balance:USD=1.00",) in rows  # the one currency of the project


def test_what_was_ordered_since_the_balance_was_read_is_taken_off(known):
    account(known, cash="12.50")
    known.applied()
    known.change("numbers:\n", 'numbers:\n  "+16175550145": {connector: sandbox, to: hangup}\n')

    (told,) = known.ok("plan", "-o", "json").document["cost"]["balances"]

    assert (told["left"], told["paid"]) == ("11.50", "1.00")


def two_tenants(project):
    other = TENANT.replace("tenant: acme", "tenant: globex").replace(MAIN, "+16175550145")
    (project.root / "tenants" / "globex.yaml").write_text(other, encoding="utf-8")


def test_several_tenants_draw_on_one_balance(known):
    two_tenants(known)
    account(known, cash="1.50")

    ended = known.run("apply", "--yes")

    assert ended.status == 4
    assert known.charges() == []
    assert "this needs 2.00 USD" in ended.out


def test_another_amount_than_the_plan_showed_is_told(known):
    known.ok("plan", "--out", "p.json")
    account(known, did_rate="1.25")

    ended = known.ok("apply", "p.json")

    assert "it took 1.25 USD, and the plan said 1.00 USD" in ended.out


# Limits.


def test_all_tenants_together_may_not_raise_the_bill_beyond_the_limit(known):
    two_tenants(known)
    known.project('monthly_increase: {USD: "50.00"}', 'monthly_increase: {USD: "5.00"}')
    plan = known.ok("plan")
    assert "7.00 USD more a month over all tenants, allowed are 5.00 USD." in plan.out
    assert "--max-monthly-increase USD=7.00" in plan.out

    ended = known.run("apply", "--yes")
    assert ended.status == 4
    assert known.charges() == []

    known.ok("apply", "--yes", "--max-monthly-increase", "USD=7.00")
    assert len(known.charges()) == 2
    rows = known.sql("SELECT DISTINCT value FROM approval WHERE kind = 'limit'")
    assert rows == [("max_monthly_increase USD=7.00",)]


def test_the_flag_may_be_narrower_than_the_project(known):
    assert known.run("apply", "--yes", "--max-monthly-increase", "2").status == 4
    known.ok("plan", "--out", "p.json")
    assert known.run("apply", "p.json", "--max-monthly-increase", "USD=3.49").status == 4
    assert known.charges() == []
    known.ok("apply", "p.json", "--max-monthly-increase", "USD=3.50")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("usd=3", "is no currency"),
        ("USD=much", "gives no amount"),
        ("-1", "gives no amount"),
        ("EUR=", "gives no amount"),
    ],
)
def test_what_is_no_amount_is_wrong_usage(known, value, words):
    for command in ("plan", "apply"):
        ended = known.run(command, "--max-monthly-increase", value)
        assert ended.status == 64
        assert words in ended.err


def test_an_amount_alone_needs_one_currency(known):
    known.project('{USD: "50.00"}', '{USD: "50.00", GBP: "50.00"}')

    ended = known.run("plan", "--max-monthly-increase", "3")

    assert ended.status == 64
    assert "GBP, USD" in ended.err


def several_currencies(known):
    known.project(
        "secrets:\n",
        "  london: {kind: dial9, edition: telcom, sandbox: true,"
        " credentials: {token: {env: CARRIER_KEY}, secret: {env: CARRIER_KEY}}}\nsecrets:\n",
    )


@pytest.mark.parametrize(
    "said",
    [
        ("--max-monthly-increase", "3"),
        ("--allow", "monthly_increase=3"),
        ("--allow", "budget=3"),
        ("--allow", "balance=3"),
    ],
)
def test_an_amount_alone_is_wrong_usage_where_accounts_have_several_currencies(known, said):
    several_currencies(known)

    ended = known.run("apply", "--yes", *said)

    assert ended.status == 64
    assert "The project has GBP, USD" in ended.err
    assert known.charges() == []


@pytest.mark.parametrize("limit", ["monthly_increase", "budget", "balance"])
def test_what_is_allowed_in_one_currency_lets_no_other_pass(known, limit):
    several_currencies(known)
    known.project('{USD: "50.00"}', '{USD: "2.00"}')
    known.change("country: US\n", 'country: US\nbudget: {monthly: {USD: "3.00"}}\n')
    account(known, cash="0.40")
    amounts = {"monthly_increase": "50", "budget": "50", "balance": "50"}

    def applied(currency):
        others = {f"{name}:USD": most for name, most in amounts.items() if name != limit}
        allowed = {**others, f"{limit}:{currency}": amounts[limit]}
        return known.run(
            "apply", "--yes", *(f"--allow={name}={most}" for name, most in allowed.items())
        )

    assert applied("GBP").status == 4
    assert known.charges() == []
    assert applied("USD").status == 5  # stopped by nothing of ours: the carrier refuses with 402


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("budget:usd=3", "is no currency"),
        ("budget:=3", "is no currency"),
        ("deletes:USD=3", "deletes is no money"),
        ("budgets=3", "There is no limit 'budgets'"),
        ("budget:USD=much", "gives no number"),
    ],
)
def test_a_limit_of_another_form_is_wrong_usage(known, value, words):
    ended = known.run("apply", "--yes", "--allow", value)

    assert ended.status == 64
    assert words in ended.err
    assert known.charges() == []


def test_a_tenants_budget_stops_what_would_cost_more(known):
    known.change("country: US\n", 'country: US\nbudget: {monthly: {USD: "3.00"}}\n')

    ended = known.run("apply", "--yes")

    assert ended.status == 4
    assert "The tenant would cost 3.50 USD a month, its budget is 3.00 USD." in ended.out
    assert "--allow budget:USD=3.50" in ended.out
    assert "--allow budget:USD=3.50" in known.ok("plan", "-o", "md").out
    assert known.charges() == []
    assert known.run("apply", "--yes", "--allow", "budget:USD=3.49").status == 4
    known.ok("apply", "--yes", "--allow", "budget:USD=3.50")
    assert ("budget:USD=3.50",) in known.sql("SELECT value FROM approval WHERE kind = 'limit'")


def test_a_budget_that_is_passed_already_stops_nothing_that_costs_nothing(known):
    known.applied()
    known.change("country: US\n", 'country: US\nbudget: {monthly: {USD: "3.00"}}\n')
    known.change("after: 25s", "after: 30s")

    known.applied()

    assert json.loads(known.sql("SELECT spec FROM object WHERE kind = 'ring_group'")[0][0])


def test_a_budget_is_checked_as_it_is_written(known):
    known.change("country: US\n", "country: US\nbudget: {monthly: {usd: 3}}\n")

    ended = known.run("validate")

    assert ended.status == 3
    assert "budget" in ended.out + ended.err


# Is it in use?


def called(project, tn, *hours_ago):
    """Let somebody have called a number."""
    store = Store(str(project.root / default_path("sandbox")), SystemClock())
    with store.transaction():
        for hours in hours_ago:
            add_call(store, tn, "2125550199", store.now() - timedelta(hours=hours), 60)
    store.close()


@pytest.fixture
def leaving(known):
    """A project whose first number is to leave service while another one stays."""
    known.change("numbers:\n", 'numbers:\n  "+16175550145": {connector: sandbox, to: hangup}\n')
    known.applied()
    known.change(NUMBER_LINE, "")
    return known


def test_a_quarantine_says_whether_the_number_is_called(leaving):
    called(leaving, MAIN[2:], 3, 400)
    document = leaving.ok("plan", "-o", "json").document

    (told,) = {op["in_use"] for part in document["parts"] for op in part["operations"]} - {""}
    assert told.startswith("2 calls in 30 days, the last one 20")
    assert f"in use     {told}" in leaving.ok("plan").out
    assert used(leaving) == 2  # the account when it was bought from, and the calls once


def test_a_number_that_nobody_calls_says_so(leaving):
    called(leaving, "6175550145", 3)

    assert "in use     no call in 30 days" in leaving.ok("plan").out


def test_what_cannot_be_asked_is_unknown_and_stops_nothing(leaving):
    calls = "INSERT INTO carrier_budget (bucket, at) SELECT bucket, at FROM carrier_budget LIMIT 1"
    for _ in range(4):
        leaving.sql(calls)

    assert "in use     unknown: 5 of 6 requests used, next at " in leaving.ok("plan").out
    leaving.applied()


def test_what_is_told_of_calls_is_no_other_plan(leaving):
    quiet = leaving.ok("plan", "-o", "json").document
    called(leaving, MAIN[2:], 3)
    leaving.sql("DELETE FROM carrier_fact")
    busy = leaving.ok("plan", "--out", "p.json", "-o", "json").document

    assert quiet["content_digest"] == busy["content_digest"]
    leaving.ok("apply", "p.json", "--expect", quiet["content_digest"][:8])


# Several processes.


def test_processes_that_plan_together_ask_the_account_once(known, monkeypatch):
    monkeypatch.setattr(fleet, "SHARED_FROM", 2)
    monkeypatch.setattr(workers, "processes", lambda: 2)
    two_tenants(known)
    account(known, did_rate="3.10")

    document = known.ok("plan", "-o", "json").document

    orders = [op for p in document["parts"] for op in p["operations"] if op["action"] == "order"]
    assert [(op["cost"]["monthly"], op["cost"]["source"]) for op in orders] == [
        ("3.10", "live"),
        ("3.10", "live"),
    ]
    assert used(known) == 1


@pytest.mark.slow
def test_processes_that_plan_together_say_what_is_in_use(leaving, monkeypatch):
    monkeypatch.setattr(fleet, "SHARED_FROM", 2)
    monkeypatch.setattr(workers, "processes", lambda: 2)
    leaving.change('  "+16175550145": {connector: sandbox, to: hangup}\n', "")
    other = TENANT.replace("tenant: acme", "tenant: globex").replace(f"numbers:\n{NUMBER_LINE}", "")
    (leaving.root / "tenants" / "globex.yaml").write_text(other, encoding="utf-8")

    text = leaving.ok("plan").out

    assert text.count("in use     no call in 30 days") == 2
