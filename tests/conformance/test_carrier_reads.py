"""Reads of every carrier, at every fault of its sandbox: whole, or no reading at all."""

from __future__ import annotations

from contextlib import suppress

import pytest

from reconciler.errors import Exit, Unavailable
from reconciler.model.supply import Stock
from tests.conformance.carriers import CARRIERS, SORTS
from tests.conformance.faults import Read, met, of_lists

FAULTS = [
    (carrier, fault)
    for carrier, sort in SORTS.items()
    for fault in of_lists(sort.kind, sort.faults)
]


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


@pytest.fixture(params=FAULTS, ids="-".join)
def faulty(request, tmp_path):
    """An account with a number, a fault, and what becomes of a list that meets it."""
    carrier, fault = request.param
    with CARRIERS[carrier](tmp_path) as made:
        made.bought()
        yield made, fault, met(made.sort.kind, fault).read


def broken(world, fault, step):
    """Have a step fail as often as a connector may try."""
    world.fault(fault, step, times=9)


def test_a_list_at_any_fault_is_whole_or_unavailable_and_never_cut(faulty):
    world, fault, read = faulty
    before = world.again().observe().holdings
    broken(world, fault, "numbers")

    if read is Read.BROKEN:
        with pytest.raises(Unavailable) as caught:
            world.carrier.observe()
        assert caught.value.exit_code is Exit.UNAVAILABLE
        assert caught.value.message.endswith(".")
        assert caught.value.hint
        return
    if read is Read.WHOLE:
        assert world.carrier.observe().holdings == before
        return
    with suppress(Unavailable):  # it says how many rows there should be
        assert world.carrier.observe().holdings == {}


@pytest.mark.parametrize("status", [404, 403, 502])
def test_a_page_of_a_proxy_is_no_empty_account(world, status):
    world.fault("html", "numbers", status=status, times=9)

    with pytest.raises(Unavailable):
        world.carrier.observe()


def test_stock_at_any_fault_is_told_or_unavailable(faulty):
    world, fault, read = faulty
    asked = world.sort.numbers[1]
    broken(world, fault, "numbers" if fault == "stale" else "stock")

    if read is Read.BROKEN:
        with pytest.raises(Unavailable):
            world.carrier.stock([asked])
        return
    if read is Read.EMPTY:
        with suppress(Unavailable):  # no inventory says so where it has none
            assert world.carrier.stock([asked])[asked] is not Stock.OFFERED
        return
    sure = world.carrier.capabilities.tells_stock
    told = world.carrier.stock([asked])[asked]
    assert told in ({Stock.OFFERED} if sure else set(Stock))


def test_a_list_that_lags_is_read_as_it_is(world):
    world.bought()
    world.fault("stale", "numbers", seconds=60.0)
    other = world.sort.numbers[1]
    world.do(world.order(other))

    assert set(world.carrier.observe().holdings) == {world.e164}
    world.clock.sleep(61)
    assert set(world.carrier.observe().holdings) == {world.e164, other}


def test_a_list_that_fails_once_is_read_the_next_time(world):
    world.bought()
    world.fault("drop", "numbers")

    assert set(world.carrier.observe().holdings) == {world.e164}
