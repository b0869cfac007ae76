"""The protocols of the edges: platform, carrier, ledger, secrets, clock.

The engine decides, `apply` acts; both know the outside only through what stands here. Every
implementation passes one conformance suite per protocol. What a call did is a value, one of
five outcomes; only what prevents a *read* is an exception (`Unavailable`).
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Applied, Observed
from reconciler.model.supply import Holding, PoolNumber, Stock

if TYPE_CHECKING:  # pydantic takes a fifth of a second that an unchanged plan does without
    from reconciler.model.secret import SecretReference

# Time, and the seams of the crash harness.


class Clock(Protocol):
    """Time as an input; only the entry point makes a real one."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow and count a suspended machine."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Checkpoint(Protocol):
    """Called at every boundary where a kill changes what is on disk or on the wire."""

    def __call__(self, name: str) -> None:
        """Pass the boundary `name`, such as ``op-sent:before-commit``."""
        ...


def no_checkpoint(name: str) -> None:
    """Pass every boundary: the checkpoint of real life."""
    del name


# Outcomes of a write, at any home.


@dataclass(frozen=True, slots=True)
class Done:
    """The home said so, in an answer that decodes and names our object."""

    external_id: str = ""
    acquired_at: str = ""
    digest: str = ""
    """Digest of the answer."""
    amount: Decimal | None = None
    currency: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The home accepted it and will finish it later; reading will tell."""

    reason: str
    external_id: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Definitely not done and not worth repeating as it is."""

    reason: str
    moved: bool = False
    """Whether it was refused because the object is not what we relied on."""
    by: str = ""
    """Who moved it, where the home can tell."""
    stops_account: bool = False
    """Whether the same answer awaits every further order there (no money, no access)."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Definitely not done: nothing left this process, or the home said "not processed"."""

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and nothing says whether it was done."""

    reason: str


Outcome = Done | Waiting | Refused | NotSent | Unknown


# Platform.


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


# Carriers.


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier can promise; the caller looks before it repeats where it cannot.

    Attributes:
        keyed: Whether an order may carry an idempotency key that the carrier remembers.
        key_lifetime_seconds: For how long we rely on that memory (less than it promises).
        natural_key: Whether ordering a number that the account has is refused by itself.
        tells_stock: Whether its inventory says for certain that a number is not offered.
        deletes_by_id: Whether a release names an id that changes when a number is re-bought.
        settle_seconds: How long a lost request may still take effect.
        fields: Fields of `carrier_number` that it holds and can read back.
    """

    keyed: bool
    natural_key: bool
    tells_stock: bool
    deletes_by_id: bool = False
    key_lifetime_seconds: int = 23 * 3600
    settle_seconds: int = 15 * 60
    fields: frozenset[str] = frozenset({"connector", "handoff"})


@dataclass(frozen=True, slots=True)
class Listing:
    """All numbers of one carrier account, complete or not returned at all.

    Attributes:
        account: The account's id as the carrier reports it.
        holdings: Each number by E.164.
        odd: Rows that could not be understood, each as one escaped sentence.
        observed_at: UTC instant with Z.
    """

    account: str
    holdings: Mapping[str, Holding]
    observed_at: str
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierAct:
    """One thing to do at a carrier: order, update or release one number.

    Attributes:
        action: ORDER, UPDATE or RELEASE.
        e164: The exact number.
        after: Settings to leave behind; None for a release.
        holding: The number as observed; None for an order.
    """

    action: Action
    e164: str
    after: Spec | None = None
    holding: Holding | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request made ready: all that will be sent but the key, and the digest of it."""

    act: CarrierAct
    body: bytes = field(repr=False)
    digest: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What holding a number costs. None: the carrier gives no price (never zero)."""

    currency: str
    once: Decimal | None
    monthly: Decimal | None


class Carrier(Protocol):
    """One carrier account, spoken to in our words.

    Nothing in here retries a write, orders acts or journals. Reads raise `Unavailable`
    unless they are authoritative: complete, decoded and of the right account.
    """

    connector: str
    capabilities: Capabilities

    def account(self) -> str:
        """The account's id, without spending a scarce request."""
        ...

    def observe(self) -> Listing:
        """All numbers of the account, ours or not, in bulk. Reads only."""
        ...

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """What the inventory says of numbers that the account does not hold. Reads only."""
        ...

    def price(self, e164: str) -> Price | None:
        """What ordering and holding `e164` would cost, as far as it is known without a call."""
        ...

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Make a request ready; what the carrier cannot do is refused here, unsent."""
        ...

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Send one request, once."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


# Secrets.


class SecretValue:
    """A secret in the hand: it prints, formats, pickles and compares as nothing of itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one place that must have it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class SecretSource(Protocol):
    """Resolves references and seals values.

    Raises:
        Unavailable: No key, or a reference that cannot be resolved; never with its value.
    """

    def resolve(self, reference: SecretReference, address: Address, field_name: str) -> SecretValue:
        """The value behind a reference. `generate` makes a new one."""
        ...

    def seal(self, value: SecretValue, address: Address, field_name: str) -> str:
        """A token that opens at this address and field only."""
        ...

    def open(self, token: str, address: Address, field_name: str) -> SecretValue:
        """The value in a token made by `seal` for this address and field."""
        ...

    def mac(self, value: SecretValue, address: Address, field_name: str) -> str:
        """A keyed fingerprint, for the ledger only; its key never rotates."""
        ...

    def require_keys(self) -> None:
        """Fail now, with the next step, when there is no key to seal with."""
        ...


