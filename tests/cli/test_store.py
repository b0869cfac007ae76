"""`store`: copies to be trusted, versions that change only when asked, damage that is told."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from reconciler.database import open_database
from reconciler.ledger.sql import SqlLedger
from tests.cli.old_stores import LINEAGE, NOW, old_store
from tests.cli.projects import MAIN
from tests.ledger.records import HandClock

TOLD = ("ok", "error: ")


def lines(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as there:
        return list(there.iterdump())


def older(project, ledger: int) -> None:
    """Have the store be one that an earlier version wrote."""
    for ending in ("", "-wal", "-shm"):
        project.database.with_name(project.database.name + ending).unlink(missing_ok=True)
    old_store(f"sqlite:///{project.database}", ledger=ledger)


def version(project) -> dict[str, int]:
    return dict(project.sql("SELECT component, version FROM schema_version"))


def beside(project) -> list[Path]:
    return sorted(project.database.parent.glob("*.backup"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Backup.


def test_a_backup_is_the_store_whole_and_for_its_owner_only(project):
    project.applied()

    ended = project.ok("store", "backup", "copy.backup", "-o", "json")

    copy = project.root / "copy.backup"
    assert lines(copy) == lines(project.database)
    assert mode(copy) == 0o600
    assert ended.document["versions"] == NOW
    assert ended.document["serial"] == project.sql("SELECT serial FROM ledger")[0][0]
    assert sorted(path.name for path in project.root.iterdir() if "copy" in path.name) == [
        "copy.backup"
    ]


def test_a_backup_overwrites_nothing(project):
    project.applied()
    (project.root / "there").write_text("mine")

    assert project.run("store", "backup", "there").status == 64
    assert project.run("store", "backup", "nowhere/copy").status == 64
    assert (project.root / "there").read_text() == "mine"


def test_a_backup_is_consistent_while_another_writes(project):
    """A writer moves two rows together all the time; no copy has one without the other."""
    project.applied()
    project.sql("CREATE TABLE pair (one INTEGER, other INTEGER)")
    project.sql("INSERT INTO pair VALUES (0, 0)")
    project.sql("CREATE TABLE filler (text TEXT)")
    project.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO filler SELECT hex(randomblob(50)) FROM n"
    )
    over = threading.Event()
    writer = threading.Thread(target=_write_pairs, args=(project.database, over))
    writer.start()
    try:
        for n in range(5):
            project.ok("store", "backup", f"copy{n}")
    finally:
        over.set()
        writer.join()

    found = []
    for n in range(5):
        with closing(sqlite3.connect(project.root / f"copy{n}")) as there:
            found += there.execute("SELECT one, other FROM pair").fetchall()
    assert all(one == other for one, other in found)
    assert found[-1][0] > 0


def _write_pairs(path: Path, over: threading.Event) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as there:
        n = 0
        while not over.is_set():
            n += 1
            there.execute("BEGIN IMMEDIATE")
            there.execute("UPDATE pair SET one = ?", (n,))
            there.execute("UPDATE pair SET other = ?", (n,))
            there.execute("COMMIT")


def test_a_damaged_store_is_not_backed_up_as_if_it_were_whole(project):
    project.applied()
    damage_pages(project.database)

    ended = project.run("store", "backup", "copy")

    assert ended.status == 7
    assert "damaged" in ended.err
    assert not (project.root / "copy").exists()
    assert not list(project.root.glob(".copy*"))


def test_damage_that_a_copy_does_not_meet_is_found_in_the_copy(project):
    project.applied()
    damage_table(project, "plan_used")

    ended = project.run("store", "backup", "copy")

    assert ended.status == 7
    assert "What would be copied is damaged" in ended.err
    assert not (project.root / "copy").exists()


def damage_table(project, table: str) -> None:
    """Overwrite the first page of one table, which nothing reads that copies pages."""
    with closing(sqlite3.connect(project.database)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = there.execute(sql, (table,)).fetchone()
    with project.database.open("r+b") as stream:
        stream.seek(4096 * (page - 1))
        stream.write(b"\xff" * 4096)


def damage_pages(path: Path) -> None:
    """Overwrite the middle of the file, as a failing disk does."""
    with closing(sqlite3.connect(path)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(4096 * 2)
        stream.write(os.urandom(size // 2))


# Restore.


def test_a_restore_brings_back_what_was_backed_up_and_keeps_what_was_there(project):
    project.applied()
    project.ok("store", "backup", "copy")
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    lost = lines(project.database)

    ended = project.ok("store", "restore", "copy", "-o", "json")

    assert project.spec("ring_group", "sales").get("ring") != "40s"
    (saved,) = beside(project)
    assert ended.document["saved"] == str(saved)
    assert lines(saved) == lost
    assert mode(saved) == mode(project.database) == 0o600
    assert project.ok("store", "check").out.startswith("The store is whole")
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_plans_made_before_a_restore_are_stale_whenever_they_were_made(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    project.ok("plan", "--out", "early.json")
    project.ok("store", "backup", "copy")
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    project.ok("apply", "--yes")
    project.change("after: 30s", "after: 35s")
    project.ok("plan", "--out", "late.json")
    project.ok("store", "restore", "copy")
    before = lines(project.database)

    for plan in ("early.json", "late.json"):
        ended = project.run("apply", plan)
        assert ended.status == 6
        assert "restored from a backup" in ended.err
    assert lines(project.database) == before
    project.ok("plan", "--out", "new.json")
    project.ok("apply", "new.json")
    assert project.spec("ring_group", "sales")["overflow"]["after"] == "35s"
    assert project.run("apply", "late.json").status == 6


def test_the_serial_never_means_two_things(project):
    project.applied()
    project.ok("store", "backup", "copy")
    project.ok("runs", "list")
    project.change("after: 25s", "after: 30s")
    project.applied()
    lost = project.sql("SELECT serial FROM ledger")[0][0]

    project.ok("store", "restore", "copy")

    assert project.sql("SELECT serial FROM ledger")[0][0] > lost
    assert project.run("store", "check").status == 0  # the audit chain goes on from the backup


def test_a_number_bought_after_the_backup_is_found_and_not_bought_again(project):
    project.ok("plan")
    project.ok("store", "backup", "empty")
    project.applied()
    assert [charge["number"] for charge in project.charges()] == [MAIN]

    project.ok("store", "restore", "empty")
    project.applied()

    assert [charge["number"] for charge in project.charges()] == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_what_was_open_in_the_journal_of_the_backup_is_found_by_recovery(project):
    assert project.lose_orders().status == 8
    project.ok("store", "backup", "in-doubt")
    doubtful = project.sql("SELECT op_id FROM operation WHERE state = 'unknown'")

    ended = project.ok("store", "restore", "in-doubt", "-o", "json")

    (left,) = project.sql("SELECT count(*) FROM operation WHERE state IN ('intended', 'unknown')")
    assert ended.document["open_operations"] == left[0] >= 1
    assert project.sql("SELECT op_id FROM operation WHERE state = 'unknown'") == doubtful
    assert "resume" in project.run("plan").out


def test_a_lease_that_is_held_stops_a_restore(project):
    project.applied()
    project.ok("store", "backup", "copy")
    database = open_database(f"sqlite:///{project.database}")
    clock = HandClock()
    ledger = SqlLedger(database, clock, "al@host")
    ledger.take(("tenant/acme",), owner="other-host/boot/1/1", run_id="r1", ttl_seconds=1e9)
    database.close()
    before = lines(project.database)

    ended = project.run("store", "restore", "copy")

    assert ended.status == 6
    assert "tenant/acme is being worked on by other-host" in ended.err
    assert lines(project.database) == before
    assert not beside(project)


def test_whoever_has_the_store_open_stops_a_restore(project):
    project.applied()
    project.ok("store", "backup", "copy")
    with closing(sqlite3.connect(project.database)) as other:
        other.execute("SELECT count(*) FROM object").fetchall()

        ended = project.run("store", "restore", "copy")

    assert ended.status == 6
    assert "has the store" in ended.err
    assert not beside(project)
    project.ok("store", "restore", "copy")


def test_a_lock_that_the_backup_remembers_holds_nobody_up(project):
    project.applied()
    ledger = SqlLedger(open_database(f"sqlite:///{project.database}"), HandClock(), "al@host")
    lease = ledger.take(("tenant/acme",), owner="gone/b/1/1", run_id="r1", ttl_seconds=1e9)
    ledger.close()
    project.ok("store", "backup", "copy")
    project.ok("unlock", lease.nonce)

    project.ok("store", "restore", "copy")

    assert "Nothing is locked" in project.ok("locks").out
    assert project.sql("SELECT epoch FROM lease WHERE scope = 'tenant/acme'")[0][0] > 1


def test_another_ledgers_backup_is_refused_unless_asked_for(project, tmp_path):
    project.ok("plan")
    project.ok("store", "backup", "other")
    project.database.unlink()
    project.applied()
    before = lines(project.database)

    ended = project.run("store", "restore", "other")

    assert ended.status == 6
    assert "--lineage-changes" in ended.err
    assert lines(project.database) == before
    project.ok("store", "restore", "other", "--lineage-changes")
    assert project.sql("SELECT count(*) FROM object") == [(0,)]


BAD_BACKUPS = {
    "not there": (lambda path: None, 64),
    "empty": (lambda path: path.write_bytes(b""), 7),
    "text": (lambda path: path.write_text("what is this\n" * 1000), 7),
    "a folder": (lambda path: path.mkdir(), 64),
    "somebody else's": (
        lambda path: sqlite3.connect(path).execute("CREATE TABLE invoice (n)").connection.close(),
        7,
    ),
}


@pytest.mark.parametrize(("make", "status"), BAD_BACKUPS.values(), ids=BAD_BACKUPS)
def test_what_is_no_backup_is_refused(project, make, status):
    project.applied()
    before = lines(project.database)
    make(project.root / "bad")

    ended = project.run("store", "restore", "bad")

    assert ended.status == status
    assert ended.err.startswith(TOLD[1])
    assert lines(project.database) == before
    assert not beside(project)


def test_a_damaged_or_newer_backup_is_refused(project):
    project.applied()
    project.ok("store", "backup", "damaged")
    damage_pages(project.root / "damaged")
    project.ok("store", "backup", "newer")
    with closing(sqlite3.connect(project.root / "newer", isolation_level=None)) as there:
        there.execute("UPDATE schema_version SET version = 99 WHERE component = 'ledger'")
    before = lines(project.database)

    for name in ("damaged", "newer"):
        assert project.run("store", "restore", name).status == 7
    assert lines(project.database) == before


def test_a_backup_of_an_earlier_version_is_brought_up_as_it_is_restored(project):
    project.applied()
    older(project, 1)
    project.ok("store", "backup", "old")
    project.ok("store", "migrate")

    project.ok("store", "restore", "old")

    assert version(project) == NOW
    assert project.ok("store", "check").out.startswith("The store is whole")


def test_a_damaged_store_is_moved_aside_as_it_is(project):
    project.applied()
    project.ok("plan", "--out", "before.json")
    project.ok("store", "backup", "copy")
    damage_pages(project.database)
    damaged = project.database.read_bytes()

    ended = project.ok("store", "restore", "copy", "-o", "json")

    assert ended.document["damaged"] is True
    assert Path(ended.document["saved"]).read_bytes() == damaged
    assert project.ok("store", "check").out.startswith("The store is whole")
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_the_log_of_a_damaged_store_is_not_played_into_the_backup(project):
    project.applied()
    project.ok("store", "backup", "copy")
    log = project.database.with_name("reconciler.db-wal")
    with closing(sqlite3.connect(project.database, isolation_level=None)) as there:
        there.execute("UPDATE number SET protect = 1")
        left = log.read_bytes()
    assert left
    text(project.database)
    log.write_bytes(left)

    ended = project.ok("store", "restore", "copy", "-o", "json")

    assert project.sql("SELECT protect FROM number") == [(0,)]
    assert project.ok("store", "check").out.startswith("The store is whole")
    assert Path(f"{ended.document['saved']}-wal").read_bytes() == left


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_store_as_it_was_or_restored_and_marked(project):
    """Killed at each write call of the process in turn, by a file size that it may not pass."""
    project.applied()
    project.ok("store", "backup", "copy")
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    size = project.database.stat().st_size
    for limit in (0, 4096, size // 2, size - 4096):
        before = lines(project.database)
        ended = limited(project, limit, "store", "restore", "copy")
        assert ended.returncode == 7, ended.stderr
        assert "Traceback" not in ended.stderr
        assert lines(project.database) == before
    assert not list(project.database.parent.glob(".*"))


def test_by_hand_marks_what_another_tool_restored(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    project.ok("plan", "--out", "plan.json")

    project.ok("store", "restore", "--by-hand")

    assert project.run("apply", "plan.json").status == 6
    project.applied()


def test_what_to_restore_has_to_be_said(project):
    assert project.run("store", "restore").status == 64
    assert project.run("store", "restore", "copy", "--by-hand").status == 64
    assert project.run("store", "restore", "nowhere").status == 64


# Platform and ledger in a database each.


def test_two_databases_are_copied_and_put_back_one_by_one(project):
    project.project("ledger: {url: same}", 'ledger: {url: "sqlite:///.reconciler/ledger.db"}')
    project.applied()
    assert project.run("store", "backup", "copy").status == 64
    project.ok("store", "backup", "platform", "--of", "platform")
    project.ok("store", "backup", "ledger", "--of", "ledger")
    assert project.run("store", "restore", "platform", "--of", "ledger").status == 7
    project.change("after: 25s", "after: 30s")
    project.ok("plan", "--out", "plan.json")

    project.ok("store", "restore", "platform", "--of", "platform")

    assert project.run("apply", "plan.json").status == 6
    project.ok("store", "restore", "ledger", "--of", "ledger")
    assert project.run("store", "check").status == 0
    project.applied()
    assert [charge["number"] for charge in project.charges()] == [MAIN]


# Migrate.


@pytest.mark.parametrize("command", [["plan"], ["drift"], ["apply", "--yes"], ["runs", "list"]])
def test_an_older_store_is_changed_by_nobody_but_migrate(project, command):
    project.applied()
    older(project, 2)
    before = lines(project.database)

    ended = project.run(*command)

    assert ended.status == 7
    assert "reconciler store migrate" in ended.err
    assert lines(project.database) == before
    assert not beside(project)


def test_migrate_says_what_it_has_to_do_and_does_it_after_a_backup(project):
    project.applied()
    project.ok("plan", "--out", "plan.json")
    older(project, 1)
    before = lines(project.database)

    assert project.run("store", "migrate", "--check").status == 2
    assert project.run("store", "check").status == 2
    assert lines(project.database) == before
    ended = project.ok("store", "migrate", "-o", "json")

    assert ended.document["steps"] == [
        {"component": name, "database": "store", "from": 1, "to": NOW[name]}
        for name in ("platform", "ledger")
    ]
    (saved,) = beside(project)
    assert "before-migrate-ledger1-platform1-" in saved.name
    assert mode(saved) == 0o600
    assert lines(saved) == before
    assert version(project) == NOW
    assert project.run("store", "migrate", "--check").status == 0
    assert project.ok("store", "check").out.startswith("The store is whole")
    assert project.sql("SELECT lineage, serial FROM ledger") == [(LINEAGE, 7)]
    assert project.spec("extension", "999") == {"name": "Attic"}
    project.applied()
    project.ok("store", "migrate")
    assert beside(project) == [saved]


def test_a_newer_store_is_left_alone_by_everybody(project):
    project.applied()
    project.sql("UPDATE schema_version SET version = 99 WHERE component = 'ledger'")
    before = lines(project.database)

    for command in (
        ["plan"],
        ["apply", "--yes"],
        ["store", "migrate"],
        ["store", "migrate", "--check"],
        ["store", "check"],
    ):
        ended = project.run(*command)
        assert ended.status == 7, command
        assert "have version 99; this program knows" in ended.err
    assert lines(project.database) == before


def test_migrate_waits_for_whoever_works(project):
    project.applied()
    older(project, 2)
    project.sql("INSERT INTO lease VALUES ('tenant/acme', 1, 'other/b/1/1', 'r1', 'n', 60, 4e9)")
    before = lines(project.database)

    assert project.run("store", "migrate").status == 6
    assert lines(project.database) == before


def test_a_migration_that_fails_midway_leaves_the_store_as_it_was(project):
    project.applied()
    older(project, 1)
    project.sql("CREATE TABLE restored (in_the_way TEXT)")  # what version 3 makes is there
    before = lines(project.database)

    ended = project.run("store", "migrate")

    assert ended.status == 7
    assert lines(project.database) == before  # version 2's table is not there either


@pytest.mark.slow
def test_a_migration_for_which_the_disk_is_too_full_leaves_the_store_as_it_was(project):
    project.applied()
    older(project, 1)
    before = lines(project.database)
    size = project.database.stat().st_size

    for limit in (0, 4096, size // 2):
        ended = limited(project, limit, "store", "migrate")
        assert ended.returncode == 7, ended.stderr
        assert "Traceback" not in ended.stderr
        assert lines(project.database) == before
    project.ok("store", "migrate")


# Check.


def damage_schema(project):
    project.sql("DROP TRIGGER object_updated")


def damage_trigger(project):
    project.sql("CREATE TRIGGER mine AFTER UPDATE ON object BEGIN SELECT 1; END")


def damage_column(project):
    project.sql("ALTER TABLE object ADD COLUMN note TEXT")


def damage_rows(project):
    project.sql(
        "INSERT INTO unique_key VALUES ('acme', 'digits', '999', 'acme', 'extension', '999')"
    )


def damage_chain(project):
    project.sql("DROP TRIGGER audit_no_update")
    project.sql("UPDATE audit SET body = replace(body, 'jo', 'al') WHERE n = 2")
    project.sql("UPDATE audit SET body = body || ' ' WHERE n = 2")


DAMAGES = {
    "a trigger is gone": (damage_schema, "The trigger object.object_updated is missing."),
    "a trigger of somebody": (damage_trigger, "The trigger object.mine is none of ours"),
    "a column of somebody": (damage_column, "The table object is not as the migrations make it."),
    "a row of nothing": (damage_rows, "unique_key is of acme/extension/999, which is not there."),
    "a record of the chain": (damage_chain, "Record 2 of the audit chain was changed."),
    "pages": (lambda project: damage_pages(project.database), "damaged"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_check_tells_what_is_wrong(project, damage, told):
    project.applied()
    assert project.run("store", "check").status == 0
    damage(project)

    ended = project.run("store", "check")

    assert ended.status == 7
    assert told in ended.out + ended.err
    assert "Traceback" not in ended.err


def test_check_names_tables_that_are_not_ours_without_alarm(project):
    project.applied()
    project.sql("CREATE TABLE invoice (n INTEGER)")

    ended = project.ok("store", "check", "-o", "json")

    assert ended.document["databases"][0]["notes"] == ["Tables that are not ours: invoice."]


# Files that are no store.


def a_folder(path):
    path.unlink()
    path.mkdir()


def empty(path):
    path.write_bytes(b"")


def truncated(path):
    with closing(sqlite3.connect(path)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)


def text(path):
    path.write_text("nothing of ours\n" * 1000)


def somebodys(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as there:
        there.execute("CREATE TABLE invoice (n INTEGER)")


def with_a_like_name(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as there:
        there.execute("CREATE TABLE schema_version (version INTEGER, applied TEXT)")


NO_STORES = {
    "a folder": (a_folder, "cannot be opened"),
    "empty": (empty, "0 bytes"),
    "truncated": (truncated, "damaged"),
    "damaged": (damage_pages, "damaged"),
    "text": (text, "no SQLite database"),
    "somebody else's": (somebodys, "holds something else: invoice."),
    "somebody else's, alike": (with_a_like_name, "holds something else: schema_version."),
}


@pytest.mark.parametrize(
    "command", [["plan"], ["apply", "--yes"], ["store", "check"]], ids=" ".join
)
@pytest.mark.parametrize(("make", "told"), NO_STORES.values(), ids=NO_STORES)
def test_what_is_no_store_is_told_and_left_alone(project, make, told, command):
    project.applied()
    project.ok("store", "backup", "copy")
    charged = project.charges()
    make(project.database)
    before = project.database.read_bytes() if project.database.is_file() else b""

    ended = project.run(*command)

    assert ended.status == 7, ended
    assert told in ended.err + ended.out
    assert (project.database.read_bytes() if project.database.is_file() else b"") == before
    assert project.charges() == charged


def test_an_empty_store_and_a_truncated_one_are_put_right_by_a_restore(project):
    project.applied()
    project.ok("store", "backup", "copy")
    for make in (empty, truncated, text):
        make(project.database)
        project.ok("store", "restore", "copy")
        assert project.run("plan", "--detailed-exitcode").status == 0


def test_a_store_that_was_never_made_is_not_made_by_looking_after_it(project):
    for command in (["backup", "x"], ["check"], ["migrate"], ["restore", "--by-hand"]):
        ended = project.run("store", *command)
        assert ended.status == 7
        assert "There is no database" in ended.err
    assert not project.database.exists()


# Full and read-only disks.

LIMITED = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from reconciler.cli.main import run
sys.exit(run(sys.argv[3:], {"PATH": "/usr/bin:/bin", **eval(sys.argv[2])}))
"""


