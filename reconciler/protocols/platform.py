"""Where calls are handled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reconciler.model.address import Address
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Observed
from reconciler.model.supply import PoolNumber
from reconciler.protocols.outcome import Outcome


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret at rest: a token that only our keys open, and its rotation."""

    token: str = field(repr=False)
    version: int


@dataclass(frozen=True, slots=True)
class SealedAt:
    """A secret at rest, and where it is."""

    address: Address
    field_name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PoolChange:
    """A change of a number's record, with what it relies on.

    Attributes:
        expect_version: Version of the record that was read; 0 when there was none.
        after: The record to leave behind; its own `version` is not used.
    """

    expect_version: int
    after: PoolNumber


@dataclass(frozen=True, slots=True)
class Write:
    """One operation at a platform, compare-and-swap.

    Attributes:
        address: The object.
        expect_version: Its version as just read; 0 when it must not exist.
        spec: What it becomes; None deletes it. For a publish, None leaves it as it is.
        keys: The unique values it claims from now on.
        secrets: Sealed values to store beside it, by field; fields not named stay.
        publish: The graph that becomes its next published version.
        pool: The change of its number's record that belongs to it.
        was: The address that it has until then, for a rename: its history, secrets, published
            versions and whether it is managed go with it. `expect_version` is that of the
            object there, and nothing is at `address`, or what is there is renamed as well.
        also: What is changed in the same step, for a rename: what refers to it, under its new
            name, and what is renamed with it. Each has a spec, and stays managed or not; what
            only refers to it keeps its keys.
        by: Who does it, such as ``jo@host (run 01JD7Q)``.
        at: UTC instant with Z.
    """

    address: Address
    expect_version: int
    spec: Spec | None
    by: str
    at: str
    keys: tuple[Key, ...] = ()
    secrets: Mapping[str, SealedSecret] = field(default_factory=dict)
    publish: Mapping[str, Any] | None = None
    pool: PoolChange | None = None
    was: Address | None = None
    also: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantRead:
    """All objects of a tenant at one moment, and the tenant's revision then."""

    revision: int
    objects: Mapping[Address, Observed]


class Platform(Protocol):
    """Where calls are handled.

    Raises:
        Unavailable: It cannot be reached or read. Never an empty answer instead.
    """

    name: str
    transactional: bool
    """Whether `write` takes several writes as one, all or nothing."""

    def revisions(self) -> Mapping[str, int]:
        """The revision of each tenant that has anything there: one small read."""
        ...

    def read(self, tenant: str) -> TenantRead:
        """All objects of `tenant`. A tenant never seen: revision 0 and no objects."""
        ...

    def read_many(self, tenants: Sequence[str]) -> Iterator[TenantRead]:
        """As `read` for each of `tenants`, in their order, some tenants at a time.

        Tenants that are read together are read at one moment.
        """
        ...

    def read_some(self, addresses: Collection[Address]) -> Mapping[Address, Observed]:
        """The objects at `addresses` that exist: what an operation relies on, read again."""
        ...

    def numbers(self, e164s: Collection[str]) -> Mapping[str, PoolNumber]:
        """The records of those numbers that have one, whoever's they are."""
        ...

    def numbers_of(self, tenant: str | None = None) -> tuple[PoolNumber, ...]:
        """All records of a tenant, or of everybody, sorted by number."""
        ...

    def load_numbers(self, numbers: Iterable[PoolNumber], *, at: str = "") -> int:
        """Add records to the pool; one that exists is left as it is. Returns how many were new.

        `at` is when, a UTC instant with Z; who is `updated_by` of each.
        """
        ...

    def published(self, address: Address) -> tuple[int, Mapping[str, Any]] | None:
        """The live version of an object and its graph; None when nothing is live."""
        ...

    def sealed(self, address: Address) -> Mapping[str, SealedSecret]:
        """The secrets stored beside an object, by field, still sealed."""
        ...

    def all_sealed(self) -> Iterable[SealedAt]:
        """Every secret at rest, whoever's; what is written meanwhile may be missed."""
        ...

    def reseal(self, changes: Sequence[tuple[SealedAt, str]]) -> int:
        """Put another token of the same value in place of each, as one unit.

        A secret that is no longer what was read stays as it is. This changes no object: no
        version and no revision rises. Returns how many were replaced.
        """
        ...

    def write(self, writes: Sequence[Write]) -> Outcome:
        """Do `writes` as one unit, or refuse them all.

        A platform that is not `transactional` takes exactly one; a rename with all that is in
        its `also` is one. `Refused.moved` says that an object or record is not at the version
        that was relied on, and names it.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
