"""`billing preview`: priced, a deliberate nought, or not configured; nothing is converted."""

from __future__ import annotations

import pytest

from tests.cli.projects import NUMBER_LINE
from tests.cli.test_money import account, prices, two_tenants, used
from tests.cli.test_schemas import faults

UK = """\
  uk:
    kind: dial9
    edition: telcom
    sandbox: true
    numbers: {handoff: {type: Extension, name: pbx-trunk}}
"""


@pytest.fixture
def known(project):
    project.ok("connectors", "sync")
    return project


def lines(project, *arguments):
    document = project.ok("billing", "preview", *arguments, "-o", "json").document
    assert faults("reports", document) == []
    return document, {
        (line["kind"], line["every"], line["basis"]): line
        for tenant in document["tenants"]
        for line in tenant["lines"]
    }


def test_what_is_applied_is_on_the_bill_with_who_says_so(known):
    known.applied()
    document, told = lines(known)

    held = told["carrier_number", "month", "held"]
    assert (held["quantity"], held["rate"], held["state"], held["source"]) == (
        1,
        "1.00",
        "priced",
        "live",
    )
    assert told["emergency_record", "month", "held"]["amount"] == "2.50"
    assert told["carrier_number", "once", "ordered"]["amount"] == "1.00"
    assert document["totals"] == [{"currency": "USD", "amount": "4.50"}]


def test_what_is_not_applied_yet_is_told_apart(known):
    _, told = lines(known)

    assert told["carrier_number", "month", "not_applied_yet"]["amount"] == "1.00"
    assert told["carrier_number", "once", "not_applied_yet"]["amount"] == "1.00"
    assert used(known) == 0


def test_a_number_in_quarantine_is_billed_until_it_is_released(known):
    known.change("numbers:\n", 'numbers:\n  "+16175550145": {connector: sandbox, to: hangup}\n')
    known.applied()
    known.change(NUMBER_LINE, "")
    known.applied()
    _, told = lines(known)
    assert told["carrier_number", "month", "in_quarantine"]["quantity"] == 1

    known.days_later = 46
    known.ok("apply", "--yes", "--approve", "emergency:+16175550144")
    known.ok("apply", "--yes", "--approve", "release:+16175550144")
    _, told = lines(known)

    assert told["carrier_number", "month", "ended"]["quantity"] == 1
    assert ("carrier_number", "month", "in_quarantine") not in told


def test_a_month_before_the_order_has_nothing_and_the_next_has_no_order(known):
    known.applied()

    _, before = lines(known, "--period", "2020-01")
    _, after = lines(known, "--period", "2999-12")

    assert before == {}
    assert ("carrier_number", "month", "held") in after
    assert ("carrier_number", "once", "ordered") not in after


def test_a_deliberate_nought_is_a_line_and_no_rate_is_on_no_bill(known, monkeypatch):
    monkeypatch.setattr("reconciler.cli.session.SANDBOX_MONTHLY", None)
    account(known, account_told=False)
    _, told = lines(known)
    number = told["carrier_number", "month", "not_applied_yet"]
    assert (number["state"], number["billed"], number["rate"]) == ("unconfigured", False, None)
    text = known.ok("billing", "preview").out
    assert "not configured: on no bill" in text
    assert "1 line without a rate is not counted." in text

    prices(known, PRICE)
    document, told = lines(known)

    number = told["carrier_number", "month", "not_applied_yet"]
    assert (number["state"], number["billed"], number["amount"]) == ("zero_rated", True, "0.000")
    assert document["totals"] == [{"currency": "USD", "amount": "2.500"}]


PRICE = """\
schema: 1
connectors:
  sandbox:
    currency: USD
    numbers:
      - {monthly: "0.000", once: "0.00"}
"""


def test_each_currency_has_a_sum_of_its_own(known):
    known.project("secrets:\n", UK + "secrets:\n")
    known.change(
        "numbers:\n", 'numbers:\n  "+442079460000": {connector: uk, to: hangup, location: hq}\n'
    )
    document, _ = lines(known)

    assert [total["currency"] for total in document["totals"]] == ["GBP", "USD"]


def test_it_is_held_against_what_the_carrier_bills(known):
    known.applied()
    before = used(known)

    text = known.ok("billing", "preview", "--check").out

    assert "the same as reckoned here" in text
    assert used(known) == before + 1
    document, _ = lines(known, "--check")
    (check,) = document["checks"]
    assert (check["billed"], check["reckoned"]) == ("3.50", "3.50")
    assert used(known) == before + 1


def test_what_is_billed_and_not_ours_is_told(known):
    known.applied()
    known.ok("sandbox", "poke", "+16175550199", "state=active")

    text = known.ok("billing", "preview", "--check").out

    assert "1.00 USD more than the 3.50 reckoned here" in text


def test_a_check_that_cannot_be_made_is_told_and_ends_with_7(known):
    known.applied()
    for _ in range(5):
        known.sql("INSERT INTO carrier_budget (bucket, at) SELECT bucket, at FROM carrier_budget")

    ended = known.run("billing", "preview", "--check")

    assert ended.status == 7
    assert "not checked (" in ended.out
    assert "of 6 requests used, next at " in ended.out


def test_one_tenant_or_all(known):
    two_tenants(known)
    assert "Total" in known.ok("billing", "preview").out
    document, _ = lines(known, "globex")
    assert [tenant["tenant"] for tenant in document["tenants"]] == ["globex"]


@pytest.mark.parametrize(
    "arguments",
    [("--period", "2026-13"), ("--period", "26-01"), ("--check", "acme"), ("nobody",)],
    ids=str,
)
def test_what_makes_no_sense_is_refused(known, arguments):
    ended = known.run("billing", "preview", *arguments)

    assert ended.status in {3, 64}
    assert "Traceback" not in ended.err
