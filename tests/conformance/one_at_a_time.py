"""A platform like an HTTP API: each write commits by itself, one write a call.

It takes no part in anybody's transaction, and its answer may be lost on the way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.database import open_database
from reconciler.errors import Unavailable
from reconciler.model.address import Address
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import Done, Outcome, Refused, SealedAt, SealedSecret, TenantRead, Write


class OneAtATime:
    """`protocols.Platform` with a store of its own, and faults to order.

    Attributes:
        written: The writes that took effect, in their order.
    """

    transactional: bool = False

    def __init__(self, url: str = "sqlite:///:memory:", name: str = "one-at-a-time") -> None:
        self.name = name
        self.written: list[Write] = []
        self._store = SqlPlatform(open_database(url), name)
        self._faults: deque[tuple[Outcome, bool]] = deque()
        self._failing_reads = 0

    # Faults.

    def fail_next(self, outcome: Outcome, *, done: bool = False) -> None:
        """Answer the next write with `outcome`. `done`: it takes effect, its answer is lost.

        Several calls queue up, one for each write to come.
        """
        self._faults.append((outcome, done))

    def fail_reads(self, count: int = 1) -> None:
        """Fail the next `count` reads, whichever they are."""
        self._failing_reads = count

    # The platform.

    def write(self, writes: Sequence[Write]) -> Outcome:
        if len(writes) != 1:
            return Refused(f"{self.name} takes one write at a time, not {len(writes)}.")
        if not self._faults:
            return self._take_effect(writes[0])
        outcome, done = self._faults.popleft()
        if done:
            self._take_effect(writes[0])
        return outcome

    def _take_effect(self, write: Write) -> Outcome:
        outcome = self._store.write([write])
        if isinstance(outcome, Done):
            self.written.append(write)
        return outcome

    def _reading(self) -> SqlPlatform:
        if self._failing_reads:
            self._failing_reads -= 1
            raise Unavailable(f"{self.name} does not answer.", "Try again later.")
        return self._store

    def revisions(self) -> Mapping[str, int]:
        return self._reading().revisions()

    def read(self, tenant: str) -> TenantRead:
        return self._reading().read(tenant)

    def read_many(self, tenants: Sequence[str]) -> Iterator[TenantRead]:
        return self._reading().read_many(tenants)

    def read_some(self, addresses: Collection[Address]) -> Mapping[Address, Observed]:
        return self._reading().read_some(addresses)

    def numbers(self, e164s: Collection[str]) -> Mapping[str, PoolNumber]:
        return self._reading().numbers(e164s)

    def numbers_of(self, tenant: str | None = None) -> tuple[PoolNumber, ...]:
        return self._reading().numbers_of(tenant)

    def load_numbers(self, numbers: Iterable[PoolNumber], *, at: str = "") -> int:
        return self._store.load_numbers(numbers, at=at)

    def published(self, address: Address) -> tuple[int, Mapping[str, Any]] | None:
        return self._reading().published(address)

    def sealed(self, address: Address) -> Mapping[str, SealedSecret]:
        return self._reading().sealed(address)

    def all_sealed(self) -> Iterable[SealedAt]:
        return self._reading().all_sealed()

    def reseal(self, changes: Sequence[tuple[SealedAt, str]]) -> int:
        return self._store.reseal(changes)

    def close(self) -> None:
        self._store.close()
