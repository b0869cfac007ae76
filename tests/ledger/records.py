"""What the ledger's tests are made of: a clock that is set by hand, operations, short cuts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconciler.ledger.sql import SqlLedger
from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.protocols import Intent, Lease, State

NUMBER = "+12015550144"
ACCOUNT = "vt-100"
OP = "plan-1/acme/op-01"

PATHS = {
    State.INTENDED: (),
    State.SENT: (State.SENT,),
    State.DONE: (State.SENT, State.DONE),
    State.FAILED: (State.FAILED,),
    State.UNKNOWN: (State.SENT, State.UNKNOWN),
    State.VERIFIED: (State.VERIFIED,),
    State.PARKED: (State.SENT, State.UNKNOWN, State.PARKED),
}
"""How an operation gets into each state."""


class HandClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 22, 1, 2, 3, 123456, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


def order(op: str = "op-01", number: str = NUMBER, **changes: object) -> Intent:
    values = {
        "op": op,
        "address": Address("acme", "carrier_number", number),
        "home": "carrier",
        "account": ACCOUNT,
        "resource_key": number,
        "action": Action.ORDER,
        "reversibility": Reversibility.IRREVERSIBLE,
        "charge": Charge.PAID,
        "body": '{"op":"' + op + '"}',
    }
    return Intent(**{**values, **changes})


def update(op: str = "op-01", name: str = "sales") -> Intent:
    address = Address("acme", "ring_group", name)
    return order(
        op,
        address=address,
        home="platform",
        account="platform",
        resource_key=str(address),
        action=Action.UPDATE,
        reversibility=Reversibility.REVERSIBLE,
        charge=Charge.FREE,
    )


def take(ledger: SqlLedger, *scopes: str, owner: str = "me", run: str = "run-1") -> Lease:
    lease = ledger.take(scopes or ("tenant/acme",), owner=owner, run_id=run, ttl_seconds=60)
    assert isinstance(lease, Lease)
    return lease


def consume(ledger: SqlLedger, lease: Lease, *intents: Intent, plan: str = "plan-1") -> None:
    with ledger.transaction(lease, "consume") as journal:
        journal.consume(plan, "acme", "digest", intents)


def send(ledger: SqlLedger, lease: Lease, op: str = OP, attempt: int = 1) -> None:
    with ledger.transaction(lease, "op-sent") as journal:
        journal.send(
            op,
            key=f"{op.replace('/', '-')}-{attempt}",
            body_digest=f"body-{attempt}",
            deadline="2026-11-22T01:03:00.000000Z",
            attempt=attempt,
        )


def move(ledger: SqlLedger, lease: Lease, state: State, op: str = OP, **facts: str | bool) -> None:
    with ledger.transaction(lease, "op-moved") as journal:
        journal.move(op, state, **facts)


def bring(ledger: SqlLedger, lease: Lease, state: State, op: str = OP) -> None:
    """Lead an operation that is intended into `state`."""
    for step in PATHS[state]:
        if step is State.SENT:
            send(ledger, lease, op)
        else:
            move(ledger, lease, step, op)
