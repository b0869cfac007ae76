"""The form of what `connectors` and `numbers search | coverage | pick` write for machines."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.engine.plan import Record
from reconciler.report.shapes.billing import BillingDocument
from reconciler.report.shapes.lists import Moment
from reconciler.report.shapes.pieces import Documented, Instant
from reconciler.report.shapes.problems import Fault

Amount = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]


class KnownPrice(Record):
    """What a number costs."""

    currency: str
    """Three letters."""
    monthly: Amount
    """What holding it costs a month."""
    once: Amount
    """What getting it costs."""


class Offered(Record):
    """A number that can be had."""

    e164: str
    """The number."""
    place: str
    """City or town, or nothing."""
    region: str
    """State or province, or nothing."""
    exchange: str
    """The rate centre, in the carrier's spelling, or nothing."""
    price: KnownPrice | None
    """What it costs; null where that is not known."""


class Questioned(Record):
    """What became of asking one connector."""

    connector: str
    """Which."""
    detail: str
    """Why it was not asked, or gave no answer."""
    hint: str
    """The next step then."""
    note: str
    """How to see what it did not show."""
    odd: tuple[str, ...]
    """Rows of its answer that could not be understood."""


class Offers(Questioned):
    """What one connector offers."""

    complete: bool
    """Whether these are all that it has; false where it may have others."""
    numbers: tuple[Offered, ...] | None
    """The numbers; null where it gave no answer."""


class CoveredArea(Record):
    """A part of what a carrier offers."""

    prefix: str
    """How its numbers begin, in E.164, or nothing."""
    place: str
    """City, town or rate centre, or nothing."""
    region: str
    """State or province, or nothing."""
    count: int | None
    """How many numbers it has; null where the carrier does not say."""


class Covered(Questioned):
    """Where one connector has numbers."""

    areas: tuple[CoveredArea, ...] | None
    """The parts; null where it gave no answer."""


class CredentialRecord(Record):
    """One thing that opens an account; never its value."""

    field: str
    """Its name."""
    reference: str
    """Where it comes from."""
    resolved: Literal["present", "missing", "not_tried"]
    """Whether it is there; a program is not run for a list."""
    detail: str
    """Why not."""


class PurseRecord(Record):
    """What is known of an account's money and of its few requests; nobody is asked for it."""

    tells_balance: bool
    """Whether its carrier tells what is left."""
    balance: Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$")] | None
    """What was left when it was last read; null where that is not known."""
    currency: str
    """Three letters, or nothing."""
    at: str
    """UTC instant with Z at which it was read, or nothing."""
    limit: int | None
    """How many requests about the account the carrier takes in an hour; null for no limit."""
    used: int
    """How many of them are used."""
    next_at: str
    """UTC instant with Z at which the next frees up, or nothing."""


class CapabilitiesRecord(Record):
    """What a carrier can promise, and what it can hold."""

    keyed: bool
    """Whether a repeated order is known by its key."""
    natural_key: bool
    """Whether ordering a number that the account has is refused by itself."""
    tells_stock: bool
    """Whether it says for certain that a number is not offered."""
    deletes_by_id: bool
    """Whether a release names an id that changes when a number is bought again."""
    key_lifetime_seconds: int
    """For how long its memory of keys is relied on."""
    settle_seconds: int
    """How long a lost request may still take effect."""
    fields: tuple[str, ...]
    """Fields of a number that it holds."""
    others: dict[str, tuple[str, ...]]
    """Fields of other kinds that it holds."""
    with_order: tuple[str, ...]
    """Those of `fields` that an order itself sets."""
    comes_with: dict[str, Any]
    """Those of `fields` that a number has once it is ordered, though nobody asks for them."""
    write_only: tuple[str, ...]
    """Those of `fields`, and `kind.field` of `others`, that it never tells."""
    unlisted: tuple[str, ...]
    """Kinds of `others` of which it never says even whether one is there."""
    seldom: tuple[str, ...]
    """Kinds of `others` that no list shows and the account's own description tells."""
    rewrites: tuple[str, ...]
    """Kinds of `others` that it keeps in a form of its own."""
    makes_anew: tuple[str, ...]
    """Kinds of `others` of which a second create may make a second one."""
    by_id: tuple[str, ...]
    """Kinds of `others` that are asked for by the id that their making told."""
    permanent: tuple[str, ...]
    """Kinds of `others` that it has no way to remove."""
    asynchronous: tuple[str, ...]
    """What it takes and does later."""
    lasting: tuple[str, ...]
    """Those of `fields`, and `kind.field` of `others`, that can be changed and never taken away."""
    removals: tuple[str, ...]
    """The acts by which a number can leave the account for good."""
    tells: tuple[str, ...]
    """What it says of the account itself: balance, rates, services, settings, calls, charges."""


class NumbersThere(Record):
    """How many numbers an account had when it was last read."""

    at: Instant
    """When."""
    ours: int
    """Numbers that are ours."""
    others: int
    """Numbers that are nobody's here."""
    missing: int
    """Numbers of ours that were not there."""


