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


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_who_passes_a_boundary_has_left_by_then_what_one_who_is_killed_there_leaves(
    shape: str,
) -> None:
    struck = [case for case in enumeration.cases(shape) if case.mode == "restart"]
    for case in struck[:: len(struck) // 12]:
        passed = enumeration.after_passing(case)
        if passed is not None:
            assert passed.mark() == enumeration.after_its_own(case).mark(), case
