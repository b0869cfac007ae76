"""What a ledger remembers of carrier accounts: budgets, what was read, what was paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol

from reconciler.model.act import Action
from reconciler.model.address import Address


class Snapshot(NamedTuple):
    """The numbers of a carrier account when it was last read; nothing is decided by it.

    Attributes:
        connector: Our name of the account.
        account: Its id as the carrier reported it.
        at: UTC instant with Z.
        e164s: All numbers that it held.
    """

    connector: str
    account: str
    at: str
    e164s: frozenset[str]


class KeptFact(NamedTuple):
    """What a carrier last said of an account itself.

    Attributes:
        connector: Our name of the account.
        topic: What it is about, such as `account` or `calls`.
        account: The account's id.
        at: UTC instant with Z at which it was read.
        value: What was said, as JSON; no secrets.
    """

    connector: str
    topic: str
    account: str
    at: str
    value: str


class Supplied(NamedTuple):
    """Something that verifiably came to a carrier account, or went from it.

    Attributes:
        address: What it is.
        connector: Our name of the account.
        action: The act.
        at: UTC instant at which it was known.
        amount: What its carrier told that it took, else what the plan said; None for nothing.
        currency: Three capital letters (ISO 4217), "" for none.
    """

    address: Address
    connector: str
    action: Action
    at: str
    amount: Decimal | None
    currency: str


class AccountMemory(Protocol):
    """The part of a ledger that knows carrier accounts."""

    def spend(
        self, bucket: str, *, limit: int, window_seconds: int, now: str
    ) -> tuple[bool, int, str]:
        """Take one request from a budget shared by all processes.

        Returns:
            Whether there was one, how many are used now, and when the next frees up.
        """
        ...

    def fill(self, bucket: str, *, limit: int, window_seconds: int, until: str) -> None:
        """Use a budget up until an instant, as its carrier says that it is."""
        ...

    def spent(self, bucket: str, *, window_seconds: int, now: str) -> tuple[int, str]:
        """How many of a budget are used, and when the next frees up; "" when none is."""
        ...

    def paid_since(self, account: str, at: str) -> Mapping[str, Decimal]:
        """What paid operations took, or may have taken, from an account since; by currency."""
        ...

    def supplied(self, since: str) -> tuple[Supplied, ...]:
        """What came to carrier accounts and went from them since an instant, oldest first."""
        ...

    def keep_fact(self, fact: KeptFact) -> None:
        """Keep what a carrier said of an account, in place of what it said before."""
        ...

    def forget_facts(self, connector: str, topics: Collection[str]) -> None:
        """Keep nothing of what a carrier said of an account about some topics."""
        ...

    def fact(self, connector: str, topic: str) -> KeptFact | None:
        """What was last kept of an account; None for nothing."""
        ...

    def facts(self, connector: str, topics: Collection[str]) -> Mapping[str, KeptFact]:
        """The same of many topics, by topic; those of which nothing is kept are left out."""
        ...

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep what was read of a carrier account, in place of what was kept before."""
        ...

    def snapshots(self) -> Mapping[str, Snapshot]:
        """What was last kept of each carrier account, by connector."""
        ...
