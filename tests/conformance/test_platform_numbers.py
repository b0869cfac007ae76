"""What every platform must do with versions, numbers, revisions and units of writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.model.canonical import graph_digest
from reconciler.model.supply import NumberState
from reconciler.protocols import Done, PoolChange, Refused, SealedSecret, Write
from tests.conformance.platform_writes import (
    AT,
    GRAPH,
    JO,
    LATER,
    LINE,
    MENU,
    MIA,
    NUMBER,
    OTHER,
    PILOT,
    SALES,
    STANDUP,
    change,
    create,
    delete,
    done,
    refused,
)
from tests.conformance.platforms import PLATFORMS, World


@pytest.fixture(params=PLATFORMS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


# Published versions.


def test_a_draft_is_live_once_it_is_published(world: World) -> None:
    done(world, create(MENU, {"greeting": "hello"}))
    assert world.platform.published(MENU) is None

    assert world.platform.write([change(MENU, spec=None, publish=GRAPH)]) == Done(version=1)

    assert world.platform.published(MENU) == (1, GRAPH)
    for seen in (world.platform.read("acme").objects, world.platform.read_some([MENU])):
        assert seen[MENU].published == graph_digest(GRAPH)
        assert seen[MENU].spec == {"greeting": "hello"}
        assert (seen[MENU].version, seen[MENU].updated_by) == (1, JO)


def test_versions_count_up_and_an_equal_graph_makes_none(world: World) -> None:
    graph = {**GRAPH, "start": "n2"}
    done(world, create(MENU, {}, publish=GRAPH))
    before = world.platform.revisions()["acme"]
    done(world, change(MENU, spec=None, publish=dict(reversed(GRAPH.items()))))
    assert world.platform.revisions()["acme"] == before
    done(world, change(MENU, spec=None, publish=graph))
    assert world.platform.published(MENU) == (2, graph)
    assert world.platform.read_some([MENU])[MENU].published == graph_digest(graph)

    done(world, change(MENU, spec=None, publish=GRAPH))

    assert world.platform.published(MENU) == (3, GRAPH)
    assert world.platform.read("acme").objects[MENU].published == graph_digest(GRAPH)


def test_nothing_is_published_of_what_never_was(world: World) -> None:
    outcome = refused(world, Write(MENU, 0, None, by=JO, at=AT, publish=GRAPH))

    assert str(MENU) in outcome.reason


# The pool.


def test_numbers_are_loaded_once_and_never_overwritten(world: World) -> None:
    second = replace(LINE, e164="+12015550145")
    twice = replace(second, country="CA")
    assert world.platform.load_numbers([LINE]) == 1
    assert world.platform.load_numbers([replace(LINE, country="CA"), second, twice]) == 1

    numbers = world.platform.numbers_of()
    assert [n.e164 for n in numbers] == [LINE.e164, second.e164]
    assert numbers == (replace(LINE, updated_by="preload"), replace(second, updated_by="preload"))
    assert dict(world.platform.numbers([LINE.e164, "+4930111"])) == {LINE.e164: numbers[0]}


def test_a_large_list_is_loaded_and_read(world: World) -> None:
    every = [replace(LINE, e164=f"+1201556{n:04}") for n in range(1200)]

    assert world.platform.load_numbers(every) == 1200
    assert world.platform.load_numbers(every) == 0
    assert len(world.platform.numbers([n.e164 for n in every])) == 1200


def test_a_number_is_assigned_and_quarantined_with_its_object(world: World) -> None:
    world.platform.load_numbers([LINE])
    assigned = replace(LINE, state=NumberState.ASSIGNED, tenant="acme", protect=True)
    done(world, create(NUMBER, {"to": "ring_group/sales"}, pool=PoolChange(1, assigned)))
    (seen,) = world.platform.numbers_of("acme")
    assert seen == replace(assigned, version=2, updated_by=JO)

    held = replace(
        assigned,
        state=NumberState.QUARANTINED,
        protect=False,
        quarantined_at=LATER,
        release_after="2027-01-06",
    )
    done(world, change(NUMBER, spec={}, pool=PoolChange(2, held)))

    assert world.platform.numbers_of("acme") == (replace(held, version=3, updated_by=MIA),)


def test_a_record_that_moved_refuses_the_whole_write(world: World) -> None:
    world.platform.load_numbers([LINE])
    taken = replace(LINE, state=NumberState.ASSIGNED, tenant="beta")
    theirs = create(Address("beta", "number", LINE.e164), {}, pool=PoolChange(1, taken), by=MIA)
    assert isinstance(world.another().write([theirs]), Done)

    ours = PoolChange(1, replace(taken, tenant="acme"))
    outcome = refused(world, create(NUMBER, {}, pool=ours))

    assert (outcome.moved, outcome.by) == (True, MIA)
    for word in (LINE.e164, MIA, AT, "version 2, not 1"):
        assert word in outcome.reason


def test_a_record_is_made_where_none_was_and_only_there(world: World) -> None:
    ordered = replace(LINE, state=NumberState.ORDERED, tenant="acme")
    done(world, create(NUMBER, {}, pool=PoolChange(0, ordered)))
    assert world.platform.numbers([LINE.e164])[LINE.e164].state is NumberState.ORDERED

    outcome = refused(world, change(NUMBER, pool=PoolChange(0, ordered)))

    assert (outcome.moved, outcome.by) == (True, JO)
    assert f"{LINE.e164} is there already" in outcome.reason


def test_a_record_that_never_was_is_not_changed(world: World) -> None:
    assert refused(world, create(NUMBER, {}, pool=PoolChange(3, LINE))).moved


def test_a_record_changes_without_an_object(world: World) -> None:
    world.platform.load_numbers([LINE])
    gone = replace(LINE, state=NumberState.RELEASED)

    outcome = world.platform.write([Write(NUMBER, 0, None, by=JO, at=AT, pool=PoolChange(1, gone))])

    assert outcome == Done(version=0)
    assert world.platform.numbers([LINE.e164])[LINE.e164].state is NumberState.RELEASED


def test_a_number_is_never_assigned_to_nobody(world: World) -> None:
    nobody = replace(LINE, state=NumberState.ASSIGNED)

    assert str(NUMBER) in refused(world, create(NUMBER, {}, pool=PoolChange(0, nobody))).reason


# Revisions.


def test_reading_leaves_revisions_alone(world: World) -> None:
    done(world, create(publish=GRAPH))
    before = dict(world.platform.revisions())

    revision = world.platform.read("acme").revision
    world.platform.read_some([SALES])
    world.platform.numbers([LINE.e164])
    world.platform.published(SALES)
    world.platform.sealed(SALES)

    assert dict(world.platform.revisions()) == before == {"acme": revision}


@pytest.mark.parametrize(
    "write", [create(STANDUP, {}), change(), delete(), change(spec=None, publish=GRAPH)]
)
def test_a_write_raises_the_revision_of_its_tenant_alone(world: World, write: Write) -> None:
    done(world, create(), create(OTHER))
    before = dict(world.platform.revisions())

    done(world, write)

    after = dict(world.platform.revisions())
    assert after["acme"] > before["acme"]
    assert after["beta"] == before["beta"]
    assert world.platform.read("acme").revision == after["acme"]


def test_a_number_that_changes_hands_raises_both_revisions(world: World) -> None:
    mine = replace(LINE, state=NumberState.ASSIGNED, tenant="acme")
    done(world, create(NUMBER, {}, pool=PoolChange(0, mine)), create(OTHER))
    before = dict(world.platform.revisions())

    moved = PoolChange(1, replace(mine, tenant="beta"))
    done(world, create(Address("gamma", "number", LINE.e164), {}, pool=moved))

    after = dict(world.platform.revisions())
    assert all(after[tenant] > before[tenant] for tenant in ("acme", "beta"))


# Units.


def test_several_writes_are_one_unit_or_refused(world: World) -> None:
    outcome = world.platform.write([create(keys=(PILOT,)), create(STANDUP, {})])

    if world.platform.transactional:
        assert isinstance(outcome, Done)
        assert set(world.platform.read("acme").objects) == {SALES, STANDUP}
    else:
        assert isinstance(outcome, Refused)
        assert world.platform.read("acme").revision == 0


def test_of_new_objects_written_together_the_one_in_the_way_is_named(world: World) -> None:
    if not world.platform.transactional:
        pytest.skip("it writes one object at a time")
    secret = {"pin": SealedSecret("gAAAA-1", 1)}
    first, last = create(keys=(PILOT,), secrets=secret), create(OTHER)

    outcome = world.platform.write([first, create(STANDUP, {}, keys=(PILOT,)), last])

    assert isinstance(outcome, Refused)
    assert outcome.reason == f"{STANDUP}: dial 6000 is taken by {SALES}."
    assert world.platform.read("acme").objects == world.platform.read("beta").objects == {}
    assert world.platform.write([first, create(STANDUP, {}), last]) == Done(version=1)
    assert world.platform.sealed(SALES) == secret
    again = world.platform.write([create(Address("beta", "room", "1"), {}), first])
    assert isinstance(again, Refused)
    assert f"{SALES} is there already" in again.reason
