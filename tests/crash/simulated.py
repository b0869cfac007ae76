"""A world in which a process can be killed anywhere: time, carriers, secrets, processes.

Time passes event by event, so that a request that the network delays lands when it should.
What a carrier holds and what it charged is its own record, independent of our journal.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from reconciler.carriers.voicetel.promises import CAPABILITIES
from reconciler.database import Database
from reconciler.database.sqlite import dialect
from reconciler.errors import Unavailable
from reconciler.model.act import PARTINGS, Action
from reconciler.model.address import Address
from reconciler.model.canonical import canonical, digest
from reconciler.model.secret import SecretReference
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Stock
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import (
    NUMBER,
    AccountFacts,
    CallRecords,
    Capabilities,
    CarrierAct,
    Charges,
    Coverage,
    Done,
    Found,
    GeneratedSecret,
    Listing,
    NotChecked,
    NotSent,
    Outcome,
    Prepared,
    Price,
    Refused,
    Request,
    Search,
    SecretValue,
    Unknown,
    Write,
    no_rates,
)
from tests.crash.reused import Reused

START = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST_SECONDS = 0.05
LATE_SECONDS = 1.5


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class VirtualClock:
    """Time that passes only when somebody lets it."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        until = self._seconds + seconds
        while self._events and self._events[0][0] <= until:
            at, _, event = heapq.heappop(self._events)
            self._seconds = max(self._seconds, at)
            event()
        self._seconds = until

    @property
    def is_still(self) -> bool:
        """Whether nothing is to happen by itself."""
        return not self._events

    def later(self, seconds: float, event: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self._seconds + seconds, self._count, event))


SHAPES: Mapping[str, Capabilities] = {
    "keyed": Capabilities(keyed=True, natural_key=False, tells_stock=True),
    "natural": Capabilities(keyed=False, natural_key=True, tells_stock=True),
    "neither": Capabilities(
        keyed=False,
        natural_key=False,
        tells_stock=False,
        deletes_by_id=True,
        with_order=frozenset({"connector"}),
    ),
    "single": Capabilities(keyed=True, natural_key=False, tells_stock=True),
    "account": replace(
        CAPABILITIES,
        fields=frozenset({"connector", "handoff"}),
        with_order=frozenset({"connector", "handoff"}),
        tells=frozenset(),
    ),
    "leaving": Capabilities(keyed=True, natural_key=False, tells_stock=True, removals=PARTINGS),
}
"""Three carriers: one that remembers a key, one with a natural key only, one with neither.

The third deletes by an id that changes when a number is bought again, answers everything
with 200 and a status inside, hands a new number to nobody until it is told where to, and
cannot list what it offers. `single` is the first beside a
platform that writes one operation at a time, in a transaction that is not the journal's.
`account` promises what VoiceTel does, and has things of its own; see `account.py`. `leaving` is
the first again, where all that is done is that a number moves to another account.
"""

SEND_FAULTS = (
    "refused",
    "drop_before",
    "drop_after",
    "late",
    "500_before",
    "502_after",
    "429",
    "garbage",
    "noeffect",
    "lost_race",
    "dup",
)
READ_FAULTS = ("drop_before", "500_before", "garbage", "partial", "empty", "stale")
FAULTS: Mapping[str, tuple[str, ...]] = {"send": SEND_FAULTS, "read": READ_FAULTS}
WRITE_FAULTS = ("before", "after", "noeffect")
RECOVERY_FAULTS = (
    "drop_before",
    "drop_after",
    "late",
    "429",
    "noeffect",
    "garbage",
    "empty",
    "stale",
)
"""What the calls of the recovery meet, whichever they are."""


@dataclass
class Account:
    """What a carrier holds for us and what it charged: it outlives every process of ours."""

    shape: str
    clock: VirtualClock
    owned: dict[str, Holding] = field(default_factory=dict)
    charges: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    keys: dict[str, Outcome] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    writes: int = 0
    write_faults: dict[int, str] = field(default_factory=dict)
    calls: int = 0
    kinds: list[str] = field(default_factory=list)
    """Whether each call was a `read` or a `send`."""
    ids: int = 0
    before_last: dict[str, Holding] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """What else was paid for or made, each time that it was: `gateway HOST`, `brand ID`."""
    may_release: frozenset[str] = frozenset()
    announced: Callable[[str], bool] = lambda key: True
    """Whether a committed journal row announces a request with this key."""

    def facts(self) -> tuple[Any, ...]:
        """All that decides what becomes of the next request, but the faults."""
        bought = (self.owned, self.charges, self.releases, self.ids, sorted(self.may_release))
        return (*bought, self.keys, self.bodies, self.before_last, self.violations)

    def state(self) -> dict[str, Any]:
        """What callers and the bill see of it."""
        return {f"held {e164}": dict(h.spec) for e164, h in self.owned.items()}

    def references(self) -> set[str]:
        """What of it an object of a tenant may point at."""
        return {f"carrier_number/{e164}" for e164 in self.owned}

    def fault(self, kind: str) -> str:
        self.calls += 1
        self.kinds.append(kind)
        return self.faults.get(self.calls, "")

    def hold(self, e164: str, spec: Mapping[str, Any]) -> None:
        self.before_last = dict(self.owned)
        self.ids += 1
        at = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self.owned[e164] = Holding("carrier", f"id-{self.ids}", at, dict(spec))

    def drop(self, e164: str) -> None:
        if e164 not in self.may_release:
            self.violations.append(f"I3: {e164} was released without an approval")
        self.before_last = dict(self.owned)
        del self.owned[e164]
        self.releases.append(e164)