class ConnectorRecord(Record):
    """One connector."""

    name: str
    """Its name."""
    kind: str
    """Which carrier."""
    mode: Literal["real", "sandbox"]
    """Whether it is real."""
    account: str
    """The account's id, or nothing where it is not known without credentials."""
    handoff: str
    """Where it hands calls to by default, or nothing."""
    capabilities: CapabilitiesRecord | None
    """What it can do; null where that is not known."""
    credentials: tuple[CredentialRecord, ...]
    """What opens it."""
    numbers: NumbersThere | None
    """What was last read of it; null where nothing was."""
    trouble: str
    """Why it cannot be opened, though its credentials are there."""
    purse: PurseRecord | None
    """Its money and its few requests; null where it cannot be opened."""


class TestRecord(Record):
    """What one read of an account gave."""

    name: str
    """The connector."""
    result: Literal["ok", "failed"]
    """`skipped` where this version has no adapter for it."""
    milliseconds: int
    """How long it took."""
    detail: str
    """What it says."""
    hint: str
    """The next step where it failed."""
    purse: PurseRecord | None
    """Its money and its few requests; null where it could not be read."""


class StrayRecord(Record):
    """Something that is there and nobody's, or ours and not there."""

    kind: str
    """Its kind."""
    name: str
    """Its name."""
    whose: str
    """The tenant whose it is, or nothing."""
    detail: str
    """What else is known of it."""


class SyncRecord(Record):
    """An account as it was just read."""

    name: str
    """The connector."""
    account: str
    """Its id."""
    read: bool
    """Whether it could be read."""
    ours: int
    """How many things there are ours."""
    unowned: tuple[StrayRecord, ...]
    """What is there and nobody's."""
    missing: tuple[StrayRecord, ...]
    """What is ours and not there."""
    odd: tuple[str, ...]
    """Rows that could not be understood."""
    detail: str
    """Why it could not be read."""
    hint: str
    """The next step then."""
    purse: PurseRecord | None
    """Its money and its few requests; null where it could not be read."""


# Documents.


class Exited(Documented):
    """What every document has whose command may fail in part."""

    exit_code: int
    """The exit status of the command."""


class OffersDocument(Exited):
    """`numbers search`."""

    kind: Literal["offers"]
    """Which document it is."""
    connectors: tuple[Offers, ...]
    """Each connector that was to be asked."""


class CoverageDocument(Exited):
    """`numbers coverage`."""

    kind: Literal["coverage"]
    """Which document it is."""
    connectors: tuple[Covered, ...]
    """Each connector that was to be asked."""


class PickDocument(Documented):
    """`numbers pick`."""

    kind: Literal["pick"]
    """Which document it is."""
    e164: str
    """The number."""
    tenant: str
    """For whom."""
    connector: str
    """The carrier account, or nothing for a number that is the pool's own."""
    origin: Literal["pool", "held", "offered", "unsaid", "not_asked"]
    """How an apply would get it; `offered`, `unsaid` and `not_asked` may be paid for."""
    price: KnownPrice | None
    """What that would cost; null where that is not known or nothing is bought."""
    file: str
    """The file that has its line."""
    written: bool
    """Whether it was written."""
    problems: tuple[Fault, ...]
    """What the check says of the new line."""


class ConnectorsDocument(Documented):
    """`connectors list`."""

    kind: Literal["connectors"]
    """Which document it is."""
    connectors: tuple[ConnectorRecord, ...]
    """Each connector of the project."""
    elsewhere: dict[str, dict[str, int]]
    """How much of ours, by kind, is at each connector that the project file does not have."""


class ConnectorTestsDocument(Exited):
    """`connectors test`."""

    kind: Literal["connector-tests"]
    """Which document it is."""
    connectors: tuple[TestRecord, ...]
    """Each connector that was tested."""


class ConnectorSyncDocument(Exited):
    """`connectors sync`."""

    kind: Literal["connector-sync"]
    """Which document it is."""
    connectors: tuple[SyncRecord, ...]
    """Each account."""


class PortRecord(Record):
    """One port-in that was submitted."""

    tenant: str
    """Whose it is; nothing for an open one that nobody here submitted."""
    name: str
    """Its name in YAML, or nothing."""
    connector: str
    """The carrier account."""
    numbers: tuple[str, ...]
    """Its numbers; none where its carrier does not tell them again."""
    order: str
    """The carrier's id of it."""
    stage: Literal["open", "stuck", "over", "dropped", "missing"]
    """What has become of it; `stuck`: a person has to do something."""
    status: str
    """The carrier's own word."""
    since: Moment
    """When it was submitted, by the carrier."""
    date: Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
    """The day on which its numbers come, or nothing."""
    days: int | None
    """For how many whole days it has been open."""
    message: str
    """The carrier's words, without digits that may be an account number."""
    letter: str
    """Where a person signs the letter of authority, or nothing."""
    location: str
    """The emergency location of its numbers, not registered before they are under `numbers`."""
    link: str
    """Where a person asks the carrier about it, or nothing."""


class PortsDocument(Documented):
    """`ports list`."""

    kind: Literal["ports"]
    """Which document it is."""
    ports: tuple[PortRecord, ...]
    """Ours by name, then open ones of nobody's."""
    unchecked: tuple[str, ...]
    """Accounts that could not be read, with the reason."""


SupplyDocument = (
    BillingDocument
    | OffersDocument
    | CoverageDocument
    | PickDocument
    | ConnectorsDocument
    | ConnectorTestsDocument
    | ConnectorSyncDocument
    | PortsDocument
)
