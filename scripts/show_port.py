"""A port-in from submission to completion: processes come and go, one of them is killed.

Each apply is a process of its own, the carrier's sandbox another one on loopback, and weeks
pass on the sandbox's clock.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import reconciler.carriers.voicetel
import reconciler.cli.apply
import reconciler.cli.fix
import reconciler.cli.plan
import reconciler.cli.ports
import reconciler.cli.sandbox
import reconciler.cli.secrets  # noqa: F401 - all loaded once, before the forks
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import run
from reconciler.sandbox import desk
from reconciler.sandbox.books import Fault
from scripts.stage import PORT, PROJECT, TENANT, Answer, Stage, must

NUMBERS = ("+16175550150", "+16175550151")
CANARIES = ("canary-4471-account", "7294618305")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "VM_ACCOUNT": CANARIES[0], "VM_PORT_PIN": CANARIES[1]}
APPROVAL = ("--approve", "port:acme/spring")
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Started:
    """A process, and where it writes."""

    pid: int
    log: Path

    def told(self, name: str) -> str:
        """What it has written to `out` or `err`."""
        path = self.log / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def stop(self, number: signal.Signals) -> None:
        """End it, and wait until it has ended."""
        os.kill(self.pid, number)
        os.waitpid(self.pid, 0)


@dataclass
class Show(Stage):
    """A project whose commands are processes, before a carrier that is one too."""

    said: list[str] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        """Where the processes write, beside the project."""
        made = self.root.parent / "logs"
        made.mkdir(exist_ok=True)
        return made

    @property
    def books(self) -> Path:
        """Where the carrier keeps its own record."""
        return self.root / ".reconciler/sandbox/sandbox.db"

    def started(self, *arguments: str) -> Started:
        """Start a command in a process of its own."""
        log = Path(tempfile.mkdtemp(dir=self.logs))
        pid = os.fork()
        if not pid:
            status = 1
            try:
                for number, name in ((1, "out"), (2, "err")):
                    os.dup2(os.open(log / name, os.O_WRONLY | os.O_CREAT), number)
                sys.stdout, sys.stderr = (
                    open(number, "w", closefd=False, buffering=1, encoding="utf-8")  # noqa: SIM115 - until it ends
                    for number in (1, 2)
                )
                status = run(list(arguments), ENVIRONMENT, self.root)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status)
        return Started(pid, log)

    def reconciler(self, *arguments: str, show: bool = True) -> Answer:
        """Run one command to its end."""
        if show:
            self.say(f"$ reconciler {' '.join(arguments)}")
        started = self.started(*arguments)
        status = os.waitstatus_to_exitcode(os.waitpid(started.pid, 0)[1])
        out, err = started.told("out"), started.told("err")
        self.said += [out, err]
        if "Traceback" in err:
            raise SystemExit(f"a traceback:\n{err}")
        if show:
            self.say(f"  exit {status}")
        return Answer(status, out, err)

    def charges(self) -> list[str]:
        """The numbers whose port was charged, each as often as it was."""
        rows = desk.find("voicetel").books(self.books)["charges"]
        return sorted(row["number"] for row in rows if row["reason"] == "port")

    def later(self, after: timedelta) -> None:
        """Set the carrier's clock: so much later than the machine's."""
        self.say(f"{after.days} days after the submission, by the carrier's clock")
        desk.find("voicetel").switch(self.books, "clock_offset_seconds", after.total_seconds())

    def poke(self, field_name: str, value: str) -> None:
        """Let the losing carrier do something to the port."""
        self.say(f"the carrier: {field_name}={value}")
        desk.find("voicetel").poke(self.books, NUMBERS[0], field_name, value)

    def port(self) -> dict[str, Any]:
        """The one port that is listed."""
        (found,) = self.reconciler("ports", "list", "-o", "json", show=False).document["ports"]
        return dict(found)


@contextmanager
def project() -> Iterator[Show]:
    """A project with a port order, and its carrier; both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="reconciler-port-"))
    show = Show(folder / "project")
    port = _free_port()
    url = f"    sandbox: true\n    url: http://127.0.0.1:{port}\n"
    allowed = "secrets:\n  allow: {env: [VM_*], files: [], exec: []}\n"
    text = PROJECT.replace("    sandbox: true\n", url).replace("secrets:\n", allowed)
    show.write("reconciler.yaml", text)
    tenant = TENANT.format(tenant="acme", title="Acme", area="617")
    show.write("tenants/acme.yaml", f"{tenant}{PORT}    cnam: ACME\n")
    server = None
    try:
        keys = show.reconciler("secrets", "keygen", "--into", "keys", show=False)
        must(keys.status == 0, f"keys are made {keys.err}")
        server = show.started("sandbox", "serve")
        must(_soon_so(lambda: "answers at" in server.told("out")), "the carrier is on loopback")
        yield show
    finally:
        if server is not None:
            server.stop(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _soon_so(holds: Callable[[], bool]) -> bool:
    """Wait for another process until something holds; whether it does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)  # noqa: TID251 - a real process is waited for
    return True


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _submitted_and_killed(show: Show) -> None:
    """Let the carrier take the submission and its answer wait; kill who waits for it."""
    wait = Fault("slow", "POST", "/v2.2/ports", after=True, seconds=2.0)
    desk.find("voicetel").fault(show.books, wait)
    show.say(f"$ reconciler apply --yes {' '.join(APPROVAL)}")
    process = show.started("apply", "--yes", *APPROVAL)
    taken = _soon_so(lambda: show.charges() == list(NUMBERS))
    must(taken, "the carrier has taken it, and its fee for each number")
    process.stop(signal.SIGKILL)
    show.say("  killed while the answer waits")


def _books(show: Show) -> dict[str, list[dict[str, str]]]:
    return desk.find("voicetel").books(show.books)


def _states(show: Show) -> dict[str, str]:
    rows = show.sql("SELECT e164, state FROM number ORDER BY e164")
    return {e164: state for e164, state in rows if e164 in NUMBERS}


def _without_approval(show: Show) -> None:
    done = show.reconciler("apply", "--yes")
    print(done.out)
    must(done.status == 0, "without its approval all else is applied, exit 0")
    must("port:acme/spring" in done.out, "the port is told as due")
    must(not show.charges(), "nothing was submitted")
    must(show.reconciler("plan", "--detailed-exitcode").status == 0, "it is no pending change")


def _under_way(show: Show) -> None:
    _submitted_and_killed(show)
    again = show.reconciler("apply", "--yes")
    print(again.out)
    must(again.status == 0, "the next apply finds out what became of it")
    must(show.charges() == list(NUMBERS), "each number was charged once")
    must(set(_states(show).values()) == {"porting_in"}, "the platform knows the numbers")
    must(show.port()["status"] == "submitted", "it is open, and told")

    show.later(timedelta(days=2))
    show.poke("port", "exception")
    stuck = show.reconciler("apply", "--yes")
    print(stuck.out)
    must(stuck.status == 0, "an exception is no failure")
    must("Account number mismatch" in stuck.out, "it is told in the carrier's words")
    must("settle that with the carrier" in stuck.out, "with the next step")

    show.poke("port", "resume")
    must(show.port()["status"] == "Validating", "settled, it goes on by itself")
    show.later(timedelta(days=4))
    first = show.port()["date"]
    must(first, f"it has a date: {first}")
    show.poke("foc", "2031-03-14")
    moved = show.reconciler("apply", "--yes")
    print(moved.out)
    must(moved.status == 0 and "2031-03-14" in moved.out, "the date is another one, and told")


def _complete(show: Show) -> None:
    show.poke("foc", _soon())
    show.later(timedelta(days=40))
    asked = show.reconciler("apply", "--yes")
    print(asked.out)
    must(asked.status == 4, "complete: nothing is applied before the numbers are in YAML")
    must("reconciler fix" in asked.out, "the next step is told")
    held = {row["number"]: row["gateway"] for row in _books(show)["numbers"]}
    must({held[e164] for e164 in NUMBERS} == {"sip.example.net:5060"}, "calls come to our gateway")
    rows = show.sql("SELECT name, spec FROM object WHERE kind = 'number'")
    led = {name for name, spec in rows if "ring_group/sales" in spec}
    must(set(NUMBERS) <= led, "and ring where the port says: no caller meets nobody")

    fixed = show.reconciler("fix")
    print(fixed.out)
    must(fixed.status == 0, "fix writes the entries and takes the port out")
    last = show.reconciler("apply", "--yes")
    print(last.out)
    must(last.status == 0, "the numbers are adopted")
    must(set(_states(show).values()) == {"assigned"}, "nothing is quarantined")
    must(show.charges() == list(NUMBERS), "the port was charged once for each number")
    paid = [row for row in _books(show)["charges"] if row["number"] in NUMBERS]
    must(len(paid) == len(NUMBERS), "and nothing was bought")
    must(show.reconciler("plan", "--detailed-exitcode").status == 0, "in sync")
    must(not show.reconciler("ports", "list", "-o", "json").document["ports"], "no port is left")


def _soon() -> str:
    """A day soon after the submission, whatever day that was."""
    return f"{SystemClock().now() + timedelta(days=10):%Y-%m-%d}"


def _secret(show: Show) -> None:
    """What only the carrier is to know stands nowhere else."""
    kept = [path for path in show.root.rglob("*") if path.is_file() and path != show.books]
    texts = [
        path.read_bytes().decode("utf-8", "replace") for path in kept if "sandbox" not in path.parts
    ]
    found = [canary for canary in CANARIES for text in (*texts, *show.said) if canary in text]
    must(not found, "the account number and the PIN are in no output and no file of ours")


def main() -> None:
    """Show it."""
    with project() as show:
        _without_approval(show)
        _under_way(show)
        _complete(show)
        _secret(show)


if __name__ == "__main__":
    main()