class ScriptedCarrier:
    """A carrier of one of the three shapes, as the product meets it."""

    def __init__(self, account: Account, process: Process) -> None:
        self.connector = "carrier"
        self.allowance = None
        self.capabilities = SHAPES[account.shape]
        self._account = account
        self._process = process

    def account(self) -> str:
        return "account-1"

    def about(self) -> AccountFacts | NotChecked:
        return NotChecked("it is scripted")

    def confirms(self, kind: str, name: str) -> bool | None:
        del kind, name
        return None

    def calls(self, e164s: Collection[str]) -> CallRecords | NotChecked:
        del e164s
        return NotChecked("it is scripted")

    def charges(self) -> Charges | NotChecked:
        return NotChecked("it is scripted")

    def price(self, e164: str, kind: str = NUMBER, rates=no_rates) -> Price | None:
        del kind, rates
        return Price("USD", Decimal("1.00"), Decimal("1.00"))

    def observe(self) -> Listing:
        return self._listing(self._read())

    def _read(self) -> str:
        """Meet a fault of a read of all there is; what leaves nothing to read is raised."""
        self._process.breathe()
        account = self._account
        fault = account.fault("read")
        account.clock.sleep(REQUEST_SECONDS)
        if fault in {"drop_before", "500_before", "garbage", "partial", "refused", "429"}:
            raise Unavailable("The list could not be read.", "Try again later.")
        return fault

    def _listing(self, fault: str) -> Listing:
        account = self._account
        held = account.owned
        if fault == "empty":
            held = {}
        elif fault == "stale":
            held = account.before_last
        return Listing("account-1", dict(held), account.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        self._process.breathe()
        if not self.capabilities.tells_stock:
            return dict.fromkeys(e164s, Stock.UNSAID)
        if self._account.fault("read") in READ_FAULTS:
            raise Unavailable("The inventory could not be read.", "Try again later.")
        self._account.clock.sleep(REQUEST_SECONDS)
        return dict.fromkeys(e164s, Stock.OFFERED)

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        del kind, name, spec
        return ""

    def form(self, kind: str, spec: Spec) -> Spec:
        del kind
        return spec

    def search(self, wanted: Search) -> Found | Refused:
        self._process.breathe()
        if self._account.fault("read") in READ_FAULTS:
            raise Unavailable("The inventory could not be read.", "Try again later.")
        return Found((), complete=False, note=f"Nothing under {wanted.prefix} is scripted.")

    def coverage(self, wanted: Search) -> Coverage | Refused:
        del wanted
        self._process.breathe()
        if self._account.fault("read") in READ_FAULTS:
            raise Unavailable("The inventory could not be read.", "Try again later.")
        return Coverage(())

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        body = canonical({"action": act.action.value, "number": act.e164, "after": act.after})
        return Prepared(act, (Request("POST", "/scripted", body),), digest(body.decode()))

    def send(self, prepared: Prepared, key: str) -> Outcome:
        self._process.breathe()
        account = self._account
        if not account.announced(key):
            account.violations.append("I7: a request left without a committed row")
        body = prepared.requests[0].body
        if account.bodies.setdefault(key, body) != body:
            account.violations.append("I15: one key, two bodies")
        fault = account.fault("send")
        account.clock.sleep(REQUEST_SECONDS)
        return self._faulty(fault, prepared, key)

    def close(self) -> None:
        return

    def _faulty(self, fault: str, prepared: Prepared, key: str) -> Outcome:
        account = self._account
        match fault:
            case "refused":
                return NotSent("connection refused")
            case "429":
                return NotSent("too many requests", 1.0)
            case "drop_before" | "500_before":
                return Unknown("no answer")
            case "drop_after" | "502_after" | "garbage":
                self._process_act(prepared.act, key)
                return Unknown("no answer that can be read")
            case "late":
                account.clock.later(LATE_SECONDS, lambda: self._process_act(prepared.act, key))
                return Unknown("no answer in time")
            case "noeffect":
                made = Done(digest="said yes")
                if self.capabilities.keyed and prepared.act.action is Action.ORDER:
                    account.keys.setdefault(key, made)
                return made
            case "lost_race" if (
                prepared.act.action is Action.ORDER and prepared.act.e164 not in account.owned
            ):
                return Refused("sold to somebody else")
            case "dup":
                first = self._process_act(prepared.act, key)
                if self.capabilities.keyed or self.capabilities.natural_key:
                    self._process_act(prepared.act, key)
                return first
            case _:
                return self._process_act(prepared.act, key)

    def _process_act(self, act: CarrierAct, key: str) -> Outcome:
        account = self._account
        match act.action:
            case Action.ORDER:
                return self._order(act, key)
            case Action.RELEASE | Action.REMOVE | Action.MOVE:
                held = account.owned.get(act.e164)
                named = act.holding.external_id if act.holding else ""
                if held is None or (self.capabilities.deletes_by_id and held.external_id != named):
                    return Unknown("409")
                account.drop(act.e164)
                return Done()
            case _:
                held = account.owned.get(act.e164)
                if held is None:
                    return Unknown("404")
                account.before_last = dict(account.owned)
                account.owned[act.e164] = Holding(
                    held.connector, held.external_id, held.acquired_at, dict(act.after or {})
                )
                return Done()

    def _order(self, act: CarrierAct, key: str) -> Outcome:
        account = self._account
        if self.capabilities.keyed and key in account.keys:
            return account.keys[key]
        if self.capabilities.natural_key and act.e164 in account.owned:
            return Unknown("409: the account has it")
        account.charges.append(act.e164)
        account.hold(act.e164, act.after or {})
        made = Done(account.owned[act.e164].external_id, amount=Decimal("1.00"), currency="USD")
        if self.capabilities.keyed:
            account.keys[key] = made
        return made


class SinglePlatform(SqlPlatform):
    """A platform like one over HTTP: each write stands alone, and its answer may be lost."""

    transactional = False

    def __init__(self, database: Database, account: Account) -> None:
        super().__init__(database)
        self._account = account

    def write(self, writes: Sequence[Write]) -> Outcome:
        assert len(writes) == 1
        self._account.writes += 1
        fault = self._account.write_faults.get(self._account.writes, "")
        if fault == "before":
            return Unknown("no answer")
        if fault == "noeffect":
            return Done(version=1)
        made = super().write(writes)
        return Unknown("no answer") if fault == "after" else made


class PlainSecrets:
    """Secrets without cryptography: sealing is marking, and generated values are counted."""

    def __init__(self, process: Process, made: list[str]) -> None:
        self._process = process
        self._made = made

    def resolve(self, reference: SecretReference, address: Address, field_name: str) -> SecretValue:
        self._process.breathe()
        if reference.generate:
            self._made.append("")
            return SecretValue(f"generated-{len(self._made)}")
        return SecretValue(f"value of {reference.form}")

    def seal(self, value: SecretValue, address: Address, field_name: str) -> str:
        return f"sealed:{address}:{field_name}:{value.reveal()}"

    def open(self, token: str, address: Address, field_name: str) -> SecretValue:
        return SecretValue(token.removeprefix(f"sealed:{address}:{field_name}:"))

    def mac(self, value: SecretValue, address: Address, field_name: str) -> str:
        return digest([str(address), field_name, value.reveal()])

    def require_keys(self) -> None:
        return


class KeptSink:
    """A sink that outlives the process: what was handed out stays handed out."""

    def __init__(self, process: Process, lines: list[tuple[str, str, str]]) -> None:
        self._process = process
        self._lines = lines

    def deliver(self, secrets: Sequence[GeneratedSecret]) -> None:
        self._process.breathe()
        self._lines += [(str(s.address), s.field_name, s.value.reveal()) for s in secrets]


class SimulatedDatabase(Database):
    """The process's connection: dead with it, while what is committed stays."""

    process: Process

    def _run(self, work: Callable[[], Any]) -> Any:
        self.process.breathe()
        return super()._run(work)

    def _begin(self) -> str:
        if self.process.passing is not None:
            self._connection.serialize()  # what is committed can be read no more once it began
        return super()._begin()


@dataclass
class Process:
    """One run of the program, which may be killed or paused at its n-th boundary."""

    name: str
    strike_at: int = 0
    strike: Callable[[str], None] | None = None
    """What happens at that boundary; None kills."""
    boundaries: list[str] = field(default_factory=list)
    dead: bool = False
    passing: Callable[[], None] | None = None
    """Called at every boundary."""

    def breathe(self) -> None:
        if self.dead:
            raise Killed

    def checkpoint(self, name: str) -> None:
        self.breathe()
        self.boundaries.append(name)
        if self.passing is not None:
            self.passing()
        if len(self.boundaries) == self.strike_at:
            if self.strike is not None:
                self.strike(name)
            else:
                self.dead = True
                raise Killed


Connection = sqlite3.Connection | Reused


def open_connection(content: bytes | None) -> Connection:
    """A database in memory with the content of a prepared one."""
    if content is not None:
        return Reused(content)
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def database_of(connection: Connection, process: Process) -> SimulatedDatabase:
    made = SimulatedDatabase(connection, dialect(":memory:"), process.checkpoint)
    made.process = process
    return made
