"""Operations at the platform: as one unit of work where that is possible, else one by one.

Where ledger and platform share a database, consecutive operations and their journal rows
are one transaction, so a kill leaves all or nothing of them. At any other platform each
operation is announced, written compare-and-swap, and read back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from reconciler.apply.edges import CLIENT_DEADLINE_SECONDS, Edges, facts_of, instant
from reconciler.apply.relied import Left, is_so, leaves, moved, touched, versions
from reconciler.apply.secrets import Values
from reconciler.apply.writing import PlatformTask, World, Writing, follow, renames
from reconciler.engine.fields import RECORD
from reconciler.engine.written import record_facts
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.model.canonical import digest, digest_plain
from reconciler.model.state import Observed
from reconciler.protocols import (
    Done,
    Entry,
    Journal,
    Lease,
    Move,
    NotSent,
    Outcome,
    Refused,
    Remembered,
    Sending,
    State,
    Unknown,
    Waiting,
)

UNIT_SIZE = 500
"""The most operations in one unit of work."""

HANDED_TOGETHER = 50
"""Operations whose generated secrets are handed out at once: so many at most are made anew
when a process dies before it has written down that they were."""

ROUNDS = 8
"""How many moves one operation may make in one run; a bound, never a goal."""


class PlatformWork:
    """Runs operations at the platform under one lease."""

    def __init__(
        self, edges: Edges, lease: Lease, values: Values, *, resolve_only: bool = False
    ) -> None:
        """Make the work of one lease. `resolve_only`: nothing is started, only found out."""
        self._edges = edges
        self._lease = lease
        self._values = values
        self._writing = Writing(edges, lease, values)
        self._resolve_only = resolve_only

    def perform_all(self, tasks: Sequence[PlatformTask]) -> None:
        """Bring consecutive operations as far as they go; their rows say how far."""
        if not (self._edges.shares_database and self._edges.platform.transactional):
            self._one_by_one(tasks)
            return
        for unit in _units(tasks):
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
        world = self._writing.world(tasks)
        try:
            with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
                self._unit_in(journal, tasks, world)
        except _Undone:
            return False
        for task in tasks:
            if not self._values.generated(task.operation):
                self._told(task, State.VERIFIED, "")
        self._hand_out(tasks, remembered=True)
        return True

    def _unit_in(self, journal: Journal, tasks: Sequence[PlatformTask], world: World) -> None:
        writes, relied = [], ""
        for task in tasks:
            if _moved(task, world):
                raise _Undone
            if _only_recorded(task, world):
                continue
            if task.operation.swaps:  # what exchanges names ends its unit
                relied = versions(task.operation, task.address, world.objects)
            write = self._writing.write(task, world)
            writes.append(write)
            follow(world, write)
        outcome = self._edges.platform.write(writes)
        if not isinstance(outcome, Done):
            raise _Undone
        self._check_written(tasks, relied)
        made = [task for task in tasks if self._values.generated(task.operation)]
        journal.send_all([self._sending(task) for task in made])
        journal.move_all(
            [task.op_id for task in made], State.DONE, "its secret is still to be handed out"
        )
        over = [task.op_id for task in tasks if not self._values.generated(task.operation)]
        journal.move_all(over, State.VERIFIED)
        self._remember(journal, tasks)

    def _check_written(self, tasks: Sequence[PlatformTask], relied: str) -> None:
        """Read back inside the transaction: an answer without effect undoes the unit.

        `relied`: the versions that the last operation relied on.
        """
        left: dict[Address, Left] = {}
        last: dict[Address, PlatformTask] = {}
        for task in tasks:
            left |= leaves(task.operation, task.address)
            last[task.address] = task
        there = self._edges.platform.read_some(tuple(sorted(left)))
        if not all(one.holds(there.get(address)) for address, one in left.items()):
            raise _Undone
        if any(self._leaves_record_behind(task) for task in last.values()):
            raise _Undone
        final = tasks[-1]
        if final.operation.swaps and versions(final.operation, final.address, there) == relied:
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
            world = self._writing.world([task])
        except Unavailable as error:
            self._edges.tell("unavailable", {"message": error.message})
            return False
        done = is_so(task.operation, task.address, world.objects) and not task.operation.swaps
        if done and not self._writes_more(task, world):
            self._finish(task, "already so, nothing was sent")
            return False
        moved = _moved(task, world)
        if moved:
            self._move(task, State.FAILED, moved)
            return False
        attempt = entry.attempt + 1
        if attempt > ROUNDS:
            return False
        write = self._writing.write(task, world)
        with self._edges.ledger.transaction(self._lease, "op-sent") as journal:
            journal.send_all([self._sending(task, attempt)])
            if task.operation.swaps:
                relied = versions(task.operation, task.address, world.objects)
                journal.move(task.op_id, State.SENT, external_id=relied)
        self._edges.checkpoint("platform:before-write")
        outcome = self._edges.platform.write([write])
        self._edges.checkpoint("platform:after-write")
        self._record(task, outcome)
        return isinstance(outcome, Done | Waiting | Unknown)

    def _writes_more(self, task: PlatformTask, world: World) -> bool:
        """Whether a secret or a record is to be written though the object is as it should be."""
        if task.operation.secret or not task.operation.changes:
            return bool(task.operation.secret)
        return self._record_lags(task, world)

    def _is_so(self, task: PlatformTask, there: Mapping[Address, Observed]) -> bool:
        """Whether it is brought about. What only mends a record leaves the object as it was."""
        so = is_so(task.operation, task.address, there)
        return so and not self._leaves_record_behind(task)

    def _leaves_record_behind(self, task: PlatformTask) -> bool:
        mends = any(change.path.startswith(f"/{RECORD}/") for change in task.operation.changes)
        return mends and self._record_lags(task, self._writing.world([task]))

    def _record_lags(self, task: PlatformTask, world: World) -> bool:
        change = self._writing.pool(task, world)
        if change is None:
            return False
        record = world.records.get(task.address.name)
        return record_facts(record) != record_facts(change.after)

    def _sending(self, task: PlatformTask, attempt: int = 1) -> Sending:
        deadline = self._edges.clock.now() + timedelta(seconds=CLIENT_DEADLINE_SECONDS)
        return Sending(
            task.op_id,
            key=digest([task.op_id, attempt]),
            body_digest=digest_plain(task.operation.digested()),
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
        if not self._is_so(task, there) or _untouched(task, entry, there):
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
        write = self._writing.again(task, there, sealed)
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
        if self._is_so(task, there) and not _untouched(task, entry, there):
            if self._values.generated(task.operation) and have is not None:
                self._rotate(task, have)
            self._hand_out([task], "seen by reading")
            return False
        if entry.attempt >= ROUNDS:
            return False
        self._move(task, State.INTENDED, "read: it was not written")
        return True

    # The journal.

    def _hand_out(
        self, tasks: Sequence[PlatformTask], note: str = "", *, remembered: bool = False
    ) -> None:
        """Give generated secrets to the sink; only then are their operations over.

        It happens inside the fenced transaction that ends the operations: a process that was
        paused and overtaken has nothing more to hand out, as its successor made others.
        `remembered`: what they left is in the ledger already, from the transaction of the writes.
        """
        states = self._edges.ledger.states([task.op_id for task in tasks])
        todo = [t for t in tasks if states.get(t.op_id) in {State.DONE, State.UNKNOWN}]
        for start in range(0, len(todo), HANDED_TOGETHER):
            together = todo[start : start + HANDED_TOGETHER]
            with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
                self._deliver([t for t in together if self._values.generated(t.operation)])
                journal.move_all([task.op_id for task in together], State.VERIFIED, note)
                if not remembered:
                    self._remember(journal, together)
            for task in together:
                self._told(task, State.VERIFIED, note)

    def _deliver(self, tasks: Sequence[PlatformTask]) -> None:
        if tasks:
            self._values.deliver([(t.operation, t.address, t.op_id) for t in tasks])
            self._edges.checkpoint("secret:after-sink")

    def _finish(self, task: PlatformTask, note: str) -> None:
        with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
            journal.move(task.op_id, State.VERIFIED, note)
            self._remember(journal, [task])
        self._told(task, State.VERIFIED, note)

    def _remember(self, journal: Journal, tasks: Sequence[PlatformTask]) -> None:
        """Remember what operations left, in their order; those without new names together."""
        for renaming, group in groupby(tasks, key=renames):
            if not renaming:
                journal.applied_all([self._left(task) for task in group])
                continue
            for task in group:
                if task.operation.was:
                    journal.renamed(tuple(self._writing.moves(task)))
                elif task.operation.remember is not None:
                    at = task.address
                    journal.renamed((Move(at, at, task.operation.remember, former=""),))

    def _left(self, task: PlatformTask) -> Remembered:
        macs = self._values.macs(task.operation, task.address, task.op_id)
        remember = task.operation.remember or task.operation.after
        graph = task.operation.graph
        live = digest(graph) if task.operation.action is Action.PUBLISH else ""
        return Remembered(task.address, remember, macs, live)

    def _move(self, task: PlatformTask, state: State, note: str = "", **facts: str | bool) -> None:
        with self._edges.ledger.transaction(self._lease, f"op-{state.value}") as journal:
            journal.move(task.op_id, state, note, **facts)
        self._told(task, state, note)

    def _told(self, task: PlatformTask, state: State, note: str) -> None:
        self._edges.tell(f"op_{state.value}", facts_of(task.operation, task.op_id, note))

    def _read(self, task: PlatformTask) -> Mapping[Address, Observed] | None:
        try:
            return self._edges.platform.read_some(touched(task.operation, task.address))
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


class _Undone(Exception):
    """The unit did not hold: nothing of it is to stay."""


def _units(tasks: Sequence[PlatformTask]) -> Iterator[Sequence[PlatformTask]]:
    """Cut tasks into units; what follows an exchange of names reads its versions anew."""
    unit: list[PlatformTask] = []
    for task in tasks:
        unit.append(task)
        if len(unit) == UNIT_SIZE or task.operation.swaps:
            yield unit
            unit = []
    if unit:
        yield unit


def _only_recorded(task: PlatformTask, world: World) -> bool:
    """Whether nothing but our own records is to change."""
    return task.operation.forgets and is_so(task.operation, task.address, world.objects)


def _untouched(task: PlatformTask, entry: Entry, there: Mapping[Address, Observed]) -> bool:
    """Whether names were to be exchanged, and all is at the versions that were relied on."""
    if not task.operation.swaps:
        return False
    return versions(task.operation, task.address, there) == entry.external_id


def _moved(task: PlatformTask, world: World) -> str:
    """Say what is not as the operation relies on; "" when all is."""
    return moved(task.operation, task.address, world.objects, world.records)
