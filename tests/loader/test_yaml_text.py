"""Every way a YAML file can mislead, and where it is told."""

import codecs
import gc
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.loader.yaml_text import (
    CODES,
    MAX_BYTES,
    MAX_LEVELS,
    MAX_NODES,
    MAX_PROBLEMS,
    MAX_SCALAR,
    Parsed,
    parse_yaml,
    printable,
)


def parsed(text: str) -> Parsed:
    return parse_yaml(text.encode(), "acme.yaml")


def value_of(text: str) -> dict:
    result = parsed(text)
    assert result.problems == ()
    assert result.document is not None
    return result.document.value


def told(result: Parsed) -> list[str]:
    return [f"{p.location.line}:{p.location.column} {p.code}" for p in result.problems]


# Values: what YAML 1.1 would have made of them stands in reliability 14.

TEXT = [
    "+441234567890", "0123456", "01234901769", "0000", "0777", "0100", "0800", "9:30", "09:30",
    "12:30:45", "17:30", "NO", "off", "on", "yes", "True", "TRUE", "Null", "NULL", "False",
    "1_000", "1e3", "0x1A", "2026-11-21", ".inf", ".nan", "1e999", "=", "1", "-1", "1.50",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXT)
def test_a_plain_scalar_stays_the_authors_text(text: str) -> None:
    assert value_of(f"a: {text}\nb: [{text}]\n{text}: c\n") == {"a": text, "b": [text], text: "c"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("", None)],
)
def test_five_plain_words_are_special_as_values(text: str, value: object) -> None:
    assert value_of(f"a: {text}\nb:\n  - {text}\n") == {"a": value, "b": [value]}


@pytest.mark.parametrize("text", ["true", "false", "null", "~", ""])
def test_what_is_quoted_or_in_a_block_is_text(text: str) -> None:
    expected = {"a": text, "b": text, "c": [text], "d": text}

    assert value_of(f"a: \"{text}\"\nb: '{text}'\nc: ['{text}']\nd: |-\n  {text}\n") == expected


@pytest.mark.parametrize("key", ["on", "1", "true", "null", "~", "no"])
def test_a_key_is_always_text(key: str) -> None:
    assert value_of(f"{key}: x\nm: {{{key}: y}}\n") == {key: "x", "m": {key: "y"}}


def test_lists_and_mappings_nest_in_both_styles() -> None:
    text = "a:\n- {b: [1, {c: d}], e: {}}\n- - x\n  - []\n-\n  f: g\nh: [i: j]\n"

    assert value_of(text) == {
        "a": [{"b": ["1", {"c": "d"}], "e": {}}, ["x", []], {"f": "g"}],
        "h": [{"i": "j"}],
    }


# Refusals: text -> each problem as line:column code.

