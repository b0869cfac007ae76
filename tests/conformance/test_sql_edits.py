"""What is done behind our back in plain SQL is noticed, signed and kept within the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.model.canonical import graph_digest
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import Done, PoolChange, Refused
from tests.conformance.platform_writes import (
    AT,
    DESK,
    GRAPH,
    JO,
    LINE,
    SALES,
    TOKEN,
    done,
    full,
    short,
)
from tests.conformance.platforms import PLATFORMS, World


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with PLATFORMS[request.param](tmp_path) as made:
        yield made


INSTANT = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


def revision(world: World, tenant: str = "acme") -> int:
    return world.platform.revisions().get(tenant, 0)


@contextmanager
def raised(world: World, *tenants: str) -> Iterator[None]:
    """Whatever is done inside raises the revision of these tenants and of no other."""
    before = world.platform.revisions()
    yield
    after = world.platform.revisions()
    assert {t for t in after if after[t] != before.get(t, 0)} == set(tenants)
    assert all(after[t] > before.get(t, 0) for t in tenants)


@contextmanager
def refused_by_the_database(world: World, words: str = ".") -> Iterator[None]:
    with pytest.raises(world.refusals, match=words):
        yield


# Objects, edited in plain SQL.


@pytest.mark.parametrize("recursive", [False, True])
def test_an_edit_is_versioned_signed_and_dated(world: World, *, recursive: bool) -> None:
    done(world, short(), short(DESK))
    spec = """'{"ring": "40s"}'"""

    with raised(world, "acme"):
        world.raw(f"UPDATE object SET spec = {spec} WHERE name = 'sales'", recursive=recursive)

    seen = world.platform.read("acme").objects[SALES]
    assert (seen.spec, seen.version, seen.updated_by) == ({"ring": "40s"}, 2, world.somebody)
    assert re.fullmatch(INSTANT, seen.updated_at)
    assert seen.updated_at != AT
    assert world.platform.read_some([DESK])[DESK].updated_by == JO
    late = world.platform.write([replace(short(), expect_version=1)])
    assert isinstance(late, Refused)
    assert late.by == world.somebody


def test_a_field_is_edited_in_place_again_and_again(world: World) -> None:
    done(world, short())

    world.edit(SALES, "ring", "30s")
    world.edit(SALES, "ring", "40s")

    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.spec["ring"], seen.version, seen.updated_by) == ("40s", 3, world.somebody)
    assert isinstance(world.platform.write([replace(short(), expect_version=3)]), Done)


def test_an_edit_dates_itself_in_utc(world: World) -> None:
    done(world, short())
    clock = {
        "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
        "postgresql": """SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    }[world.engine]
    ((before,),) = world.raw(clock)

    world.edit(SALES, "ring", "30s")

    ((after,),) = world.raw(clock)
    assert before <= world.platform.read_some([SALES])[SALES].updated_at <= after


def test_an_edit_that_signs_and_counts_itself_is_left_so(world: World) -> None:
    done(world, short())

    world.raw("UPDATE object SET updated_by = 'kim'")
    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.updated_by) == (2, "kim")

    world.raw("UPDATE object SET version = 9, updated_by = 'lee', updated_at = 'then'")
    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.updated_by, seen.updated_at) == (9, "lee", "then")


@pytest.mark.parametrize("nobody", ["''", "NULL"])
def test_an_edit_that_unsigns_a_row_or_turns_it_back_is_caught(world: World, nobody: str) -> None:
    done(world, short())

    world.raw(f"UPDATE object SET updated_by = {nobody}, version = 1")

    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.updated_by) == (2, world.somebody)


def test_a_row_that_was_unsigned_is_versioned_all_the_same(world: World) -> None:
    done(world, short())
    world.raw("UPDATE object SET updated_by = '', version = 2")

    world.edit(SALES, "ring", "30s")

    seen = world.platform.read_some([SALES])[SALES]
    assert (seen.version, seen.updated_by) == (3, world.somebody)


@pytest.mark.parametrize("signature", ["", ", ''", ", NULL"])
@pytest.mark.parametrize("recursive", [False, True])
def test_an_object_inserted_by_hand_is_signed_and_not_ours(
    world: World, signature: str, *, recursive: bool
) -> None:
    column = ", updated_by" if signature else ""
    with raised(world, "acme"):
        world.raw(
            f"INSERT INTO object (tenant, kind, name, spec{column})"
            f" VALUES ('acme', 'ring_group', 'sales', '{{}}'{signature})",
            recursive=recursive,
        )

    seen = world.platform.read("acme").objects[SALES]
    assert (seen.spec, seen.version, seen.managed) == ({}, 1, False)
    assert seen.updated_by == world.somebody
    assert re.fullmatch(INSTANT, seen.updated_at)


