"""Reads of every carrier: whole, or no reading at all."""

from __future__ import annotations

import pytest

from reconciler.errors import Exit, Unavailable
from tests.conformance.carriers import CARRIERS

BROKEN = ("500", "html", "truncated", "garbage", "429", "refuse")


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


def broken(world, kind, step):
    """Have a step fail as often as a connector may try."""
    seconds = {"seconds": 31.0} if kind == "slow" else {}
    world.fault(kind, step, times=9, **seconds)


@pytest.mark.parametrize("kind", [*BROKEN, "drop", "slow", "503"])
def test_a_list_that_cannot_be_read_is_unavailable_and_never_empty(world, kind):
    world.bought()
    broken(world, kind, "list")

    with pytest.raises(Unavailable) as caught:
        world.carrier.observe()

    assert caught.value.exit_code is Exit.UNAVAILABLE
    assert caught.value.message.endswith(".")
    assert caught.value.hint


@pytest.mark.parametrize("status", [404, 403, 502])
def test_a_page_of_a_proxy_is_no_empty_account(world, status):
    world.fault("html", "list", status=status, times=9)

    with pytest.raises(Unavailable):
        world.carrier.observe()


@pytest.mark.parametrize("kind", BROKEN)
def test_stock_that_cannot_be_read_is_unavailable(world, kind):
    broken(world, kind, "stock")

    with pytest.raises(Unavailable):
        world.carrier.stock([world.e164])


def test_a_list_that_lags_is_read_as_it_is(world):
    world.bought()
    world.fault("stale", "list", seconds=60.0)
    other = world.sort.numbers[1]
    world.do(world.order(other))

    assert set(world.carrier.observe().holdings) == {world.e164}
    world.clock.sleep(61)
    assert set(world.carrier.observe().holdings) == {world.e164, other}


def test_a_list_that_fails_once_is_read_the_next_time(world):
    world.bought()
    world.fault("drop", "list")

    assert set(world.carrier.observe().holdings) == {world.e164}
