"""What an operation relies on and what it is to bring about, held against what is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reconciler.apply.edges import Edges
from reconciler.engine.plan import Operation, Part
from reconciler.engine.planning import record_facts
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import digest
from reconciler.model.resource import Naming
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.observe import Accounts


def is_so(operation: Operation, have: Observed | None) -> bool:
    """Whether an object is what an operation is to bring about."""
    if operation.action is Action.PUBLISH:
        return have is not None and have.published == digest(operation.graph)
    if operation.after is None:
        return have is None
    return have is not None and have.managed and dict(have.spec) == operation.after


def moved(
    operation: Operation,
    address: Address,
    objects: Mapping[Address, Observed],
    records: Mapping[str, PoolNumber],
) -> str:
    """Compare what an operation relies on with what is there now.

    Returns:
        A sentence naming the object, the field and who moved it; "" when nothing moved.
    """
    relied = operation.precondition
    have = objects.get(address)
    if operation.action is Action.PUBLISH:
        if have is not None and have.published == relied.published:
            return ""
        return f"{address}: another version was published{_by_whom(have)}"
    if relied.spec is None and have is not None:
        return f"{address} is there now{_by_whom(have)}"
    if relied.spec is not None and have is None:
        return f"{address} is not there any more"
    if relied.spec is not None and have is not None and dict(have.spec) != relied.spec:
        fields = sorted(
            name
            for name in relied.spec.keys() | have.spec.keys()
            if relied.spec.get(name) != have.spec.get(name)
        )
        return f"{address}: {', '.join(fields)} changed{_by_whom(have)}"
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
    for operation in part.operations:
        address = parse_address(operation.address)
        if operation.address in blocked:
            return f"{operation.address} has an operation that is not over"
        if address is not None and operation.action is not Action.PUBLISH:
            first.setdefault(address, operation)
        elif address is not None and address not in first:
            first[address] = operation
    wanted = set(first) | {
        Address(address.tenant, *reference.split("/", 1))
        for address, operation in first.items()
        for reference in operation.precondition.exists
    }
    at_platform = [a for a in wanted if edges.kinds[a.kind].home.value == "platform"]
    objects = edges.platform.read_some(tuple(sorted(at_platform)))
    numbers = [a.name for a in first if edges.kinds[a.kind].naming is Naming.E164]
    records = edges.platform.numbers(tuple(sorted(set(numbers)))) if numbers else {}
    for address, operation in first.items():
        if operation.home == "platform":
            sentence = moved(operation, address, objects, records)
        else:
            sentence = _moved_at_carrier(operation, address, accounts)
        if sentence:
            return sentence
    return ""


def _moved_at_carrier(operation: Operation, address: Address, accounts: Accounts) -> str:
    listing = accounts.listing(operation.connector, 0.0)
    holding = listing.holdings.get(address.name)
    if operation.precondition.spec is None:
        return "" if holding is None else f"{address} is on the account {operation.connector} now"
    if holding is None:
        return f"{address} is not on the account {operation.connector} any more"
    if dict(holding.spec) != operation.precondition.spec:
        fields = sorted(
            name
            for name in operation.precondition.spec.keys() | holding.spec.keys()
            if operation.precondition.spec.get(name) != holding.spec.get(name)
        )
        return f"{address}: {', '.join(fields)} changed at {operation.connector}"
    return ""


def _is_lost(tenant: str, reference: str, objects: Mapping[Address, Observed]) -> bool:
    kind, name = reference.split("/", 1)
    return Address(tenant, kind, name) not in objects


def _by_whom(have: Observed | None) -> str:
    if have is None or not have.updated_by:
        return ""
    return f" (by {have.updated_by} at {have.updated_at})"


def _by_record(record: PoolNumber | None) -> str:
    return f" (by {record.updated_by})" if record is not None and record.updated_by else ""
