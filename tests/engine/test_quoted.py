"""Whole numbers in quotes: the pattern holds exactly the numbers between its bounds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.quoted import ANY_WHOLE, pattern_between, with_quoted


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 12_000))
def test_it_holds_what_is_between_and_nothing_else(one, other, number):
    low, high = sorted((one, other))
    found = re.compile(pattern_between(low, high))

    for near in (number, low - 1, low, high, high + 1):
        if near >= 0:
            assert bool(found.search(str(near))) is (low <= near <= high)
            assert bool(found.search(f"00{near}")) is (low <= near <= high)


def test_what_is_no_whole_number_is_none():
    found = re.compile(pattern_between(0, 9))

    assert not any(found.search(text) for text in ("", "-1", "1.0", " 1", "1 ", "one"))


def test_only_whole_numbers_of_a_schema_change():
    schema = {"type": "object", "properties": {"type": {"type": "integer"}, "b": {"type": "text"}}}

    assert with_quoted(schema)["properties"] == {
        "type": {"type": ["integer", "string"], "pattern": ANY_WHOLE},
        "b": {"type": "text"},
    }
