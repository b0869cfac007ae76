"""Real processes, real `kill -9` at random moments, against a sandbox on loopback.

    python -m tests.crash.kill [--count N] [--seed S]

Each case: a new project, an `apply` that buys numbers and is killed at a random moment, and
an `apply` again at once. Then all must be in sync and each number charged once, by the
sandbox's own record, which another process keeps.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import reconciler.carriers.voicetel
import reconciler.cli.apply
import reconciler.cli.plan
import reconciler.cli.secrets  # noqa: F401 - loaded before the forks, so that kills meet work
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import run
from reconciler.sandbox import serve

NUMBERS = tuple(f"+1617555{line:04}" for line in range(100, 104))

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  carrier:
    kind: voicetel
    sandbox: true
    url: {url}
    credentials: {{api_key: {{env: CARRIER_KEY}}}}
    numbers: {{handoff: pbx}}
    gateways: {{pbx: {{host: "sip.example.net:5060"}}}}
secrets:
  keys: [{{file: keys/fernet}}]
  mac_key: {{file: keys/mac}}
  sink: {{file: .reconciler/generated.ndjson}}
"""

TENANT = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
country: US
dialplan: {emergency: {notify: [extension/4201]}}
locations:
  office:
    {caller_name: Acme, street: 1 Main St, unit: Floor 1,
     city: Boston, region: MA, postcode: "02110", country: US}
extensions:
  "4201": {name: Desk 1, location: office, devices: {desk: {}}}
  "4202": {name: Desk 2, location: office, devices: {desk: {}}}
ring_groups:
  sales:
    pilot: "6000"
    members: [extension/4201, extension/4202]
    overflow: {after: 40s, to: external/+12125550188}
numbers:
"""
TENANT += "".join(f'  "{e164}": {{connector: carrier, to: ring_group/sales}}\n' for e164 in NUMBERS)

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "CARRIER_KEY": "sandbox"}


def forked(work: Callable[[], int]) -> int:
    """Run `work` in a process of its own, silently; its id."""
    pid = os.fork()
    if pid:
        return pid
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    status = 1
    try:
        status = work()
    finally:
        os._exit(status)


def sandbox(path: Path) -> tuple[int, str]:
    """Serve a sandbox in a process of its own; its id and its URL."""
    reader, writer = os.pipe()

    def work() -> int:
        app = serve.open_sandbox(path, ["sip.example.net:5060"], clock=SystemClock())
        server = serve.serve(app)
        os.write(writer, server.url.encode())
        os.close(writer)
        server.wait()
        return 0

    pid = forked(work)
    os.close(writer)
    url = os.read(reader, 200).decode()
    os.close(reader)
    return pid, url


def project(folder: Path, url: str) -> None:
    """Write a project with one tenant and its keys."""
    (folder / "tenants").mkdir()
    (folder / "reconciler.yaml").write_text(PROJECT.format(url=url))
    (folder / "tenants/acme.yaml").write_text(TENANT)
    if os.waitpid(forked(lambda: command(folder, "secrets", "keygen", "--into", "keys")), 0)[1]:
        raise SystemExit("keygen failed")


def command(folder: Path, *arguments: str) -> int:
    """Run one command."""
    return run(list(arguments), ENVIRONMENT, folder)


def case(moment: float) -> tuple[list[str], str]:
    """Kill one apply after `moment` seconds; what was charged, and what does not hold."""
    with tempfile.TemporaryDirectory(prefix="reconciler-kill-") as name:
        folder = Path(name)
        ledger = folder / "carrier.db"
        server, url = sandbox(ledger)
        try:
            project(folder, url)
            pid = forked(lambda: command(folder, "apply", "--yes"))
            time.sleep(moment)  # noqa: TID251 - a real moment for a real kill
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            again = os.waitpid(forked(lambda: command(folder, "apply", "--yes")), 0)[1]
            plan = forked(lambda: command(folder, "plan", "--detailed-exitcode"))
            in_sync = os.waitpid(plan, 0)[1]
            charged = [f"+1{charge.tn}" for charge in serve.ledger(ledger)]
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)
    return charged, _verdict(
        charged, os.waitstatus_to_exitcode(again), os.waitstatus_to_exitcode(in_sync)
    )


def _verdict(charged: list[str], again: int, in_sync: int) -> str:
    if again:
        return f"the second apply ended with {again}"
    if in_sync:
        return f"not in sync: plan ended with {in_sync}"
    if Counter(charged) != Counter(NUMBERS):
        return f"charged {sorted(Counter(charged).items())}"
    return ""


def main() -> int:
    """Run all cases; print the charges."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    started = time.perf_counter()
    length = clean_seconds()
    charges: Counter[str] = Counter()
    failed = 0
    for n in range(options.count):
        moment = chance.uniform(0.0, length * 1.1)
        charged, wrong = case(moment)
        charges.update(charged)
        if wrong:
            failed += 1
            print(f"case {n}, killed after {moment:.3f} s: {wrong}")
    print(
        f"{options.count} applies killed between 0 and {length * 1.1:.2f} s, in "
        f"{time.perf_counter() - started:.0f} s (seed {options.seed})"
    )
    for number, count in sorted(charges.items()):
        print(f"  {number} was charged {count} times in {options.count} cases")
    print(f"{failed} violations")
    return 1 if failed else 0


def clean_seconds() -> float:
    """How long an apply takes that nobody kills."""
    with tempfile.TemporaryDirectory(prefix="reconciler-kill-") as name:
        folder = Path(name)
        server, url = sandbox(folder / "carrier.db")
        try:
            project(folder, url)
            started = time.perf_counter()
            status = os.waitpid(forked(lambda: command(folder, "apply", "--yes")), 0)[1]
            if status:
                raise SystemExit(f"a clean apply ended with {os.waitstatus_to_exitcode(status)}")
            return time.perf_counter() - started
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)


if __name__ == "__main__":
    sys.exit(main())