def limited(project, limit: int, *command: str) -> subprocess.CompletedProcess:
    """Run a command in a process whose files may not grow beyond `limit` bytes."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), repr(project.environment), *command],
        cwd=project.root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("pages", [0, 1, 3])
def test_an_apply_on_a_full_disk_orders_nothing_and_the_next_one_goes_on(
    project, monkeypatch, pages
):
    """SQLite refuses to grow the file, which is what it does when the disk is full."""
    project.ok("plan")
    with closing(sqlite3.connect(project.database)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        count = there.execute("PRAGMA page_count").fetchone()[0]
    before = project.sql("SELECT count(*) FROM object")
    connect = sqlite3.connect

    def small(*args, **options):
        made = connect(*args, **options)
        if str(args[0]).endswith("reconciler.db"):
            made.execute(f"PRAGMA max_page_count = {count + pages}")
        return made

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", small)
        ended = project.run("apply", "--yes")

    assert ended.status in {5, 7}
    assert "disk is full" in ended.err + ended.out
    assert project.sql("SELECT count(*) FROM object") == before
    assert not project.charges()
    assert project.run("store", "check").status == 0
    project.applied()
    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_a_plan_on_a_full_disk_is_refused_before_there_is_a_store(project):
    ended = limited(project, 2048, "plan")

    assert ended.returncode == 7, ended.stderr
    assert "Traceback" not in ended.stderr
    assert not project.database.exists()
    project.ok("plan")


def test_a_store_that_may_only_be_read_is_told_and_left_alone(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    before = project.database.read_bytes()
    for journal in ("WAL", "DELETE"):
        project.sql(f"PRAGMA journal_mode = {journal}")
        before = project.database.read_bytes()
        with elsewhere(project) as root:
            ended = unprivileged(project, root, "apply", "--yes")
            after = (root / ".reconciler" / "reconciler.db").read_bytes()

        assert ended.returncode == 7, ended.stdout + ended.stderr
        assert "read-only" in ended.stderr or "cannot be opened" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert after == before
    project.applied()


UNPRIVILEGED = """
import os, sys
if os.geteuid() == 0:
    from reconciler.cli import apply, plan, store
    import reconciler.carriers.voicetel, reconciler.sandbox.serve, getpass
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
from reconciler.cli.main import run
sys.exit(run(sys.argv[2:], {"PATH": "/usr/bin:/bin", **eval(sys.argv[1])}))
"""


@contextmanager
def elsewhere(project):
    """A copy of the project in a folder that everybody may enter, as they may not pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="reconciler-readonly-"))
    try:
        folder.chmod(0o755)
        root = folder / "project"
        shutil.copytree(project.root, root)
        yield root
    finally:
        shutil.rmtree(folder)


def unprivileged(project, root: Path, *command: str) -> subprocess.CompletedProcess:
    """Run a command as a user who may read `root` and write nothing in it."""
    paths = [root, *root.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        return subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, repr(project.environment), *command],
            cwd=root,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_json_is_json_for_every_store_command(project):
    project.applied()
    for command in (["backup", "a"], ["check"], ["migrate"], ["restore", "a"]):
        assert json.loads(project.ok("store", *command, "-o", "json").out)["format_version"]
