"""One tenant in the simulated world, driven the way `reconciler apply` drives it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import cache, lru_cache, partial
from typing import Any

from reconciler.apply.edges import Edges
from reconciler.apply.report import Report
from reconciler.apply.run import Options, apply_plan, recover_tenant
from reconciler.engine.plan import Envelope, Operation, Plan
from reconciler.engine.steps import Pointers
from reconciler.errors import Location, ReconcilerError
from reconciler.kinds import KINDS
from reconciler.ledger.sql import SqlLedger
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import digest
from reconciler.model.state import DesiredTenant, Wanted
from reconciler.model.supply import Holding
from reconciler.model.tenant import TenantHeader
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources
from reconciler.platform.sql import SqlPlatform
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

TENANT = "acme"
KEPT, LEAVING, RELEASED, NEW, OTHER_NEW, BYSTANDER = (
    "+12015550100",
    "+12015550101",
    "+12015550102",
    "+12015550103",
    "+12015550104",
    "+12015550199",
)
APPROVAL = f"release:{RELEASED}"
PASSES = 14
"""How many applies may be needed until everything is quiet (liveness)."""

Entries = Mapping[str, Mapping[str, Any]]


def desired(entries: Entries, **was: str) -> DesiredTenant:
    """A tenant from `kind/name: fields`, typed by its kinds; `kind__name` was another name."""
    header = TenantHeader.model_validate(
        {"schema": "1", "tenant": TENANT, "name": "Acme", "timezone": "America/New_York"}
    )
    place = Location("tenants/acme.yaml", 1, 1)
    objects = {}
    for reference, values in entries.items():
        kind, name = reference.split("/")
        address = Address(TENANT, kind, name)
        resource = KINDS[kind].model_validate(dict(values))
        spec = resource.spec()
        under = KINDS[kind].folded_under(spec)
        entry = address._replace(kind=under) if under else address
        old = was.get(f"{kind}__{name}")
        former = address._replace(name=old) if old else None
        objects[address] = Wanted(resource, spec, place, entry, former)
    return DesiredTenant(TENANT, header, objects, place)


def number(to: str, handoff: str = "pbx") -> tuple[dict[str, Any], dict[str, Any]]:
    return {"to": to, "connector": "carrier"}, {"connector": "carrier", "handoff": handoff}


def entries(numbers: Mapping[str, tuple[str, str]], **objects: Mapping[str, Any]) -> Entries:
    made: dict[str, Mapping[str, Any]] = {
        key.replace("__", "/"): value for key, value in objects.items()
    }
    for e164, (to, handoff) in numbers.items():
        platform, carrier = number(to, handoff)
        made[f"carrier_number/{e164}"] = carrier
        made[f"number/{e164}"] = platform
    return made


@cache
def before() -> DesiredTenant:
    """What was applied long ago: three numbers, one group, one extension."""
    base = entries(
        {
            KEPT: ("ring_group/sales", "old"),
            LEAVING: ("extension/101", "pbx"),
        }
    )
    return desired(
        {
            **base,
            "extension/101": {"name": "Desk 1"},
            "ring_group/sales": {"pilot": "600", "members": ["extension/101"]},
        }
    )


@cache
def after() -> DesiredTenant:
    """What git says now: two numbers more, one less, a hand-off changed, a group renamed too.

    Two devices make secrets, which are handed out together.
    """
    base = entries(
        {
            KEPT: ("ring_group/front", "pbx"),
            NEW: ("ring_group/front", "pbx"),
            OTHER_NEW: ("extension/102", "pbx"),
        }
    )
    return desired(
        {
            **base,
            "extension/101": {"name": "Desk 1"},
            "extension/102": {"name": "Desk 2"},
            "device/102-desk": {"kind": "desk"},
            "device/102-soft": {"kind": "softphone"},
            "ring_group/front": {"pilot": "601", "members": ["extension/101", "extension/102"]},
        },
        ring_group__front="sales",
    )


@cache
def first() -> DesiredTenant:
    """The very first state: with the number that is long in quarantine by now."""
    base = dict(before().objects)
    more = desired(entries({RELEASED: ("extension/101", "pbx")}, extension__101={"name": "Desk 1"}))
    return DesiredTenant(TENANT, before().header, {**more.objects, **base}, before().location)


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

    def edges(self, process: Process) -> Edges:
        database = database_of(self.connection, process)
        single = self.shape == "single"
        platform = SinglePlatform(database, self.account) if single else SqlPlatform(database)
        ledger = SqlLedger(database, self.clock, "jo@host", dead=lambda owner: owner in self.killed)
        return Edges(
            platform=platform,
            carriers={"carrier": ScriptedCarrier(self.account, process)},
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

    def apply(self, want: DesiredTenant, process: Process) -> tuple[Plan, Report] | None:
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

    def _apply(self, want: DesiredTenant, process: Process) -> tuple[Plan, Report]:
        edges = self.edges(process)
        accounts = Accounts(edges.carriers, edges.ledger, edges.clock)
        options = Options(
            approvals=frozenset({APPROVAL}), still_wanted=lambda op: _wanted(want, op)
        )
        recover_tenant(edges, TENANT, options, accounts, f"recover-{process.name}")
        plan = self.plan(want, edges, accounts, process.name)
        return plan, apply_plan(edges, plan, options, accounts)

    def plan(self, want: DesiredTenant, edges: Edges, accounts: Accounts, plan_id: str) -> Plan:
        sources = Sources(edges.platform, edges.ledger, edges.carriers, self.clock, KINDS)
        now = self.clock.now()
        envelope = Envelope(
            plan_id=plan_id,
            lineage=edges.ledger.lineage(),
            serial=edges.ledger.serial(),
            created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            expires=f"{now + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}",
        )
        return make_plan(sources, [want], accounts, Policy(), envelope)

    def settle(self, want: DesiredTenant) -> tuple[Plan, Report] | None:
        """Apply until it is quiet, letting more and more time pass; the last plan and report."""
        last = None
        for attempt in range(PASSES):
            last = self.apply(want, self.process())
            if last is not None and self.is_quiet(last):
                return last
            self.clock.sleep(2.0 if attempt < 3 else 16 * 60.0)
        self.problems.append(f"I6: not quiet after {PASSES} applies: {_told(last)}")
        return last

    def is_quiet(self, last: tuple[Plan, Report]) -> bool:
        """Whether nothing is open and nothing is left to do, but for what a person must settle."""
        plan, _ = last
        open_rows = self.rows("state NOT IN ('verified', 'failed', 'parked')")
        left = any(part.operations for part in plan.parts)
        blind = any(h.what == "unchecked" for part in plan.parts for h in part.held)
        return not open_rows and not left and not blind

    def mark(self) -> str:
        """A digest of all that decides what happens from here; "" while something is under way."""
        account = self.account
        if not self.clock.is_still or self.connection.in_transaction:
            return ""
        facts = {
            "self": (self.shape, self.made, self.lines, self.processes, sorted(self.killed)),
            "said": (self.problems, self.paused, account.violations, self.clock.monotonic()),
            "bought": (account.owned, account.charges, account.releases, account.ids),
            "keys": (account.keys, account.bodies, account.before_last),
            "faults": {
                n - account.calls: f for n, f in account.faults.items() if n > account.calls
            },
            "writes": {
                n - account.writes: f for n, f in account.write_faults.items() if n > account.writes
            },
            "released": sorted(account.may_release),
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


def _wanted(want: DesiredTenant, operation: Operation) -> bool:
    address = parse_address(operation.address)
    there = want.objects.get(address) if address is not None else None
    return there is not None and dict(there.spec) == operation.after


def _told(last: tuple[Plan, Report] | None) -> str:
    if last is None:
        return "stopped"
    plan, report = last
    planned = [f"{o.action} {o.address}" for part in plan.parts for o in part.operations]
    held = [f"{h.what} {h.address}" for part in plan.parts for h in part.held]
    results = [f"{r.status} {r.address} {r.note}" for p in report.parts for r in p.results]
    return f"planned {planned}, held {held}, results {results}, {[p.detail for p in report.parts]}"


@cache
def prepared(shape: str) -> tuple[bytes, float, dict[str, Holding], int]:
    """The world before the run under test: one number's quarantine is over by now."""
    world = fresh(shape, None, 0.0, {}, 0)
    world.account.hold(BYSTANDER, {"connector": "carrier", "handoff": "pbx"})
    for want in (first(), before()):
        last = world.settle(want)
        assert last is not None, world.problems
        assert not world.problems, world.problems
        world.clock.sleep(46 * 24 * 3600.0)
    return (
        world.connection.serialize(),
        world.clock.monotonic(),
        dict(world.account.owned),
        world.account.ids,
    )


