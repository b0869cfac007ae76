"""The form of a file, case by case."""

import pytest
import yaml

from reconciler.loader.scalar import is_bare, is_read_otherwise, scalar
from reconciler.loader.tidy import tidied
from tests.loader.yaml_texts import loaded

CASES = {
    "keys": (
        '+12015550144: a\n4201: b\nno: c\n"0": d\nname: e\n',
        '"+12015550144": a\n"4201": b\n"no": c\n"0": d\nname: e\n',
    ),
    "values of text": ("a: 0123\nb: NO\nc: [9:30, x]\n", 'a: "0123"\nb: "NO"\nc: ["9:30", x]\n'),
    "quotes stay": ("a: 'x'\nb: \"4201\"\n", "a: 'x'\nb: \"4201\"\n"),
    "blanks at line ends": ("a: b  \n  \nc: # d \t\n  - e\t\n", "a: b\n\nc: # d\n  - e\n"),
    "tabs": ("a:\tb\t# c\td\ne: [f,\n\tg]\n", "a: b # c\td\ne: [f,\n  g]\n"),
    "no line end": ("a: b", "a: b\n"),
    "many line ends": ("a: b\n\n\n", "a: b\n"),
    "CRLF": ("a: b \r\nc: 0123\r\n\r\n", 'a: b\r\nc: "0123"\r\n'),
    "a text of several lines": (
        "a: |\n  0123  \n  # b  \n\nc: x\n",
        "a: |\n  0123  \n  # b  \n\nc: x\n",
    ),
    "a text at the end": ("a: |+\n  x \n\n", "a: |+\n  x \n\n"),
    "a text without a line end": ("a: |\n  x", "a: |\n  x"),
    "quoted lines": ('a: "b \n  c"\n', 'a: "b \n  c"\n'),
    "order and blank lines": ("b: x\n\n\na:    v\n", "b: x\n\n\na:    v\n"),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_a_file_gets_its_form(before, after):
    document = loaded(before)
    texts = [
        (*path, step)
        for path, holder in [((), document.value), (("c",), document.value.get("c"))]
        if isinstance(holder, dict | list)
        for step in (holder if isinstance(holder, dict) else range(len(holder)))
        if isinstance(holder[step], str)
    ]

    assert tidied(document, texts).text == after


def test_a_value_that_may_be_a_number_stays_bare():
    document = loaded("retries: 2\npin: 0042\n")
    assert tidied(document, [("pin",)]).text == 'retries: 2\npin: "0042"\n'


SHAPES = [
    *("0", "1", "7", "08", "0123", "0o17", "0x1F", "0b1", "1_000", "+1", "-1", "+12015550144"),
    *("1.5", "1.", ".5", "1e3", "1E3", "1.5e+3", ".inf", "-.INF", ".nan", "9:30", "09:30"),
    *("1:2:3", "17:30:45.5", "2026-12-25", "2026-1-2", "true", "True", "TRUE", "yes", "on"),
    *("off", "NO", "n", "Y", "null", "Null", "~", "<<", "=", "x", "4200-4299", "12-25"),
    *("08:00-18:00", "1.2.3", "v1", "20s", "0.5s", "a:b", "mon-thu", "extension/4201"),
    *("00:00:5E:00:53:01", "12:34:56:12:34:56", "2026-12-25T10:00:00Z", "2026-10-02 12:00", "é"),
]


@pytest.mark.parametrize("text", SHAPES)
def test_what_pyyaml_takes_for_something_else_is_seen(text):
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    if tag != "tag:yaml.org,2002:str":
        assert is_read_otherwise(text)


@pytest.mark.parametrize(
    "text",
    [
        *SHAPES,
        "",
        " x",
        "x ",
        "a: b",
        "a #b",
        "#",
        "*1",
        "-",
        "- a",
        "{",
        "a]",
        "a,b",
        "x:",
        "'q",
        '"',
        "\n",
        "%",
        "...",
        "---",
    ],
)
@pytest.mark.parametrize("in_flow", [True, False])
def test_what_is_written_is_read_as_text_by_everybody(text, in_flow):
    written = scalar(text, in_flow=in_flow)

    assert yaml.safe_load(f"[{written}]" if in_flow else f"- {written}") == [text]
    assert is_bare(text, in_flow=in_flow) == (written == text)


@pytest.mark.parametrize("text", ["4200-4299", "12-25", "20s", "extension/4201", "v1", "a:b"])
def test_no_quotes_where_none_are_needed(text):
    assert scalar(text, in_flow=True) == text
