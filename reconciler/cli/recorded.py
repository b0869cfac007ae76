"""Acts outside of an apply, with their record in the audit chain: who, when, what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.cli.session import Session
from reconciler.protocols import Done, Outcome


def recorded(
    session: Session, event: str, facts: Mapping[str, object], act: Callable[[], Outcome]
) -> Outcome:
    """Do something at the platform and record it.

    Where platform and ledger share a database both are one transaction. Else the record comes
    first, so that what was begun and broken off is on record; a refusal is recorded after it.
    """
    if session.shares_database:
        with session.ledger.transaction(None, event) as journal:
            outcome = act()
            if isinstance(outcome, Done):
                journal.tell(event, facts)
        return outcome
    _tell(session, event, facts)
    outcome = act()
    if not isinstance(outcome, Done):
        _tell(session, f"{event}-refused", facts)
    return outcome


def _tell(session: Session, event: str, facts: Mapping[str, object]) -> None:
    with session.ledger.transaction(None, event) as journal:
        journal.tell(event, facts)
