"""A carrier that tells no price can be ordered from where the price file knows it."""

import pytest

from reconciler.sandbox.serve import default_path
from reconciler.sandbox.store import Store
from tests.cli.projects import MAIN

PRICES = """\
schema: 1
connectors:
  real:
    currency: USD
    numbers:
      - {monthly: "1.25", once: "0.75"}
      - {type: tollfree, monthly: "9.00", once: "0.00"}
"""


@pytest.fixture
def priced(project, monkeypatch):
    """A project whose carrier says nothing of prices, as a real account does."""
    monkeypatch.setattr("reconciler.cli.session.SANDBOX_MONTHLY", None)
    project.project("  sandbox:\n", "  real:\n")
    project.change("connector: sandbox", "connector: real")
    project.project("drift: revert", "prices: prices.yaml\ndrift: revert")
    (project.root / "prices.yaml").write_text(PRICES, encoding="utf-8")
    tells(project, account_told=False)
    return project


def tells(project, **settings):
    path = project.root / default_path("real")
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(str(path))
    with store.transaction():
        for name, value in settings.items():
            store.change_setting(name, value)
    store.close()


def order(document):
    (part,) = document["parts"]
    (found,) = [op for op in part["operations"] if op["action"] == "order"]
    return found


def test_without_a_price_the_order_is_blocked(priced):
    (priced.root / "prices.yaml").write_text("schema: 1\n", encoding="utf-8")

    assert order(priced.ok("plan", "-o", "json").document)["cost"]["state"] == "unknown"
    ended = priced.run("apply", "--yes")

    assert ended.status == 4
    assert "unknown_cost" in ended.out + ended.err
    assert priced.charges() == []


def test_the_file_gives_the_price_and_the_order_goes_through(priced):
    document = priced.ok("plan", "-o", "json").document
    cost = order(document)["cost"]

    assert (cost["state"], cost["currency"]) == ("priced", "USD")
    assert (cost["monthly"], cost["once"]) == ("1.25", "0.75")
    assert document["cost"]["totals"] == [{"currency": "USD", "monthly": "3.75", "once": "0.75"}]
    priced.applied()
    assert [charge["number"] for charge in priced.charges()] == [MAIN]


def test_a_price_may_pass_the_monthly_limit(priced):
    priced.project('monthly_increase: {USD: "50.00"}', 'monthly_increase: {USD: "1.00"}')

    ended = priced.run("apply", "--yes")

    assert ended.status == 4
    assert "1.25 USD" in ended.out + ended.err


def test_the_accounts_own_rate_is_not_overridden(priced):
    tells(priced, account_told=True)

    cost = order(priced.ok("plan", "-o", "json").document)["cost"]

    assert (cost["monthly"], cost["once"]) == ("1.00", "1.00")


def test_the_plan_names_the_file_and_its_digest(priced):
    first = priced.ok("plan", "-o", "json").document
    assert first["inputs"]["prices"].startswith("prices.yaml@sha256:")

    text = PRICES.replace("1.25", "1.50")
    (priced.root / "prices.yaml").write_text(text, encoding="utf-8")
    second = priced.ok("plan", "-o", "json").document

    assert first["inputs"]["prices"] != second["inputs"]["prices"]
    assert first["content_digest"] != second["content_digest"]


def test_an_unchanged_plan_is_made_anew_when_prices_change(priced):
    priced.applied()
    priced.ok("plan")
    ((before,),) = priced.sql("SELECT key FROM unchanged")
    assert priced.ok("plan").status == 0

    (priced.root / "prices.yaml").write_text(PRICES.replace("1.25", "1.5"), encoding="utf-8")
    priced.ok("plan")

    assert priced.sql("SELECT key FROM unchanged") != [(before,)]


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["apply", "--yes"]], ids=str)
def test_a_mistake_in_it_stops_every_command(priced, command):
    text = PRICES.replace('"1.25"', "much").replace("tollfree", "toll")
    (priced.root / "prices.yaml").write_text(text, encoding="utf-8")

    ended = priced.run(*command)

    assert ended.status == 3
    told = ended.out + ended.err
    assert "prices.yaml:6:19" in told
    assert "prices.yaml:7:16" in told
    assert priced.charges() == []


@pytest.mark.parametrize("what", ["gone", "link", "yaml"])
def test_a_file_that_cannot_be_read_is_a_problem(priced, what):
    path = priced.root / "prices.yaml"
    path.unlink()
    if what == "link":
        path.symlink_to(priced.root / "reconciler.yaml")
    if what == "yaml":
        path.write_text("a: [", encoding="utf-8")

    ended = priced.run("plan")

    assert ended.status == 3
    assert "prices.yaml" in ended.err
    assert "Traceback" not in ended.err
