"""A file before and after, as `diff -u` shows it."""

import difflib
import random

import pytest

from reconciler.report.difference import HIDDEN, Difference
from reconciler.report.text import as_text


def shown(before, after, is_hidden=lambda _: False):
    return as_text(Difference("f.yaml", before, after, is_hidden).lines())


def by_difflib(before, after):
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "f.yaml", "f.yaml", n=1, lineterm=""
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


NUMBERED = "".join(f"line {n}\n" for n in range(12))


@pytest.mark.parametrize(
    "after",
    [
        NUMBERED,
        NUMBERED.replace("line 3", "three"),
        NUMBERED.replace("line 3", "three").replace("line 5", "five"),
        NUMBERED.replace("line 3", "three").replace("line 9", "nine"),
        NUMBERED.replace("line 0\n", ""),
        NUMBERED.replace("line 11\n", "line 11\nline 12\n"),
        NUMBERED.replace("line 4\n", "").replace("line 8\n", "8\n8\n8\n"),
    ],
)
def test_it_is_what_difflib_says(after):
    ours, theirs = shown(NUMBERED, after), by_difflib(NUMBERED, after)
    counted = theirs.replace("@@ -", "@@ -")
    assert [line for line in ours.splitlines() if line[0] != "@"] == [
        line for line in counted.splitlines() if line[0] != "@"
    ]


def test_a_line_end_that_was_missing_is_told():
    assert shown("a\nb", "a\nb\n").splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+b",
    ]


def test_a_line_with_a_secret_is_not_shown():
    told = shown("a: 1\npin: 4711\n", "a: 2\npin: 4711\n", lambda line: "pin" in line)
    assert "4711" not in told
    assert HIDDEN in told


def test_many_lines_are_compared_at_once():
    lines = [f"{n}: {random.Random(n).random()}\n" for n in range(20_000)]
    after = [line.replace("0.1", '"0.1') for line in lines]
    assert shown("".join(lines), "".join(after)).count("\n+") > 1000


def test_nothing_a_file_holds_reaches_the_terminal():
    assert "\x1b" not in shown("a: \x1b[2J\n", "b: \x1b[2J\n")
