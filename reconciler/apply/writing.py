"""What is written at the platform for an operation, from its plan and from what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.apply.edges import Edges, instant
from reconciler.apply.relied import addresses_of, changes, touched
from reconciler.apply.secrets import Values
from reconciler.engine.plan import Beside, Operation
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import digest
from reconciler.model.naming import Naming
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.protocols import Lease, Move, PoolChange, SealedSecret, Write


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
class World:
    """What the platform has of the objects of some tasks, read in two statements.

    Attributes:
        objects: The objects that are there.
        records: The records of numbers.
        begins: When a quarantine begins; read where there are numbers among the tasks.
    """

    objects: dict[Address, Observed]
    records: dict[str, PoolNumber]
    begins: str = ""


class Writing:
    """Makes the writes of one lease."""

    def __init__(self, edges: Edges, lease: Lease, values: Values) -> None:
        self._edges = edges
        self._lease = lease
        self._values = values

    def world(self, tasks: Sequence[PlatformTask]) -> World:
        """What the platform has of all that some operations rely on, read in two statements."""
        addresses = {at for task in tasks for at in touched(task.operation, task.address)}
        for task in tasks:
            tenant = task.address.tenant
            for reference in task.operation.precondition.exists:
                kind, name = reference.split("/", 1)
                if self._edges.kinds[kind].home.value == "platform":
                    addresses.add(Address(tenant, kind, name))
        objects = self._edges.platform.read_some(tuple(sorted(addresses)))
        numbers = {t.address.name for t in tasks if self._cls(t).naming is Naming.E164}
        if not numbers:
            return World(dict(objects), {})
        records = self._edges.platform.numbers(tuple(sorted(numbers)))
        return World(dict(objects), dict(records), self._begins())

    def write(self, task: PlatformTask, world: World) -> Write:
        """The write of an operation, compare-and-swap on the versions that were read."""
        operation, cls = task.operation, self._cls(task)
        if operation.was:
            return self._renaming(task, world)
        have = world.objects.get(task.address)
        after = operation.after
        return Write(
            address=task.address,
            expect_version=have.version if have is not None else 0,
            spec=after if operation.action is not Action.PUBLISH else None,
            keys=tuple(cls.keys(task.address.name, after)) if after is not None else (),
            secrets=self._values.sealed(operation, task.address, task.op_id),
            publish=operation.graph,
            pool=self.pool(task, world),
            by=self._by(),
            at=self._now(),
        )

    def again(
        self, task: PlatformTask, there: Observed, sealed: Mapping[str, SealedSecret]
    ) -> Write:
        """Write an object as it is, with other secrets."""
        return Write(
            address=task.address,
            expect_version=there.version,
            spec=dict(there.spec),
            keys=tuple(self._cls(task).keys(task.address.name, there.spec)),
            secrets=sealed,
            by=self._by(),
            at=self._now(),
        )

    def _renaming(self, task: PlatformTask, world: World) -> Write:
        """All that a rename changes, as one write."""
        own, *others = (
            Write(
                address=one.address,
                expect_version=world.objects[one.was].version,
                spec=one.after,
                keys=tuple(self._edges.kinds[one.address.kind].keys(one.address.name, one.after))
                if one.after is not None
                else (),
                secrets=self._values.resealed(one.was, one.address) if one.renames else {},
                publish=one.graph,
                was=one.was if one.renames else None,
                by=self._by(),
                at=self._now(),
            )
            for one in changes(task.operation, task.address)
        )
        return replace(own, also=tuple(others))

    def pool(self, task: PlatformTask, world: World) -> PoolChange | None:
        """The change of a number's record that belongs to an operation."""
        if self._cls(task).naming is not Naming.E164:
            return None
        record = world.records.get(task.address.name)
        after = self._cls(task).record(
            task.address.name,
            task.operation.action,
            task.operation.after,
            record,
            tenant=task.address.tenant,
            now=world.begins,
            to=task.operation.to,
        )
        if after is None:
            return None
        return PoolChange(record.version if record is not None else 0, after)

    def _cls(self, task: PlatformTask) -> type[Resource]:
        return self._edges.kinds[task.address.kind]

    def moves(self, task: PlatformTask) -> Iterator[Move]:
        """What is remembered of all that a rename changed, under the names of now."""
        operation = task.operation
        own = Beside(
            address=operation.address,
            was=operation.was,
            before={},
            after=operation.after or {},
            graph=operation.graph,
            published=operation.precondition.published,
            remember=operation.remember or operation.after,
        )
        for one in (own, *operation.also):
            address, was = addresses_of(one)
            if one.remember is None:
                continue
            macs = self._values.macs_at(address) if one.was else None
            live = (one.published, digest(one.graph)) if one.graph is not None else None
            former = (was.name if operation.swaps else "") if one.was else None
            yield Move(was, address, one.remember, macs, live, former)

    def _by(self) -> str:
        return f"{self._edges.who} (run {self._lease.run_id})"

    def _begins(self) -> str:
        """When a quarantine begins: not before the journal's last time, so never too early."""
        return max(self._now(), self._edges.ledger.last_time()[:19] + "Z")

    def _now(self) -> str:
        return instant(self._edges.clock.now())[:19] + "Z"


def renames(task: PlatformTask) -> bool:
    """Whether what is remembered gets another name with an operation, or forgets that it did."""
    operation = task.operation
    return bool(operation.was) or (operation.forgets and operation.remember is not None)


def follow(world: World, write: Write) -> None:
    """Change what we know of the world as the write will, so that the next one relies on it."""
    together = (write, *write.also)
    had = [world.objects.pop(one.was or one.address, None) for one in together]
    for one, have in zip(together, had, strict=True):
        if one.spec is None and one.publish is None:
            continue
        version = (have.version if have is not None else 0) + 1
        spec: Spec = one.spec if one.spec is not None else (have.spec if have else {})
        published = digest(one.publish) if one.publish is not None else ""
        published = published or (have.published if have else "")
        world.objects[one.address] = Observed(one.address, spec, version, published=published)
    if write.pool is not None:
        record = write.pool.after
        world.records[record.e164] = replace(record, version=write.pool.expect_version + 1)
