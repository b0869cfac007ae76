"""What codes and fields mean, and that nothing is left unexplained or stale."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler.cli.codes import CODES
from reconciler.cli.fields import ROOTS, find
from reconciler.cli.schemas import SCHEMAS
from reconciler.engine.reading import fields_of
from scripts import freshness
from tests.cli.projects import PROJECT

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_summary_and_a_sentence(project, code):
    found = project.ok("explain", code, "-o", "json").document

    assert found["code"] == code
    assert len(found["summary"]) > 5
    assert found["explanation"].rstrip().endswith(".")


@pytest.mark.parametrize(
    "wrong",
    [
        "defaults: {ring_group: {ring: 1}}",
        "dialplan: {extension_length: x}",
        'extensions: {"101": {record: YES}}',
        'extensions: {"101": {forward: {no_answer: {after: 20, to: hangup}}}}',
        'extensions: {"101": {voicemail: {max_message: 20}}}',
        "ring_groups: {a: {members: [{to: extension/101, delay: 3}]}}",
        "schedules: {a: {open: []}}",
    ],
)
def test_a_field_that_a_next_step_names_is_explained(project, wrong):
    project.write(f"schema: 1\ntenant: acme\nname: A\ntimezone: America/New_York\n{wrong}\n")
    said = project.run("validate", "-o", "json").document["problems"]
    named = re.findall(r"`reconciler explain ([a-z0-9_.]+)`", " ".join(p["hint"] for p in said))

    assert named
    assert [project.run("explain", name).status for name in named] == [0] * len(named)


def test_a_code_may_be_written_small(project):
    assert project.ok("explain", "tel201").out == project.ok("explain", "TEL201").out


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("number.to", ["Where its calls go", "as kind/name; or hangup", "must be given"]),
        ("ring_group.overflow.after", ["first ring", "from 10s to 600s"]),
        ("ring_group.ring", ["each member", "from 5s to 300s", "20s"]),
        ("ring_groups.repeats", ["ring_group.repeats", "from 1 to 10", "default   1"]),
        ("ring_group.members.delay", ["wait before it rings", "0s"]),
        ("ring_group.strategy", ["one of simultaneous, sequential"]),
        ("extension.devices.sip_password", ["a reference to a secret, never the secret itself"]),
        ("extension.voicemail.pin", ["a reference to a secret"]),
        ("number.handoff", ["hands its calls"]),
        ("number.record", ["true or false", "false"]),
        ("timezone", ["tenant.timezone", "IANA"]),
        ("quarantine_days", ["project.quarantine_days", "from 1 to 3650", "45"]),
        ("project.limits.deletes.percent", ["from 0 to 100", "20"]),
    ],
)
def test_a_field_is_told_with_type_bounds_and_default(project, field, words):
    said = " ".join(project.ok("explain", field).out.split())

    for each in words:
        assert " ".join(each.split()) in said, said


def test_every_field_of_every_kind_can_be_explained():
    for root, model in ROOTS.items():
        for name in fields_of(model):
            found = find(f"{root}.{name}")
            assert found is not None, f"{root}.{name}"
            assert found.description, f"{root}.{name} has no docstring"
            assert found.takes or found.inner, f"{root}.{name}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("TEL2001", "TEL201"),
        ("ringgroup", "ring_group"),
        ("ring_group.overflw", "ring_group.overflow"),
        ("ring_group.overflow.aftr", "ring_group.overflow.after"),
        ("nubmer.to", "number.to"),
    ],
)
def test_a_mistyped_one_is_guessed(project, typed, meant):
    ended = project.run("explain", typed)

    assert ended.status == 64
    assert f"Did you mean {meant}?" in ended.err


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_the_file_that_is_published(project, name):
    printed = project.ok("schema", name).out

    assert printed == (ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    Draft7Validator.check_schema(json.loads(printed))


def test_the_schemas_take_what_the_commands_write(project):
    project.ok("plan", "--out", "plan.json")

    plan = json.loads((project.root / "plan.json").read_text(encoding="utf-8"))
    assert not list(Draft7Validator(json.loads(SCHEMAS["plan"]())).iter_errors(plan))


def test_the_projects_own_schema_takes_a_project():
    validator = Draft7Validator(json.loads(SCHEMAS["project"]()))
    assert not list(validator.iter_errors(yaml.safe_load(PROJECT.replace("lock_timeout: 0s", ""))))
    assert list(validator.iter_errors({"schema": 1, "nonsense": 1}))


@pytest.mark.slow
def test_the_tree_is_fresh():
    assert freshness.main([]) == 0


def test_a_stale_schema_is_named_and_written_again(tmp_path, capsys):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "reconciler").mkdir()
    for name, text in SCHEMAS.items():
        (tmp_path / "schemas" / f"{name}.json").write_text(text(), encoding="utf-8")
    stale = tmp_path / "schemas" / "plan.json"
    stale.write_text("{}", encoding="utf-8")

    assert freshness.main([], tmp_path) == 1
    assert "schemas/plan.json" in capsys.readouterr().err
    assert stale.read_text(encoding="utf-8") == "{}"
    assert freshness.main(["--write"], tmp_path) == 0
    assert freshness.main([], tmp_path) == 0


def test_a_code_that_nobody_explains_is_found(tmp_path):
    (tmp_path / "reconciler").mkdir()
    (tmp_path / "reconciler" / "rule.py").write_text('CODE = "TEL998"\n', encoding="utf-8")

    (found,) = freshness.unexplained(tmp_path)

    assert "reconciler/rule.py:1: TEL998" in found
