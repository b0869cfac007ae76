"""Leases and fencing between real processes, each with its own connection and clock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.database import open_database
from reconciler.errors import Fenced
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import HeldLease, Lease
from tests.ledger.records import HandClock

CHILD = """
import sys
from reconciler.cli.clock import SystemClock
from reconciler.database import open_database
from reconciler.errors import Fenced
from reconciler.ledger.owner import this_owner
from reconciler.ledger.sql import SqlLedger
ledger = SqlLedger(open_database(sys.argv[1]), SystemClock(), "child")
lease = ledger.take(
    ("tenant/acme",), owner=this_owner(), run_id="child", ttl_seconds=float(sys.argv[2])
)
print("taken", flush=True)
for line in sys.stdin:
    try:
        with ledger.transaction(lease, "x") as journal:
            journal.tell("skipped", {"why": "the child wrote"})
        print("wrote", flush=True)
    except Fenced as error:
        print("fenced", flush=True)
"""


class Child:
    """Another process that holds the lease on a tenant."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self.said() == "taken"

    def said(self) -> str:
        return self.process.stdout.readline().strip()

    def write(self) -> str:
        self.process.stdin.write("write\n")
        self.process.stdin.flush()
        return self.said()


@contextmanager
def child(url: str, ttl_seconds: float) -> Iterator[Child]:
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(ttl_seconds)],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Child(process)
    finally:
        process.send_signal(signal.SIGCONT)
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


@pytest.fixture
def here(url: str) -> Iterator[SqlLedger]:
    from reconciler.cli.clock import SystemClock  # noqa: PLC0415 - real time, for real processes

    ledger = SqlLedger(open_database(url), SystemClock(), "parent")
    yield ledger
    ledger.close()


def take(ledger: SqlLedger) -> Lease | HeldLease:
    return ledger.take(("tenant/acme",), owner="parent/b/1/1", run_id="parent", ttl_seconds=60)


def events(ledger: SqlLedger) -> list[str]:
    return [record["body"].get("why", "") for record in ledger.audit()]


def test_of_two_processes_one_works(url, here):
    with child(url, 60) as other:
        refused = take(here)
        assert isinstance(refused, HeldLease)
        assert refused.run_id == "child"
        assert other.write() == "wrote"


def test_a_process_that_was_stopped_past_its_lease_writes_nothing_when_it_wakes(url, here):
    with child(url, 0.5) as other:
        os.kill(other.process.pid, signal.SIGSTOP)
        deadline = time.monotonic() + 20
        while isinstance(lease := take(here), HeldLease) and time.monotonic() < deadline:
            time.sleep(0.1)  # noqa: TID251 - a real lease has to run out
        assert isinstance(lease, Lease)
        assert lease.epochs == {"tenant/acme": 2}
        os.kill(other.process.pid, signal.SIGCONT)

        assert other.write() == "fenced"

        with here.transaction(lease, "y") as journal:
            journal.tell("skipped", {"why": "the parent wrote"})
    assert "the child wrote" not in events(here)
    assert "the parent wrote" in events(here)
    assert here.verify_audit() == ""


def test_the_lease_of_a_killed_process_is_taken_over_at_once(url, here):
    with child(url, 3600) as other:
        os.kill(other.process.pid, signal.SIGKILL)
        other.process.wait(20)

        assert isinstance(take(here), Lease)


def test_a_lease_that_was_freed_by_name_fences_its_holder(url, here):
    with child(url, 3600) as other:
        (held,) = here.locks()
        assert here.unlock(held.nonce, "al@host")

        assert other.write() == "fenced"


def test_a_restore_ends_every_lease_and_fences_its_holder(url, here):
    with child(url, 3600) as other:
        here.mark_restored(None, "a test")

        assert here.locks() == ()
        assert other.write() == "fenced"


def test_the_floor_rises_with_each_restore_and_the_serial_never_falls(url, here):
    seen = [here.serial()]
    assert here.floor() == 0
    for lost in (None, 5, here.serial() + 10**10):
        floor = here.mark_restored(lost, "a test")
        seen.append(here.serial())
        assert here.floor() == floor == seen[-1]
        assert lost is None or seen[-1] > lost
    assert seen == sorted(set(seen))
    with pytest.raises(Fenced):
        here.renew(Lease({"tenant/acme": 1}, "x", "x", "x"))


def test_hand_clocks_do_not_matter_on_a_server(url, here):
    """PostgreSQL's own clock decides when a lease has run out, not a client's."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite is one machine's, and takes its clock")
    with child(url, 60):
        ahead = HandClock()
        ahead.sleep(10 * 365 * 24 * 3600)
        late = SqlLedger(open_database(url), ahead, "late", dead=lambda _: False)
        assert isinstance(take(late), HeldLease)
        late.close()