def test_an_unmanaged_object_is_ours_once_we_write_it(world: World) -> None:
    world.raw("INSERT INTO object (tenant, kind, name, spec) VALUES (?, ?, ?, '{}')", *SALES)

    done(world, replace(short(), expect_version=1))

    assert world.platform.read_some([SALES])[SALES].managed


def test_an_object_deleted_by_hand_takes_all_that_is_its_own_along(world: World) -> None:
    done(world, full(), short(DESK, secrets={"pin": TOKEN}, publish=GRAPH))

    with raised(world, "acme"):
        world.raw("DELETE FROM object WHERE name = 'sales'")

    for table in ("object", "secret", "published_version"):
        assert world.raw(f"SELECT name FROM {table}") == [("4201",)], table
    assert world.raw("SELECT * FROM unique_key") == []


def test_an_object_moved_by_hand_takes_all_that_is_its_own_along(world: World) -> None:
    done(world, full())
    moved = Address("beta", "ring_group", "support")

    with raised(world, "acme", "beta"):
        world.raw("UPDATE object SET tenant = 'beta', name = 'support'")

    assert world.platform.read("acme").objects == {}
    seen = world.platform.read("beta").objects[moved]
    assert (seen.version, seen.published) == (2, graph_digest(GRAPH))
    assert dict(world.platform.sealed(moved)) == {"pin": TOKEN}
    assert world.platform.published(SALES) is None
    keys = world.raw("SELECT space, scope, tenant, name FROM unique_key ORDER BY scope")
    assert keys == [("beta", "dial", "beta", "support"), ("", "sip_username", "beta", "support")]


@pytest.mark.parametrize("spec", ["'{'", "'[1]'", "'null'", "''", "NULL", "'\"text\"'"])
def test_a_spec_is_a_json_object_whoever_writes_it(world: World, spec: str) -> None:
    done(world, short())

    with refused_by_the_database(world):
        world.raw(f"UPDATE object SET spec = {spec}")

    assert world.platform.read_some([SALES])[SALES].spec == {"ring": "20s"}


def test_a_number_in_a_spec_by_hand_is_read_as_it_stands(world: World) -> None:
    done(world, short(), short(DESK))

    world.raw("""UPDATE object SET spec = '{"ring": 40.50, "n": 7}' WHERE name = 'sales'""")

    assert world.platform.read_some([SALES])[SALES].spec == {"ring": "40.50", "n": 7}


def test_a_spec_that_cannot_be_read_hides_no_other(world: World) -> None:
    done(world, short(), short(DESK))

    world.raw(f"""UPDATE object SET spec = '{{"n": {"9" * 5000}}}' WHERE name = 'sales'""")

    objects = world.platform.read("acme").objects
    assert (objects[SALES].spec, objects[DESK].spec) == ({}, {"ring": "20s"})
    assert objects[SALES].updated_by == world.somebody


def test_stored_json_is_sorted_compact_and_legible(world: World) -> None:
    done(world, replace(short(), spec={"ring": "20s", "name": "Süd"}))

    ((spec,),) = world.raw("SELECT CAST(spec AS TEXT) FROM object")
    expected = {
        "sqlite": '{"name":"Süd","ring":"20s"}',
        "postgresql": '{"name": "Süd", "ring": "20s"}',  # jsonb prints itself
    }
    assert spec == expected[world.engine]


# Numbers, versions and revisions, edited in plain SQL.


@pytest.mark.parametrize("recursive", [False, True])
def test_a_number_edited_by_hand_is_versioned_and_seen_by_both(
    world: World, *, recursive: bool
) -> None:
    world.platform.load_numbers([replace(LINE, state=NumberState.ASSIGNED, tenant="acme")])
    done(world, short(Address("gamma", "extension", "1")))

    with raised(world, "acme", "beta"):
        world.raw("UPDATE number SET tenant = 'beta'", recursive=recursive)

    (seen,) = world.platform.numbers_of("beta")
    assert (seen.version, seen.updated_by) == (2, world.somebody)
    late = short(pool=PoolChange(1, LINE))
    outcome = world.platform.write([late])
    assert isinstance(outcome, Refused)
    assert outcome.by == world.somebody


