"""Real processes, real `kill -9` at random moments, against a sandbox on loopback.

    python -m tests.crash.kill [--count N] [--seed S] [--carrier NAME] [--account] [--waiting]

Each case: a new project, an `apply` that buys numbers and is killed at a random moment, and
an `apply` again at once. Then all must be in sync and each number charged once, by the
sandbox's own record, which another process keeps. With `--waiting` the carrier keeps the first
order and lets its answer wait, so that most kills fall between the two.

With `--account` (VoiceTel only) there was an apply before, that nobody killed. The one that is
killed replaces the gateway, moves that number and buys others, registers an emergency address
for each and submits a port. The sandbox takes the same gateway twice then, and it is the answer
to the port that waits.

A carrier that remembers no key makes the second `apply` end with 8 where the first was killed
between the journal and the request: then time is let pass, and it is applied again. So it is
where nobody knows whether a gateway was made, or a port submitted.
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
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import reconciler.carriers.dial9
import reconciler.carriers.voicetel
import reconciler.cli.apply
import reconciler.cli.plan
import reconciler.cli.secrets  # noqa: F401 - loaded before the forks, so that kills meet work
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import run
from reconciler.errors import Exit
from reconciler.sandbox import desk, serve
from reconciler.sandbox.books import Fault
from reconciler.sandbox.control import add_gateways
from reconciler.sandbox.store import Store

WAIT_SECONDS = 1.5
"""How long the carrier lets the first answer wait."""

SETTLE = timedelta(minutes=16)
PASSES = 4
"""How often it is applied again until an unknown order is settled."""


@dataclass(frozen=True)
class Carrier:
    """A carrier to kill applies at.

    Attributes:
        kind: What it is.
        section: Its connector's section.
        numbers: The numbers to buy; where something was applied before, the first by that.
        orders: Where it takes orders, or what else is to wait.
        former: The connector's section that was applied before; "" for nothing.
        entry: What more each number's entry says.
        more: What more the tenant has.
        approvals: What is approved.
        ported: Numbers that a port is paid for.
    """

    kind: str
    section: str
    numbers: tuple[str, ...]
    orders: str
    former: str = ""
    entry: str = ""
    more: str = ""
    approvals: tuple[str, ...] = ()
    ported: tuple[str, ...] = ()

    @property
    def apply(self) -> tuple[str, ...]:
        """The command that is killed."""
        return ("apply", "--yes", *(f"--approve={one}" for one in self.approvals))


HOST = "sip.example.net:5060"

CARRIERS = {
    "voicetel": Carrier(
        "voicetel",
        f"""\
    credentials: {{api_key: {{env: CARRIER_KEY}}}}
    numbers: {{handoff: pbx}}
    gateways: {{pbx: {{host: "{HOST}"}}}}
""",
        tuple(f"+1617555{line:04}" for line in range(100, 104)),
        "/v2.2/orders",
    ),
    **{
        f"dial9-{edition}": Carrier(
            "dial9",
            f"""\
    edition: {edition}
    credentials: {{token: {{env: CARRIER_KEY}}, secret: {{env: CARRIER_KEY}}}}
    numbers: {{handoff: {{type: Extension, name: pbx-trunk}}}}
""",
            tuple(f"+442079460{line:03}" for line in range(100, 104)),
            "/api/v2/numbers/acquire",
            entry=", location: london",
        )
        for edition in ("telcom", "connect")
    },
}

GATEWAY = """\
    credentials: {api_key: {env: CARRIER_KEY}}
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "HOST"}}
"""
OLD, NEW = "old.example.net:5060", "new.example.net:5060"

ACCOUNT = replace(
    CARRIERS["voicetel"],
    section=GATEWAY.replace("HOST", NEW),
    former=GATEWAY.replace("HOST", OLD),
    orders="/v2.2/ports",
    entry=", location: office",
    approvals=("port:acme/move",),
    ported=("+16175550150", "+16175550151"),
    more="""\
ports:
  move:
    connector: carrier
    numbers: ["+16175550150", "+16175550151"]
    to: ring_group/sales
    subscriber: {name: Acme, street_number: "1", street: Main, street_type: ST, city: Boston,
                 region: MA, postcode: "02110", country: US}
    authorized_by: Jo Doe
    losing_carrier: {billing_number: "+16175550150", account: {env: PORT_ACCOUNT}}
