"""What the commands write for machines is what the published schemas say, and nothing else."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler.cli.main import Context
from reconciler.cli.schemas import SCHEMAS
from reconciler.cli.session import session_of
from reconciler.database import open_database
from reconciler.ledger.audit import AuditChain
from reconciler.ledger.owner import this_owner
from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE

ROOT = Path(__file__).parents[2]
AWAY = 'kind: voicetel, sandbox: true, url: "http://127.0.0.1:9"'
PICK = ("numbers", "pick", "+16175550101", "--tenant", "acme", "--connector", "sandbox")
OURS = ("reports", "records", "journal")


def closed(schema):
    """The same schema, in which every object with named fields has no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if "properties" in made and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def validator(name, *, strict=True):
    schema = json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return Draft7Validator(closed(schema) if strict else schema)


def faults(name, value, *, strict=True):
    return [
        f"{list(error.absolute_path)}: {error.message[:300]}"
        for error in validator(name, strict=strict).iter_errors(value)
    ]


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_has_an_id_a_title_and_a_description(name):
    schema = json.loads(SCHEMAS[name]())

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"urn:reconciler:schema:{name}:1"
    assert schema["title"].startswith("reconciler: ")
    assert schema["description"]


@pytest.mark.parametrize("name", [*OURS, "plan", "project"])
def test_every_field_is_described(name):
    schema = json.loads(SCHEMAS[name]())
    models = {**schema.get("definitions", {}), "": schema}
    bare = [
        f"{model}.{field}"
        for model, body in models.items()
        for field, facts in body.get("properties", {}).items()
        if not {"description", "const", "$ref"} & set(facts)
    ]

    assert not bare


def test_schema_prints_what_is_published(project):
    for name in SCHEMAS:
        text = (ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8")
        assert project.ok("schema", name).out == text


def test_a_schema_that_is_not_there_lists_those_that_are(project):
    ended = project.run("schema", "nonsense")

    assert ended.status == 64
    assert ", ".join(sorted(SCHEMAS)) in ended.err


def test_the_project_file_validates(project):
    text = (project.root / "reconciler.yaml").read_text(encoding="utf-8")
    assert not faults("project", yaml.safe_load(text), strict=False)  # as editors read it


def test_documents_are_as_published(project):
    written = [project.run(*command, "-o", "json") for command in _commands(project)]

    for ended in written:
        name = "plan" if ended.document["kind"] == "plan" else "reports"
        assert not faults(name, ended.document), ended


def test_documents_of_supply_are_as_published(project):
    project.clock = PassedClock()  # waiting for what is away costs nothing
    project.applied()
    project.ok("sandbox", "poke", "+16175550177", "cnam=true")
    project.project("connectors:\n", f"connectors:\n  away: {{{AWAY}}}\n")
    commands = (
        ["connectors", "list"],
        ["connectors", "test"],
        ["connectors", "sync"],
        ["numbers", "search", "--npa", "617"],
        ["numbers", "coverage"],
        [*PICK, "--to", "hangup", "--diff"],
        [*PICK, "--to", "nowhere"],
    )
    for command in commands:
        ended = project.run(*command, "-o", "json")
        assert not faults("reports", ended.document), ended


def hold(project):
    """Somebody else works on a tenant."""
    session = session_of(Context(project.environment, project.root))
    try:
        return session.ledger.take(
            ("tenant/other",), owner=this_owner(), run_id="r1", ttl_seconds=600
        )
    finally:
        session.close()


def test_our_own_records_are_as_published(project):
    project.applied()
    run = project.last_run()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.applied()
    taken = hold(project)
    kinds = {}
    for command in (
        ["runs", "list"],
        ["runs", "show", run],
        ["locks"],
        ["numbers", "list"],
        ["quarantine"],
    ):
        document = project.ok(*command, "-o", "json").document
        assert not faults("reports", document), document
        kinds[document["kind"]] = document

    assert [lock["nonce"] for lock in kinds["locks"]["locks"]] == [taken.nonce]
    assert kinds["run"]["operations"]
    assert kinds["quarantine"]["numbers"][0]["approval"] == f"release:{MAIN}"
    assert kinds["numbers"]["numbers"][0]["state"] == "quarantined"
    assert kinds.keys() == {"runs", "run", "locks", "numbers", "quarantine"}


def test_records_are_as_published(project):
    seen = set()
    for command in _commands(project):
        if command[0] in {"config", "doctor"}:
            continue
        lines = project.run(*command, "-o", "ndjson").out.splitlines()
        records = [json.loads(line) for line in lines]
        for record in records:
            seen.add(record["record"])
            assert not faults("records", record), record
        if records[0]["record"] != "error":
            assert records[0]["record"] == "start"
            assert records[-1]["record"] == "summary"

    assert seen >= {
        "start", "summary", "problem", "operation", "part", "result", "drifted", "missing",
        "tenant", "run_start", "run_end", "op_start", "op_done", "op_wait", "error",
    }  # fmt: skip


def test_the_journal_is_as_published(project):
    project.applied()
    database = open_database(f"sqlite:///{project.database}")
    try:
        records = list(AuditChain(database).records())
    finally:
        database.close()

    assert {"consume", "send", "move", "applied"} <= {each["body"]["event"] for each in records}
    for record in records:
        assert not faults("journal", record, strict=False), record


def _commands(project):
    """Commands that end in every way, each with the world as it then is."""
    yield ["validate"]
    yield ["config"]
    yield ["doctor"]
    yield ["plan"]
    yield ["apply", "--yes"]
    yield ["plan"]
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    project.sql("DELETE FROM object WHERE kind = 'device' AND name = '102-desk'")
    yield ["drift"]
    yield ["plan"]
    project.project('USD: "50.00"', 'USD: "0.50"')
    project.change("  sales:\n", '  sales:\n    pilot: "6000"\n')
    yield ["apply", "--yes"]
    yield ["apply", "--yes", "--expect", "0000-0000"]
    project.change("to: ring_group/sales", "to: ring_group/salse")
    yield ["validate"]
    yield ["plan"]
