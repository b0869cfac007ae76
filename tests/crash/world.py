"""One tenant in the simulated world, driven the way `reconciler apply` drives it."""

from __future__ import annotations

import contextlib
import hashlib
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import cache, lru_cache, partial
from typing import Any

from reconciler.apply.edges import Edges
from reconciler.apply.run import Options, apply_plan, recover_tenant
from reconciler.cli.accounts import left_at
from reconciler.engine.plan import Envelope, Operation, Plan
from reconciler.errors import ReconcilerError
from reconciler.kinds import KINDS
from reconciler.ledger.sql import SqlLedger
from reconciler.model.address import parse_address
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import HeldLease, State
from tests.crash.account import WholeAccount, WholeCarrier
from tests.crash.invariants import Last, dangling, state_of, violated
from tests.crash.scripts import ACCOUNT, BYSTANDER, CONNECTOR, DAY_SECONDS, RELEASED, Git, script
from tests.crash.simulated import (
    SHAPES,
    Account,
    Connection,
    KeptSink,
    Killed,
    PlainSecrets,
    Process,
    ScriptedCarrier,
    SinglePlatform,
    VirtualClock,
    database_of,
    open_connection,
)
from tests.plans import make_plan

PASSES = 14
"""How many applies may be needed until everything is quiet (liveness)."""

SOON = 3
"""How many of them follow at once; then time passes, and a person looks what became of things."""


