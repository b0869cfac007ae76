"""A lease whose holder is dead is free at once; one whose holder merely stopped is not."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.ledger.owner import provably_dead, this_owner
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import HeldLease, Lease

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys
from reconciler.database import open_database
from reconciler.ledger.owner import this_owner
from reconciler.ledger.sql import SqlLedger
from tests.ledger.records import HandClock

ledger = SqlLedger(open_database(sys.argv[1]), HandClock(), "child")
ledger.take(["tenant/acme"], owner=this_owner(), run_id="run-child", ttl_seconds=3600)
print(this_owner(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def heir(connect, clock) -> SqlLedger:
    return SqlLedger(connect(), clock, "heir")


@pytest.fixture
def holder(url: str, heir: SqlLedger) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that has taken the lease and lives."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},  # noqa: TID251
    ) as child:
        yield child, child.stdout.readline().strip()
        child.kill()


def attempt(heir: SqlLedger) -> Lease | HeldLease:
    return heir.take(["tenant/acme"], owner=this_owner(), run_id="run-heir", ttl_seconds=60)


def until_state(pid: int, wanted: str) -> None:
    for _ in range(500):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == wanted:
            return
        time.sleep(0.01)  # noqa: TID251 - another process's pace
    pytest.fail(f"process {pid} never reached {wanted}")


def test_the_lease_of_a_killed_process_is_taken_at_once(heir, holder):
    child, owner = holder
    held = attempt(heir)
    assert isinstance(held, HeldLease)
    assert held.owner == owner
    child.send_signal(signal.SIGKILL)
    until_state(child.pid, "Z")  # a zombie until its parent asks for it
    assert provably_dead(owner)
    child.wait()
    taken = attempt(heir)
    assert isinstance(taken, Lease)
    assert taken.epochs == {"tenant/acme": 2}


def test_the_lease_of_a_stopped_process_is_waited_for(heir, holder):
    child, owner = holder
    child.send_signal(signal.SIGSTOP)
    until_state(child.pid, "T")
    assert not provably_dead(owner)
    assert isinstance(attempt(heir), HeldLease)
    child.send_signal(signal.SIGCONT)


HEADLESS = """
import ctypes, platform, threading, time
from reconciler.ledger.owner import this_owner

threading.Thread(target=time.sleep, args=(60,)).start()
print(this_owner(), flush=True)
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
"""


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="needs exit's number")
def test_a_process_whose_first_thread_is_gone_lives_on():
    with subprocess.Popen(
        [sys.executable, "-c", HEADLESS], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        owner = child.stdout.readline().strip()
        until_state(child.pid, "Z")
        alive = not provably_dead(owner)
        child.kill()
    assert alive


def test_only_proof_counts():
    host, boot, pid, ticks = this_owner().split("/")
    assert not provably_dead(this_owner())
    assert provably_dead(f"{host}/{boot}/{pid}/{int(ticks) + 1}")
    assert provably_dead(f"{host}/00000000-0000-0000-0000-000000000000/{pid}/{ticks}")
    assert not provably_dead(f"{host}//{pid}/{ticks}")  # the boot was not known
    assert not provably_dead(f"{host}/{boot}/{pid}/")  # nor when it began
    assert not provably_dead(f"elsewhere/{boot}/{pid}/{int(ticks) + 1}")
    assert not provably_dead(f"{host}+4026532210/{boot}/{pid}/{int(ticks) + 1}")
    for odd in ("", "me", "a/b/c/d", f"{host}/{boot}/0/{ticks}", f"{host}/{boot}/-1/{ticks}"):
        assert not provably_dead(odd)


def test_a_pid_that_no_process_has_is_dead():
    host, boot, _, ticks = this_owner().split("/")
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert provably_dead(f"{host}/{boot}/{child.pid}/{ticks}")
