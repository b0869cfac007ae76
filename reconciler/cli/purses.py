"""What is known of an account's money and of its few requests; nobody is asked for it."""

from __future__ import annotations

from reconciler.cli.session import Session
from reconciler.protocols import Allowance, Carrier
from reconciler.report.purse import Purse


def purse_of(session: Session, carrier: Carrier) -> Purse:
    """Look into the ledger.

    Raises:
        Unavailable: It cannot be read.
    """
    kept = session.accounts.facts.kept(carrier.connector)
    allowed = carrier.allowance
    used, next_at = spent_of(session, allowed) if allowed is not None else (0, "")
    return Purse(
        tells_balance="balance" in carrier.capabilities.tells,
        balance=kept.balance if kept is not None else None,
        currency=kept.currency if kept is not None else "",
        at=kept.at if kept is not None else "",
        limit=allowed.limit if allowed is not None else None,
        used=used,
        next_at=next_at,
    )


def spent_of(session: Session, allowed: Allowance) -> tuple[int, str]:
    """How many scarce requests are used, and when the next frees up: UTC with Z, "" for now.

    Raises:
        Unavailable: The ledger cannot be read.
    """
    now = f"{session.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    used, next_at = session.ledger.spent(
        allowed.bucket, window_seconds=allowed.window_seconds, now=now
    )
    return used, f"{next_at[:19]}Z" if next_at else ""