def fresh(
    shape: str, content: bytes | None, seconds: float, owned: Mapping[str, Holding], ids: int
) -> World:
    clock = VirtualClock()
    clock.sleep(seconds)
    account = Account(shape, clock, owned=dict(owned), ids=ids)
    world = World(shape, open_connection(content), clock, account)
    if content is None:
        world.edges(world.process())
    account.announced = partial(_is_announced, world.connection)
    return world


def _is_announced(connection: Connection, key: str) -> bool:
    if connection.in_transaction:
        return False
    found = connection.execute(
        "SELECT count(*) FROM operation WHERE idem_key = ?", (key,)
    ).fetchone()
    return bool(found[0])


def ready(shape: str) -> World:
    """A new copy of the prepared world."""
    content, seconds, owned, ids = prepared(shape)
    world = fresh(shape, content, seconds, owned, ids)
    world.processes = 1000
    world.account.before_last = dict(owned)
    world.account.may_release = frozenset({RELEASED})
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
        account.announced = partial(_is_announced, connection)
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
    world.apply(after(), process)
    world.problems.clear()  # told of what it leaves when that is gone on from
    return [_moment(world), *passed]


# What must hold.


def check(world: World, last: tuple[Plan, Report] | None) -> list[str]:
    """Every invariant that can be read off at the end (numbers as in the design's table)."""
    return [*world.problems, *world.account.violations, *_broken(world, last)]


