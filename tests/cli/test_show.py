"""A saved plan again: without platform, carrier, keys or project."""

import json
import shutil


def test_it_needs_nothing_but_the_file(project, tmp_path, monkeypatch):
    planned = project.ok("plan", "--out", "plan.json")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(project.root / "plan.json", elsewhere)
    monkeypatch.chdir(elsewhere)
    project.environment.clear()

    shown = project.ok("show", "plan.json")

    assert "order       number/+16175550144" in shown.out
    assert shown.out.splitlines()[-1] == planned.out.splitlines()[-1]
    assert not list(elsewhere.glob(".*"))


def test_the_json_is_the_saved_plan(project):
    project.ok("plan", "--out", "plan.json")

    shown = project.ok("show", "plan.json", "-o", "json")

    assert shown.document == json.loads((project.root / "plan.json").read_text(encoding="utf-8"))


def test_it_says_whether_there_are_changes(project):
    project.ok("plan", "--out", "some.json")
    project.applied()
    project.ok("plan", "--out", "none.json")

    assert project.run("show", "some.json", "--detailed-exitcode").status == 2
    assert project.run("show", "none.json", "--detailed-exitcode").status == 0
    assert project.run("show", "some.json").status == 0


def test_concise_is_one_operation_a_line(project):
    project.ok("plan", "--out", "plan.json")
    parts = project.ok("show", "plan.json", "-o", "json").document["parts"]
    operations = [op for part in parts for op in part["operations"]]

    lines = project.ok("show", "plan.json", "--concise").out.splitlines()

    assert len(lines) == len(operations) + 1
    assert lines[-1].startswith("Plan ")
    assert project.run("show", "plan.json", "--concise", "--full").status == 64
