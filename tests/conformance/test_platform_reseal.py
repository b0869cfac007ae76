"""What every platform must do with secrets that are sealed again with another key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.protocols import SealedSecret
from tests.conformance.platform_writes import OTHER, SALES, TOKEN, change, create, done
from tests.conformance.platforms import PLATFORMS, World


@pytest.fixture(params=PLATFORMS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


def test_every_secret_at_rest_is_listed_whosever_it_is(world: World) -> None:
    token, other = SealedSecret("planted-1", 1), SealedSecret("planted-2", 2)
    done(world, create(secrets={"pin": token, "moderator_pin": other}))
    done(world, create(OTHER, secrets={"pin": other}))

    listed = list(world.platform.all_sealed())

    assert {(str(held.address), held.field_name): held.token for held in listed} == {
        (str(SALES), "moderator_pin"): "planted-2",
        (str(SALES), "pin"): "planted-1",
        (str(OTHER), "pin"): "planted-2",
    }
    assert "planted" not in repr(listed)


def test_a_thousand_secrets_are_listed_once_each(world: World) -> None:
    fields = {f"field-{n:04}": SealedSecret(f"t{n}", 1) for n in range(1100)}
    done(world, create(secrets=fields))

    listed = [held.field_name for held in world.platform.all_sealed()]

    assert len(listed) == len(set(listed)) == 1100


def test_a_token_is_replaced_and_nothing_else_changes(world: World) -> None:
    done(world, create(secrets={"pin": SealedSecret("old", 3), "moderator_pin": TOKEN}))
    before, revisions = world.platform.read(SALES.tenant), world.platform.revisions()
    (held,) = [held for held in world.platform.all_sealed() if held.field_name == "pin"]

    assert world.platform.reseal([(held, "new")]) == 1

    sealed = dict(world.platform.sealed(SALES))
    assert sealed == {"pin": SealedSecret("new", 3), "moderator_pin": TOKEN}
    assert world.platform.read(SALES.tenant) == before
    assert world.platform.revisions() == revisions


def test_a_token_that_moved_meanwhile_is_left_alone(world: World) -> None:
    done(world, create(secrets={"pin": SealedSecret("old", 1)}))
    (held,) = world.platform.all_sealed()
    done(world, change(secrets={"pin": SealedSecret("rotated", 2)}))

    assert world.platform.reseal([(held, "new")]) == 0

    assert dict(world.platform.sealed(SALES)) == {"pin": SealedSecret("rotated", 2)}
