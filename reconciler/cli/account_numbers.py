"""What carrier accounts have, and what of it nobody has. Reads only."""

from __future__ import annotations

from collections.abc import Collection

from reconciler.cli.session import Session
from reconciler.model.supply import NumberState
from reconciler.report.accounts import AccountNumbers


def account_numbers(session: Session, claimed: Collection[str]) -> tuple[AccountNumbers, ...]:
    """What each carrier account has, and what of it nobody has: no tenant and not the pool."""
    found: list[AccountNumbers] = []
    for connector in session.project.settings.connectors:
        read = session.accounts.read(connector)
        if isinstance(read, str):
            found.append(AccountNumbers(connector, unchecked=read))
            continue
        left = sorted(read.holdings.keys() - set(claimed))
        pooled = session.platform.numbers(left)
        had = {e164 for e164, one in pooled.items() if one.state is not NumberState.RELEASED}
        nobodys = tuple(e164 for e164 in left if e164 not in had)
        found.append(AccountNumbers(connector, len(read.holdings), nobodys))
    return tuple(found)