@dataclass(frozen=True, slots=True)
class GeneratedSecret:
    """A secret that was made here and that somebody must be told."""

    address: Address
    field_name: str
    value: SecretValue


class SecretSink(Protocol):
    """Where generated secrets go once, for a person or a provisioning system."""

    def deliver(self, secrets: Sequence[GeneratedSecret]) -> None:
        """Hand them over, all on disk when this returns."""
        ...


# Ledger.


class State(enum.StrEnum):
    """States of an operation in the journal."""

    INTENDED = "intended"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
    PARKED = "parked"


OPEN = frozenset({State.INTENDED, State.SENT, State.DONE, State.UNKNOWN, State.PARKED})
"""States in which an operation is not over."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An operation as it is written when its part of the plan is consumed."""

    op: str
    """Its id in the plan, such as `op-04`."""
    address: Address
    home: str
    account: str
    """The platform's name or the carrier account's id."""
    resource_key: str
    """What must not be acted on twice at once: the E.164 for numbers, else the address."""
    action: Action
    reversibility: Reversibility
    charge: Charge
    body: str
    """The operation as canonical JSON: all that `resume` needs, no secrets."""


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on some scopes, until taken over: an epoch for each."""

    epochs: Mapping[str, int]
    owner: str
    run_id: str
    nonce: str


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease as `locks` shows it."""

    scope: str
    epoch: int
    owner: str
    run_id: str
    nonce: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Run:
    """One apply, as `runs` shows it."""

    run_id: str
    started_at: str
    finished_at: str
    who: str
    command: str
    exit_code: int | None
    parts: tuple[str, ...]
    plan_id: str


@dataclass(frozen=True, slots=True)
class Move:
    """What is remembered of an object that was renamed, or that refers to one.

    Attributes:
        was: The address that it is remembered under.
        address: The one that it has from now on; the same for what only refers.
        spec: What counts as applied there.
        macs: Keyed fingerprints of its secrets, by field; None leaves those that it has.
        live: Digest of what was live and of what is from now on; None for no change. What is
            remembered of it changes only where it was what was live.
        former: The name that it had before it changed places with another one; "" forgets
            that, None leaves it.
    """

    was: Address
    address: Address
    spec: Spec
    macs: Mapping[str, str] | None = None
    live: tuple[str, str] | None = None
    former: str | None = None


class Journal(Protocol):
    """One open, fenced transaction of the ledger. It commits when its block ends."""

    def consume(self, plan_id: str, part: str, digest: str, intents: Sequence[Intent]) -> None:
        """Use a part of a plan up and write all its intents.

        Raises:
            Stale: It was used before; the message names the run.
        """
        ...

    def send(self, op_id: str, *, key: str, body_digest: str, deadline: str, attempt: int) -> None:
        """Move to `sent`: from here on it may have been sent."""
        ...

    def move(self, op_id: str, state: State, note: str = "", **facts: str | bool) -> None:
        """Move to another state. `facts` are columns of `Entry`: external_id, waiting, ..."""
        ...

    def applied(
        self, address: Address, spec: Spec | None, macs: Mapping[str, str], published: str = ""
    ) -> None:
        """Remember what an address was left as; None forgets it.

        `macs` by secret field; `published` is the digest of what was made live, "" for no news.
        """
        ...

    def renamed(self, moves: Sequence[Move]) -> None:
        """Remember what was left under other names, all at once."""
        ...

    def approve(self, kind: str, value: str, detail: str) -> None:
        """Record an approval or an allowed limit, with who gave it."""
        ...

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Add a record to the audit chain."""
        ...


class Ledger(Protocol):
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
        """Numbers whose order was verified at that account since an instant."""
        ...

    def recent_releases(self, account: str) -> frozenset[str]:
        """Numbers with a release that was sent or is over, at that account."""
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

    def owners(self, kind: str, names: Collection[str]) -> Mapping[str, str]:
        """Which tenant last applied each name of a kind, for those that one did."""
        ...

    def spend(
        self, bucket: str, *, limit: int, window_seconds: int, now: str
    ) -> tuple[bool, int, str]:
        """Take one request from a budget shared by all processes.

        Returns:
            Whether there was one, how many are used now, and when the next frees up.
        """
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
