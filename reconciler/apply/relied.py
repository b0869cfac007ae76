"""What an operation relies on and what it is to bring about, held against what is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.apply.edges import Edges
from reconciler.engine.plan import Beside, Operation, Part
from reconciler.engine.written import record_facts
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import graph_digest
from reconciler.model.naming import Naming
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.observe import Accounts


@dataclass(frozen=True, slots=True)
class Change:
    """One object that an operation changes: all of it but a rename changes one.

    Attributes:
        address: Where it is afterwards.
        was: Where it is before.
        before: Its settings then; None for nothing.
        after: Its settings afterwards; None for nothing.
        published: Digest of what is live before.
        graph: What becomes live; None for no change.
        ours: Whether it is ours, rather than only re-pointed.
    """

    address: Address
    was: Address
    before: Spec | None
    after: Spec | None
    published: str = ""
    graph: Mapping[str, Any] | None = None
    ours: bool = True

    @property
    def live(self) -> str:
        """Digest of what becomes live, "" for no change."""
        return graph_digest(self.graph) if self.graph is not None else ""

    @property
    def renames(self) -> bool:
        """Whether it has another name afterwards."""
        return self.was != self.address


def changes(operation: Operation, address: Address) -> tuple[Change, ...]:
    """List the objects that an operation changes, its own first."""
    was = (parse_address(operation.was) if operation.was else None) or address
    relied = operation.precondition
    own = Change(address, was, relied.spec, operation.after, relied.published, operation.graph)
    return (own, *(_beside(one) for one in operation.also if _is_written(one)))


def _is_written(one: Beside) -> bool:
    """Whether the object itself changes, and not only what is remembered of it."""
    return bool(one.was) or one.before != one.after or one.graph is not None


def _beside(one: Beside) -> Change:
    address, was = addresses_of(one)
    ours = one.remember is not None
    return Change(address, was, one.before, one.after, one.published, one.graph, ours)


def addresses_of(one: Beside) -> tuple[Address, Address]:
    """Where an object is afterwards, and before.

    Raises:
        Unavailable: The plan holds an address that is none.
    """
    address = parse_address(one.address)
    if address is None:
        raise Unavailable(f"{one.address!r} is no address.", "Plan again.")
    return address, parse_address(one.was) or address


def touched(operation: Operation, address: Address) -> frozenset[Address]:
    """The addresses at which an operation relies on something, or leaves something."""
    found = changes(operation, address)
    return frozenset(one.address for one in found) | {one.was for one in found}


def is_so(operation: Operation, address: Address, objects: Mapping[Address, Observed]) -> bool:
    """Whether all objects are what an operation is to bring about."""
    left = leaves(operation, address)
    return all(there.holds(objects.get(at)) for at, there in left.items())


def versions(operation: Operation, address: Address, objects: Mapping[Address, Observed]) -> str:
    """Write down the versions at all addresses that an operation relies on.

    Where objects exchange names only these tell for certain that nothing was written yet.
    """
    at = (one.was for one in changes(operation, address))
    return ",".join(str(objects[one].version if one in objects else 0) for one in at)


@dataclass(frozen=True, slots=True)
class Left:
    """What is at one address after an operation.

    Attributes:
        spec: Its settings; None for nothing.
        live: Digest of what is live; "" for whatever it is.
        ours: Whether it has to be ours.
        draft: Whether its settings are as they are, as nothing but what is live changes.
    """

    spec: Spec | None
    live: str = ""
    ours: bool = True
    draft: bool = False

    def holds(self, have: Observed | None) -> bool:
        """Whether that is what is there."""
        if have is None:
            return self.spec is None and not self.draft
        if self.live and have.published != self.live:
            return False
        if self.draft:
            return True
        return dict(have.spec) == self.spec and (have.managed or not self.ours)


def leaves(operation: Operation, address: Address) -> dict[Address, Left]:
    """Say what is at each address that an operation touches once it is done."""
    if operation.action is Action.PUBLISH:
        return {address: Left(None, graph_digest(operation.graph or {}), draft=True)}
    found = changes(operation, address)
    gone = {one.was: Left(None) for one in found}
    return gone | {one.address: Left(one.after, one.live, one.ours) for one in found}


def moved(
    operation: Operation,
    address: Address,
    objects: Mapping[Address, Observed],
    records: Mapping[str, PoolNumber],
    earlier: frozenset[Address] = frozenset(),
) -> str:
    """Compare what an operation relies on with what is there now.

    `earlier`: addresses that operations before it change, and that are no matter yet.

    Returns:
        A sentence naming the object, the field and who moved it; "" when nothing moved.
    """
    relied = operation.precondition
    have = objects.get(address)
    if operation.action is Action.PUBLISH:
        if have is not None and have.published == relied.published:
            return ""
        return _published_anew(address, have)
    sentence = next(_moved_objects(operation, address, objects, earlier), "")
    if sentence:
        return sentence
    lost = [r for r in relied.exists if _is_lost(address.tenant, r, objects)]
    if lost:
        return f"{address} points at {lost[0]}, which is not there any more"
    record = record_facts(records.get(address.name))
    if (
        operation.home == "platform"
        and relied.record != record
        and (relied.record or relied.spec is None)
    ):
        return f"{address}: its number's record changed{_by_record(records.get(address.name))}"
    return ""


def stale(edges: Edges, part: Part, accounts: Accounts, blocked: Collection[str]) -> str:
    """Re-read everything that a part relies on.

    Args:
        edges: The outside.
        part: A part that is about to be consumed.
        accounts: Listings of carriers.
        blocked: Addresses with an operation that is not over.

    Returns:
        A sentence for what moved, "" for nothing.
    """
    first: dict[Address, Operation] = {}
    earlier: dict[Address, frozenset[Address]] = {}
    seen: set[Address] = set()
    for operation in part.operations:
        address = parse_address(operation.address)
        if not operation.addresses.isdisjoint(blocked):
            return f"{operation.address} has an operation that is not over"
        at = touched(operation, address) if address is not None else frozenset()
        if address is not None and not at <= seen:
            first[address] = operation
            earlier[address] = at & seen
        seen |= at
    wanted = seen | {
        Address(address.tenant, *reference.split("/", 1))
        for address, operation in first.items()
        for reference in operation.precondition.exists
    }
    at_platform = [a for a in wanted if edges.kinds[a.kind].home.value == "platform"]
    objects = edges.platform.read_some(tuple(sorted(at_platform)))
    numbers = [a.name for a in first if edges.kinds[a.kind].naming is Naming.E164]
    records = edges.platform.numbers(tuple(sorted(set(numbers)))) if numbers else {}
    begun = accounts.tick()  # each account is read once from here on, whatever relies on it
    for address, operation in first.items():
        if operation.home == "platform":
            sentence = moved(operation, address, objects, records, earlier[address])
        else:
            cls = edges.kinds[address.kind]
            sentence = _moved_at_carrier(operation, address, cls, accounts, begun)
        if sentence:
            return sentence
    return ""


def _moved_at_carrier(
    operation: Operation, address: Address, cls: type[Resource], accounts: Accounts, begun: int
) -> str:
    can = accounts.carriers[operation.connector].capabilities
    if operation.kind in can.unlisted | can.seldom:
        return ""
    held = accounts.held_after(operation.connector, cls, begun)
    relied = operation.precondition.spec
    spec = relied if relied is not None else operation.after or {}
    holding = cls.held_as(address.name, spec, held)
    if relied is None:
        return "" if holding is None else f"{address} is on the account {operation.connector} now"
    if holding is None:
        return f"{address} is not on the account {operation.connector} any more"
    if holding.progress is not None:
        return ""  # of an order nothing is sent any more
    told = (relied.keys() | holding.spec.keys()) - can.never_told(operation.kind)
    fields = sorted(name for name in told if relied.get(name) != holding.spec.get(name))
    if fields:
        return f"{address}: {', '.join(fields)} changed at {operation.connector}"
    return ""


def _moved_objects(
    operation: Operation,
    address: Address,
    objects: Mapping[Address, Observed],
    earlier: frozenset[Address],
) -> Iterator[str]:
    found = changes(operation, address)
    left = {one.was for one in found}
    for one in found:
        if one.was not in earlier:
            yield from _moved_object(one, objects.get(one.was))
        if one.address not in left | earlier and one.address in objects:
            yield f"{one.address} is there now{_by_whom(objects[one.address])}"


def _moved_object(one: Change, have: Observed | None) -> Iterator[str]:
    if one.before is None:
        if have is not None:
            yield f"{one.was} is there now{_by_whom(have)}"
    elif have is None:
        yield f"{one.was} is not there any more"
    elif dict(have.spec) != one.before:
        fields = sorted(
            name
            for name in one.before.keys() | have.spec.keys()
            if one.before.get(name) != have.spec.get(name)
        )
        yield f"{one.was}: {', '.join(fields)} changed{_by_whom(have)}"
    elif one.live and have.published != one.published:
        yield _published_anew(one.was, have)


def _published_anew(address: Address, have: Observed | None) -> str:
    return f"{address}: another version was published{_by_whom(have)}"


def _is_lost(tenant: str, reference: str, objects: Mapping[Address, Observed]) -> bool:
    kind, name = reference.split("/", 1)
    return Address(tenant, kind, name) not in objects


def _by_whom(have: Observed | None) -> str:
    if have is None or not have.updated_by:
        return ""
    return f" (by {have.updated_by} at {have.updated_at})"


def _by_record(record: PoolNumber | None) -> str:
    return f" (by {record.updated_by})" if record is not None and record.updated_by else ""
