"""`connectors forget`: give up what was left at an account that the project has no more."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from reconciler.apply.edges import LEASE_SECONDS
from reconciler.cli.session import Session
from reconciler.errors import Exit, Locked, Stale, WrongUsage
from reconciler.model.address import Address, account_name
from reconciler.planner import withdrawn
from reconciler.protocols import HeldLease, Lease, Remembered
from reconciler.report.machine import document
from reconciler.report.text import Line, line


def forget(session: Session, connector: str, reason: str) -> tuple[Address, ...]:
    """Know nothing any more of what the last applies left on an account itself. Sends nothing.

    Numbers, their emergency records and ports are tenants' own, and stay as they are.

    Raises:
        WrongUsage: The project has the connector, or nothing of the account is known.
        Stale: What an apply did there is not over.
        Locked: Somebody works on it.
    """
    known = session.project.settings.connectors
    if connector in known:
        raise WrongUsage(
            f"reconciler.yaml has the connector {connector}: what is there is planned.",
            "Take out of its section what is to go, then: reconciler plan",
        )
    run_id = secrets.token_hex(6)
    lease = _lease(session, connector, run_id)
    try:
        left = withdrawn(session.sources(), known).get(connector, [])  # as it is under the lease
        _refuse(session, connector, left)
        _forgotten(session, lease, connector, left, reason)
    finally:
        session.ledger.give_back(lease)
    return tuple(left)


def _lease(session: Session, connector: str, run_id: str) -> Lease:
    name = account_name(connector)
    taken = session.ledger.take(
        (f"tenant/{name}",), owner=session.owner, run_id=run_id, ttl_seconds=LEASE_SECONDS
    )
    if isinstance(taken, HeldLease):
        raise Locked(
            f"{name} is being worked on by {taken.owner} (run {taken.run_id}).",
            "Wait for it, or see: reconciler locks",
        )
    return taken


def _refuse(session: Session, connector: str, left: Sequence[Address]) -> None:
    if not left:
        raise WrongUsage(
            f"Nothing is known of the account {account_name(connector)}.",
            "See what is: reconciler plan",
        )
    for row in session.ledger.open_operations(account_name(connector)):
        raise Stale(
            f"{row.action} of {row.address} is not over: run {row.run_id}.",
            f"Find out what became of it: reconciler resume {row.run_id}; or look and say so:"
            f" reconciler runs show {row.run_id}",
        )


def _forgotten(
    session: Session, lease: Lease, connector: str, left: Sequence[Address], reason: str
) -> None:
    """Record it as a run, so that who did it, when and why stands among all others."""
    ledger = session.ledger
    command = f"connectors forget {connector}"
    ledger.start_run(lease.run_id, who=session.who, command=command, plan_id="")
    with ledger.transaction(lease, "forget") as journal:
        journal.applied_all([Remembered(address, None) for address in left])
        told = {"connector": connector, "reason": reason, "by": session.who}
        journal.tell("forget", told)
    ledger.finish_run(lease.run_id, Exit.DONE)


def forgotten_text(connector: str, left: Sequence[Address]) -> Iterator[Line]:
    """Tell what is not known any more."""
    for address in left:
        yield line(f"Forgotten: {address}. It was not taken away, and nothing was sent.")
    yield line(f"What is still at the account of {connector} is billed and in force there.")
    yield line("Next:  reconciler plan")


def forgotten_json(connector: str, left: Sequence[Address], reason: str) -> str:
    """The same for machines."""
    body = {"connector": connector, "addresses": list(map(str, left)), "reason": reason}
    return document("forgotten", body)
