"""The sandbox from the command line."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.projects import MAIN

ORDERS = ("POST", "/v2.2/orders")


def _served(project, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", "sandbox", "serve", *arguments],
        cwd=project.root,
        env={**project.environment, "PATH": os.defpath},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_it_serves_on_this_machine_until_it_is_stopped(project, number):
    server = _served(project, "-o", "json")
    try:
        lines = [server.stdout.readline()]
        while lines[-1].rstrip() != "}":
            lines.append(server.stdout.readline())
        told = json.loads("".join(lines))
        assert told["url"].startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{told['url']}/_sandbox/ledger", timeout=10) as answer:
            assert json.load(answer)["charges"] == []
        server.send_signal(number)
        _, said = server.communicate(timeout=20)
    finally:
        server.kill()
        server.wait()
    assert server.returncode == 0
    assert said == ""


def test_a_project_applies_to_one_that_is_served(project):
    server = _served(project)
    try:
        url = server.stdout.readline().split()[3]
        project.project("    sandbox: true\n", f"    sandbox: true\n    url: {url}\n")
        project.applied()
        assert [charge["number"] for charge in project.charges()] == [MAIN]
    finally:
        server.terminate()
        server.communicate(timeout=20)


def test_a_port_that_is_taken_is_wrong_usage(project):
    server = _served(project)
    try:
        port = server.stdout.readline().split()[3].rpartition(":")[2]
        ended = project.run("sandbox", "serve", "--port", port)
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert ended.status == 64
    assert "--port" in ended.err


def test_the_books_say_what_was_charged(project):
    assert project.ok("sandbox", "ledger", "-o", "json").document["charges"] == []
    project.applied()

    books = project.ok("sandbox", "ledger", "-o", "json").document

    (charge,) = books["charges"]
    assert charge["number"] == MAIN
    assert charge["amount"] == "1.00"
    assert charge["currency"] == "USD"
    assert charge["at"].endswith("Z")
    assert books["releases"] == []
    assert books["numbers"] == [{"number": MAIN, "gateway": "sip.example.net:5060"}]
    assert MAIN in project.ok("sandbox", "ledger").out


@pytest.mark.parametrize(
    ("address", "change", "field", "value"),
    [
        ("acme/ring_group/sales", "ring=40s", "ring", "40s"),
        ("acme/ring_group/sales", "repeats=3", "repeats", 3),
        ("acme/ring_group/sales", "skip_busy=false", "skip_busy", False),
        (
            "acme/ring_group/sales",
            "overflow.after=60s",
            "overflow",
            {"after": "60s", "to": "voicemail_box/101"},
        ),
        ("acme/ring_group/sales", "overflow=", "overflow", None),
        (
            "acme/ring_group/sales",
            'members=["extension/101"]',
            "members",
            [{"to": "extension/101", "delay": "0s", "confirm": False, "enabled": True}],
        ),
        (f"acme/number/{MAIN}", "label=Other", "label", "Other"),
    ],
)
def test_a_poke_changes_one_field_and_is_seen(project, address, change, field, value):
    project.applied()
    _, kind, name = address.split("/")
    before = project.spec(kind, name)

    project.ok("sandbox", "poke", address, change)

    after = project.spec(kind, name)
    assert after.get(field) == value
    assert {k: v for k, v in after.items() if k != field} == {
        k: v for k, v in before.items() if k != field
    }
    rows = project.sql("SELECT updated_by FROM object WHERE kind = ? AND name = ?", kind, name)
    assert rows == [("sandbox poke",)]
    assert project.run("drift").status == 2
    project.applied()
    assert project.spec(kind, name) == before


def test_an_object_of_the_platform_is_poked_whatever_sandboxes_there_are(project):
    handoff = "{type: Extension, name: a}"
    uk = f"kind: dial9, edition: telcom, sandbox: true, numbers: {{handoff: {handoff}}}"
    project.project("  sandbox:\n", f"  uk: {{{uk}}}\n  us:\n")
    project.change("connector: sandbox", "connector: us")
    project.applied()

    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")

    assert project.spec("ring_group", "sales")["ring"] == "40s"
    assert "several sandboxes" in project.run("sandbox", "poke", MAIN, "cnam=true").err


@pytest.mark.parametrize(
    ("what", "change", "says"),
    [
        ("acme/ring_group/sales", "ring=4s", "between 5s and 300s"),
        ("acme/ring_group/sales", "nonsense=4", "no such field"),
        ("acme/ring_group/nobody", "ring=40s", "has no acme/ring_group/nobody"),
        ("acme/nonsense/nobody", "ring=40s", "has no acme/nonsense/nobody"),
        ("+442079460000", "cnam=true", "no number of +1"),
        (MAIN, "nonsense=true", "no nonsense"),
    ],
)
def test_a_poke_that_fits_nothing_changes_nothing(project, what, change, says):
    project.applied()

    ended = project.run("sandbox", "poke", what, change)

    assert ended.status == 64
    assert says in ended.err
    assert project.run("drift").status == 0


def test_a_fault_happens_as_often_as_was_said(project):
    project.ok("sandbox", "fault", "refuse", "--method", "post", "--path", "/v2.2/orders")

    assert project.run("apply", "--yes").status == 5
    assert project.run("apply", "--yes").status == 0


@pytest.mark.parametrize(
    ("asked", "told", "method", "path"),
    [
        (["lost-race"], "the next POST request whose path begins with /v2.2/orders.", *ORDERS),
        (["partial", "--path", "/v2.2/order"], "begins with /v2.2/orders.", *ORDERS),
        (["port-exception"], "begins with /v2.2/ports.", "POST", "/v2.2/ports"),
        (["address-refused"], "begins with /v2.2/e911.", "POST", "/v2.2/e911"),
        (["duplicate"], "it meets the next request that changes something.", "", "/"),
        (["no-effect", "--method", "put"], "the next PUT request that changes", "PUT", "/"),
        (["drop", "--after"], "the next request, after it is carried out.", "", "/"),
        (["500", "--times", "3"], "it meets the next 3 requests.", "", "/"),
        (
            ["slow", "--seconds", "2", "--times", "2"],
            "it meets the next 2 requests, and waits 2 s before each is carried out.",
            "",
            "/",
        ),
        (
            ["stale", "--seconds", "30"],
            "the list of numbers stays as it is now for 30 s",
            "GET",
            "/v2.2/numbers",
        ),
    ],
    ids=str,
)
def test_what_is_said_of_a_fault_is_what_will_happen(project, asked, told, method, path):
    said = project.ok("sandbox", "fault", *asked)
    assert said.out.startswith(f"Planted {asked[0]} at sandbox: ")
    assert told in said.out

    planted = project.ok("sandbox", "fault", *asked, "-o", "json").document
    assert (planted["method"], planted["path"]) == (method, path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["500", "--path", "v2.2/orders"], 'Did you mean "/v2.2/orders"?'),
        (["500", "--path", "/v2.2/nmubers"], 'Did you mean "/v2.2/numbers"?'),
        (
            ["500", "--path", "/v2.2/numbers/2015550144/rout3"],
            'Did you mean "/v2.2/numbers/{number}/route"?',
        ),
        (["500", "--path", "/v2.2/numbers/{number}/route"], "Write digits in place of"),
        (["500", "--path", "/_sandbox/reset"], "has no path /_sandbox/reset"),
        (["500", "--method", "FETCH"], "Use DELETE, GET, PATCH, POST or PUT."),
        (["500", "--method", "DELETE", "--path", "/v2.2/orders"], "Use POST."),
        (["lost-race", "--method", "GET"], "happens at POST /v2.2/orders and nowhere else"),
        (["partial", "--path", "/v2.2/numbers"], "happens at POST /v2.2/orders"),
        (["stale", "--seconds", "9", "--path", "/v2.2/numbers/201"], "happens at GET"),
        (["duplicate", "--method", "GET"], "meets what changes something"),
        (["no-effect", "--path", "/v2.2/inventory"], "meets what changes something"),
        (["slow"], "Give --seconds"),
        (["stale"], "Give --seconds"),
        (["500", "--seconds", "3"], "Leave --seconds out."),
        (["no-effect", "--after"], "Leave --after out."),
        (["stale", "--seconds", "3", "--times", "2"], "Leave --times out."),
        (["plain-error"], "A VoiceTel account has no fault plain-error."),
    ],
    ids=str,
)
def test_a_fault_that_nothing_would_meet_is_refused(project, asked, said):
    ended = project.run("sandbox", "fault", *asked)

    assert (ended.status, ended.out) == (64, "")
    assert said in ended.err
    assert project.faults() == []


def test_a_fault_of_one_step_waits_for_it(project):
    """The first request of an apply is a read: it must not use the fault up."""
    project.ok("sandbox", "fault", "lost-race")

    assert project.run("apply", "--yes").status == 5
    assert project.charges() == []


def test_reset_mends_a_damaged_file_and_its_hint_says_so(project):
    project.applied()
    path = project.root / ".reconciler/sandbox/sandbox.db"
    with closing(sqlite3.connect(path)) as books:
        books.execute("VACUUM INTO ?", (f"{path}.whole",))
    whole = Path(f"{path}.whole").read_bytes()
    for damage in (b"no database at all", b"", whole[: len(whole) // 2]):
        for beside in path.parent.glob("sandbox.db-*"):
            beside.unlink()
        path.write_bytes(damage)
        ended = project.run("sandbox", "ledger")
        assert ended.status == 7
        assert "Let it begin anew: reconciler sandbox reset sandbox" in ended.err
        assert "store restore" not in ended.err

        mended = project.ok("sandbox", "reset", "--yes")

        assert "Its file was damaged and is gone" in mended.out
        assert project.charges() == []
        assert "damaged" not in project.ok("sandbox", "reset", "--yes").out


def test_reset_forgets_what_was_charged(project):
    project.applied()

    assert project.run("sandbox", "reset").status == 64
    assert project.charges()
    project.ok("sandbox", "reset", "--yes")
    assert not project.charges()


def test_a_real_account_is_never_taken_for_a_sandbox(project):
    project.project("    sandbox: true\n", "    url: https://api.voicetel.com\n")

    for arguments in (
        ["ledger"],
        ["reset", "--yes"],
        ["fault", "drop"],
        ["poke", "acme/ring_group/sales", "ring=40s"],
        ["serve"],
    ):
        ended = project.run("sandbox", *arguments)
        assert ended.status == 64, arguments
        assert "sandbox" in ended.err


def test_with_several_sandboxes_one_is_named_or_is_called_sandbox(project):
    project.project(
        "connectors:\n",
        "connectors:\n  other: {kind: voicetel, sandbox: true, "
        "credentials: {api_key: {env: CARRIER_KEY}}}\n",
    )
    project.applied()

    assert "Nothing was bought" in project.ok("sandbox", "ledger", "other").out
    assert MAIN in project.ok("sandbox", "ledger").out
    project.project("  sandbox:\n    kind", "  third:\n    kind")
    assert project.run("sandbox", "ledger").status == 64
