"""Operations at the platform: as one unit of work where that is possible, else one by one.

Where ledger and platform share a database, consecutive operations and their journal rows
are one transaction, so a kill leaves all or nothing of them. At any other platform each
operation is announced, written compare-and-swap, and read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from reconciler.apply.edges import CLIENT_DEADLINE_SECONDS, Edges, instant
from reconciler.apply.relied import is_so, moved
from reconciler.apply.secrets import Values
from reconciler.engine.diff import RECORD
from reconciler.engine.plan import Operation
from reconciler.engine.planning import record_facts
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import digest
from reconciler.model.resource import Naming, Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.protocols import (
    Done,
    Entry,
    Journal,
    Lease,
    NotSent,
    Outcome,
    PoolChange,
    Refused,
    State,
    Unknown,
    Waiting,
    Write,
)

UNIT_SIZE = 500
"""The most operations in one unit of work."""

ROUNDS = 8
"""How many moves one operation may make in one run; a bound, never a goal."""


@dataclass(frozen=True, slots=True)
class PlatformTask:
    """One operation of a plan with its journal row's id and its object's address."""

    operation: Operation
    op_id: str
    address: Address


def platform_task(operation: Operation, op_id: str) -> PlatformTask:
    """Make a task of an operation.

    Raises:
        Unavailable: The plan holds an address that is none.
    """
    address = parse_address(operation.address)
    if address is None:
        raise Unavailable(f"{operation.address!r} is no address.", "Plan again.")
    return PlatformTask(operation, op_id, address)


@dataclass(slots=True)
class _World:
    """What the platform has of the objects of some tasks, read in two statements."""

    objects: dict[Address, Observed]
    records: dict[str, PoolNumber]


class PlatformWork:
    """Runs operations at the platform under one lease."""

    def __init__(
        self, edges: Edges, lease: Lease, values: Values, *, resolve_only: bool = False
    ) -> None:
        """Make the work of one lease. `resolve_only`: nothing is started, only found out."""
        self._edges = edges
        self._lease = lease
        self._values = values
        self._resolve_only = resolve_only

    def perform_all(self, tasks: Sequence[PlatformTask]) -> None:
        """Bring consecutive operations as far as they go; their rows say how far."""
        if not (self._edges.shares_database and self._edges.platform.transactional):
            self._one_by_one(tasks)
            return
        for start in range(0, len(tasks), UNIT_SIZE):
            unit = tasks[start : start + UNIT_SIZE]
            if not self._unit(unit):
                self._one_by_one(unit)

    def _one_by_one(self, tasks: Sequence[PlatformTask]) -> None:
        failed: set[str] = set()
        for task in tasks:
            if failed & set(task.operation.depends_on):
                failed.add(task.operation.id)
                continue
            entry = self.perform(task)
            if entry.state is not State.VERIFIED:
                failed.add(task.operation.id)

    # As one unit of work.

    def _unit(self, tasks: Sequence[PlatformTask]) -> bool:
        """Write all of them and their journal rows in one transaction; whether it held."""
        world = self._world(tasks)
        try:
            with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
                self._unit_in(journal, tasks, world)
        except _Undone:
            return False
        for task in tasks:
            if not self._values.generated(task.operation):
                self._told(task, State.VERIFIED, "")
        self._hand_out(tasks)
        return True

    def _unit_in(self, journal: Journal, tasks: Sequence[PlatformTask], world: _World) -> None:
        writes = []
        for task in tasks:
            if self._moved(task, world):
                raise _Undone
            write = self._write(task, world)
            writes.append(write)
            _follow(world, task, write)
        outcome = self._edges.platform.write(writes)
        if not isinstance(outcome, Done):
            raise _Undone
        self._check_written(tasks)
        for task in tasks:
            if self._values.generated(task.operation):
                self._announce(journal, task)
                journal.move(task.op_id, State.DONE, "its secret is still to be handed out")
            else:
                journal.move(task.op_id, State.VERIFIED)
            self._remember(journal, task)

    def _check_written(self, tasks: Sequence[PlatformTask]) -> None:
        """Read back inside the transaction: an answer without effect undoes the unit."""
        last = {task.address: task for task in tasks}
        there = self._edges.platform.read_some(tuple(last))
        for address, task in last.items():
            if not self._is_so(task, there.get(address)):
                raise _Undone

    # One at a time.

    def perform(self, task: PlatformTask) -> Entry:
        """Bring one operation as far as it goes now."""
        for _ in range(ROUNDS):
            entry = self._row(task)
            if not self._step(task, entry):
                return self._row(task)
        return self._row(task)

    def _step(self, task: PlatformTask, entry: Entry) -> bool:
        match entry.state:
            case State.INTENDED:
                return not self._resolve_only and self._attempt(task, entry)
            case State.SENT:
                self._move(task, State.UNKNOWN, "found without an answer")
                return True
            case State.DONE:
                return self._read_back(task, entry)
            case State.UNKNOWN:
                return self._resolve(task, entry)
            case State.VERIFIED | State.FAILED | State.PARKED:
                return False

    def _attempt(self, task: PlatformTask, entry: Entry) -> bool:
        try:
            world = self._world([task])
        except Unavailable as error:
            self._edges.tell("unavailable", {"message": error.message})
            return False
        there = world.objects.get(task.address)
        if is_so(task.operation, there) and not self._writes_more(task, world):
            self._finish(task, "already so, nothing was sent")
            return False
        moved = self._moved(task, world)
        if moved:
            self._move(task, State.FAILED, moved)
            return False
        attempt = entry.attempt + 1
        if attempt > ROUNDS:
            return False
        write = self._write(task, world)
        with self._edges.ledger.transaction(self._lease, "op-sent") as journal:
            self._announce(journal, task, attempt)
        self._edges.checkpoint("platform:before-write")
        outcome = self._edges.platform.write([write])
        self._edges.checkpoint("platform:after-write")
        self._record(task, outcome)
        return isinstance(outcome, Done | Waiting | Unknown)

    def _writes_more(self, task: PlatformTask, world: _World) -> bool:
        """Whether a secret or a record is to be written though the object is as it should be."""
        if task.operation.secret or not task.operation.changes:
            return bool(task.operation.secret)
        return self._record_lags(task, world)

    def _is_so(self, task: PlatformTask, have: Observed | None) -> bool:
        """Whether it is brought about. What only mends a record leaves the object as it was."""
        if not is_so(task.operation, have):
            return False
        mends = any(change.path.startswith(f"/{RECORD}/") for change in task.operation.changes)
        return not mends or not self._record_lags(task, self._world([task]))

    def _record_lags(self, task: PlatformTask, world: _World) -> bool:
        change = self._pool(task, world)
        if change is None:
            return False
        record = world.records.get(task.address.name)
        return record_facts(record) != record_facts(change.after)

    def _announce(self, journal: Journal, task: PlatformTask, attempt: int = 1) -> None:
        deadline = self._edges.clock.now() + timedelta(seconds=CLIENT_DEADLINE_SECONDS)
        journal.send(
            task.op_id,
            key=digest([task.op_id, attempt]),
            body_digest=digest(task.operation.digested()),
            deadline=instant(deadline),
            attempt=attempt,
        )

    def _record(self, task: PlatformTask, outcome: Outcome) -> None:
        doubt = self._row(task).doubt
        match outcome:
            case Done():
                self._move(task, State.DONE)
            case Waiting():
                self._move(task, State.DONE, waiting=outcome.reason)
            case Refused():
                self._move(task, State.UNKNOWN if doubt else State.FAILED, outcome.reason)
            case NotSent():
                self._move(task, State.UNKNOWN if doubt else State.INTENDED, outcome.reason)
            case Unknown():
                self._move(task, State.UNKNOWN, outcome.reason)

    def _read_back(self, task: PlatformTask, entry: Entry) -> bool:
        """Believe `done` only once a read shows it; then hand generated secrets out."""
        there = self._read(task)
        if there is None:
            return False
        if not self._is_so(task, there.get(task.address)):
            if entry.waiting:
                return False
            self._move(task, State.UNKNOWN, "the platform said yes, but it is not so")
            return True
        if self._values.generated(task.operation) and not self._values.holds(task.op_id):
            self._rotate(task, there[task.address])
        self._hand_out([task])
        return False

    def _rotate(self, task: PlatformTask, there: Observed) -> None:
        """Replace a generated secret that died with its process before it was handed out."""
        sealed = self._values.sealed(task.operation, task.address, task.op_id)
        write = Write(
            address=task.address,
            expect_version=there.version,
            spec=dict(there.spec),
            keys=tuple(self._cls(task).keys(task.address.name, there.spec)),
            secrets=sealed,
            by=self._by(),
            at=self._now(),
        )
        outcome = self._edges.platform.write([write])
        kept = self._edges.platform.sealed(task.address)
        written = all(
            name in kept and kept[name].token == one.token for name, one in sealed.items()
        )
        if not isinstance(outcome, Done) or not written:
            raise Unavailable(
                f"The lost secret of {task.address} could not be replaced.",
                "Run the same command again.",
            )

    def _resolve(self, task: PlatformTask, entry: Entry) -> bool:
        """Read what an unknown write did. Compare-and-swap makes writing again safe."""
        there = self._read(task)
        if there is None:
            return False
        have = there.get(task.address)
        if self._is_so(task, have):
            if self._values.generated(task.operation) and have is not None:
                self._rotate(task, have)
            self._hand_out([task], "seen by reading")
            return False
        if entry.attempt >= ROUNDS:
            return False
        self._move(task, State.INTENDED, "read: it was not written")
        return True

    # What a write is made from.

    def _world(self, tasks: Sequence[PlatformTask]) -> _World:
        addresses = {task.address for task in tasks}
        for task in tasks:
            tenant = task.address.tenant
            for reference in task.operation.precondition.exists:
                kind, name = reference.split("/", 1)
                if self._edges.kinds[kind].home.value == "platform":
                    addresses.add(Address(tenant, kind, name))
        objects = self._edges.platform.read_some(tuple(sorted(addresses)))
        numbers = {t.address.name for t in tasks if self._cls(t).naming is Naming.E164}
        records = self._edges.platform.numbers(tuple(sorted(numbers))) if numbers else {}
        return _World(dict(objects), dict(records))

    def _moved(self, task: PlatformTask, world: _World) -> str:
        """Say what is not as the operation relies on; "" when all is."""
        return moved(task.operation, task.address, world.objects, world.records)

    def _write(self, task: PlatformTask, world: _World) -> Write:
        operation, cls = task.operation, self._cls(task)
        have = world.objects.get(task.address)
        after = operation.after
        return Write(
            address=task.address,
            expect_version=have.version if have is not None else 0,
            spec=after if operation.action is not Action.PUBLISH else None,
            keys=tuple(cls.keys(task.address.name, after)) if after is not None else (),
            secrets=self._values.sealed(operation, task.address, task.op_id),
            publish=operation.graph,
            pool=self._pool(task, world),
            by=self._by(),
            at=self._now(),
        )

    def _pool(self, task: PlatformTask, world: _World) -> PoolChange | None:
        record = world.records.get(task.address.name)
        after = self._cls(task).record(
            task.address.name,
            task.operation.action,
            task.operation.after,
            record,
            tenant=task.address.tenant,
            now=self._begins(),
        )
        if after is None:
            return None
        return PoolChange(record.version if record is not None else 0, after)

    def _cls(self, task: PlatformTask) -> type[Resource]:
        return self._edges.kinds[task.address.kind]

    # The journal.

    def _hand_out(self, tasks: Sequence[PlatformTask], note: str = "") -> None:
        """Give generated secrets to the sink; only then is their operation over.

        It happens inside the fenced transaction that ends the operation: a process that was
        paused and overtaken has nothing more to hand out, as its successor made another.
        """
        for task in tasks:
            if self._row(task).state not in {State.DONE, State.UNKNOWN}:
                continue
            with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
                if self._values.generated(task.operation):
                    self._values.deliver(task.operation, task.address, task.op_id)
                    self._edges.checkpoint("secret:after-sink")
                journal.move(task.op_id, State.VERIFIED, note)
                self._remember(journal, task)
            self._told(task, State.VERIFIED, note)

    def _finish(self, task: PlatformTask, note: str) -> None:
        with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
            journal.move(task.op_id, State.VERIFIED, note)
            self._remember(journal, task)
        self._told(task, State.VERIFIED, note)

    def _remember(self, journal: Journal, task: PlatformTask) -> None:
        macs = self._values.macs(task.operation, task.address, task.op_id)
        remember = task.operation.remember or task.operation.after
        graph = task.operation.graph
        live = digest(graph) if task.operation.action is Action.PUBLISH else ""
        journal.applied(task.address, remember, macs, live)

    def _move(self, task: PlatformTask, state: State, note: str = "", **facts: str | bool) -> None:
        with self._edges.ledger.transaction(self._lease, f"op-{state.value}") as journal:
            journal.move(task.op_id, state, note, **facts)
        self._told(task, state, note)

    def _told(self, task: PlatformTask, state: State, note: str) -> None:
        facts = {"address": task.operation.address, "action": task.operation.action, "note": note}
        self._edges.tell(f"op_{state.value}", facts)

    def _read(self, task: PlatformTask) -> Mapping[Address, Observed] | None:
        try:
            return self._edges.platform.read_some((task.address,))
        except Unavailable as error:
            self._edges.tell("unavailable", {"message": error.message})
            return None

    def _row(self, task: PlatformTask) -> Entry:
        entry = self._edges.ledger.operation(task.op_id)
        if entry is None:
            raise Unavailable(
                f"The journal lost {task.op_id}.",
                "Compare what is there with git: reconciler drift",
            )
        return entry

    def _by(self) -> str:
        return f"{self._edges.who} (run {self._lease.run_id})"

    def _begins(self) -> str:
        """When a quarantine begins: not before the journal's last time, so never too early."""
        return max(self._now(), self._edges.ledger.last_time()[:19] + "Z")

    def _now(self) -> str:
        return instant(self._edges.clock.now())[:19] + "Z"


class _Undone(Exception):
    """The unit did not hold: nothing of it is to stay."""


def _follow(world: _World, task: PlatformTask, write: Write) -> None:
    """Change what we know of the world as the write will, so that the next one relies on it."""
    have = world.objects.get(task.address)
    version = (have.version if have is not None else 0) + 1
    if write.spec is None and write.publish is None:
        world.objects.pop(task.address, None)
    else:
        spec: Spec = write.spec if write.spec is not None else (have.spec if have else {})
        published = digest(write.publish) if write.publish is not None else ""
        world.objects[task.address] = Observed(
            task.address, spec, version, published=published or (have.published if have else "")
        )
    if write.pool is not None:
        record = write.pool.after
        world.records[record.e164] = replace(record, version=write.pool.expect_version + 1)
