"""Read what is there: the platform's objects, the carriers' numbers, what may be believed.

A carrier account is read once for all tenants. A listing that may be stale, cut or of
another account is no observation: "could not be read" is never "does not exist".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from reconciler.errors import Unavailable
from reconciler.facts import Facts
from reconciler.forms import Forms
from reconciler.model.address import Address
from reconciler.model.state import Applied
from reconciler.model.supply import Holding
from reconciler.protocols import Carrier, Clock, Ledger, Listing

if TYPE_CHECKING:  # pydantic takes a fifth of a second that an unchanged plan does without
    from reconciler.model.resource import Resource

Held = Mapping[str, Holding]
"""All that an account holds of one kind."""


@dataclass(slots=True)
class Accounts:
    """The listings of carrier accounts, each read when first asked for and kept.

    Attributes:
        carriers: Carrier accounts by connector.
        ledger: Knows which numbers must be there.
        clock: Time.
        may_be_gone: How many numbers of ours an account may have had that is empty now: said by
            whoever looked, for one run. Else an empty list is taken for a wrong one.
        facts: What the accounts say of themselves, asked seldom.
        forms: How they write what they are asked for.
    """

    carriers: Mapping[str, Carrier]
    ledger: Ledger
    clock: Clock
    may_be_gone: int = 0
    facts: Facts = field(init=False)
    forms: Forms = field(init=False)
    believed_empty: dict[str, int] = field(default_factory=dict)
    """Accounts that were empty and believed for that, with how many numbers of ours were there."""
    _kept: dict[str, tuple[float, int, Listing]] = field(default_factory=dict)
    _seen: dict[str, frozenset[str]] = field(default_factory=dict)
    _ticks: int = 0
    _failed: dict[str, str] = field(default_factory=dict)
    dearer: dict[str, str] = field(default_factory=dict)
    """By connector, why nothing more is bought there: it took more than the plan said."""
    _orders: dict[tuple[str, str, str], tuple[int, Held | str]] = field(default_factory=dict)
    _confirmed: dict[tuple[str, str], bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.carriers, self.ledger, self.clock)
        self.forms = Forms(self.carriers, self.ledger, self.clock)

    def take(self, connector: str, read: Listing | str) -> None:
        """Take what somebody else has read: a listing, or the reason why there is none."""
        if isinstance(read, str):
            self._failed[connector] = read
        else:
            self._kept[connector] = (self.clock.monotonic(), self.tick(), read)

    def read_here(self) -> dict[str, Listing]:
        """The latest listing of each account that was read in this process, by connector."""
        return {name: self._kept[name][2] for name in self._seen if name in self._kept}

    def tick(self) -> int:
        """A mark in the sequence of sends and reads: a later read has a higher one."""
        self._ticks += 1
        return self._ticks

    def listing_after(self, connector: str, mark: int) -> Listing:
        """The account's numbers, from a read that began after `mark`.

        Raises:
            Unavailable: As for `listing`.
        """
        kept = self._kept.get(connector)
        return kept[2] if kept is not None and kept[1] > mark else self.refresh(connector)

    def listing(self, connector: str, max_age_seconds: float | None = None) -> Listing:
        """The account's numbers, read anew when older than `max_age_seconds`.

        Raises:
            Unavailable: The account cannot be read, or what it says cannot be believed.
        """
        kept = self._kept.get(connector)
        if kept is not None:
            age = self.clock.monotonic() - kept[0]
            if max_age_seconds is None or age <= max_age_seconds:
                return kept[2]
        return self.refresh(connector)

    def orders(self, connector: str, kind: str, mark: int = -1, since: str = "") -> Held:
        """The account's orders of a kind that take long, from a read that began after `mark`.

        With `since`, an instant, also those that were taken since then are whole which are over.

        Raises:
            Unavailable: They cannot be read; found out once, where any read will do.
        """
        kept = self._orders.get((connector, kind, since))
        if kept is None or kept[0] <= mark:
            read: Held | str
            begun = self.tick()
            try:
                read = self._carrier(connector).orders(kind, since)
            except Unavailable as error:
                read = error.message
            kept = self._orders[connector, kind, since] = begun, read
        if isinstance(kept[1], str):
            raise Unavailable(kept[1], "Try again later; nothing was changed.")
        return kept[1]

    def held(self, connector: str, kind: type[Resource], max_age_seconds: float) -> Held:
        """All that an account holds of a kind; orders that take long are always read anew.

        Raises:
            Unavailable: As for `listing` and `orders`.
        """
        if kind.brings:
            return self.orders(connector, kind.kind, self.tick())
        return self.listing(connector, max_age_seconds).of(kind.kind)

    def held_after(self, connector: str, kind: type[Resource], mark: int, since: str = "") -> Held:
        """All that an account holds of a kind, from a read that began after `mark`.

        With `since`, orders that were taken since then are whole, also those that are over.

        Raises:
            Unavailable: As for `listing` and `orders`.
        """
        if kind.brings:
            return self.orders(connector, kind.kind, mark, since)
        return self.listing_after(connector, mark).of(kind.kind)

    def read(self, connector: str) -> Listing | str:
        """The listing of an account, or the reason why there is none."""
        return self.failure(connector) or self.listing(connector)

    def failure(self, connector: str) -> str:
        """Why an account cannot be read, "" when it can; asked once for all tenants."""
        if connector not in self._failed:
            try:
                self.listing(connector)
                self._failed[connector] = ""
            except Unavailable as error:
                self._failed[connector] = error.message
        return self._failed[connector]

    def emptied(self, connector: str, kind: str, names: Collection[str]) -> str:
        """Say why what is ours is not taken for gone, though its list does not have it.

        Args:
            connector: The account.
            kind: What is listed by itself.
            names: All of that kind that is known to be ours there.

        Returns:
            A sentence; "" where the list is believed: it leaves nothing in doubt, the carrier
            says the same when it is asked for one of them, or somebody looked and said so.
        """
        listing = self.listing(connector)
        gone = frozenset(names) - listing.of(kind).keys()
        if kind not in listing.unsure or len(gone) <= self.may_be_gone:
            return ""
        if (connector, kind) not in self._confirmed:
            told = self._carrier(connector).confirms(kind, min(gone))
            self._confirmed[connector, kind] = told
        if self._confirmed[connector, kind] is False:
            return ""
        return (
            f"{listing.unsure[kind]} says nothing of {min(gone)}, which was there. If you looked"
            f" there and it is gone, say so once: --allow {EMPTY_ACCOUNT}={len(gone)}."
        )

    def refresh(self, connector: str) -> Listing:
        """Read the account now.

        Raises:
            Unavailable: As for `listing`.
        """
        carrier = self._carrier(connector)
        mark = self.tick()
        listing = carrier.observe()
        doubt = self._doubt(connector, carrier, listing)
        if doubt:
            raise Unavailable(doubt, "Try again later; nothing was changed.")
        self._kept[connector] = (self.clock.monotonic(), mark, listing)
        self._seen[connector] = frozenset(listing.holdings)
        return listing

    def _carrier(self, connector: str) -> Carrier:
        carrier = self.carriers.get(connector)
        if carrier is None:
            raise Unavailable(
                f"There is no connector {connector} in reconciler.yaml any more: put it back.",
                "Put it back under `connectors` of reconciler.yaml.",
            )
        return carrier

    def _doubt(self, connector: str, carrier: Carrier, listing: Listing) -> str:
        """Say why a listing cannot be believed; "" when it can.

        The known-owned sentinel: a number of ours that was there moments ago, or whose order
        was verified within the settle window, and that no release of ours explains, cannot
        be missing from a current list.
        """
        if listing.account != carrier.account():
            return f"{connector} answered for the account {listing.account}, not for ours."
        explained = self.ledger.recent_releases(listing.account)
        since = self.clock.now() - timedelta(seconds=carrier.capabilities.settle_seconds)
        recent = self.ledger.recent_acquisitions(listing.account, _text(since))
        missing = ((self._seen.get(connector, frozenset()) | recent) - explained) - set(
            listing.holdings
        )
        if missing:
            first = min(missing)
            return f"{connector} gave an old list: it lacks {first}, which was just there."
        return "" if listing.holdings else self._emptied(connector, listing.account, explained)

    def _emptied(self, connector: str, account: str, explained: frozenset[str]) -> str:
        """Say why an empty listing is not believed."""
        since = self.ledger.believed_empty_at(account)
        gone = len(self.ledger.recent_acquisitions(account, since) - explained)
        if gone <= self.may_be_gone:
            if gone:
                self.believed_empty[account] = gone
            return ""
        return (
            f"{connector} gave an empty list, but we know {gone} of ours on that account. If you"
            f" looked there and it is empty, say so once: --allow {EMPTY_ACCOUNT}={gone}."
        )


EMPTY_ACCOUNT = "empty_account"
"""What `--allow` calls the number of ours that may be gone from an account at once."""


def _text(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def emptied_kinds(
    accounts: Accounts, applied: Mapping[Address, Applied], unchecked: Collection[str]
) -> dict[tuple[str, str], str]:
    """Why lists in which nothing was are not believed, by connector and kind of what is ours."""
    ours: dict[tuple[str, str], set[str]] = {}
    for address, left in applied.items():
        connector = str(left.spec.get("connector", ""))
        if connector in accounts.carriers and connector not in unchecked:
            ours.setdefault((connector, address.kind), set()).add(address.name)
    doubts = {at: accounts.emptied(*at, names) for at, names in ours.items()}
    return {at: why for at, why in doubts.items() if why}


def read_accounts(accounts: Accounts, connectors: Collection[str]) -> dict[str, str]:
    """Read each account once; the reason for each that could not be read or believed."""
    return {name: why for name in sorted(connectors) if (why := accounts.failure(name))}