def test_a_number_inserted_and_deleted_by_hand_is_noticed(world: World) -> None:
    with raised(world, "acme"):
        world.raw("INSERT INTO number (e164, tenant) VALUES ('+12015550144', 'acme')")
    (seen,) = world.platform.numbers_of()
    assert seen == PoolNumber(
        LINE.e164, NumberState.AVAILABLE, "acme", version=1, updated_by=world.somebody
    )

    with raised(world, "acme"):
        world.raw("DELETE FROM number")
    with raised(world):
        world.raw("INSERT INTO number (e164) VALUES ('+12015550144')")


@pytest.mark.parametrize("nobody", ["''", "NULL"])
def test_a_number_that_was_unsigned_is_versioned_all_the_same(world: World, nobody: str) -> None:
    world.platform.load_numbers([LINE])
    world.raw(f"UPDATE number SET updated_by = {nobody}, version = 2")

    world.raw("UPDATE number SET country = 'US'")

    (seen,) = world.platform.numbers_of()
    assert (seen.version, seen.updated_by, seen.country) == (3, world.somebody, "US")


@pytest.mark.parametrize(
    "values",
    ["'0330', 'available', ''", "'+1201555x', 'available', ''", "'+0120', 'available', ''",
     "'+12015550144', 'asigned', 'acme'", "'+12015550144', 'quarantined', ''"],
)  # fmt: skip
def test_the_pool_takes_only_records_that_make_sense(world: World, values: str) -> None:
    with refused_by_the_database(world):
        world.raw(f"INSERT INTO number (e164, state, tenant) VALUES ({values})")

    assert world.platform.numbers_of() == ()


@pytest.mark.parametrize("column", ["graph = '{}'", "digest = 'x'", "version = 7", "name = 'x'"])
def test_a_published_version_never_changes(world: World, column: str) -> None:
    done(world, full())

    with refused_by_the_database(world, "never changes"):
        world.raw(f"UPDATE published_version SET {column}")

    assert world.platform.published(SALES) == (1, GRAPH)


def test_versions_published_and_dropped_by_hand_are_noticed(world: World) -> None:
    done(world, full())

    with raised(world, "acme"):
        world.raw(
            "INSERT INTO published_version VALUES (?, ?, ?, 2, '{}', 'd', ?, 'kim')", *SALES, AT
        )
    assert world.platform.published(SALES) == (2, {})
    with raised(world, "acme"):
        world.raw("DELETE FROM published_version WHERE version = 2")
    assert world.platform.published(SALES) == (1, GRAPH)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM tenant",
        "UPDATE tenant SET revision = 0",
        "UPDATE tenant SET revision = revision",
        "UPDATE tenant SET tenant = 'x'",
    ],
)
def test_a_revision_never_comes_again(world: World, sql: str) -> None:
    done(world, short())
    before = revision(world)

    with refused_by_the_database(world):
        world.raw(sql)

    assert revision(world) == before


def _replacing(world: World, table: str, key: str, values: str) -> str:
    return {
        "sqlite": f"INSERT OR REPLACE INTO {table} {key} VALUES {values}",
        "postgresql": f"TRUNCATE {table}",
    }[world.engine]


@pytest.mark.parametrize(
    ("table", "key", "values"),
    [
        ("object", "(tenant, kind, name, spec)", "('acme', 'ring_group', 'sales', '{}')"),
        ("number", "(e164)", "('+12015550144')"),
        ("published_version", "", "('acme', 'ring_group', 'sales', 1, '{}', '', '', '')"),
        ("tenant", "", "('acme', 0)"),
    ],
)
def test_no_row_vanishes_past_the_triggers(world: World, table: str, key: str, values: str) -> None:
    mine = replace(LINE, state=NumberState.ASSIGNED, tenant="acme")
    done(world, replace(full(), pool=PoolChange(0, mine)))
    before = world.raw(f"SELECT * FROM {table}")

    with refused_by_the_database(world):
        world.raw(_replacing(world, table, key, values))

    assert world.raw(f"SELECT * FROM {table}") == before


@pytest.mark.parametrize("policy", ["REPLACE", "IGNORE"])
def test_a_conflict_policy_of_an_edit_does_not_reach_the_revision(
    tmp_path: Path, policy: str
) -> None:
    with PLATFORMS["sqlite"](tmp_path) as world:
        done(world, short(), short(DESK))

        with raised(world, "acme"):
            world.raw(f"UPDATE OR {policy} object SET spec = '{{}}' WHERE name = 'sales'")

        assert world.platform.read_some([SALES])[SALES].version == 2