REFUSED = {
    "an empty file": ("", ["1:1 E102"]),
    "a file of blank lines": ("\n\n", ["1:1 E102"]),
    "a comment-only file": ("# nothing yet\n", ["1:1 E102"]),
    "a document start and nothing more": ("---\n", ["1:1 E102"]),
    "a raw NUL": ("a: \0\n", ["1:4 E114"]),
    "a NUL escape": ('a: "x\\0"\n', ["1:6 E114"]),
    "an ESC escape": ('a: "\\x1b[2K"\n', ["1:5 E114"]),
    "an ESC escape in a key": ('m: {"\\e": x}\n', ["1:6 E114"]),
    "a bidi escape of four digits": ('a: ["\\u202E"]\n', ["1:6 E114"]),
    "a zero-width escape of eight digits": ('a: "\\U0000200b"\n', ["1:5 E114"]),
    "a C1 escape and a line separator escape": ('a: "\\x9b\\L"\n', ["1:5 E114", "1:9 E114"]),
    "a raw ESC, with what follows still read": ("a: \x1b\nb: 1\nb: 2\n", ["1:4 E114", "3:1 E103"]),
    "a raw C1 control": ("a: \x9b\n", ["1:4 E114"]),
    "a bidi control in a comment": ("a: 1 # \u202e\n", ["1:8 E114"]),
    "isolates, zero-width and inner byte order marks": (
        "a: \u2066\nb: \u200b\nc: \ufeff\nd: \u200f\n",
        ["1:4 E114", "2:4 E114", "3:4 E114", "4:4 E114"],
    ),
    "a tab as indentation": ("a:\n\tb: 1\n", ["2:1 E113"]),
    "a tab after spaces": ("a:\n  \tb: 1\n", ["2:3 E113"]),
    "a tab in a block of text": ("a: |\n\tb\n", ["2:1 E113"]),
    "two documents": ("a: 1\n---\nb: 2\n", ["2:1 E107"]),
    "a second, empty document": ("a: 1\n---\n", ["2:1 E107"]),
    "an unknown YAML version": ("%YAML 9.9\n---\na: 1\n", ["1:1 E108"]),
    "YAML 1.3": ("%YAML 1.3\n---\na: 1\n", ["1:1 E108"]),
    "another directive": ("%FOO bar\n---\na: 1\n", ["1:1 E108"]),
    "a TAG directive": ("%TAG ! tag:x,2026:\n---\na: 1\n", ["1:1 E105"]),
    "a list at the top": ("- a\n- b\n", ["1:1 E101"]),
    "a scalar at the top": ("hello\n", ["1:1 E101"]),
    "null at the top": ("null\n", ["1:1 E101"]),
    "a duplicate key at the top": ("a: 1\nb: 2\na: 3\n", ["3:1 E103"]),
    "a nested duplicate key": ("m: {x: 1, y: 2, x: 3}\n", ["1:17 E103"]),
    "a key given three times": ("a: 1\na: 2\na: 3\n", ["2:1 E103", "3:1 E103"]),
    "a duplicate after NFC": ("m:\n  caf\u00e9: 1\n  cafe\u0301: 2\n", ["3:3 E103"]),
    "a sign that is ASCII after NFC": ("K: 1\n\u212a: 2\n", ["2:1 E103"]),
    "an escape that equals a letter": ('\u00e9: 1\n"e\\u0301": 2\n', ["2:1 E103"]),
    "a plain and a quoted key": ("a: 1\n\"a\": 2\n'a': 3\n", ["2:1 E103", "3:1 E103"]),
    "keys 1 and '1'": ("m:\n  1: a\n  '1': b\n", ["3:3 E103"]),
    "a mapping as key": ("? {a: b}\n: c\n", ["1:3 E110"]),
    "a list as key": ("[a]: c\n", ["1:1 E110"]),
    "an empty mapping as key": ("{}: c\n", ["1:1 E110"]),
    "no key": ("m: {: x}\n", ["1:5 E110"]),
    "a key of two lines": ("? |\n  a\n  b\n: c\n", ["1:3 E110"]),
    "a line end in a key": ('"a\\nb": c\n', ["1:1 E110"]),
    "billion laughs": ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", ["1:4 E106", "2:4 E106"]),
    "a list in itself": ("a: &a [*a]\n", ["1:4 E106"]),
    "an anchor on a key": ("&k a: 1\n", ["1:1 E106"]),
    "an anchor on a scalar": ("a: &x 1\n", ["1:4 E106"]),
    "a merge of an alias": ("a: &x {b: c}\nd:\n  <<: *x\n", ["1:4 E106", "3:3 E104"]),
    "a merge without an alias": ("<<: {a: b}\n", ["1:1 E104"]),
    "a python tag": ("a: !!python/object/apply:os.system [id]\n", ["1:4 E105"]),
    "tags of all sorts": (
        "a: !!binary aGk=\nb: !!set {x}\nc: !include f\nd: !vault y\ne: ! z\n",
        ["1:4 E105", "2:4 E105", "3:4 E105", "4:4 E105", "5:4 E105"],
    ),
    "a tag on a key and an item": ("!!str a: [!x 1]\n", ["1:1 E105", "1:11 E105"]),
    "a tag that does not scan": ("a: !<x\n", ["1:4 E105"]),
    "a conflict": (
        "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n<<<<<<< HEAD\n=======\n",
        ["2:1 E116", "7:1 E116"],
    ),
    "what is left of a conflict": ("a: 1\n=======\nb: 3\n>>>>>>> other\n", ["2:1 E116"]),
    "a lone carriage return": ("a: 1\rb: 2\r", ["1:5 E115"]),
    "a next line character": ("a: 1\x85b: 2\n", ["1:5 E115"]),
    "a line separator": ("a: 1\nb: 2\u2028c: 3\n", ["2:5 E115"]),
    "a paragraph separator": ("a: 1\u2029\n", ["1:5 E115"]),
    "a bare star code": ("codes:\n  voicemail: *97\n  pickup: *8\n", ["2:14 E117", "3:11 E117"]),
    "a bare star code in a list": ("a: [*97, *x]\n", ["1:5 E117", "1:10 E117"]),
    "a bare star": ("a: *\n", ["1:4 E117"]),
    "a bare star as key": ("m:\n  *: x\n", ["2:3 E117"]),
    "a bare star as key in flow style": ("{1: sales, *: repeat}\n", ["1:12 E117"]),
    "a star code with a hash": ("a: *97#\n", ["1:4 E117"]),
    "a bare hash as value": ("codes:\n  end: #\n  x: y\n", ["2:8 E117"]),
    "a bare hash as the last value": ("a:\n  b: #", ["2:6 E117"]),
    "a bare hash in a list": ("a:\n  - #\n  - b\n", ["2:5 E117"]),
    "a bare hash as value in flow style": ("a: {x: #, y: z}\n", ["1:8 E117"]),
    "a bare hash as key": ('options:\n  "1": a\n  #: repeat\n', ["3:3 E117"]),
    "a bare hash as the only key": ("options:\n  #: repeat\nb: c\n", ["2:3 E117"]),
    "a bare hash as key in flow style": ("options: {1: a, #: repeat}\n", ["1:17 E117"]),
    "an open bracket": ("a: 1\nb: [x,\n  y\n", ["2:4 E118"]),
    "an open bracket at a comma": ("a: {x: [1, 2], y: {z: 1,\n", ["1:19 E118"]),
    "open quotes": ("a: 'x\nb: y\n", ["1:4 E118"]),
    "a text with a colon": ("a: b: c\n", ["1:5 E118"]),
    "an at sign": ("a: @home\n", ["1:4 E118"]),
    "a line without colon": ("a: 1\nfoo\nb: 2\n", ["2:1 E118"]),
    "a wrong indentation": ("a:\n  b: 1\n c: 2\n", ["3:2 E118"]),
    "an unknown escape": ('a: "\\q"\n', ["1:5 E118"]),
    "half a surrogate pair": ('a: "\\ud83d"\n', ["1:7 E118"]),
    "no space after the colon": ("a:1\nb: 2\n", ["1:1 E101"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_misleads_is_refused_at_its_place(text: str, expected: list[str]) -> None:
    result = parsed(text)

    assert told(result) == expected
    assert result.document is None


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_problem_says_what_is_wrong_and_what_to_do(text: str, expected: list[str]) -> None:
    for problem in parsed(text).problems:
        assert problem.summary == CODES[problem.code][0]
        assert problem.detail.endswith(".")
        assert problem.detail[0].isupper() or not problem.detail[0].isalpha()
        assert problem.hint
        assert problem.location.file == "acme.yaml"
        assert printable(problem.detail + problem.hint) == problem.detail + problem.hint


@pytest.mark.parametrize(("text", "_expected"), REFUSED.values(), ids=REFUSED)
def test_the_same_place_is_told_with_crlf_line_ends(text: str, _expected: list[str]) -> None:
    assert told(parsed(text.replace("\n", "\r\n"))) == told(parsed(text))


SOUND = {
    "real comments": "# a\na: 1 # x: #y\nb: # comes later\n  c: d\n  # e: f\n",
    "banners": "#######\n# a\n#######\na: 1 #####\n",
    "hashes in texts": "a: |\n  #: x\n  b: #\nc: 'd: #\n\n  #: e'\nf#: g\n",
    "a note among list entries": "a:\n  - b\n  #: or c\n  - d\n",
    "a comment at the start of a line": "a: 1\n#: x\n#\nb: 2\n",
    "an empty hash comment on a mapping": "a: #\n  b: c\n",
    "conflict markers in a text": "a: |\n  <<<<<<< HEAD\n  =======\n",
    "a comment of equals signs": "# =======\na: 1\n",
    "ampersands and exclamation marks in texts": 'a: R&D, now!\nb: \'x & y!\'\n"!c": "&d"\n',
    "line ends and tabs in texts": 'a: "x\\n\\ty"\nb: |\n  c\td\n  \te\n',
    "an escaped backslash": 'a: "\\\\x1b \\\\0"\n',
    "harmless escapes": 'a: "\\u00e9 \\x41 \\/ \\""\n',
    "an escape in single quotes": "a: '\\x1b'\n",
    "the quoted keys": '"*": a\n"#": b\n"<<": c\n"": d\n',
    "a version": "%YAML 1.1\n---\na: 1\n...\n",
    "unicode": "a: Zoë\nb: 東京\nc: 😀\n",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_what_is_sound_is_not_refused(text: str) -> None:
    assert value_of(text)


def test_both_places_of_a_duplicate_are_told() -> None:
    (problem,) = parsed("numbers:\n  '100': a\n  100: b\n").problems

    assert (problem.location.line, problem.location.column, problem.location.end_column) == (
        3,
        3,
        6,
    )
    ((first, words),) = problem.related
    assert (first.line, first.column, first.end_column) == (2, 3, 8)
    assert words == "first given here"


def test_the_code_point_of_an_unseen_character_is_named() -> None:
    details = [p.detail for p in parsed('a: "\\0\\x1b"\nb: \u202e\n').problems]

    assert ["U+0000" in details[0], "U+001B" in details[1], "U+202E" in details[2]] == [True] * 3


def test_a_star_code_is_told_to_be_quoted() -> None:
    (problem,) = parsed("voicemail: *97\n").problems

    assert problem.hint == 'Quote it: "*97".'


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = "a: !x 1\na: *97\nb: \x07\nc: {d: 1, d: 2}\ne: #\nf: [\n"

    assert told(parsed(text)) == [
        "1:4 E105", "2:1 E103", "2:4 E117", "3:4 E114", "4:11 E103", "6:4 E118",
    ]  # fmt: skip


def test_the_problems_of_one_file_are_cut_off() -> None:
    problems = parsed("a: 1\n" * (3 * MAX_PROBLEMS)).problems

    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].code == "E119"


# Encodings

ENCODED = {
    "a UTF-8 byte order mark": (codecs.BOM_UTF8 + b"a: 1\n", "1:1 E111"),
    "UTF-16 little endian": ("a: 1\n".encode("utf-16"), "1:1 E111"),
    "UTF-16 big endian": (codecs.BOM_UTF16_BE + "a: 1\n".encode("utf-16-be"), "1:1 E111"),
    "UTF-16 without a mark": ("a: 1\n".encode("utf-16-be"), "1:1 E111"),
    "UTF-32": ("a: 1\n".encode("utf-32"), "1:1 E111"),
    "Latin-1": ("a: 1\nb: é\n".encode("latin-1"), "2:4 E111"),
    "a stray byte after characters of four bytes": ("a: 😀😀".encode() + b"\xff\n", "1:6 E111"),
    "a surrogate": (b"a: \xed\xa0\x80\n", "1:4 E111"),
    "a cut character": (b"a: \xf0\x9f", "1:4 E111"),
}


@pytest.mark.parametrize(("raw", "expected"), ENCODED.values(), ids=ENCODED)
def test_what_is_not_utf_8_is_refused_at_its_place(raw: bytes, expected: str) -> None:
    result = parse_yaml(raw, "acme.yaml")

    assert told(result) == [expected]
    assert "UTF-8" in result.problems[0].hint


# Limits

NESTED = {
    "lists": "[" * 50_000,
    "lists in a mapping": "a: " + "[" * 50_000,
    "mappings": "{a: " * 50_000,
    "quoted mappings": '{"a": ' * 50_000,
    "block lists": "- " * 50_000,
    "block lists in a mapping": "a:\n " + "- " * 50_000,
    "keys": "? " * 50_000,
    "closed lists": "a: " + "[" * 50_000 + "]" * 50_000,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_fifty_thousand_levels_are_refused_at_level_33(text: str) -> None:
    started = time.perf_counter()
    result = parsed(text)
    seconds = time.perf_counter() - started

    (limit,) = (problem for problem in result.problems if problem.code == "E109")
    assert limit.location.column < 33 * len('{"a": ')
    assert seconds < 0.5  # about a millisecond; seconds where the whole file is read first


def test_the_deepest_level_allowed_is_read() -> None:
    deep = "a: " + "[" * (MAX_LEVELS - 1) + "]" * (MAX_LEVELS - 1)

    assert parsed(deep).problems == ()
    assert told(parsed(deep.replace("[", "[[", 1).replace("]", "]]", 1))) == ["1:35 E109"]


def test_blocks_of_indents_are_refused_at_level_33() -> None:
    text = "".join(" " * level + "a:\n" for level in range(400))

    assert told(parsed(text)) == ["33:33 E109"]


@pytest.mark.parametrize(
    "style",
    [
        "[" + "a," * 1_000_000 + "]",
        pytest.param("[" + "[]," * 400_000 + "]", marks=pytest.mark.slow),
    ],
)
def test_a_million_nodes_are_refused_while_reading(style: str) -> None:
    assert [p.code for p in parsed(f"a: {style}").problems] == ["E109"]


def test_the_number_of_nodes_is_exact() -> None:
    most = MAX_NODES - 2  # the key `a` and its list

    assert parsed("a: [" + "b," * most + "]").problems == ()
    assert [p.code for p in parsed("a: [" + "b," * (most + 1) + "]").problems] == ["E109"]


def test_a_file_of_more_than_5_mib_is_refused() -> None:
    assert told(parse_yaml(b"a: " + b"x" * MAX_BYTES, "acme.yaml")) == ["1:1 E109"]


@pytest.mark.parametrize("style", ["{}", '"{}"', "|\n  {}", "[{}]", "{{k: {}}}"])
def test_a_scalar_of_more_than_64_kib_is_refused(style: str) -> None:
    text = "x" * MAX_SCALAR

    assert [p.code for p in parsed("a: " + style.format(text + "xx")).problems] == ["E109"]
    assert parsed("a: " + style.format(text[:-10])).problems == ()


def test_what_a_hostile_file_costs_is_bounded() -> None:
    for text in (
        "a:\n" + "  #: x\n" * 300_000,
        "a:\n  - b\n" + "  #: x\n" * 300_000,
        "a: " + "#" * 4_000_000,
        "\x1b" * 5_000_000,
        'a: "' + "\\x1b" * 1_000_000 + '"',
        "a: " + "[#," * 1_000_000,
    ):
        started = time.perf_counter()
        parsed(text)

        assert time.perf_counter() - started < 5


def test_the_garbage_collector_is_on_again_after_reading() -> None:
    parsed("a: [1\n")

    assert gc.isenabled()


# Places

TENANT = """\
# a comment
tenant: acme
"name of it": 😀 Zoë   # after
numbers:
  "+12015550144": {to: ring_group/sales, tags: [a, 'b c']}
  '0100':
    say: |
      first
      second

    # a comment below
    next: "over
      two lines"
list:
- x
- y: 1
  z:
-
  - deep
empty: {}
last: >-
  folded
"""

PLACES = {
    "a plain value": (("tenant",), (2, 9, 13), "acme"),
    "a value after a character beyond the BMP": (("name of it",), (3, 15, 20), "😀 Zoë"),
    "a block mapping": (
        ("numbers",),
        (5, 3, 59),
        TENANT[TENANT.index('"+1201') : TENANT.index("\nlist:")],
    ),
    "a flow mapping": (
        ("numbers", "+12015550144"),
        (5, 19, 59),
        "{to: ring_group/sales, tags: [a, 'b c']}",
    ),
    "a value in flow style": (("numbers", "+12015550144", "to"), (5, 24, 40), "ring_group/sales"),
    "a flow list": (("numbers", "+12015550144", "tags"), (5, 48, 58), "[a, 'b c']"),
    "a quoted item": (("numbers", "+12015550144", "tags", 1), (5, 52, 57), "'b c'"),
    "a block scalar": (("numbers", "0100", "say"), (7, 10, 11), "|\n      first\n      second"),
    "a text of two lines": (("numbers", "0100", "next"), (12, 11, 16), '"over\n      two lines"'),
    "an item": (("list", 0), (15, 3, 4), "x"),
    "a mapping in a list": (("list", 1), (16, 3, 7), "y: 1\n  z:"),
    "an empty value": (("list", 1, "z"), (17, 5, 0), ""),
    "a list in a list": (("list", 2, 0), (19, 5, 9), "deep"),
    "an empty mapping": (("empty",), (20, 8, 10), "{}"),
    "the last value": (("last",), (21, 7, 9), ">-\n  folded"),
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("path", "place", "text"), PLACES.values(), ids=PLACES)
def test_a_value_is_placed_exactly(path: tuple, place: tuple, text: str, line_end: str) -> None:
    document = parsed(TENANT.replace("\n", line_end)).document
    location = document.place(path)
    start, end = document.span(path)

    assert (location.line, location.column, location.end_column) == place
    assert document.text[start:end] == text.replace("\n", line_end)
    assert location.text == TENANT.split("\n")[location.line - 1]
    assert location.file == "acme.yaml"


KEYS = {
    ("tenant",): (2, 1, 7),
    ("name of it",): (3, 1, 13),
    ("numbers", "+12015550144"): (5, 3, 17),
    ("numbers", "+12015550144", "tags"): (5, 42, 46),
    ("numbers", "0100"): (6, 3, 9),
    ("list", 1, "z"): (17, 3, 4),
    ("last",): (21, 1, 5),
}


@pytest.mark.parametrize(("path", "place"), KEYS.items(), ids=str)
def test_a_key_is_placed_exactly(path: tuple, place: tuple) -> None:
    document = parsed(TENANT).document
    location = document.place(path, key=True)
    start, end = document.span(path, key=True)

    assert (location.line, location.column, location.end_column) == place
    assert yaml.load(document.text[start:end], Loader=yaml.BaseLoader) == path[-1]


MISSING = {
    "a field missing from a mapping is told at its key": (("numbers", "0100", "to"), (6, 3)),
    "a field missing below that, too": (("numbers", "0100", "to", "x", 3), (6, 3)),
    "a field missing from an item is told at its start": (("list", 1, "w"), (16, 3)),
    "an item that is not there is told at the list's key": (("list", 7), (14, 1)),
    "what a scalar cannot hold is told at the scalar": (("tenant", "x"), (2, 9)),
    "a field missing from the top is told at the first key": (("fallback",), (2, 1)),
    "the root is told at its start": ((), (2, 1)),
    "a key that is a number is no item": (("numbers", 1), (4, 1)),
}


@pytest.mark.parametrize(("path", "place"), MISSING.values(), ids=MISSING)
def test_what_does_not_exist_is_placed_at_its_ancestor(path: tuple, place: tuple) -> None:
    location = parsed(TENANT).document.place(path)

    assert (location.line, location.column) == place


def test_the_span_of_what_does_not_exist_is_an_error() -> None:
    document = parsed(TENANT).document

    with pytest.raises(LookupError):
        document.span(("numbers", "999"))
    with pytest.raises(LookupError):
        document.span(("list", 0), key=True)


def test_a_line_of_a_megabyte_is_not_repeated_in_its_places() -> None:
    document = parsed("a: [" + "b, " * 100_000 + "c]\n").document

    assert document.place(("a", 99_999)).text == ""
    assert document.place(("a", 99_999)).column == 5 + 3 * 99_999


# Properties

KEY_TEXTS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), max_size=8)
SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12),
    st.sampled_from([*TEXT, "true", "null", "~", "", "*97", "#", "- a", "a: b", "x\ny", " ", "'"]),
)
VALUES = st.recursive(
    SCALARS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY_TEXTS, inner, max_size=4),
    max_leaves=20,
)


