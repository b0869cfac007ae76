"""A tenth of the enumeration: every tenth case of every carrier and mode."""

from __future__ import annotations

import pytest

from tests.crash import enumerate as enumeration
from tests.crash.simulated import SHAPES

SHARES = 12
"""In how many tests each carrier's tenth is cut, so that several processes can share it."""


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_nothing_is_bought_twice_or_lost_whatever_fails_when(shape: str, share: int) -> None:
    chosen = list(enumeration.cases(shape))[share :: SHARES * 10]

    violated = {str(case): found for case in chosen if (found := enumeration.run(case))}

    assert chosen
    assert not violated