@dataclass
class World:
    """A database, a carrier account and time: what outlives processes."""

    shape: str
    connection: Connection
    clock: VirtualClock
    account: Account
    made: list[str] = field(default_factory=list)
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    processes: int = 0
    killed: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    paused: bool = False
    """A process was paused and went on: it may send in the gap that no lease closes."""

    def process(self, **strike: Any) -> Process:
        self.processes += 1
        return Process(f"process-{self.processes}", **strike)

    def plant(self, call: int, fault: str) -> None:
        """Let a call of the carrier, or a write of a platform that writes singly, meet a fault."""
        faults = self.account.write_faults if self.shape == "single" else self.account.faults
        if call:
            faults[call] = fault

    def met(self) -> int:
        """How many of what can meet a fault there have been."""
        return self.account.writes if self.shape == "single" else self.account.calls

    def carrier(self, process: Process, want: Git, ledger: SqlLedger) -> ScriptedCarrier:
        """The account, opened with what git says of it and the last apply left there."""
        if isinstance(self.account, WholeAccount):
            return WholeCarrier(self.account, process, want.hosts, left_at(ledger, CONNECTOR))
        return ScriptedCarrier(self.account, process)

    def edges(self, process: Process, want: Git | None = None) -> Edges:
        database = database_of(self.connection, process)
        single = self.shape == "single"
        platform = SinglePlatform(database, self.account) if single else SqlPlatform(database)
        want = want or script(self.shape).now
        ledger = SqlLedger(database, self.clock, "jo@host", dead=lambda owner: owner in self.killed)
        return Edges(
            platform=platform,
            carriers={CONNECTOR: self.carrier(process, want, ledger)},
            ledger=ledger,
            clock=self.clock,
            kinds=KINDS,
            who="jo@host",
            owner=process.name,
            shares_database=not single,
            secrets=PlainSecrets(process, self.made),
            sink=KeptSink(process, self.lines),
            checkpoint=process.checkpoint,
            new_id=lambda: f"run-{process.name}",
        )

    def apply(self, want: Git, process: Process) -> Last | None:
        """Run `reconciler apply` once in a process; None when it was killed or stopped."""
        try:
            return self._apply(want, process)
        except Killed:
            self.killed.add(process.name)
            return None
        except ReconcilerError:
            return None  # a clear error of this pass; the next one goes on
        finally:
            process.dead = True
            if self.connection.in_transaction:
                self.connection.rollback()
            self.problems += dangling(self)

    def _apply(self, want: Git, process: Process) -> Last:
        edges = self.edges(process, want)
        accounts = Accounts(edges.carriers, edges.ledger, edges.clock)
        options = Options(
            approvals=script(self.shape).approvals, still_wanted=lambda op: _wanted(want, op)
        )
        for part in want.parts:
            recover_tenant(edges, part.tenant, options, accounts, f"recover-{process.name}")
        plan = self.plan(want, edges, accounts, process.name)
        return plan, apply_plan(edges, plan, options, accounts)

    def plan(self, want: Git, edges: Edges, accounts: Accounts, plan_id: str) -> Plan:
        sources = Sources(edges.platform, edges.ledger, edges.carriers, self.clock, KINDS)
        now = self.clock.now()
        envelope = Envelope(
            plan_id=plan_id,
            lineage=edges.ledger.lineage(),
            serial=edges.ledger.serial(),
            created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            expires=f"{now + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}",
        )
        of_account = {CONNECTOR: want.account} if want.account is not None else {}
        return make_plan(
            sources, [want.tenant], accounts, Policy(partings=want.partings), envelope, of_account
        )

    def settle(self, want: Git) -> Last | None:
        """Apply until it is quiet, letting more and more time pass; the last plan and report."""
        last = None
        for attempt in range(PASSES):
            last = self.apply(want, self.process())
            if last is not None and self.is_quiet(last) and not self.is_left_to_a_person():
                return last
            self.clock.sleep(2.0 if attempt < SOON else 16 * 60.0)
            if attempt >= SOON and isinstance(self.account, WholeAccount):
                self.look(self.account)
        self.problems.append(f"I6: not quiet after {PASSES} applies: {_told(last)}")
        return last

    def look(self, account: WholeAccount) -> None:
        """Let a person settle what no listing ever tells, by what the carrier knows."""
        ledger = self.edges(self.process()).ledger
        for row in ledger.open_operations(ACCOUNT):
            if row.state is not State.PARKED or row.address.kind != "brand":
                continue
            after = Operation.model_validate_json(row.body).after or {}
            scopes, run = (f"tenant/{ACCOUNT}",), row.run_id
            lease = ledger.take(scopes, owner="a person", run_id=run, ttl_seconds=60.0)
            if isinstance(lease, HeldLease):
                return  # somebody alive works on it: a person comes back later
            with ledger.transaction(lease, "settle") as journal:
                if f"brand {after['id']}" in account.made:
                    journal.move(row.op_id, State.VERIFIED, "settled: it is registered")
                    journal.applied(row.address, after, {})
                else:
                    journal.move(row.op_id, State.FAILED, "settled: it is not registered")
            ledger.give_back(lease)

    def is_left_to_a_person(self) -> bool:
        """Whether something is parked that a person comes to settle; see `look`."""
        return isinstance(self.account, WholeAccount) and bool(self.parked())

    def is_quiet(self, last: Last) -> bool:
        """Whether nothing is open and nothing is left to do, but for what a person must settle."""
        plan, _ = last
        open_rows = self.rows("state NOT IN ('verified', 'failed', 'parked')")
        approved = script(self.shape).approvals
        left = any(o.approval in {"", *approved} for part in plan.parts for o in part.operations)
        blind = any(h.what == "unchecked" for part in plan.parts for h in part.held)
        return not open_rows and not left and not blind

    def mark(self) -> str:
        """A digest of all that decides what happens from here; "" while something is under way."""
        account = self.account
        if not self.clock.is_still or self.connection.in_transaction:
            return ""
        facts = {
            "self": (self.shape, self.made, self.lines, self.processes, sorted(self.killed)),
            "said": (self.problems, self.paused, self.clock.monotonic()),
            "account": account.facts(),
            "faults": {
                n - account.calls: f for n, f in account.faults.items() if n > account.calls
            },
            "writes": {
                n - account.writes: f for n, f in account.write_faults.items() if n > account.writes
            },
        }
        content = self.connection.serialize()
        for (drawn,) in self.connection.execute("SELECT nonce FROM lease WHERE nonce <> ''"):
            content = content.replace(drawn.encode(), b"any")  # looked at by people only
        return hashlib.sha256(repr(facts).encode() + content).hexdigest()

    def parked(self) -> int:
        return len(self.rows("state = 'parked'"))

    def rows(self, where: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(
            f"SELECT op_id, state, action, address FROM operation WHERE {where}"
        ).fetchall()


def _wanted(want: Git, operation: Operation) -> bool:
    address = parse_address(operation.address)
    there = want.tenant.objects.get(address) if address is not None else None
    return there is not None and dict(there.spec) == operation.after


def _told(last: Last | None) -> str:
    if last is None:
        return "stopped"
    plan, report = last
    planned = [f"{o.action} {o.address}" for part in plan.parts for o in part.operations]
    held = [f"{h.what} {h.address}" for part in plan.parts for h in part.held]
    results = [f"{r.status} {r.address} {r.note}" for p in report.parts for r in p.results]
    return f"planned {planned}, held {held}, results {results}, {[p.detail for p in report.parts]}"


@cache
def prepared(shape: str) -> Moment:
    """The world before the run under test: what is long in quarantine may go by now."""
    world, play = fresh(shape), script(shape)
    handoff = "theirs.example.net:5060" if shape == "account" else "pbx"
    world.account.hold(BYSTANDER, {"connector": CONNECTOR, "handoff": handoff})
    for want in play.past:
        last = world.settle(want)
        assert last is not None, world.problems
        assert not world.problems, world.problems
        world.clock.sleep(play.days * DAY_SECONDS)
    moment = _moment(world)
    assert moment is not None
    return moment


def fresh(shape: str) -> World:
    """A world in which nothing was done yet."""
    clock = VirtualClock()
    sort = WholeAccount if shape == "account" else Account
    world = World(shape, open_connection(None), clock, sort(shape, clock))
    world.edges(world.process())
    _attach(world.account, world.connection)
    return world


def _attach(account: Account, connection: Connection) -> None:
    """Let the account look into the records of its own world, and keep no world alive by that."""
    account.announced = partial(_is_announced, connection)
    if isinstance(account, WholeAccount):
        account.unfinished = partial(_unfinished, connection)


def _is_announced(connection: Connection, key: str) -> bool:
    """Whether there is a committed row."""
    if connection.in_transaction:
        return False
    found = connection.execute(
        "SELECT count(*) FROM operation WHERE idem_key = ?", (key,)
    ).fetchone()
    return bool(found[0])


def _unfinished(connection: Connection) -> list[str]:
    """Of the run that removes something, and of those before, what is not as it should be."""
    before = "part NOT LIKE '%:removals'"
    newest = "run_id = (SELECT run_id FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1)"
    over = f"state = 'verified' OR (state = 'failed' AND NOT {newest})"
    rows = connection.execute(
        f"SELECT address FROM operation WHERE {before} AND NOT ({over})"
    ).fetchall()
    return [address for (address,) in rows]


def ready(shape: str) -> World:
    """A new copy of the prepared world."""
    world = prepared(shape).world()
    world.processes = 1000
    account = world.account
    for kept in (account.charges, account.kinds, account.keys, account.bodies):
        kept.clear()
    account.calls = account.writes = 0
    account.before_last = dict(account.owned)
    account.may_release = frozenset({RELEASED})
    if isinstance(account, WholeAccount):
        account.made.clear()
        account.remember()
    return world


@dataclass(frozen=True)
class Moment:
    """What a process leaves that is killed right there, or that has come to its end."""

    left: World
    """Its connection is the one of the world that went on, and is not used."""
    content: bytes

    def world(self) -> World:
        """A world that goes on from here: nothing in it changes another one."""
        clock = VirtualClock()
        clock.sleep(self.left.clock.monotonic())
        account = replace(self.left.account, **_copies(self.left.account), clock=clock)
        connection = open_connection(self.content)
        made = replace(
            self.left, **_copies(self.left), clock=clock, account=account, connection=connection
        )
        _attach(account, connection)
        made.problems += dangling(made)
        return made


def _moment(world: World, killed: frozenset[str] = frozenset()) -> Moment | None:
    """The world as it is now; None while something is on its way that would arrive in this one.

    What is not committed is not in it: the content is that of the database, not of the
    connection that writes.
    """
    if not world.clock.is_still:
        return None
    clock = VirtualClock()
    clock.sleep(world.clock.monotonic())
    account = replace(world.account, **_copies(world.account), clock=clock)
    left = replace(world, **_copies(world) | {"killed": world.killed | killed}, account=account)
    return Moment(replace(left, clock=clock), world.connection.serialize())


def _copies(value: Any) -> dict[str, Any]:
    """The lists, dictionaries and sets of a dataclass by their names, each copied."""
    held = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: copy(one) for name, one in held.items() if isinstance(one, list | dict | set)}