""",
)

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  carrier:
    kind: {kind}
    sandbox: true
    url: {url}
{section}secrets:
  keys: [{{file: keys/fernet}}]
  mac_key: {{file: keys/mac}}
  sink: {{file: .reconciler/generated.ndjson}}
  allow: {{env: [PORT_ACCOUNT]}}
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
  london:
    {caller_name: Acme, street: 14 Inkhorn Lane, city: London, postcode: EC4A 2QL, country: GB}
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

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "CARRIER_KEY": "sandbox", "PORT_ACCOUNT": "7714203"}


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


@dataclass(frozen=True)
class LaterClock(SystemClock):
    """The machine's clock, ahead of itself."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def opening(carrier: Carrier) -> dict[str, object]:
    """What the carrier's sandbox is opened with."""
    edition = carrier.section.partition("edition: ")[2].partition("\n")[0]
    trunk = {"handoff": {"type": "Extension", "name": "pbx-trunk"}}
    gateways = {"pbx": {"host": HOST}}
    return {"edition": edition, "numbers": trunk} if edition else {"gateways": gateways}


def sandbox(carrier: Carrier, path: Path) -> tuple[int, str]:
    """Serve a sandbox in a process of its own; its id and its URL."""
    reader, writer = os.pipe()

    def work() -> int:
        app = desk.find(carrier.kind).open(path, opening(carrier), SystemClock())
        server = serve.serve(app)
        os.write(writer, f"{server.url}{desk.find(carrier.kind).base}".encode())
        os.close(writer)
        server.wait()
        return 0

    pid = forked(work)
    os.close(writer)
    url = os.read(reader, 200).decode()
    os.close(reader)
    return pid, url


def project(carrier: Carrier, folder: Path, url: str) -> None:
    """Write a project with one tenant and its keys, and apply what was there before."""
    (folder / "tenants").mkdir()
    if os.waitpid(forked(lambda: command(folder, "secrets", "keygen", "--into", "keys")), 0)[1]:
        raise SystemExit("keygen failed")
    if carrier.former:
        before = replace(carrier, section=carrier.former, numbers=carrier.numbers[:1], more="")
        write(replace(before, entry=""), folder, url)
        if status := ended(lambda: command(folder, "apply", "--yes")):
            raise SystemExit(f"the apply before ended with {status}")
    write(carrier, folder, url)


def write(carrier: Carrier, folder: Path, url: str) -> None:
    """Write what git says."""
    text = PROJECT.format(kind=carrier.kind, section=carrier.section, url=url)
    (folder / "reconciler.yaml").write_text(text)
    lines = [
        f'  "{e164}": {{connector: carrier, to: ring_group/sales{carrier.entry}}}\n'
        for e164 in carrier.numbers
    ]
    (folder / "tenants/acme.yaml").write_text("".join((TENANT, *lines, carrier.more)))


def command(folder: Path, *arguments: str, ahead: timedelta = timedelta()) -> int:
    """Run one command."""
    return run(list(arguments), ENVIRONMENT, folder, LaterClock(ahead))


