"""Reading many tenants at once gives what reading each by itself gives, in the order asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.platform import sql
from tests.conformance.platform_writes import GRAPH, MENU, OTHER, SALES, change, create, done, short
from tests.conformance.platforms import PLATFORMS, World


@pytest.fixture(params=PLATFORMS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


def test_each_tenant_is_read_as_by_itself(world: World) -> None:
    done(world, create(), create(OTHER), short(MENU, publish=GRAPH))
    done(world, change(MENU, publish=GRAPH | {"start": "n2"}))
    done(world, short(Address("gone", "ring_group", "x")))
    world.raw("DELETE FROM object WHERE tenant = ?", "gone")
    asked = ["gone", OTHER.tenant, "never-seen", SALES.tenant]

    found = list(world.platform.read_many(asked))

    assert found == [world.platform.read(tenant) for tenant in asked]
    assert found[3].objects[MENU].published
    assert (found[0].revision, dict(found[0].objects)) == (2, {})
    assert (found[2].revision, dict(found[2].objects)) == (0, {})


def test_more_tenants_than_are_read_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "_TENANTS_AT_ONCE", 3)
    names = [f"t{n}" for n in range(8)]
    done(world, *(short(Address(name, "ring_group", "sales")) for name in names))

    found = list(world.platform.read_many(names[::-1]))

    assert [next(iter(read.objects)).tenant for read in found] == names[::-1]


def test_nothing_is_asked_and_nothing_is_read(world: World) -> None:
    assert list(world.platform.read_many([])) == []
