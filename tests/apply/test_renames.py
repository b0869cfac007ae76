"""Renames at a platform that writes one operation at a time and loses answers."""

from dataclasses import replace

import pytest

from reconciler.apply.relied import moved as said
from reconciler.model.address import Address
from reconciler.observe import Accounts
from tests.crash import world as worlds
from tests.crash.scripts import TENANT, Git, desired

ANN, BOB = "extension/101", "extension/102"
ALIKE = {ANN: {"name": "Desk"}, BOB: {"name": "Desk"}, "device/101-desk": {}, "device/102-desk": {}}
"""Nothing but their passwords tells the two apart, and nothing refers to them."""

PLAIN = {**ALIKE, "ring_group/sales": {"members": [ANN]}}
SWAPPED = {
    "extension__101": "102", "extension__102": "101",
    "device__101-desk": "102-desk", "device__102-desk": "101-desk",
}  # fmt: skip


def tenant(entries, **was):
    """A tenant whose devices stand in their extensions, as they do in YAML."""
    made = desired(entries, **was)
    objects = {
        at: replace(want, entry=at._replace(kind="extension", name=at.name.partition("-")[0]))
        if at.kind == "device"
        else want
        for at, want in made.objects.items()
    }
    return Git(replace(made, objects=objects))


@pytest.fixture(params=["single", "keyed"])
def world(request):
    made = worlds.fresh(request.param)
    made.settle(tenant(ALIKE))
    assert not made.problems
    return made


def tokens(world):
    """What the device at each name has for a password: who made it and which it is."""
    rows = world.connection.execute("SELECT name, token FROM secret WHERE field = 'sip_password'")
    return {name: token.rpartition(":")[2] for name, token in rows}


def faulty(world, fault):
    if fault:
        world.account.write_faults[world.account.writes + 1] = fault


def exchanged():
    return tenant(ALIKE, **SWAPPED)


@pytest.mark.parametrize("fault", ["", "before", "after", "noeffect"])
def test_an_exchange_takes_place_once_whatever_answer_is_lost(world, fault):
    before = tokens(world)
    faulty(world, fault)

    last = world.settle(exchanged())

    assert last is not None
    assert not world.problems
    assert tokens(world) == {"101-desk": before["102-desk"], "102-desk": before["101-desk"]}
    assert len(world.made) == 2  # no password was made anew


@pytest.mark.parametrize("strike", range(1, 16))
def test_an_exchange_takes_place_once_wherever_the_process_is_killed(world, strike):
    before = tokens(world)
    world.apply(exchanged(), world.process(strike_at=strike))

    world.settle(exchanged())

    assert not world.problems
    assert tokens(world) == {"101-desk": before["102-desk"], "102-desk": before["101-desk"]}


def test_an_exchange_is_undone_by_exchanging_once_more(world):
    before = tokens(world)
    world.settle(exchanged())
    world.settle(tenant(ALIKE))  # without `was`

    world.settle(exchanged())

    assert not world.problems
    assert tokens(world) == before


def test_what_is_remembered_of_an_object_goes_with_it(world):
    world.settle(tenant(PLAIN))
    moved = {key.replace("101", "111"): value for key, value in PLAIN.items()}
    moved["ring_group/sales"] = {"members": ["extension/111"]}
    was = {"extension__111": "101", "device__111-desk": "101-desk"}
    world.settle(tenant(moved, **was))

    rows = world.connection.execute("SELECT kind || '/' || name FROM applied").fetchall()
    macs = world.connection.execute("SELECT macs FROM applied WHERE name = '111-desk'").fetchone()
    assert {row[0] for row in rows} == set(moved)
    assert "sip_password" in macs[0]


def test_what_moved_since_the_plan_is_named(world):
    world.settle(tenant(PLAIN))
    process = world.process()
    edges = world.edges(process)
    accounts = Accounts(edges.carriers, edges.ledger, edges.clock)
    target = {key.replace("101", "111"): value for key, value in PLAIN.items()}
    target["ring_group/sales"] = {"members": ["extension/111"]}
    was = {"extension__111": "101", "device__111-desk": "101-desk"}
    plan = world.plan(tenant(target, **was), edges, accounts, "p")
    [rename] = plan.parts[0].operations
    here = Address(TENANT, "extension", "111")
    there = dict(edges.platform.read(TENANT).objects)

    assert said(rename, here, there, {}) == ""
    for reference, words in {
        "extension/101": "extension/101 is not there any more",
        "device/101-desk": "device/101-desk is not there any more",
        "ring_group/sales": "ring_group/sales is not there any more",
    }.items():
        gone = {at: have for at, have in there.items() if at.reference != reference}
        assert words in said(rename, here, gone, {})
    taken = {**there, here: there[Address(TENANT, "extension", "102")]}
    assert "extension/111 is there now" in said(rename, here, taken, {})
