"""What every platform must do with a rename: one step, with all that refers to the object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.model.spec import Key
from reconciler.protocols import Done, SealedSecret, Write
from tests.conformance.platform_writes import (
    DESK,
    EVERYWHERE,
    GRAPH,
    JO,
    LATER,
    MENU,
    MIA,
    PILOT,
    RING,
    SALES,
    STANDUP,
    TOKEN,
    change,
    create,
    done,
    full,
    refused,
    short,
)
from tests.conformance.platforms import PLATFORMS, World

FRONT = SALES._replace(name="front")
OTHER_DESK = DESK._replace(name="4202")
AGAIN = SealedSecret("gAAAA-again", 1)


@pytest.fixture(params=PLATFORMS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


def rename(at: Address, was: Address, version: int = 1, **more: object) -> Write:
    return change(at, version, was=was, **{"spec": {"ring": "20s"}} | more)


def held(world: World, at: Address) -> tuple[object, ...]:
    """All that a platform keeps for an address."""
    seen = world.platform.read_some([at]).get(at)
    return (
        seen and (seen.spec, seen.managed, seen.published != ""),
        dict(world.platform.sealed(at)),
        world.platform.published(at),
    )


NOTHING = (None, {}, None)


def test_all_of_an_object_goes_to_its_new_name(world: World) -> None:
    done(world, full(SALES), rename(FRONT, SALES, keys=(PILOT, EVERYWHERE)))

    assert held(world, SALES) == NOTHING
    assert held(world, FRONT) == (({"ring": "20s"}, True, True), {"pin": TOKEN}, (1, GRAPH))


def test_it_is_a_further_version_of_the_same_object(world: World) -> None:
    done(world, full(SALES), change(SALES))

    assert world.platform.write([rename(FRONT, SALES, 2)]) == Done(version=3)
    seen = world.platform.read("acme").objects[FRONT]
    assert (seen.version, seen.updated_by, seen.updated_at) == (3, MIA, LATER)


def test_it_raises_the_revision(world: World) -> None:
    done(world, full(SALES))
    before = world.platform.read("acme").revision
    done(world, rename(FRONT, SALES))

    assert world.platform.read("acme").revision > before


def test_its_old_keys_are_free_and_its_new_ones_taken(world: World) -> None:
    old, new = Key("dial", "4201"), Key("dial", "4202")
    done(world, short(DESK, keys=(old,)), rename(OTHER_DESK, DESK, keys=(new,)))

    assert str(OTHER_DESK) in refused(world, create(STANDUP, {}, keys=(new,))).reason
    done(world, create(STANDUP, {}, keys=(old,)))


def test_secrets_sealed_anew_take_the_place_of_the_old_ones(world: World) -> None:
    done(world, full(SALES), rename(FRONT, SALES, secrets={"pin": AGAIN}))

    assert held(world, FRONT)[1] == {"pin": AGAIN}


def test_published_versions_go_on_from_the_last_one(world: World) -> None:
    graph = {**GRAPH, "start": "n2"}
    done(world, full(MENU), rename(MENU._replace(name="night"), MENU, publish=graph))

    assert world.platform.published(MENU) is None
    assert world.platform.published(MENU._replace(name="night")) == (2, graph)


def test_what_refers_to_it_is_changed_in_the_same_step(world: World) -> None:
    ring = {"members": ["ring_group/sales"]}
    done(world, short(SALES), create(MENU, ring, publish=GRAPH, keys=(PILOT,)), create(STANDUP, {}))
    graph = {**GRAPH, "start": "n2"}
    also = change(MENU, spec={"members": ["ring_group/front"]}, publish=graph)

    done(world, rename(FRONT, SALES, also=(also,)))

    seen = world.platform.read("acme").objects
    assert seen[MENU].spec == {"members": ["ring_group/front"]}
    assert seen[MENU].version == 2
    assert world.platform.published(MENU) == (2, graph)
    assert set(seen) == {FRONT, MENU, STANDUP}
    assert str(MENU) in refused(world, create(SALES, {}, keys=(PILOT,))).reason


def test_what_is_not_ours_is_re_pointed_and_stays_not_ours(world: World) -> None:
    done(world, full(SALES), create(MENU, {}))
    world.raw(
        "UPDATE object SET managed = CAST('0' AS BOOLEAN) WHERE kind = 'auto_attendant'"
        if world.engine == "postgresql"
        else "UPDATE object SET managed = 0 WHERE kind = 'auto_attendant'"
    )

    done(world, rename(FRONT, SALES, also=(change(MENU, 2, spec={"to": "ring_group/front"}),)))

    assert held(world, MENU)[0] == ({"to": "ring_group/front"}, False, False)


def test_two_objects_change_places(world: World) -> None:
    token = SealedSecret("gAAAA-2", 2)
    here, there = Key("dial", "4201"), Key("dial", "4202")
    done(
        world,
        create(DESK, {"name": "Ann"}, keys=(here,), secrets={"pin": TOKEN}, publish=GRAPH),
        create(OTHER_DESK, {"name": "Bob"}, keys=(there,), secrets={"pin": token}),
    )
    back = change(DESK, spec={"name": "Bob"}, was=OTHER_DESK, keys=(here,))

    done(world, rename(OTHER_DESK, DESK, spec={"name": "Ann"}, keys=(there,), also=(back,)))

    assert held(world, OTHER_DESK) == (({"name": "Ann"}, True, True), {"pin": TOKEN}, (1, GRAPH))
    assert held(world, DESK) == (({"name": "Bob"}, True, False), {"pin": token}, None)
    assert set(world.platform.read("acme").objects) == {DESK, OTHER_DESK}
    for key, holder in ((here, DESK), (there, OTHER_DESK)):
        assert str(holder) in refused(world, create(STANDUP, {}, keys=(key,))).reason


def test_each_moves_up_in_one_step(world: World) -> None:
    third = DESK._replace(name="4203")
    done(world, create(DESK, {"n": "1"}), create(OTHER_DESK, {"n": "2"}))
    up = change(OTHER_DESK, spec={"n": "1"}, was=DESK)

    done(world, rename(third, OTHER_DESK, spec={"n": "2"}, also=(up,)))

    seen = world.platform.read("acme").objects
    assert {at.name: have.spec for at, have in seen.items()} == {
        "4202": {"n": "1"},
        "4203": {"n": "2"},
    }


# Refusals: nothing at all is other than before (`refused` looks).


def test_an_object_that_moved_on_is_not_renamed(world: World) -> None:
    done(world, full(SALES), change(SALES))

    outcome = refused(world, rename(FRONT, SALES, 1))

    assert (outcome.moved, outcome.by) == (True, MIA)
    assert str(SALES) in outcome.reason


def test_an_object_that_is_gone_is_not_renamed(world: World) -> None:
    outcome = refused(world, rename(FRONT, SALES))

    assert outcome.moved
    assert f"{SALES} is gone" in outcome.reason


def test_a_name_that_is_taken_is_not_given_again(world: World) -> None:
    done(world, full(SALES), create(FRONT, RING))

    outcome = refused(world, rename(FRONT, SALES))

    assert (outcome.moved, outcome.by) == (True, JO)
    assert f"{FRONT} is there already" in outcome.reason


def test_nothing_is_renamed_when_what_refers_to_it_moved_on(world: World) -> None:
    done(world, full(SALES), create(MENU, {}), change(MENU))

    outcome = refused(world, rename(FRONT, SALES, also=(change(MENU, 1, spec={}),)))

    assert outcome.moved
    assert str(MENU) in outcome.reason


def test_nothing_is_renamed_when_its_new_key_is_taken(world: World) -> None:
    key = Key("dial", "4202")
    done(world, short(DESK), create(STANDUP, {}, keys=(key,)))

    outcome = refused(world, rename(OTHER_DESK, DESK, keys=(key,)))

    assert outcome.reason == f"{OTHER_DESK}: dial 4202 is taken by {STANDUP}."
    assert not outcome.moved


def test_a_rename_and_a_later_change_are_one_unit(world: World) -> None:
    if not world.platform.transactional:
        pytest.skip("it takes one write at a time")
    done(world, full(SALES))
    writes = [rename(FRONT, SALES), change(FRONT, 2), change(STANDUP, 7)]

    refused_outcome = world.platform.write(writes)

    assert not isinstance(refused_outcome, Done)
    assert set(world.platform.read("acme").objects) == {SALES}
    assert world.platform.write(writes[:2]) == Done(version=3)
