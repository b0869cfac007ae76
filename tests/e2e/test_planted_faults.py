"""Faults planted all over a project: each is named with its code, line and column, and no other.

In the files of `planted/`, «CODE» stands before the place of each.
"""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from reconciler.cli.main import run

PLANTED = Path(__file__).parent / "planted"
MARK = re.compile(r"«([A-Z]+[0-9]{3})»")


class Day:
    """A clock that stands still."""

    def now(self):
        return dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

    def monotonic(self):
        return 0.0


@pytest.fixture
def project(tmp_path, capsys):
    """The project without its marks, and what is planted in it."""
    planted = set()
    for path in sorted(PLANTED.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(PLANTED)
        for row, line in enumerate(text.splitlines(), 1):
            for mark in MARK.finditer(line):
                column = len(MARK.sub("", line[: mark.start()])) + 1
                planted.add((str(name), row, column, mark[1]))
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(MARK.sub("", text), encoding="utf-8")
    return tmp_path, planted


def test_every_planted_fault_is_named_with_line_and_column_and_nothing_else_is(project, capsys):
    root, planted = project
    assert len(planted) >= 20
    assert len({file for file, *_ in planted}) >= 6

    status = run(["validate", "-o", "json"], {}, root, Day())

    said = json.loads(capsys.readouterr().out)
    told = {(one["file"], one["line"], one["column"], one["code"]) for one in said["problems"]}
    assert told == planted
    assert status == 3
    assert said["summary"]["silenced"] == 1
    assert len(said["problems"]) == len(planted), "each is told once"


def test_the_text_has_a_line_a_caret_and_a_next_step_for_each(project, capsys):
    root, planted = project

    run(["validate"], {"NO_COLOR": "1"}, root, Day())

    text = capsys.readouterr().out
    for file, line, column, code in planted:
        assert re.search(rf"\[{code}\]: .+\n +--> {re.escape(file)}:{line}:{column}\n", text), code
    assert text.count("= help: ") == len(planted)
    assert ", 1 silenced in " in text