def _broken(world: World, last: tuple[Plan, Report] | None) -> Iterator[str]:
    account = world.account
    for e164 in set(account.charges):
        if account.charges.count(e164) > 1:
            yield f"I1: {e164} was charged {account.charges.count(e164)} times"
    for e164 in (KEPT, LEAVING, BYSTANDER):
        if e164 not in account.owned:
            yield f"I3: {e164} is lost"
    if len(account.releases) > 1:
        yield f"I4: {account.releases}"
    parked = world.parked()
    if parked and world.shape != "neither":
        yield f"parked without need: {parked}"
    for op_id, state, action, address in world.rows("state = 'verified'"):
        e164 = address.rsplit("/", 1)[1]
        if action == "order" and e164 not in account.owned and e164 not in account.releases:
            yield f"I5: {op_id} is {state}, but {e164} is not there"
        if action == "release" and "carrier_number" in address and e164 in account.owned:
            yield f"I5: {op_id} is {state}, but {e164} is still there"
    for op_id, _, action, address in world.rows("state = 'parked'"):
        came = action == "order" and address.rsplit("/", 1)[1] in account.owned
        if came and not world.paused:
            yield f"{op_id} was parked too early: the number came"
    yield from _records(world)
    if not parked:
        yield from _in_sync(world)
    if last is None:
        yield "I6: the last apply was stopped"


def _records(world: World) -> Iterator[str]:
    process = world.process()
    edges = world.edges(process)
    chain = edges.ledger.verify_audit()
    if chain:
        yield f"I9: {chain}"
    whole = world.connection.execute("PRAGMA integrity_check").fetchone()[0]
    if whole != "ok":
        yield f"I8: {whole}"
    for address, secret in edges.platform.read(TENANT).objects.items():
        del secret
        for name, sealed in edges.platform.sealed(address).items():
            told = [v for a, f, v in world.lines if a == str(address) and f == name]
            if not told or not sealed.token.endswith(f":{told[-1]}"):
                yield f"the sink was never told what {address} {name} is"


def dangling(world: World) -> list[str]:
    """Every reference of an object at the platform to one that is not there."""
    rows = world.connection.execute("SELECT kind, name, spec FROM object").fetchall()
    there = {f"{kind}/{name}" for kind, name, _ in rows}
    found = []
    for kind, name, spec in rows:
        for reference in _pointed_at(kind, name, spec):
            at_carrier = reference.startswith("carrier_number/")
            e164 = reference.split("/")[1]
            if reference not in there and not (at_carrier and e164 in world.account.owned):
                found.append(f"{kind}/{name} points at {reference}, which is not there")
    return found


@cache
def _pointed_at(kind: str, name: str, spec: str) -> frozenset[str]:
    """What an object with these settings points at: the same few come in every case."""
    return Pointers().of(KINDS[kind], name, json.loads(spec))


def _in_sync(world: World) -> Iterator[str]:
    got = state_of(world)
    want = unbroken(world.shape)
    if got != want:
        yield f"I16: {_difference(got, want)}"


def _difference(got: Mapping[str, Any], want: Mapping[str, Any]) -> str:
    keys = sorted(k for k in got.keys() | want.keys() if got.get(k) != want.get(k))
    return "; ".join(f"{k}: {got.get(k)} instead of {want.get(k)}" for k in keys[:3])


def state_of(world: World) -> dict[str, Any]:
    """What callers and the bill see: specs, records and holdings, without versions and times."""
    objects = world.connection.execute("SELECT kind, name, spec FROM object ORDER BY 1, 2")
    found: dict[str, Any] = {f"{kind}/{name}": digest(spec) for kind, name, spec in objects}
    records = world.connection.execute("SELECT e164, state, tenant FROM number ORDER BY 1")
    found |= {f"record {e164}": (state, tenant) for e164, state, tenant in records}
    found |= {f"held {e164}": dict(h.spec) for e164, h in world.account.owned.items()}
    return found


@cache
def unbroken(shape: str) -> dict[str, Any]:
    """The state after a run that nothing disturbs."""
    world = ready(shape)
    last = world.settle(after())
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
        world.apply(after(), process)
    return process.boundaries, world.account.kinds, world.account.writes
