from __future__ import annotations

import enum
from decimal import Decimal
from types import MappingProxyType

import pytest

from reconciler.model.canonical import canonical, digest, graph_digest


class Word(enum.StrEnum):
    ONE = "one"


CASES = {
    "keys are sorted at every depth": (
        {"b": {"d": 1, "c": 2}, "a": 0},
        b'{"a":0,"b":{"c":2,"d":1}}',
    ),
    "letters are escaped": ({"name": "Süd 😀"}, b'{"name":"S\\u00fcd \\ud83d\\ude00"}'),
    "money is text": (Decimal("1E+1"), b'"10"'),
    "money keeps its digits": (Decimal("1.50"), b'"1.50"'),
    "true is not 1": ([True, 1, None], b"[true,1,null]"),
    "tuples are lists": ((1, (2,)), b"[1,[2]]"),
    "a read-only mapping is a mapping": (MappingProxyType({"a": 1}), b'{"a":1}'),
    "a word is its text": ({Word.ONE: Word.ONE}, b'{"one":"one"}'),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_canonical_form(case: tuple[object, bytes]) -> None:
    value, expected = case

    assert canonical(value) == expected


@pytest.mark.parametrize(
    "bad", [1.0, float("nan"), Decimal("NaN"), Decimal("Infinity"), {1: "a"}, {None: 1}, b"x", {1}]
)
def test_what_has_no_one_form_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="canonical form"):
        canonical({"deep": [bad]})


def test_digest_is_sha_256_of_the_canonical_form() -> None:
    # printf '{"a":1}' | sha256sum
    expected = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"

    assert digest({"a": 1}) == graph_digest({"a": 1}) == expected
