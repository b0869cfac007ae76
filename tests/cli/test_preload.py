"""A list of numbers goes into the pool: each once, and nobody's number is touched."""

import io
import json
import os
import sys
import time

import pytest

from tests.cli.projects import MAIN, NUMBER_LINE

ONE, TWO, THREE = "+16175550101", "+16175550102", "+18005550103"


@pytest.fixture
def listed(project):
    def write(*lines):
        text = "".join(f"{line}\n" for line in lines)
        (project.root / "pool.csv").write_text(text, encoding="utf-8")
        return "pool.csv"

    return write


def pool(project):
    columns = "e164, state, tenant, connector, country, type, version"
    return project.sql(f"SELECT {columns} FROM number ORDER BY e164")


def audited(project, event):
    bodies = [json.loads(body) for (body,) in project.sql("SELECT body FROM audit ORDER BY n")]
    return [body for body in bodies if body["event"] == event]


def test_a_list_is_loaded_once(project, listed):
    file = listed("number,country,type", ONE, f"{TWO},US", f"{THREE},CA,tollfree")
    first = project.ok("numbers", "preload", file)

    loaded = [
        (ONE, "available", "", "", "US", "local", 1),
        (TWO, "available", "", "", "US", "local", 1),
        (THREE, "available", "", "", "CA", "tollfree", 1),
    ]
    assert pool(project) == loaded
    assert "3 numbers loaded, none was there already." in first.out
    assert "number,country,type" in first.out

    again = project.ok("numbers", "preload", file)

    assert "0 numbers loaded, 3 there already and left as they are (3 available)." in again.out
    assert pool(project) == loaded


def test_who_and_when_are_on_record(project, listed):
    project.ok("numbers", "preload", listed(ONE, TWO), "--connector", "sandbox")

    ((by, at),) = project.sql("SELECT DISTINCT updated_by, updated_at FROM number")
    assert by.endswith("(preload)")
    assert "@" in by
    assert at.startswith("20")
    assert at.endswith("Z")
    (record,) = audited(project, "preload")
    assert (record["numbers"], record["connector"], record["refused"]) == (2, "sandbox", 0)
    assert len(record["sha256"]) == 64
    assert record["who"]
    assert record["at"]


def test_nobodys_number_is_changed(project, listed):
    project.applied()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.applied()  # quarantined
    numbers = {ONE: "assigned", TWO: "reserved", THREE: "released"}
    project.ok("numbers", "preload", listed(*numbers))
    for number, state in numbers.items():
        tenant = "" if state == "released" else "globex"
        project.sql("UPDATE number SET state = ?, tenant = ? WHERE e164 = ?", state, tenant, number)
    before = project.sql("SELECT * FROM number ORDER BY e164")

    file = listed(*numbers, MAIN, "+16175550199")
    done = project.ok("numbers", "preload", file, "--connector", "sandbox", "--tenant", "acme")

    after = project.sql("SELECT * FROM number WHERE e164 <> '+16175550199' ORDER BY e164")
    assert after == before
    assert "1 assigned, 1 quarantined, 1 released, 1 reserved" in done.out
    assert f"{ONE} is in the pool with other facts" in done.out


def test_good_lines_are_loaded_and_bad_ones_listed(project, listed):
    ended = project.run(
        "numbers", "preload", listed(ONE, "6175550102", "1.2015E+10", THREE), "--connector=sandbox"
    )

    assert ended.status == 3
    assert [row[0] for row in pool(project)] == [ONE, THREE]
    assert "pool.csv:2:1 E112" in ended.out
    assert "pool.csv:3:1 E112" in ended.out
    assert "2 numbers loaded" in ended.out
    assert "2 lines refused" in ended.out


