from __future__ import annotations

import json

from reconciler.errors import Location, Problem, Severity
from reconciler.report.problems import (
    Checked,
    problem_record,
    problems_concise,
    problems_json,
    problems_text,
)
from reconciler.report.text import as_text

CHECKED = Checked(files=3, tenants=1)
FILE = "tenants/acme.yaml"


def problem(code: str, line: int, column: int, end: int, text: str, **facts) -> Problem:
    values = {
        "summary": "Unknown reference",
        "detail": '"ring_group/salse" does not exist.',
        "hint": 'Did you mean "ring_group/sales"?',
    }
    where = Location(FILE, line, column, end, text)
    return Problem(code=code, location=where, **(values | facts))


TYPO = problem(
    "TEL201",
    14,
    9,
    25,
    "    to: ring_group/salse",
    related=((Location(FILE, 31, 3), "ring_group/sales is declared here"),),
    address="acme/number/+12015550144",
)
PLAIN = problem(
    "E112", 5, 3, 0, "", summary="Not E.164", detail="This is not an E.164 number.", hint=""
)
WIDE = problem(
    "E114", 7, 8, 10, "  名: 一二三四 \t x", detail="Two characters.", hint="Remove them."
)
LONG = problem("E115", 200, 150, 160, "x" * 149 + "0123456789" + "y" * 300, hint="Make it shorter.")
WARNING = problem(
    "TEL313",
    90,
    5,
    8,
    "    600:",
    summary="No owner",
    detail="voicemail_box/600 has no owner.",
    hint="Give it `owners`.",
    severity=Severity.WARNING,
)

ALL = (WARNING, TYPO, PLAIN, WIDE, LONG)


def test_problems_in_full(golden):
    golden("problems", problems_text(ALL, CHECKED))


def test_problems_one_a_line(golden):
    golden("problems_concise", problems_concise(ALL, CHECKED))


def test_the_caret_stands_under_the_span():
    lines = as_text(problems_text([TYPO], CHECKED)).splitlines()
    code, caret = lines[3], lines[4]

    assert code[caret.index("^") :].startswith("ring_group/salse")
    assert caret.count("^") == len("ring_group/salse")


def test_more_than_20_of_a_code_are_told_in_full_once():
    many = [problem("E103", n, 1, 2, "x: 1") for n in range(1, 46)]
    few = [problem("E104", n, 1, 2, "y: 1") for n in range(1, 21)]
    text = as_text(problems_text([*many, *few], CHECKED))

    assert text.count("error[E103]") == 1
    assert text.count("error[E104]") == 20
    assert "and 44 more of this kind:" in text
    assert f"    {FILE}:21:1 " in text
    assert f"    {FILE}:22:1 " not in text
    assert "24 more: -o concise" in text
    assert text.splitlines()[-1].startswith("65 errors in 3 files (1 tenant).")


def test_each_problem_is_told_once():
    assert as_text(problems_concise([TYPO, TYPO], CHECKED)).count("TEL201 ") == 1


def test_no_problems():
    assert as_text(problems_text([], CHECKED)) == "No problems in 3 files (1 tenant).\n"


def test_json_has_places_and_counts():
    document = json.loads(problems_json(ALL, CHECKED))

    assert document["format_version"] == "1.0"
    assert document["kind"] == "problems"
    assert document["summary"] == {
        "errors": 4,
        "warnings": 1,
        "infos": 0,
        "files": 3,
        "tenants": 1,
        "files_only": False,
        "silenced": 0,
    }
    assert document["problems"][2] == problem_record(TYPO)
    assert document["problems"][2] | {"summary": "", "message": "", "hint": ""} == {
        "fix": "",
        "code": "TEL201",
        "severity": "error",
        "summary": "",
        "message": "",
        "hint": "",
        "address": "acme/number/+12015550144",
        "file": FILE,
        "line": 14,
        "column": 9,
        "end_column": 25,
        "related": [
            {
                "file": FILE,
                "line": 31,
                "column": 3,
                "end_column": 0,
                "text": "ring_group/sales is declared here",
            }
        ],
    }
