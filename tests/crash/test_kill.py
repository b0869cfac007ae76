"""A few real kills of real processes; the full number is `make crash-kill`."""

from __future__ import annotations

import random
from collections import Counter

from tests.crash import kill


def test_a_killed_apply_is_finished_by_the_next_and_charges_once() -> None:
    chance = random.Random(7)
    length = kill.clean_seconds()

    for _ in range(4):
        charged, wrong = kill.case(chance.uniform(0.0, length))
        assert not wrong
        assert Counter(charged) == Counter(kill.NUMBERS)
