"""Lines of text: wrapped as the standard library would, and one choke point for every letter."""

import pickle
import textwrap
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.text import Span, Style, labelled, line, packed, plain, unpacked

SIZE, WIDTH = 10, 40
"""Columns of a label with the blank behind it, and of a whole line."""

TEXTS = st.text("ab c-", max_size=120) | st.lists(
    st.sampled_from(["a", "extension/4201", "→", "a-long-word-of-more-columns-than-a-line-has", ""])
).map(" ".join)


@given(TEXTS)
def test_a_text_is_wrapped_as_the_standard_library_does(text):
    shown = [plain(made) for made in labelled("", text, WIDTH, 0, SIZE - 1)]

    wrapped = textwrap.wrap(text, WIDTH - SIZE, break_long_words=False, break_on_hyphens=False)
    assert shown == ([f"{' ' * SIZE}{piece}" for piece in wrapped] or [""])


def test_a_span_stays_printable_on_its_way_through_another_process():
    made = line("plain ", Span("\x1b[2J", "danger"))

    there = pickle.loads(pickle.dumps(made))

    assert there == made == (("plain ", ""), ("\\x1b[2J", "danger"))
    assert [type(span) for span in there] == [Span, Span]


@given(st.lists(st.lists(st.tuples(st.text(), st.sampled_from(get_args(Style)))), min_size=1))
def test_packed_lines_are_the_same_lines(rows):
    lines = tuple(line(*(Span(text, style) for text, style in row)) for row in rows)
    assert unpacked(packed(lines)) == lines
    assert all(type(span) is Span for made in unpacked(packed(lines)) for span in made)
