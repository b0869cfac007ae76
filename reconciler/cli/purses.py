"""What is known of an account's money and of its few requests; nobody is asked for it."""

from __future__ import annotations

from reconciler.cli.session import Session
from reconciler.protocols import Carrier
from reconciler.report.connectors import Purse


def purse_of(session: Session, carrier: Carrier) -> Purse:
    """Look into the ledger.

    Raises:
        Unavailable: It cannot be read.
    """
    kept = session.accounts.facts.kept(carrier.connector)
    allowed = carrier.allowance
    used, next_at = 0, ""
    if allowed is not None:
        now = f"{session.clock.now():%Y-%m-%dT%H:%M:%SZ}"
        used, next_at = session.ledger.spent(
            allowed.bucket, window_seconds=allowed.window_seconds, now=now
        )
    return Purse(
        tells_balance="balance" in carrier.capabilities.tells,
        balance=kept.balance if kept is not None else None,
        currency=kept.currency if kept is not None else "",
        at=kept.at if kept is not None else "",
        limit=allowed.limit if allowed is not None else None,
        used=used,
        next_at=f"{next_at[:19]}Z" if next_at else "",
    )
