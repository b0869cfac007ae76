"""The platform in SQL tables: units of work, outer transactions, races."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from reconciler.model.address import Address
from reconciler.model.spec import Key
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import Done, Outcome, PoolChange, Refused, Write
from tests.conformance.platform_writes import (
    DESK,
    EVERYWHERE,
    GRAPH,
    LINE,
    PILOT,
    SALES,
    STANDUP,
    TOKEN,
    change,
    create,
    done,
    full,
    short,
)
from tests.conformance.platforms import PLATFORMS, World


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


NEXT = Key("dial", "6001")
_CLAIMED = "SELECT value, name FROM unique_key"


def claimed(world: World) -> set[tuple[str, str]]:
    """Each key with the name of the object that has it."""
    return {(str(value), str(name)) for value, name in world.raw(_CLAIMED)}


def revision(world: World, tenant: str = "acme") -> int:
    return world.platform.revisions().get(tenant, 0)


# Units of work.


def test_a_unit_is_refused_whole(world: World) -> None:
    done(world, short(DESK, keys=(PILOT,)))
    before = revision(world)
    first = short(Address("acme", "conference", "a"), secrets={"pin": TOKEN}, publish=GRAPH)

    outcome = world.platform.write([first, short(keys=(PILOT,)), short(DESK)])

    assert outcome == Refused(f"{SALES}: dial 6000 is taken by {DESK}.")
    assert set(world.platform.read("acme").objects) == {DESK}
    assert dict(world.platform.sealed(first.address)) == {}
    assert revision(world) == before


def test_a_key_passes_from_one_to_the_next_within_a_unit(world: World) -> None:
    done(world, short(keys=(PILOT,)))

    unit = [replace(short(), expect_version=1), short(DESK, keys=(PILOT,))]
    assert isinstance(world.platform.write(unit), Done)

    assert world.raw("SELECT name FROM unique_key") == [("4201",)]


def test_of_objects_changed_together_each_has_its_keys(world: World) -> None:
    done(world, create(keys=(PILOT,)), create(STANDUP, {}, keys=(NEXT,)))

    more = Key("dial", "6002")
    together = [change(keys=(EVERYWHERE,)), change(STANDUP, spec={}, keys=(NEXT, more))]
    assert world.platform.write(together) == Done(version=2)

    sales = (EVERYWHERE.value, SALES.name)
    assert claimed(world) == {sales, ("6001", STANDUP.name), ("6002", STANDUP.name)}


def test_of_objects_changed_together_the_one_that_moved_is_named(world: World) -> None:
    done(world, create(keys=(PILOT,)), create(STANDUP, {}))

    outcome = world.platform.write([change(keys=(PILOT, NEXT)), change(STANDUP, 2, spec={})])

    assert isinstance(outcome, Refused)
    assert str(STANDUP) in outcome.reason
    assert {one.version for one in world.platform.read("acme").objects.values()} == {1}
    assert claimed(world) == {("6000", SALES.name)}


def test_a_key_is_not_taken_before_it_is_free(world: World) -> None:
    done(world, create(keys=(PILOT,)), create(STANDUP, {}))

    outcome = world.platform.write([change(STANDUP, spec={}, keys=(PILOT,)), change(keys=())])

    assert isinstance(outcome, Refused)
    assert outcome.reason == f"{STANDUP}: dial 6000 is taken by {SALES}."


def test_an_outer_transaction_outlives_a_refusal(world: World) -> None:
    done(world, short())
    database = world.database
    database.execute("CREATE TABLE journal (line TEXT)")

    with database.transaction():
        database.execute("INSERT INTO journal VALUES ('before')")
        assert isinstance(world.platform.write([short(DESK)]), Done)
        number = Address("acme", "number", "x")
        clash = short(number, pool=PoolChange(0, replace(LINE, state=NumberState.ASSIGNED)))
        assert isinstance(world.platform.write([short(DESK), clash]), Refused)
        assert isinstance(world.platform.write([clash]), Refused)
        database.execute("INSERT INTO journal VALUES ('after')")

    assert world.raw("SELECT count(*) FROM object") == [(2,)]
    assert database.execute("SELECT line FROM journal ORDER BY line") == [("after",), ("before",)]


def test_an_outer_transaction_that_fails_takes_the_writes_along(world: World) -> None:
    def interrupted() -> None:
        with world.database.transaction():
            done(world, full())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert world.platform.read("acme").revision == 0
    assert world.platform.read("acme").objects == {}
    done(world, full())


def test_nothing_to_write_is_done(world: World) -> None:
    assert world.platform.write([]) == Done()


def test_tables_are_made_once_and_found_again(world: World) -> None:
    done(world, short())

    SqlPlatform(world.database)

    assert set(world.another().read("acme").objects) == {SALES}


# Races: the second waits for the first to commit, and finds that it is too late.

MINE = PoolNumber("+12015550144", NumberState.ASSIGNED, "acme")
RACES = {
    "two create an object": (short(DESK), short(DESK, by="mia")),
    "two change an object": (
        replace(short(), expect_version=1),
        replace(short(), expect_version=1, by="mia"),
    ),
    "a change and a delete": (
        replace(short(), expect_version=1, spec=None),
        replace(short(), expect_version=1, by="mia"),
    ),
    "a delete and a publish": (
        replace(short(), expect_version=1, spec=None),
        replace(short(), expect_version=1, spec=None, publish=GRAPH, by="mia"),
    ),
    "two take a key": (short(DESK, keys=(PILOT,)), short(DESK._replace(name="1"), keys=(PILOT,))),
    "two take a number": (
        short(DESK, pool=PoolChange(1, MINE)),
        short(DESK._replace(tenant="beta"), pool=PoolChange(1, replace(MINE, tenant="beta"))),
    ),
    "two tenants take a key": (
        short(DESK, keys=(PILOT, EVERYWHERE)),
        short(DESK._replace(tenant="beta"), keys=(PILOT, EVERYWHERE)),
    ),
    "two tenants order a number": (
        short(DESK, pool=PoolChange(0, replace(MINE, e164="+4930111"))),
        short(
            DESK._replace(tenant="beta"),
            pool=PoolChange(0, replace(MINE, e164="+4930111", tenant="beta")),
        ),
    ),
}


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_of_two_at_once_one_is_refused(world: World, race: tuple[Write, Write]) -> None:
    first, second = race
    done(world, short())
    world.platform.load_numbers([LINE])
    late = world.another()
    outcomes: list[Outcome] = []

    with world.database.transaction():
        done(world, first)
        thread = Thread(target=lambda: outcomes.append(late.write([second])))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive(), "the second did not wait for the first"
    thread.join(10)

    (outcome,) = outcomes
    assert isinstance(outcome, Refused)
    assert outcome.moved or "is taken by" in outcome.reason
    if second.address != first.address:
        assert second.address not in world.platform.read_some([second.address])
