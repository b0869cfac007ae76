import re

import pytest

from reconciler.cli.codes import CODES
from tests.e2e.bad_inputs import CASES, IN_A_PROCESS_OF_ITS_OWN
from tests.e2e.scene import as_process, template, tried


@pytest.fixture(scope="module")
def good():
    with template() as made:
        yield made


EACH = [
    case if n % 3 == 0 else pytest.param(case, marks=pytest.mark.slow)
    for n, case in enumerate(CASES)
]
"""A third of them by `make test`, all by `make slow` and `make bad-inputs`."""


@pytest.mark.parametrize("case", EACH, ids=lambda case: case.name)
def test_a_bad_input_is_told_with_place_code_and_next_step(good, case):
    _, wrong = tried(good, case)

    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name in IN_A_PROCESS_OF_ITS_OWN],
    ids=lambda case: case.name,
)
def test_the_process_says_the_same(good, case):
    _, wrong = tried(good, case, as_process)

    assert not wrong


def test_every_section_of_the_catalogue_is_tried():
    assert len(CASES) >= 90
    assert len({case.name for case in CASES}) == len(CASES)
    sections = {case.name.split()[0] for case in CASES}
    assert {f"12.{n}" for n in range(1, 8)} <= sections
    assert {case.code for case in CASES if case.code} <= CODES.keys()
    assert len([case for case in CASES if case.name in IN_A_PROCESS_OF_ITS_OWN]) == 5
    assert all(re.search(r":[0-9]+:[0-9]+$", case.place) for case in CASES if case.code)