def ended(work: Callable[[], int]) -> int:
    """Run `work` in a process of its own; its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(forked(work), 0)[1])


def case(carrier: Carrier, moment: float, *, waiting: bool) -> tuple[list[str], str]:
    """Kill one apply after `moment` seconds; what was charged, and what does not hold."""
    with tempfile.TemporaryDirectory(prefix="reconciler-kill-") as name:
        folder = Path(name)
        ledger = folder / "carrier.db"
        server, url = sandbox(carrier, ledger)
        try:
            _set_up(carrier, ledger)
            project(carrier, folder, url)
            if waiting:
                late = Fault("slow", path=carrier.orders, after=True, seconds=WAIT_SECONDS)
                desk.find(carrier.kind).fault(ledger, late)
            pid = forked(lambda: command(folder, *carrier.apply))
            time.sleep(moment)  # noqa: TID251 - a real moment for a real kill
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            again, ahead = _settled(carrier, folder, ledger)
            in_sync = ended(lambda: command(folder, "plan", "--detailed-exitcode", ahead=ahead))
            charged = [row["number"] for row in desk.find(carrier.kind).books(ledger)["charges"]]
            wrong = _verdict(carrier, charged, again, in_sync) or _at_account(carrier, ledger)
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)
    return charged, wrong


def _set_up(carrier: Carrier, ledger: Path) -> None:
    """Have the gateway there already, or let the account take one twice.

    Whether a gateway was made whose answer was lost is known a settle window later only (ADR 19).
    Where the next apply has to end all at once, numbers are handed to one that was there before.
    """
    if carrier.kind != "voicetel":
        return
    with closing(Store(str(ledger))) as store:
        if carrier.former:
            store.change_setting("gateway_twice", True)
        else:
            add_gateways(store, [HOST])


def _at_account(carrier: Carrier, ledger: Path) -> str:
    """What is not at the account as git says it; "" for nothing."""
    if not carrier.former:
        return ""
    with closing(Store(str(ledger))) as store:
        hosts = {row.id: row.host for row in store.gateways() if not row.system}
        routes = {one.tn: hosts.get(one.route, "nowhere") for one in store.numbers()}
        records, ports = store.records.all("e911"), store.records.all("port")
    wanted = {e164.removeprefix("+1") for e164 in carrier.numbers}
    # The old one stays while a port is open that was sent before the plan that removes it.
    if sorted(hosts.values()) not in ([NEW], [NEW, OLD]):
        return f"gateways {sorted(hosts.values())}"
    if routes != dict.fromkeys(wanted, NEW):
        return f"handed to {routes}"
    if records.keys() != wanted:
        return f"emergency records of {sorted(records)}"
    return "" if len(ports) == 1 else f"{len(ports)} ports"


def _settled(carrier: Carrier, folder: Path, ledger: Path) -> tuple[int, timedelta]:
    """Apply again, letting time pass while an order is unknown; the last status, and the time."""
    ahead = timedelta()
    for _ in range(PASSES):
        later = ahead
        status = ended(lambda: command(folder, *carrier.apply, ahead=later))  # noqa: B023 - now
        if status not in {Exit.UNKNOWN, *((Exit.INCOMPLETE,) if carrier.former else ())}:
            break
        ahead += SETTLE
        store = desk.find(carrier.kind).store(str(ledger))
        store.change_setting("clock_offset_seconds", ahead.total_seconds())
        store.close()
    return status, ahead


def _verdict(carrier: Carrier, charged: list[str], again: int, in_sync: int) -> str:
    if again:
        return f"the second apply ended with {again}"
    if in_sync:
        return f"not in sync: plan ended with {in_sync}"
    if Counter(charged) != Counter((*carrier.numbers, *carrier.ported)):
        return f"charged {sorted(Counter(charged).items())}"
    return ""


def main() -> int:
    """Run all cases; print the charges."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--carrier", choices=CARRIERS, default="voicetel")
    parser.add_argument("--account", action="store_true", help="a gateway, addresses and a port")
    parser.add_argument("--waiting", action="store_true")
    options = parser.parse_args()
    if options.account and options.carrier != "voicetel":
        parser.error("--account is for voicetel: Dial 9 has neither gateways nor ports")
    carrier = ACCOUNT if options.account else CARRIERS[options.carrier]
    chance = random.Random(options.seed)
    started = time.perf_counter()
    length = clean_seconds(carrier) + (WAIT_SECONDS if options.waiting else 0.0)
    charges: Counter[str] = Counter()
    failed = 0
    for n in range(options.count):
        moment = chance.uniform(0.0, length * 1.1)
        charged, wrong = case(carrier, moment, waiting=options.waiting)
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


def clean_seconds(carrier: Carrier) -> float:
    """How long an apply takes that nobody kills."""
    with tempfile.TemporaryDirectory(prefix="reconciler-kill-") as name:
        folder = Path(name)
        server, url = sandbox(carrier, folder / "carrier.db")
        try:
            _set_up(carrier, folder / "carrier.db")
            project(carrier, folder, url)
            started = time.perf_counter()
            if status := ended(lambda: command(folder, *carrier.apply)):
                raise SystemExit(f"a clean apply ended with {status}")
            return time.perf_counter() - started
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)


if __name__ == "__main__":
    sys.exit(main())
