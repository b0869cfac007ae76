"""Each list that a plan is made from, at every fault: nothing is planned of what is in doubt."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

import pytest

from reconciler.model.act import Action
from tests.conformance.carriers import CARRIERS, SORTS
from tests.conformance.faults import Read, met, of_lists
from tests.conformance.keeping import keeping, operations, told
from tests.conformance.writes import LATER

OFTEN = 99
"""As often as anything reads it."""

USUAL = frozenset({"drop", "404", "empty", "html", "truncated"})
"""What every list meets in each run; the first list meets every fault."""

DOUBTS = [
    pytest.param(carrier, step, fault, marks=[] if usual else [pytest.mark.slow])
    for carrier, sort in SORTS.items()
    for step in sort.reads
    for fault in of_lists(sort.kind, sort.faults)
    if fault != "stale" or step == "numbers"
    for usual in [step == "numbers" or fault in USUAL]
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A project with all that its carrier can hold, in sync; plans read it and change nothing."""
    with ExitStack() as open_until_the_end:

        @cache
        def made(carrier):
            world = CARRIERS[carrier](tmp_path_factory.mktemp("whole"))
            keeper = open_until_the_end.enter_context(
                keeping(open_until_the_end.enter_context(world))
            )
            sort = SORTS[carrier]
            for kind, name, values in sort.needs:
                keeper.own(kind, name, values)
            for kind, thing in sort.objects.items():
                keeper.own(kind, thing.name, thing.values[0])
            keeper.number(sort.first)
            for kind, (first, _) in sort.others.items():
                keeper.beside(kind, first)
            for _ in range(3):  # account and number, then what waits for them
                keeper.apply()
                keeper.world.clock.sleep(LATER)
            assert told(keeper.plan()) == []
            return keeper

        yield made


@pytest.mark.parametrize(("carrier", "step", "fault"), DOUBTS)
def test_nothing_is_planned_of_what_is_in_doubt(whole, carrier, step, fault):
    keeper = whole(carrier)
    keeper.world.fault(fault, step, times=OFTEN)

    plan = keeper.plan()

    keeper.world.mended()
    keeper.world.clock.sleep(LATER)
    sort = keeper.world.sort
    read = met(sort.kind, fault).read
    if read is Read.EMPTY and step in sort.single:
        assert {one.action for one in operations(plan)} <= {Action.UPDATE}
    else:
        assert operations(plan) == []
    if read is Read.WHOLE:
        assert told(plan) == []
    elif step == "numbers":
        assert told(plan) != []
    assert told(keeper.plan()) == []
