"""Carrier accounts of a project, each opened when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from reconciler.errors import Unavailable
from reconciler.model.address import account_name
from reconciler.model.spec import Spec
from reconciler.observe import Accounts
from reconciler.protocols import Carrier, Ledger, Snapshot


class Connectors(Mapping[str, Carrier]):
    """Opens a connector when it is asked for; naming and counting them opens none.

    Raises:
        Unavailable: A connector cannot be opened: no credentials, or no adapter for its kind.
    """

    def __init__(self, names: tuple[str, ...], connect: Callable[[str], Carrier]) -> None:
        self._names = names
        self._connect = connect
        self._opened: dict[str, Carrier] = {}
        self._failed: dict[str, Unavailable] = {}

    def __getitem__(self, name: str) -> Carrier:
        if name not in self._names:
            raise KeyError(name)
        if name in self._failed:
            raise self._failed[name]
        if name not in self._opened:
            try:
                self._opened[name] = self._connect(name)
            except Unavailable as error:
                self._failed[name] = error
                raise
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def close(self) -> None:
        """Let go of all that were opened."""
        for carrier in self._opened.values():
            carrier.close()


class SharedBudgets:
    """Budgets in the ledger, which is opened when the first scarce request is to be sent."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger

    def spend(
        self, bucket: str, *, limit: int, window_seconds: int, now: str
    ) -> tuple[bool, int, str]:
        """As `protocols.Budgets`."""
        return self._ledger().spend(bucket, limit=limit, window_seconds=window_seconds, now=now)

    def fill(self, bucket: str, *, limit: int, window_seconds: int, until: str) -> None:
        """As `protocols.Budgets`."""
        self._ledger().fill(bucket, limit=limit, window_seconds=window_seconds, until=until)


def keep_snapshots(accounts: Accounts, ledger: Ledger) -> None:
    """Keep what was read here of accounts, for lists that ask none; a failure to is none."""
    for name, listing in accounts.read_here().items():
        held = frozenset(listing.holdings)
        with suppress(Unavailable):
            ledger.keep_snapshot(Snapshot(name, listing.account, listing.observed_at, held))


def made_at(ledger: Ledger, connector: str) -> dict[str, dict[str, str]]:
    """The carrier's ids of what was made on an account itself and is not over, by kind and name."""
    found: dict[str, dict[str, str]] = {}
    for row in ledger.open_operations(account_name(connector)):
        if row.external_id:
            found.setdefault(row.address.kind, {})[row.address.name] = row.external_id
    return found


def left_at(ledger: Ledger, connector: str) -> dict[str, dict[str, Spec]]:
    """What the last applies left on an account itself, by kind and name.

    A connector knows by it what was declared once and is there still.
    """
    found: dict[str, dict[str, Spec]] = {}
    for address, left in ledger.applied(account_name(connector)).items():
        found.setdefault(address.kind, {})[address.name] = left.spec
    return found
