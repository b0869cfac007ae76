"""A tenth of the enumeration: at every boundary a tenth of the faults, other ones further on."""

from __future__ import annotations

from functools import cache

import pytest

from tests.crash import enumerate as enumeration
from tests.crash.simulated import SHAPES

SHARES = 12
"""In how many tests each carrier's tenth is cut, so that several processes can share it."""

STRETCH = 40
"""Of so many boundaries one after the other the same faults are met: what is left at several of
them is often one and the same world, which is settled once."""


REMAINDER = 3
"""Which of the ten tenths: one that meets every boundary."""


@cache
def tenth(shape: str) -> list[enumeration.Case]:
    """A tenth of the cases of a carrier, those of a fault together."""
    cases = list(enumeration.cases(shape))
    if shape == "account":
        return _every_tenth(cases)
    number = {fault: n for n, fault in enumerate(dict.fromkeys(map(_fault, cases)))}

    def order(case: enumeration.Case) -> tuple[int, int]:
        return number[_fault(case)], case.boundary

    chosen = (c for c in cases if (number[_fault(c)] + c.boundary // STRETCH) % 10 == REMAINDER)
    return sorted(chosen, key=order)


def _every_tenth(cases: list[enumeration.Case]) -> list[enumeration.Case]:
    """A tenth of what is thinned already, and each boundary that this misses without a fault."""
    chosen = cases[9::10]
    met = {case.boundary for case in chosen}
    alone = [case for case in cases if case.mode == "restart" and not case.call]
    return chosen + [case for case in alone if case.boundary not in met]


def _fault(case: enumeration.Case) -> tuple[str, int, str]:
    return case.mode, case.call, case.fault


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_nothing_is_bought_twice_or_lost_whatever_fails_when(shape: str, share: int) -> None:
    cases = tenth(shape)
    chosen = cases[share * len(cases) // SHARES : (share + 1) * len(cases) // SHARES]

    violated = {str(case): found for case in chosen if (found := enumeration.run(case))}

    assert chosen
    assert not violated


def test_the_tenth_is_one_of_at_least_forty_thousand_and_meets_every_boundary_and_fault() -> None:
    chosen = [case for shape in SHAPES for case in tenth(shape)]
    every = [case for shape in SHAPES for case in enumeration.cases(shape)]

    assert len(every) >= 40_000
    assert len(chosen) >= len(every) // 10
    assert len(set(chosen)) == len(chosen)
    assert {(c.shape, c.boundary) for c in chosen} == {(c.shape, c.boundary) for c in every}


@pytest.mark.parametrize(
    "shape", ["keyed", *(pytest.param(s, marks=pytest.mark.slow) for s in sorted(SHAPES)[1:])]
)
def test_who_passes_a_boundary_has_left_by_then_what_one_who_is_killed_there_leaves(
    shape: str,
) -> None:
    struck = [case for case in enumeration.cases(shape) if case.mode == "restart"]
    for case in struck[:: len(struck) // 12]:
        passed = enumeration.after_passing(case)
        if passed is not None:
            assert passed.mark() == enumeration.after_its_own(case).mark(), case
