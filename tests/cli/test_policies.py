"""Policies: how bad rules are, and where one is silenced for one object until a day."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from reconciler.cli.main import run
from reconciler.engine.rules import EXPLAINED, FIXED
from tests.cli.projects import MAIN

HANGS_UP = "to: hangup"
ADDRESS = f"acme/number/{MAIN}"
SILENCE = f"""\
silence:
  - code: TEL203
    object: acme/number/{MAIN}
    reason: the port is in flight
    until: "2026-12-01"
"""


class Day:
    """A clock that stands on one day."""

    def __init__(self, day: str) -> None:
        self._now = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing here waits {seconds} s")


@pytest.fixture
def judged(project, capsys):
    """Validate the project, whose number hangs up, with policies on a day."""
    project.change("to: ring_group/sales", HANGS_UP)
    path = project.root / "reconciler.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "policies: policies.yaml\n", "utf-8")

    def check(policies: str, day: str = "2026-11-22", *arguments: str):
        (project.root / "policies.yaml").write_text(policies, encoding="utf-8")
        capsys.readouterr()
        command = ["validate", "-o", "json", *arguments]
        status = run(command, project.environment, project.root, Day(day))
        out = capsys.readouterr().out
        return status, json.loads(out)

    return check


def codes(document):
    return {(each["code"], each["severity"]) for each in document["problems"]}


def place(document, code):
    (found,) = (each for each in document["problems"] if each["code"] == code)
    return f"{found['file']}:{found['line']}:{found['column']}"


def test_without_a_policy_a_warning_is_a_warning(judged):
    status, document = judged("schema: 1\n")

    assert status == 0
    assert ("TEL203", "warning") in codes(document)
    assert document["silenced"] == []


@pytest.mark.parametrize(("word", "status"), [("error", 3), ("warning", 0), ("info", 0)])
def test_a_policy_says_how_bad_a_rule_is(judged, word, status):
    ended, document = judged(f"severity: {{TEL203: {word}}}\n")

    assert ended == status
    assert ("TEL203", word) in codes(document)


def test_an_error_by_policy_stops_a_plan(judged, project):
    judged("severity: {TEL203: error}\n")

    assert project.run("plan").status == 3
    (project.root / "policies.yaml").write_text("schema: 1\n", encoding="utf-8")
    assert project.run("plan").status == 0


def test_an_error_that_is_a_warning_by_policy_does_not(judged, project):
    project.change("members: [extension/101, extension/102]", "members: []")
    assert judged("schema: 1\n")[0] == 3

    status, document = judged("severity: {TEL301: warning}\n")

    assert status == 0
    assert ("TEL301", "warning") in codes(document)
    assert project.run("plan").status == 0


def test_a_rule_that_is_off_is_counted(judged):
    status, document = judged("severity: {TEL203: off}\n")

    assert status == 0
    assert "TEL203" not in {code for code, _ in codes(document)}
    assert document["summary"]["silenced"] == 1


def test_a_silence_hides_one_rule_of_one_object_and_says_so(judged, project):
    status, document = judged(SILENCE)

    assert status == 0
    assert "TEL203" not in {code for code, _ in codes(document)}
    (silenced,) = document["silenced"]
    assert (silenced["code"], silenced["address"]) == ("TEL203", ADDRESS)
    assert (silenced["reason"], silenced["until"]) == ("the port is in flight", "2026-12-01")
    assert document["summary"]["silenced"] == 1


def test_text_counts_what_is_silenced(judged, project, capsys):
    judged(SILENCE)

    run(["validate"], project.environment, project.root, Day("2026-11-22"))

    last = capsys.readouterr().out
    assert ", 1 silenced in 2 files" in last or ", 1 silenced in 1 file" in last


def test_a_silence_holds_on_its_last_day_and_not_after_it(judged):
    assert "TEL203" not in {code for code, _ in codes(judged(SILENCE, "2026-12-01")[1])}

    status, document = judged(SILENCE, "2026-12-02")

    assert status == 0
    assert {("TEL203", "warning"), ("E171", "warning")} <= codes(document)
    assert place(document, "E171") == "policies.yaml:2:5"
    assert document["silenced"] == []


@pytest.mark.parametrize(
    "object_", ["acme/number/+12015550199", "acme/ring_group/sales", "globex/number/+12015550199"]
)
def test_a_silence_that_hides_nothing_is_told(judged, object_):
    status, document = judged(SILENCE.replace(ADDRESS, object_))

    assert status == 0
    assert {("TEL203", "warning"), ("E172", "warning")} <= codes(document)
    assert place(document, "E172") == "policies.yaml:2:5"


def test_a_silence_of_a_tenant_that_is_not_looked_at_is_not_judged(judged, project):
    other = (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    other = other.replace("tenant: acme", "tenant: globex").replace(MAIN, "+12015550197")
    (project.root / "tenants" / "globex.yaml").write_text(other, encoding="utf-8")

    _, document = judged(SILENCE, "2026-11-22", "globex")

    assert "E172" not in {code for code, _ in codes(document)}


def test_a_silence_may_be_of_the_tenant_itself(judged, project):
    project.change(
        "dialplan: {", "dialplan: {ranges: {extensions: 100-199, ring_groups: 150-160}, "
    )
    assert judged("schema: 1\n")[0] == 3

    status, document = judged(
        "silence: [{code: TEL103, object: acme, reason: moving, until: '2026-12-01'}]\n"
    )

    assert status == 0
    assert document["summary"]["silenced"] == 1


def test_a_number_without_emergency_calls_cannot_be_talked_away(judged, project):
    project.change('"102":', '"102":\n    outbound: [internal, local]')
    said = "code: TEL401, object: acme/extension/102, reason: never dials, until: '2026-12-01'"

    status, document = judged(f"silence: [{{{said}}}]\n")

    assert status == 3
    assert ("TEL401", "error") in codes(document)
    assert place(document, "E170") == "policies.yaml:1:11"
    assert document["silenced"] == []


WRONG = {
    "fixed": ("severity: {TEL401: warning}\n", "E170", "1:20"),
    "fixed and off": ("severity: {TEL105: off}\n", "E170", "1:20"),
    "no rule": ("severity: {TEL999: error}\n", "E170", "1:12"),
    "decided by apply": ("severity: {TEL311: warning}\n", "E170", "1:12"),
    "no severity": ("severity: {TEL203: fatal}\n", "E146", "1:20"),
    "unknown section": ("severities: {TEL203: error}\n", "E145", "1:1"),
    "no reason": (SILENCE.replace("    reason: the port is in flight\n", ""), "E146", "2:5"),
    "an empty reason": (SILENCE.replace("the port is in flight", '"   "'), "E146", "4:13"),
    "no date": (SILENCE.replace('    until: "2026-12-01"\n', ""), "E146", "2:5"),
    "no such day": (SILENCE.replace("2026-12-01", "2026-02-30"), "E146", "5:12"),
    "no code": (SILENCE.replace("code: TEL203", "code: TEL230"), "E170", "2:11"),
    "no address": (SILENCE.replace(ADDRESS, "acme/number"), "E146", "3:13"),
    "no kind": (SILENCE.replace("/number/", "/nubmer/"), "E146", "3:13"),
    "another field": (SILENCE.replace("until:", "untill:"), "E145", "5:5"),
    "not a list": ("silence: {code: TEL203}\n", "E146", "1:10"),
    "empty": ("# nothing\n", "E102", "1:1"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_policies_is_told_at_its_place(judged, case):
    policies, code, at = case

    status, document = judged(policies)

    assert status == 3
    assert (code, "error") in codes(document), document["problems"]
    found = [each for each in document["problems"] if each["code"] == code]
    assert f"policies.yaml:{at}" in {
        f"{each['file']}:{each['line']}:{each['column']}" for each in found
    }
    assert all(each["hint"] for each in found)


def test_policies_that_are_not_there_are_told(judged, project):
    judged("schema: 1\n")
    (project.root / "policies.yaml").unlink()

    assert project.run("validate").status == 3


def test_a_changed_policy_is_a_reason_to_plan_anew(judged, project):
    judged("schema: 1\n")
    project.ok("apply", "--yes")
    project.ok("plan")
    assert project.run("plan").status == 0

    (project.root / "policies.yaml").write_text("severity: {TEL203: error}\n", encoding="utf-8")

    assert project.run("plan").status == 3


def test_the_page_about_policies_names_what_stays_an_error():
    page = (Path(__file__).parents[2] / "docs/howto/policies.md").read_text(encoding="utf-8")
    table = [row.split("|")[1] for row in page.splitlines() if row.startswith("| TEL")]

    assert set(re.findall("TEL[0-9]{3}", " ".join(table))) == FIXED.keys()
    assert FIXED.keys() <= EXPLAINED.keys()