@lru_cache(maxsize=len(SHAPES) + 2)
def moments(shape: str, call: int = 0, fault: str = "") -> list[Moment | None]:
    """What a process leaves that meets this fault, by the boundary at which it is killed.

    One run passes all boundaries, so that none is run towards twice; first stands what it
    leaves when nothing kills it.
    """
    world = ready(shape)
    process = world.process()
    world.plant(call, fault)
    passed: list[Moment | None] = []
    process.passing = lambda: passed.append(_moment(world, frozenset({process.name})))
    world.apply(script(shape).now, process)
    world.problems.clear()  # told of what it leaves when that is gone on from
    return [_moment(world), *passed]


def check(world: World, last: Last | None) -> list[str]:
    """Every invariant that can be read off at the end."""
    return [*violated(world, last, unbroken(world.shape))]


@cache
def unbroken(shape: str) -> dict[str, Any]:
    """The state after a run that nothing disturbs."""
    world = ready(shape)
    last = world.settle(script(shape).now)
    problems = [*world.problems, *world.account.violations]
    assert last is not None, "the clean run was stopped"
    assert not problems, problems
    return state_of(world)


@cache
def clean_run(shape: str) -> tuple[list[str], list[str], int]:
    """What a run passes that nothing disturbs: boundaries, sorts of calls, platform writes."""
    world = ready(shape)
    process = world.process()
    with contextlib.suppress(Killed):
        world.apply(script(shape).now, process)
    return process.boundaries, world.account.kinds, world.account.writes
