"""What became of a list of numbers, for people."""

from dataclasses import replace

from reconciler.errors import Location, Problem
from reconciler.report.preload import Preloaded, There, preload_text
from tests.report.records import NUMBERS

ASSIGNED, AVAILABLE, QUARANTINED, *_ = NUMBERS

REFUSED = Problem(
    "E112",
    "Not an E.164 number",
    '"2015550144" is no number in E.164.',
    'Did you mean "+12015550144"?',
    Location("pool.csv", 7, 1, 11),
)


def test_everything_that_is_not_simply_loaded_is_told(golden):
    done = Preloaded(
        added=(AVAILABLE, replace(AVAILABLE, e164="+12015550112")),
        there=(There(3, ASSIGNED, differs=False), There(4, QUARANTINED, differs=True)),
        refused=(REFUSED,),
        repeated=2,
        header="number,monthly",
        unread=("monthly",),
    )

    golden("preload", preload_text(done))


def test_a_clean_list_takes_one_line(golden):
    golden("preload-clean", preload_text(Preloaded((AVAILABLE,), (), ())))