def test_machines_get_every_number_and_every_line(project, listed):
    project.ok("numbers", "preload", listed(TWO))
    ended = project.run(
        "numbers", "preload", listed("did,monthly", ONE, TWO, ONE, "x"), "-o", "json"
    )

    assert ended.status == 3
    document = ended.document
    assert document["kind"] == "preload"
    assert document["counts"] == {"added": 1, "there": 1, "refused": 1}
    assert [n["e164"] for n in document["added"]] == [ONE]
    assert [(n["e164"], n["line"], n["differs"]) for n in document["there"]] == [(TWO, 3, False)]
    assert [(p["line"], p["code"]) for p in document["refused"]] == [(5, "E112")]
    assert (document["repeated"], document["header"]) == (1, "did,monthly")
    assert document["unread"] == ["monthly"]


def test_standard_input_is_read(project, monkeypatch):
    class Stream:
        buffer = io.BytesIO(f"{ONE}\nx\n".encode())

    monkeypatch.setattr(sys, "stdin", Stream)
    ended = project.run("numbers", "preload", "-")

    assert ended.status == 3
    assert "<stdin>:2:1" in ended.out
    assert [row[0] for row in pool(project)] == [ONE]


def test_a_dry_run_writes_nothing(project, listed):
    project.ok("runs", "list")
    records = project.sql("SELECT count(*) FROM audit")

    ended = project.ok("numbers", "preload", listed(ONE), "--dry-run")

    assert "1 number would be loaded" in ended.out
    assert pool(project) == []
    assert project.sql("SELECT count(*) FROM audit") == records


def test_numbers_are_reserved_at_once(project, listed):
    project.ok("numbers", "preload", listed(ONE), "--tenant", "acme")

    assert pool(project) == [(ONE, "reserved", "acme", "", "US", "local", 1)]


def test_what_was_loaded_is_assigned_from_the_pool(project, listed):
    project.ok("numbers", "preload", listed(ONE))
    project.change("numbers:\n", f'numbers:\n  "{ONE}": {{to: ring_group/sales, location: hq}}\n')

    project.applied()

    assert pool(project)[0][:3] == (ONE, "assigned", "acme")
    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_a_real_carrier_has_no_numbers_for_examples(project, listed):
    real = "real: {kind: voicetel, url: https://api.voicetel.com, credentials: {api_key: {env: K}}}"
    project.project("connectors:\n", f"connectors:\n  {real}\n")

    ended = project.run("numbers", "preload", listed(ONE, "+16175550200"), "--connector", "real")

    assert ended.status == 3
    assert "TEL415" in ended.out
    assert [row[:4] for row in pool(project)] == [("+16175550200", "available", "", "real")]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere.csv"], 64, "cannot be read"),
        (["tenants"], 64, "cannot be read"),
        (["pool.csv", "--connector", "sandbx"], 64, "no connector 'sandbx'"),
        (["pool.csv", "--tenant", "acne"], 3, 'Did you mean "acme"?'),
        (["reconciler.yaml"], 3, "E112"),
        ([], 64, "FILE"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_nothing_loaded(project, listed, arguments, status, words):
    listed(ONE)
    ended = project.run("numbers", "preload", *arguments)

    assert ended.status == status
    assert words in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert not project.database.exists() or pool(project) == []


def test_a_spreadsheets_own_file_is_refused_whole(project):
    (project.root / "pool.xlsx").write_bytes(b"PK\x03\x04" + os.urandom(5000))

    ended = project.run("numbers", "preload", "pool.xlsx", "-o", "json")

    assert ended.status == 3
    assert ended.document["problems"][0]["code"] == "E180"


@pytest.mark.slow
def test_a_carriers_whole_stock_is_loaded_in_seconds(project, listed):
    every = [f"+1290{200 + n // 10_000}{n % 10_000:04},US,local" for n in range(30_000)]
    file = listed("number,country,type", *every)
    before = time.process_time()

    project.ok("numbers", "preload", file, "-o", "json=report.json")

    assert project.sql("SELECT count(*) FROM number") == [(30_000,)]
    assert time.process_time() - before < 30  # some seconds, on a machine that others use too
