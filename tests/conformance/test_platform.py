"""What every platform must do with objects. Each test asserts what is there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.model.spec import Key
from reconciler.protocols import Done, SealedSecret, Write
from tests.conformance.platform_writes import (
    AT,
    GRAPH,
    JO,
    LATER,
    MENU,
    MIA,
    OTHER,
    PILOT,
    RING,
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


def spec_of(world: World, at: Address = SALES) -> object:
    seen = world.platform.read_some([at])
    return seen[at].spec if at in seen else None


# Reading.


def test_a_tenant_never_seen_has_revision_0_and_nothing(world: World) -> None:
    read = world.platform.read("acme")

    assert (read.revision, dict(read.objects)) == (0, {})
    assert dict(world.platform.revisions()) == {}
    assert world.platform.numbers_of("acme") == ()


def test_what_is_written_is_read_whole(world: World) -> None:
    outcome = world.platform.write([create()])

    assert outcome == Done(version=1)
    seen = world.platform.read("acme").objects[SALES]
    assert seen.address == SALES
    assert seen.spec == RING
    assert (seen.version, seen.managed, seen.published) == (1, True, "")
    assert (seen.updated_by, seen.updated_at) == (JO, AT)
    assert world.platform.read_some([SALES, STANDUP]) == {SALES: seen}


def test_a_tenant_is_read_without_the_others(world: World) -> None:
    done(world, create(), create(STANDUP, {}), create(OTHER))

    assert set(world.platform.read("acme").objects) == {SALES, STANDUP}
    assert set(world.platform.read("beta").objects) == {OTHER}


def test_many_objects_are_read_in_one_call(world: World) -> None:
    every = [Address("acme", "extension", str(4000 + n)) for n in range(400)]
    units = [every] if world.platform.transactional else [[at] for at in every]
    for unit in units:
        assert isinstance(world.platform.write([create(at, {}) for at in unit]), Done)

    assert set(world.platform.read_some([*every, SALES])) == set(every)
    assert set(world.platform.read("acme").objects) == set(every)


def test_money_is_stored_as_text_and_fractions_not_at_all(world: World) -> None:
    done(world, create(spec={"monthly": Decimal("1.50")}))

    assert spec_of(world) == {"monthly": "1.50"}
    outcome = refused(world, create(STANDUP, {"ring": 1.5}))
    assert "acme/conference/standup" in outcome.reason
    assert not outcome.moved


@pytest.mark.parametrize("bad", ["half \ud83d", "nul \x00", "backslash \\\x00"])
def test_text_that_no_database_holds_is_refused(world: World, bad: str) -> None:
    assert "acme/ring_group/sales" in refused(world, create(spec={"name": bad})).reason


def test_text_that_looks_like_an_escape_is_stored(world: World) -> None:
    done(world, create(spec={"name": "\\u0000 \\ud83d 😀 \u2028 '\" %s ?"}))

    assert spec_of(world) == {"name": "\\u0000 \\ud83d 😀 \u2028 '\" %s ?"}


# Compare and swap.


def test_a_change_at_the_version_read_is_done(world: World) -> None:
    done(world, create())

    assert world.platform.write([change()]) == Done(version=2)
    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.spec["ring"]) == (2, "40s")
    assert (seen.updated_by, seen.updated_at) == (MIA, LATER)


def test_one_person_may_change_an_object_twice(world: World) -> None:
    done(world, create(by=JO), change(by=JO), change(version=2, spec={}, by=JO))

    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.updated_by, seen.updated_at) == (3, JO, LATER)


def test_a_change_of_what_moved_is_refused_naming_who_moved_it(world: World) -> None:
    done(world, create())
    assert isinstance(world.another().write([change(by=MIA)]), Done)

    outcome = refused(world, change(by=JO, spec={}))

    assert (outcome.moved, outcome.by) == (True, MIA)
    for word in (str(SALES), MIA, LATER, "version 2, not 1"):
        assert word in outcome.reason


@pytest.mark.parametrize("late", [change(), delete(), change(spec=None, publish=GRAPH)])
def test_what_relies_on_an_object_that_is_gone_is_refused(world: World, late: Write) -> None:
    done(world, create(), delete())

    outcome = refused(world, late)

    assert (outcome.moved, outcome.by) == (True, "")
    assert f"{SALES} is gone" in outcome.reason


def test_a_second_create_is_refused_naming_the_first(world: World) -> None:
    done(world, create())

    outcome = refused(world, create(by=MIA, spec={}))

    assert (outcome.moved, outcome.by) == (True, JO)
    assert f"{SALES} is there already" in outcome.reason
    assert AT in outcome.reason


def test_a_delete_at_the_version_read_leaves_nothing(world: World) -> None:
    token = SealedSecret("gAAAA-1", 1)
    done(world, create(keys=(PILOT,), secrets={"pin": token}, publish=GRAPH))

    assert world.platform.write([delete(secrets={"pin": token})]) == Done(version=0)

    assert dict(world.platform.read("acme").objects) == {}
    assert dict(world.platform.sealed(SALES)) == {}
    assert world.platform.published(SALES) is None
    done(world, create(STANDUP, {}, keys=(PILOT,)))


def test_a_delete_of_what_moved_is_refused(world: World) -> None:
    done(world, create(), change())

    outcome = refused(world, delete(version=1))

    assert (outcome.moved, outcome.by) == (True, MIA)


def test_a_draft_that_moved_is_not_published(world: World) -> None:
    done(world, create(MENU, {}), change(MENU))

    assert refused(world, change(MENU, spec=None, publish=GRAPH)).moved


# Unique keys.


def test_what_colleagues_dial_is_taken_once_across_kinds(world: World) -> None:
    done(world, create(keys=(PILOT,)))

    outcome = refused(world, create(STANDUP, {}, keys=(Key("room", "1"), PILOT)))

    assert outcome.reason == f"{STANDUP}: dial 6000 is taken by {SALES}."
    assert not outcome.moved


def test_tenants_dial_alike(world: World) -> None:
    done(world, create(keys=(PILOT,)), create(OTHER, keys=(PILOT,)))

    assert set(world.platform.revisions()) == {"acme", "beta"}


def test_a_key_for_everywhere_is_taken_once_across_tenants(world: World) -> None:
    key = Key("sip_username", "acme-4201", everywhere=True)
    done(world, create(keys=(key,)))

    assert str(SALES) in refused(world, create(OTHER, keys=(key,))).reason


def test_an_object_keeps_its_own_keys_and_frees_those_it_drops(world: World) -> None:
    done(world, create(keys=(PILOT, Key("dial", "6001"), PILOT)), change(keys=(PILOT,)))

    assert str(SALES) in refused(world, create(STANDUP, {}, keys=(PILOT,))).reason
    done(world, create(STANDUP, {}, keys=(Key("dial", "6001"),)))


def test_a_publish_keeps_the_keys(world: World) -> None:
    done(world, create(keys=(PILOT,)), change(spec=None, publish=GRAPH))

    assert str(SALES) in refused(world, create(STANDUP, {}, keys=(PILOT,))).reason


# Secrets.


def test_secrets_are_kept_sealed_and_beside_the_spec(world: World) -> None:
    marked = {"pin": {"$secret": {"ref": {"env": "PIN"}, "version": 1}}}
    token = SealedSecret("gAAAA-planted", 1)
    done(world, create(spec=marked, secrets={"pin": token}))

    assert dict(world.platform.sealed(SALES)) == {"pin": token}
    assert spec_of(world) == marked
    assert "planted" not in repr(world.raw("SELECT * FROM object"))
    assert "planted" not in repr(world.platform.sealed(SALES))
    assert dict(world.platform.sealed(STANDUP)) == {}


def test_a_secret_that_is_not_named_stays(world: World) -> None:
    old, new = SealedSecret("gAAAA-1", 1), SealedSecret("gAAAA-2", 2)
    done(world, create(secrets={"pin": old, "moderator_pin": old}), change(secrets={"pin": new}))

    assert dict(world.platform.sealed(SALES)) == {"pin": new, "moderator_pin": old}
