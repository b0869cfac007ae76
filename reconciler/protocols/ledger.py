"""The reconciler's own records: runs, the journal, leases, what was applied, budgets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.state import Applied
from reconciler.protocols.journal import OPEN, Journal, State
from reconciler.protocols.memory import AccountMemory


class Entry(NamedTuple):
    """One row of the journal."""

    op_id: str
    """`<plan_id>/<part>/<op>`."""
    run_id: str
    plan_id: str
    part: str
    seq: int
    op: str
    address: Address
    home: str
    account: str
    resource_key: str
    action: Action
    reversibility: Reversibility
    charge: Charge
    state: State
    attempt: int
    idem_key: str
    body_digest: str
    epoch: int
    first_sent_at: str
    sent_at: str
    deadline: str
    external_id: str
    external_acquired_at: str
    amount: str
    currency: str
    sends: int
    """How often the request was sent with its present key."""
    absent_at: str
    """When an authoritative read first did not show it, "" when none did."""
    waiting: str
    """Why the home has not finished it, "" when it has or never said so."""
    doubt: bool
    """Whether an attempt of it once ended unknown: that attempt dominates later ones."""
    note: str
    body: str

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state in OPEN

    @property
    def is_paid(self) -> bool:
        """Whether money or a number is at stake."""
        return self.charge is not Charge.FREE or self.reversibility is Reversibility.IRREVERSIBLE


class Lease(NamedTuple):
    """The right to work on some scopes, until taken over: an epoch for each."""

    epochs: Mapping[str, int]
    owner: str
    run_id: str
    nonce: str


class HeldLease(NamedTuple):
    """A lease as `locks` shows it."""

    scope: str
    epoch: int
    owner: str
    run_id: str
    nonce: str
    expires_at: str


class Run(NamedTuple):
    """One apply, as `runs` shows it.

    `taken_over_by` is the run that found out what became of it after it was killed, "" for none.
    """

    run_id: str
    started_at: str
    finished_at: str
    who: str
    command: str
    exit_code: int | None
    parts: tuple[str, ...]
    plan_id: str
    taken_over_by: str = ""


EMPTIED = "emptied"
"""The kind of approval by which an account is believed to be empty."""


class Ledger(AccountMemory, Protocol):
    """The reconciler's own records.

    Raises:
        Unavailable: It cannot be reached, read or written.
        Fenced: A lease that was given is no longer ours.
    """

    def lineage(self) -> str:
        """The ledger's name for life, minted when it was made."""
        ...

    def serial(self) -> int:
        """Rises with every committed transaction; never goes back."""
        ...

    def floor(self) -> int:
        """The serial from which plans count: it rises when a backup becomes the ledger again."""
        ...

    def last_time(self) -> str:
        """The latest instant that the journal knows, "" for none: a floor for the clock."""
        ...

    def take(
        self, scopes: Collection[str], *, owner: str, run_id: str, ttl_seconds: float
    ) -> Lease | HeldLease:
        """Take all scopes or none; what is held by somebody alive is returned instead."""
        ...

    def give_back(self, lease: Lease) -> None:
        """End a lease; one that was taken over is left alone."""
        ...

    def renew(self, lease: Lease) -> None:
        """Prolong a lease. Raises Fenced when it was taken over."""
        ...

    def locks(self) -> tuple[HeldLease, ...]:
        """All leases that have not run out."""
        ...

    def unlock(self, nonce: str, who: str) -> bool:
        """Free exactly the lease that was looked at and fence its holder."""
        ...

    def transaction(self, lease: Lease | None, name: str) -> AbstractContextManager[Journal]:
        """Open a transaction that first checks the lease by its epochs and renews it.

        `name` is the boundary told to the checkpoint: ``<name>:before-begin``,
        ``:before-commit``, ``:after-commit``. Work of a platform on the same database that
        happens inside the block is part of the same transaction.
        """
        ...

    def start_run(self, run_id: str, *, who: str, command: str, plan_id: str) -> None:
        """Record that a run begins."""
        ...

    def finish_run(self, run_id: str, exit_code: int) -> None:
        """Record how it ended."""
        ...

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """The latest runs, newest first."""
        ...

    def run(self, run_id: str) -> Run | None:
        """One run."""
        ...

    def operations(self, run_id: str) -> tuple[Entry, ...]:
        """A run's journal rows in plan order."""
        ...

    def operation(self, op_id: str) -> Entry | None:
        """One journal row."""
        ...

    def entries(self, op_ids: Collection[str]) -> Mapping[str, Entry]:
        """Those journal rows that exist, by their ids."""
        ...

    def states(self, op_ids: Collection[str]) -> Mapping[str, State]:
        """The states of those journal rows that exist, by their ids."""
        ...

    def open_operations(self, tenant: str | None = None) -> tuple[Entry, ...]:
        """All rows that are not over, of one tenant or of all, oldest first."""
        ...

    def recent_acquisitions(self, account: str, since: str) -> frozenset[str]:
        """Numbers whose order or adoption was verified at that account since an instant."""
        ...

    def recent_releases(self, account: str) -> frozenset[str]:
        """Numbers with a release that was sent or is over, at that account."""
        ...

    def believed_empty_at(self, account: str) -> str:
        """When somebody last said that an account is empty; "" for never."""
        ...

    def quarantined_at(self, account: str, e164s: Collection[str]) -> Mapping[str, str]:
        """When each of those numbers was last quarantined there, for those that were."""
        ...

    def used(self, plan_id: str, part: str) -> str:
        """The run that consumed a part, "" when none did."""
        ...

    def applied(self, tenant: str) -> Mapping[Address, Applied]:
        """What was left at each address of a tenant by the last apply."""
        ...

    def applied_of(self, kind: str) -> tuple[Applied, ...]:
        """What the last applies left of one kind, whoever's, by name."""
        ...

    def owners(self, kind: str, names: Collection[str]) -> Mapping[str, str]:
        """Which tenant last applied each name of a kind, for those that one did."""
        ...

    def audit(self) -> Iterable[Mapping[str, Any]]:
        """The audit chain from its first record."""
        ...

    def verify_audit(self) -> str:
        """Check the chain; "" when whole, else a sentence naming the first bad record."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
