"""A tenth of the enumeration: of every carrier, twelve cases of every hundred and twenty."""

from __future__ import annotations

import pytest

from tests.crash import enumerate as enumeration
from tests.crash.simulated import SHAPES

SHARES = 12
"""In how many tests each carrier's tenth is cut, so that several processes can share it."""

EVERY = SHARES * 10


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_nothing_is_bought_twice_or_lost_whatever_fails_when(shape: str, share: int) -> None:
    tenth = [case for n, case in enumerate(enumeration.cases(shape)) if n % EVERY < SHARES]
    chosen = tenth[share * len(tenth) // SHARES : (share + 1) * len(tenth) // SHARES]

    violated = {str(case): found for case in chosen if (found := enumeration.run(case))}

    assert chosen
    assert not violated
