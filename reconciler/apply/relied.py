"""What an operation relies on and what it is to bring about, held against what is there."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.engine.plan import Operation
from reconciler.engine.planning import record_facts
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.model.canonical import digest
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber


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


def _is_lost(tenant: str, reference: str, objects: Mapping[Address, Observed]) -> bool:
    kind, name = reference.split("/", 1)
    return Address(tenant, kind, name) not in objects


def _by_whom(have: Observed | None) -> str:
    if have is None or not have.updated_by:
        return ""
    return f" (by {have.updated_by} at {have.updated_at})"


def _by_record(record: PoolNumber | None) -> str:
    return f" (by {record.updated_by})" if record is not None and record.updated_by else ""
