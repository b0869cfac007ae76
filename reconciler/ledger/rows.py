"""Rows of the ledger's tables as what they tell."""

from __future__ import annotations

import json

from reconciler.database import Row
from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.state import Applied
from reconciler.protocols import Entry, Run, State

COLUMNS = (
    "op_id, run_id, plan_id, part, seq, op, address, home, account, resource_key, action,"
    " reversibility, charge, state, attempt, idem_key, body_digest, epoch, first_sent_at, sent_at,"
    " deadline, external_id, external_acquired_at, amount, currency, sends, absent_at, waiting,"
    " doubt, note, body"
)
"""The columns that `entry_of` reads; its fields by the same names."""

IS_OPEN = "state <> 'failed' AND state <> 'verified'"
IS_PAID = "(charge <> 'free' OR reversibility = 'irreversible')"
"""Both word for word as in the partial indexes, which serve no other wording."""


def as_applied(row: Row) -> Applied:
    """What an apply left at an address."""
    tenant, kind, name, spec, run_id, at, published, was = row
    address = Address(tenant, kind, name)
    return Applied(address, json.loads(spec), run_id, at, published, was)


def as_run(row: Row, parts: list[str]) -> Run:
    """A run with the parts that it consumed."""
    run_id, started_at, finished_at, who, command, exit_code, plan_id, taken_over_by = row
    return Run(
        run_id=run_id,
        started_at=started_at,
        finished_at=finished_at,
        who=who,
        command=command,
        exit_code=exit_code,
        parts=tuple(parts),
        plan_id=plan_id,
        taken_over_by=taken_over_by,
    )


def entry_of(row: Row) -> Entry:
    """Read a row of `COLUMNS`; what was never set is "" or 0."""
    op_id, run_id, plan_id, part, seq, op, address, home, account, resource_key, *rest = row
    action, reversibility, charge, state, attempt, idem_key, body_digest, epoch, *rest = rest
    first_sent_at, sent_at, deadline, external_id, external_acquired_at, *rest = rest
    amount, currency, sends, absent_at, waiting, doubt, note, body = rest
    return Entry(
        op_id=op_id,
        run_id=run_id,
        plan_id=plan_id,
        part=part,
        seq=seq,
        op=op,
        address=Address(*address.split("/", 2)),
        home=home,
        account=account,
        resource_key=resource_key,
        action=Action(action),
        reversibility=Reversibility(reversibility),
        charge=Charge(charge),
        state=State(state),
        attempt=attempt,
        idem_key=idem_key or "",
        body_digest=body_digest or "",
        epoch=epoch or 0,
        first_sent_at=first_sent_at or "",
        sent_at=sent_at or "",
        deadline=deadline or "",
        external_id=external_id,
        external_acquired_at=external_acquired_at,
        amount=amount,
        currency=currency,
        sends=sends,
        absent_at=absent_at,
        waiting=waiting,
        doubt=bool(doubt),
        note=note,
        body=body,
    )
