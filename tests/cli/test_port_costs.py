"""What a port costs by the month: in its plan, against limits and budget, and on no bill twice."""

from __future__ import annotations

import pytest

from scripts.stage import PORT
from tests.cli.projects import TENANT
from tests.cli.test_money import prices
from tests.cli.test_ports import APPROVED, NUMBERS, SECRETS, fees, planned, words

LOCATED = PORT.replace("    authorized_by", "    location: hq\n    authorized_by")
"""The port of `scripts.stage` with an emergency location: two numbers, 3.50 USD a month each."""


def budgeted(text, most):
    return text.replace(
        "country: US\n", f'country: US\nbudget: {{monthly: {{USD: "{most}"}}}}\n', 1
    )


@pytest.fixture
def ported(project):
    """A tenant that costs 3.50 USD a month, with a port that is not submitted."""
    project.environment |= SECRETS
    project.applied()
    project.write(TENANT + LOCATED)
    return project


@pytest.fixture
def complete(ported):
    ported.ok(*APPROVED)
    ported.days_later = 20
    return ported


def text_of(project):
    return (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")


def cost(project, action="port"):
    (part,) = planned(project)["parts"]
    return [op["cost"] for op in part["operations"] if op["action"] == action]


def rise(project):
    """By how much the plan raises the bill, and by how much more with its approvals."""
    (part,) = planned(project)["parts"]
    return [(one["monthly"], one["awaiting"]) for one in part["totals"]]


def bill(project):
    """What a month comes to, without what is paid once: by kind, basis and amount."""
    (told,) = project.ok("billing", "preview", "-o", "json").document["tenants"]
    lines = [one for one in told["lines"] if one["every"] == "month"]
    return sorted((one["kind"], one["basis"], one["quantity"], one["amount"]) for one in lines)


def test_the_plan_tells_what_its_numbers_will_cost_a_month(ported):
    (told,) = cost(ported)

    assert (told["state"], told["monthly"], told["once"]) == ("priced", "7.00", "12.00")
    assert told["source"] == "list"  # some of it is no rate of the account
    assert rise(ported) == [("0.00", "7.00")]
    text = words(ported.ok("plan"))
    assert "+7.00 USD/month, 12.00 USD once" in text
    assert "+7.00 USD/month with what waits for approval" in text
    assert "+7.00 USD with approval" in ported.ok("plan", "-o", "md").out


def test_without_a_location_no_emergency_address_is_counted(ported):
    ported.write(TENANT + PORT)

    assert cost(ported)[0]["monthly"] == "2.00"


def test_the_price_file_counts_as_for_numbers(ported):
    ported.ok("sandbox", "switch", "account_told=false")
    ported.sql("DELETE FROM carrier_fact")
    prices(ported)

    assert cost(ported)[0]["monthly"] == "6.50"  # 2 x (1.25 + 2.00)


def test_a_rate_that_nobody_knows_makes_the_month_unknown_and_not_what_is_taken_at_once(ported):
    ported.ok("sandbox", "switch", "account_told=false")
    ported.sql("DELETE FROM carrier_fact")
    prices(
        ported,
        "schema: 1\nconnectors:\n  sandbox:\n    currency: EUR\n"
        '    numbers: [{monthly: "1.25", once: "0.75"}]\n',
    )

    (told,) = cost(ported)  # numbers in EUR, the rest in USD

    assert (told["state"], told["monthly"], told["once"]) == ("unknown", "0.00", "12.00")
    assert "unknown: no price for it is known; 12.00 USD once" in words(ported.ok("plan"))
    (balance,) = planned(ported)["cost"]["balances"]
    assert balance["awaiting_approval"]["amount"] == "12.00"


# Limits.


def test_a_port_that_nobody_approved_passes_no_limit(ported):
    ported.write(budgeted(TENANT + LOCATED, "3.50"))

    ported.ok("apply", "--yes", "--max-monthly-increase", "USD=0")

    assert fees(ported) == []


@pytest.mark.parametrize("saved", [False, True])
def test_an_approved_port_counts_against_the_most_that_the_bill_may_rise(ported, saved):
    approve = ("--approve", "port:acme/spring", "--max-monthly-increase")
    if saved:
        ported.ok("plan", "--out", "p.json")
    start = ("apply", "p.json") if saved else ("apply", "--yes")

    stopped = ported.run(*start, *approve, "USD=6.99")

    assert stopped.status == 4
    assert "7.00 USD more a month over all tenants, allowed are 6.99 USD" in words(stopped)
    assert "--max-monthly-increase USD=7.00" in words(stopped)
    assert fees(ported) == []
    ported.ok(*start, *approve, "USD=7")
    assert fees(ported) == NUMBERS


def test_an_approved_port_counts_against_the_limit_of_the_project(ported):
    ported.project('monthly_increase: {USD: "50.00"}', 'monthly_increase: {USD: "6.00"}')

    assert ported.run(*APPROVED).status == 4
    assert fees(ported) == []
    ported.ok(*APPROVED, "--allow", "monthly_increase:USD=7")
    assert fees(ported) == NUMBERS


def test_an_approved_port_counts_against_the_budget(ported):
    ported.write(budgeted(TENANT + LOCATED, "10.49"))

    stopped = ported.run(*APPROVED)

    assert stopped.status == 4
    assert "The tenant would cost 10.50 USD a month, its budget is 10.49 USD" in words(stopped)
    assert "with all of it the tenant would cost 10.50 USD a month" in words(stopped)
    assert fees(ported) == []
    ported.ok(*APPROVED, "--allow", "budget:USD=10.50")
    assert fees(ported) == NUMBERS


def test_a_budget_that_holds_the_port_stops_nothing_and_says_nothing(ported):
    ported.write(budgeted(TENANT + LOCATED, "10.50"))

    assert "its budget is" not in ported.ok("plan").out
    ported.ok(*APPROVED)


# What is counted once.


def test_its_numbers_raise_nothing_again_when_they_stand_for_themselves(complete):
    complete.ok("fix")
    (part,) = planned(complete)["parts"]
    registered = [op for op in part["operations"] if op["kind"] == "emergency_record"]

    assert [op["cost"]["monthly"] for op in registered] == ["0.00", "0.00"]
    assert all("counted with its port" in op["reason"] for op in registered)
    complete.ok("apply", "--yes", "--max-monthly-increase", "USD=0")
    assert rise(complete) == []


def test_an_address_that_the_port_did_not_have_is_counted_when_it_is_registered(project):
    project.environment |= SECRETS
    project.applied()
    project.write(TENANT + PORT)
    project.ok(*APPROVED)
    project.days_later = 20
    project.ok("fix")
    line = f'  "{NUMBERS[0]}": {{connector: sandbox, to: ring_group/sales'
    assert line in text_of(project)
    project.change(line, f"{line}, location: hq")

    assert project.run("apply", "--yes", "--max-monthly-increase", "USD=2.49").status == 4
    project.ok("apply", "--yes", "--max-monthly-increase", "USD=2.50")


def test_a_location_that_an_open_port_gets_later_is_counted_then_and_not_again(project):
    project.environment |= SECRETS
    project.applied()
    project.write(TENANT + PORT)
    project.ok(*APPROVED)
    project.write(TENANT + LOCATED)

    assert project.run("apply", "--yes", "--max-monthly-increase", "USD=4.99").status == 4
    project.ok("apply", "--yes", "--max-monthly-increase", "USD=5")
    project.days_later = 20
    project.ok("fix")
    project.ok("apply", "--yes", "--max-monthly-increase", "USD=0")


def test_the_preview_has_each_number_once_from_the_order_to_its_entry(ported):
    held = [
        ("carrier_number", "held", 1, "1.00"),
        ("emergency_record", "held", 1, "2.50"),
    ]

    def brought(basis):
        return [("carrier_number", basis, 2, "2.00"), ("emergency_record", basis, 2, "5.00")]

    assert bill(ported) == sorted([*held, *brought("not_applied_yet")])
    (told,) = ported.ok("billing", "preview", "-o", "json").document["tenants"]
    fee = next(one for one in told["lines"] if one["kind"] == "port")
    assert (fee["every"], fee["quantity"], fee["amount"]) == ("once", 2, "12.00")

    ported.ok(*APPROVED)
    assert bill(ported) == sorted([*held, *brought("porting_in")])

    ported.days_later = 20
    ported.ok("fix")
    ported.applied()
    assert bill(ported) == [
        ("carrier_number", "held", 3, "3.00"),
        ("emergency_record", "held", 3, "7.50"),
    ]


def test_a_budget_knows_a_port_that_is_submitted_and_counts_it_once(complete):
    """An order beside it: 10.50 USD are there, and the number is one more."""
    complete.ok("fix")
    complete.applied()
    more = '  "+16175550145": {connector: sandbox, to: hangup}\n'
    complete.change("numbers:\n", f"numbers:\n{more}")
    text = text_of(complete)
    complete.write(budgeted(text, "11.49"))

    assert complete.run("apply", "--yes").status == 4
    complete.write(budgeted(text, "11.50"))
    complete.applied()
