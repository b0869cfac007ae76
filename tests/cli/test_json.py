"""Machine output: every command writes one document, whatever the status."""

import json
import subprocess
import sys

import pytest

COMMANDS = [
    ("problems", ["validate"]),
    ("plan", ["plan"]),
    ("plan", ["show", "plan.json"]),
    ("apply", ["apply", "--yes"]),
    ("apply", ["apply", "plan.json"]),
    ("drift", ["drift"]),
    ("runs", ["runs", "list"]),
    ("locks", ["locks"]),
    ("numbers", ["numbers", "list"]),
    ("offers", ["numbers", "search", "--npa", "617"]),
    ("coverage", ["numbers", "coverage"]),
    ("connectors", ["connectors", "list"]),
    ("connector-tests", ["connectors", "test"]),
    ("connector-sync", ["connectors", "sync"]),
    ("billing-preview", ["billing", "preview"]),
    ("quarantine", ["quarantine"]),
    ("quarantine", ["quarantine", "list"]),
    ("keys", ["secrets", "keygen"]),
    ("keys", ["secrets", "keygen", "--into", "keys"]),
    ("sandbox-ledger", ["sandbox", "ledger"]),
    ("poke", ["sandbox", "poke", "+16175550199", "cnam=true"]),
    ("fault", ["sandbox", "fault", "slow", "--seconds", "5"]),
    ("sandbox-switches", ["sandbox", "switch"]),
    ("sandbox-switches", ["sandbox", "switch", "cash=2.50"]),
    ("reset", ["sandbox", "reset", "--yes"]),
    ("code", ["explain", "TEL201"]),
    ("codes", ["explain"]),
    ("field", ["explain", "number.to"]),
]


@pytest.mark.parametrize(("kind", "arguments"), COMMANDS, ids=str)
def test_it_is_one_document_with_a_version(project, kind, arguments):
    project.ok("plan", "--out", "plan.json")

    ended = project.ok(*arguments, "-o", "json")

    assert ended.document["kind"] == kind
    assert ended.document["format_version"] == "1.0"
    assert ended.out.endswith("\n")


def test_so_it_is_for_a_run_and_what_is_settled(project):
    ended = project.lose_orders()
    run = project.last_run()

    assert ended.status == 8
    assert project.ok("runs", "show", run, "-o", "json").document["kind"] == "run"


@pytest.mark.parametrize("status", [3, 4, 7, 8])
def test_it_is_complete_for_every_status(project, status):
    if status == 3:
        project.change("to: ring_group/sales", "to: ring_group/salse")
        ended = project.run("validate", "-o", "json")
    elif status == 4:
        project.project('USD: "50.00"', 'USD: "0.50"')
        ended = project.run("apply", "--yes", "-o", "json")
    elif status == 7:
        project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "100")
        ended = project.run("drift", "-o", "json")
    else:
        project.lose_orders()
        ended = project.run("apply", "--yes", "-o", "json")

    assert ended.status == status
    assert ended.document["format_version"] == "1.0"


def test_text_and_json_come_from_one_run(project):
    ended = project.ok("plan", "-o", "text", "-o", "json=plan.json")

    assert "number/+16175550144" in ended.out
    assert json.loads((project.root / "plan.json").read_text(encoding="utf-8"))["kind"] == "plan"


def test_the_environment_may_say_the_format(project):
    project.environment["RECONCILER_OUTPUT"] = "json"

    assert project.ok("locks").document == {"kind": "locks", "format_version": "1.0", "locks": []}


def test_a_closed_pipe_is_no_error(project):
    ended = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m reconciler explain | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ended.stdout.startswith("C101")
    assert ended.stderr == ""
