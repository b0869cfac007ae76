"""Records of the ledger and the pool, as the lists show them."""

from __future__ import annotations

from typing import Any

from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import Entry, HeldLease, Run, State

RUN = Run(
    run_id="01JD7Q",
    started_at="2026-11-21T14:02:11.123456Z",
    finished_at="2026-11-21T14:02:19.000001Z",
    who="jo@host",
    command="apply plan.json",
    exit_code=8,
    parts=("acme", "globex"),
    plan_id="5f0e6bb8a1d14c02b07e0a3c1f5f2f11",
)

DONE = Entry(
    op_id="5f0e/acme/op-01",
    run_id="01JD7Q",
    plan_id="5f0e",
    part="acme",
    seq=1,
    op="op-01",
    address=Address("acme", "extension", "108"),
    home="platform",
    account="main",
    resource_key="acme/extension/108",
    action=Action.CREATE,
    reversibility=Reversibility.REVERSIBLE,
    charge=Charge.FREE,
    state=State.VERIFIED,
    attempt=1,
    idem_key="",
    body_digest="",
    epoch=3,
    first_sent_at="",
    sent_at="",
    deadline="",
    external_id="",
    external_acquired_at="",
    amount="",
    currency="",
    sends=0,
    absent_at="",
    waiting="",
    doubt=False,
    note="",
    body='{"secret":"not told"}',
)


def entry(op: str, **facts: Any) -> Entry:
    return DONE._replace(op=op, op_id=f"5f0e/acme/{op}", **facts)


ORDERED = entry(
    "op-02",
    address=Address("acme", "carrier_number", "+12015550144"),
    home="carrier",
    account="1234",
    action=Action.ORDER,
    charge=Charge.PAID,
    state=State.UNKNOWN,
    attempt=2,
    idem_key="5b1ec04a99",
    sends=2,
    amount="1.00",
    currency="USD",
    note="no answer in 30 s",
)
PARKED = entry("op-03", state=State.PARKED, note="a person must look", doubt=True)
WAITING = entry("op-04", state=State.DONE, waiting="the carrier validates it")

LEASE = HeldLease(
    scope="tenant/acme",
    epoch=3,
    owner="jo@host/4711",
    run_id="01JD7Q",
    nonce="8a31",
    expires_at="2026-11-21T14:03:11.000000Z",
)


def number(e164: str, state: NumberState, **facts: Any) -> PoolNumber:
    values = {"tenant": "acme", "connector": "voicetel", "country": "US", "type": "local"}
    return PoolNumber(e164=e164, state=state, **(values | facts))


NUMBERS = (
    number("+12015550100", NumberState.ASSIGNED, protect=True),
    number("+12015550111", NumberState.AVAILABLE, tenant="", connector="", type="", country=""),
    number("+12015550187", NumberState.QUARANTINED, quarantined_at="2026-10-02T09:00:00Z"),
    number("+12015550188", NumberState.QUARANTINED, quarantined_at="2026-10-08T09:00:00Z"),
    number(
        "+12015550189",
        NumberState.QUARANTINED,
        quarantined_at="2026-10-02T09:00:00Z",
        release_after="2026-12-31",
    ),
    number("+12015550190", NumberState.QUARANTINED),
    number(
        "+12015550191",
        NumberState.QUARANTINED,
        quarantined_at="2026-01-02T09:00:00Z",
        protect=True,
    ),
)
