"""Whether numbers that leave service are in use, as their carriers' call records say."""

from __future__ import annotations

from datetime import datetime

from reconciler.engine.plan import Operation, Part, PartFacts
from reconciler.model.act import PARTINGS, Action
from reconciler.model.address import parse_address
from reconciler.observe import Accounts
from reconciler.protocols import CallRecords, NotChecked

_LEAVES = PARTINGS | {Action.QUARANTINE}
_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600


def leaves_service(part: PartFacts) -> bool:
    """Whether a part has numbers of which it matters if anybody calls them."""
    return any(part.acts.get(action.value) for action in _LEAVES)


def with_usage(part: Part, accounts: Accounts) -> Part:
    """Say of each number that is quarantined or leaves for good how much it is used.

    Nothing is decided by it. Carriers are asked only here, of accounts that such a number is at.
    """
    told = tuple(
        op.model_copy(update={"in_use": _in_use(op, accounts)}) if op.action in _LEAVES else op
        for op in part.operations
    )
    return part.model_copy(update={"operations": told})


def _in_use(operation: Operation, accounts: Accounts) -> str:
    address = parse_address(operation.address)
    record = operation.precondition.record or {}
    connector = operation.connector or record.get("connector", "")
    if address is None or not connector:
        return "unknown: no carrier account is known for it"
    read = accounts.read(connector)
    if isinstance(read, str):
        return f"unknown: {read}"
    records = accounts.facts.calls(connector, read.holdings)
    if isinstance(records, NotChecked):
        return f"unknown: {records.reason}"
    return _told(records, address.name)


def _told(records: CallRecords, e164: str) -> str:
    began, ended = map(datetime.fromisoformat, (records.since, records.at))
    days = round((ended - began).total_seconds() / _DAY_SECONDS)
    hours = max(1, round((ended - began).total_seconds() / _HOUR_SECONDS))
    window = f"{days} days" if days > 1 else f"{hours} h"
    use = records.numbers.get(e164)
    if use is None:
        return f"no call in {window}"
    calls = "1 call" if use.calls == 1 else f"{use.calls} calls"
    last = datetime.fromisoformat(use.last)
    return f"{calls} in {window}, the last one {last:%Y-%m-%d %H:%M} UTC"