def paths_of(value: object, path: tuple = ()) -> list[tuple]:
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for step, one in inside for found in paths_of(one, (*path, step)))]


def at(value: object, path: tuple) -> object:
    for step in path:
        value = value[step]
    return value


class _Dumper(yaml.SafeDumper):
    """Writes no alias for a value that stands in two places."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


@given(
    st.dictionaries(KEY_TEXTS, VALUES, min_size=1, max_size=5),
    st.sampled_from([None, True, False]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_values_come_back_with_their_places(
    value: dict, flow: object, line_end: str, wide: object
) -> None:
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=flow,
        line_break=line_end,
        allow_unicode=wide,
        sort_keys=False,
    )
    result = parse_yaml(text.encode(), "x.yaml")

    assert result.problems == ()
    document = result.document
    assert document.value == value
    for path in paths_of(value)[1:]:
        if isinstance(path[-1], str):
            start, end = document.span(path, key=True)
            assert yaml.load(text[start:end], Loader=yaml.BaseLoader) == path[-1]
        if isinstance(at(value, path), str):
            start, end = document.span(path)
            written = yaml.load(text[start:end], Loader=yaml.BaseLoader)
            assert written == at(value, path) or "\n" in text[start:end]
        location = document.place(path)
        start, _ = document.span(path)
        before = text[:start]
        assert location.line == before.count("\n") + 1
        assert location.column == start - (before.rfind("\n") + 1) + 1


@given(st.text(max_size=60) | st.text("ab:-#*&!|>%{}[],'\"\\ \n\t?<~0", max_size=60))
def test_no_text_whatever_raises(text: str) -> None:
    result = parse_yaml(text.encode("utf-8", "surrogatepass"), "x.yaml")

    assert (result.document is None) == bool(result.problems)


@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise(raw: bytes) -> None:
    result = parse_yaml(raw, "x.yaml")

    assert (result.document is None) == bool(result.problems)


# What is shown

SHOWN = {
    "plain text 😀": "plain text 😀",
    "\x1b[2K": "\\x1b[2K",
    "a\nb\r": "a\\nb\\r",
    "\u202eabc": "\\u202eabc",
    "\x9b": "\\x9b",
    "\u200b\ufeff": "\\u200b\\ufeff",
    "\udcff": "\\udcff",
    "\u2028": "\\u2028",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items(), ids=range(len(SHOWN)))
def test_what_a_terminal_would_not_show_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_every_code_is_explained() -> None:
    assert all(summary and explanation.endswith(".") for summary, explanation in CODES.values())
    assert not {"E112", *(f"E{number}" for number in range(120, 140))} & CODES.keys()
