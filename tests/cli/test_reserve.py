"""A number of the pool is kept for a tenant, and let go of, by its version and on record."""

import json

import pytest

from reconciler.cli.reserve import reserve
from reconciler.cli.session import Session
from tests.cli.projects import MAIN

ONE, TWO = "+16175550101", "+16175550102"


@pytest.fixture
def stocked(project):
    (project.root / "pool.csv").write_text(f"{ONE}\n{TWO}\n", encoding="utf-8")
    project.ok("numbers", "preload", "pool.csv")
    globex = (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    globex = globex.replace("tenant: acme", "tenant: globex").replace(MAIN, "+16175550145")
    (project.root / "tenants" / "globex.yaml").write_text(globex, encoding="utf-8")
    return project


def held(project, number=ONE):
    return project.sql("SELECT state, tenant, version FROM number WHERE e164 = ?", number)[0]


def records(project):
    bodies = [json.loads(body) for (body,) in project.sql("SELECT body FROM audit ORDER BY n")]
    return [(b["event"], b["number"], b["tenant"]) for b in bodies if "number" in b]


def test_a_number_is_reserved_and_given_back(stocked):
    stocked.ok("numbers", "reserve", ONE, "--tenant", "acme")
    assert held(stocked) == ("reserved", "acme", 2)
    assert "already" in stocked.ok("numbers", "reserve", ONE, "--tenant", "acme").out
    assert held(stocked) == ("reserved", "acme", 2)

    stocked.ok("numbers", "reserve", ONE, "--tenant", "acme", "--give-back")
    assert held(stocked) == ("available", "", 3)
    assert "already" in stocked.ok("numbers", "reserve", ONE, "--tenant", "acme", "--give-back").out

    assert records(stocked) == [("reserve", ONE, "acme"), ("give-back", ONE, "acme")]
    ((by, at),) = stocked.sql("SELECT updated_by, updated_at FROM number WHERE e164 = ?", ONE)
    assert by.endswith("(numbers give-back)")
    assert at.endswith("Z")


def test_several_are_reserved_and_each_is_told(stocked):
    ended = stocked.run("numbers", "reserve", ONE, "+16175550199", TWO, "--tenant=acme", "-ojson")

    assert ended.status == 4
    assert [(n["e164"], n["what"]) for n in ended.document["numbers"]] == [
        (ONE, "reserved"),
        ("+16175550199", "refused"),
        (TWO, "reserved"),
    ]
    assert held(stocked, TWO) == ("reserved", "acme", 2)


@pytest.mark.parametrize("state", ["assigned", "quarantined", "ordered", "porting_in", "released"])
@pytest.mark.parametrize("give_back", [[], ["--give-back"]], ids=["reserve", "give back"])
def test_a_number_in_use_is_never_touched(stocked, state, give_back):
    stocked.sql("UPDATE number SET state = ?, tenant = 'acme' WHERE e164 = ?", state, ONE)
    before = held(stocked)

    ended = stocked.run("numbers", "reserve", ONE, "--tenant", "acme", *give_back)

    assert ended.status == 4
    assert "refused" in ended.out
    assert held(stocked) == before
    assert records(stocked) == []


def test_what_is_reserved_for_another_stays_so(stocked):
    stocked.ok("numbers", "reserve", ONE, "--tenant", "globex")

    taken = stocked.run("numbers", "reserve", ONE, "--tenant", "acme")
    given = stocked.run("numbers", "reserve", ONE, "--tenant", "acme", "--give-back")

    assert (taken.status, given.status) == (4, 4)
    assert "globex" in taken.out
    assert held(stocked) == ("reserved", "globex", 2)


def test_a_tenant_that_nobody_knows_gets_nothing(stocked):
    ended = stocked.run("numbers", "reserve", ONE, "--tenant", "acne")

    assert ended.status == 3
    assert 'Did you mean "acme"?' in ended.err
    assert held(stocked) == ("available", "", 1)


def test_a_number_that_moved_meanwhile_is_not_overwritten(stocked):
    armed = []

    class Slow(Session):
        """Somebody assigns the number between our look and our write."""

        @property
        def who(self):
            if armed:
                stocked.sql("UPDATE number SET state = 'assigned', tenant = 'globex'")
            return "jo@host"

    session = Slow(stocked.environment, stocked.root)
    _ = session.ledger
    armed.append(True)

    done = reserve(session, [ONE], "acme")
    session.close()

    assert done.exit_code == 6
    assert "direct SQL" in done.numbers[0].detail
    assert held(stocked)[:2] == ("assigned", "globex")
    assert records(stocked) == []


def test_another_ledger_has_the_record_too(stocked):
    stocked.project("ledger: {url: same}", 'ledger: {url: "sqlite:///ledger.db"}')

    stocked.ok("numbers", "reserve", ONE, "--tenant", "acme")

    import sqlite3  # noqa: PLC0415 - the other database

    connection = sqlite3.connect(stocked.root / "ledger.db")
    bodies = [json.loads(body)["event"] for (body,) in connection.execute("SELECT body FROM audit")]
    connection.close()
    assert "reserve" in bodies
    assert held(stocked) == ("reserved", "acme", 2)


def test_what_is_reserved_is_assigned_to_that_tenant_and_to_no_other(stocked):
    stocked.ok("numbers", "reserve", ONE, "--tenant", "globex")
    stocked.change("numbers:\n", f'numbers:\n  "{ONE}": {{to: ring_group/sales, location: hq}}\n')

    stocked.without_gateways()
    refused = stocked.run("apply", "--yes", "--tenant", "acme")
    assert refused.status == 4
    assert held(stocked) == ("reserved", "globex", 2)

    stocked.ok("numbers", "reserve", ONE, "--tenant", "globex", "--give-back")
    stocked.ok("numbers", "reserve", ONE, "--tenant", "acme")
    stocked.ok("apply", "--yes", "--tenant", "acme")
    assert held(stocked)[:2] == ("assigned", "acme")
