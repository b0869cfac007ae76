from __future__ import annotations

import pytest

from tests.carriers.dial9.world import EDITIONS, opened


@pytest.fixture(params=[(e, over) for e in EDITIONS for over in (False, True)], ids=str)
def world(request, path, clock):
    edition, loopback = request.param
    with opened(path, clock, edition, loopback=loopback) as made:
        yield made


@pytest.fixture(params=EDITIONS)
def near(request, path, clock):
    with opened(path, clock, request.param) as made:
        yield made
