"""Rows of the ledger's tables as what they tell."""

from __future__ import annotations

import json

from reconciler.database import Row
from reconciler.model.address import Address
from reconciler.model.state import Applied
from reconciler.protocols import Run


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
