"""One carrier account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, Protocol

from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Stock
from reconciler.protocols.account import (
    AccountFacts,
    Allowance,
    CallRecords,
    Charges,
    NotChecked,
)
from reconciler.protocols.outcome import Outcome, Refused
from reconciler.protocols.search import Coverage, Found, Search
from reconciler.protocols.secrets import SecretValue

NUMBER: Final = "carrier_number"
"""The kind of a number's presence on an account."""


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
        fields: Fields of `carrier_number` that it holds: each can be set by an update, and
            read back unless it is in `write_only`.
        others: Fields of other kinds that it holds, by kind, such as `emergency_record`.
        with_order: Those of `fields` that an order itself sets; the rest follow as an update.
        comes_with: Settings that a number has once it is ordered, though nobody asks for them:
            what git does not want of them is taken back in that update, and shown there.
        write_only: Those of `fields`, and `kind.field` of `others`, that it never tells.
        unlisted: Kinds of `others` of which it never says even whether one is there.
        seldom: Kinds of `others` that no listing shows, as the carrier may be asked seldom:
            `about` tells them, as `settings`.
        makes_anew: Kinds of `others` of which a second create may make a second one.
        by_id: Kinds of `others` that no list need show, and that are asked for by the id that
            the answer to their making told: where that was lost, only a person can tell.
        permanent: Kinds of `others` that it has no way to remove; a plan says so and leaves them.
        asynchronous: Those of `fields`, and of the kinds in `others`, that it takes and does
            later: a read tells them only when that is done.
        lasting: Those of `fields`, and `kind.field` of `others`, that can be changed and never
            taken away while the rest stays.
        rewrites: Kinds of `others` that it keeps in a form of its own; `form` gives it.
        removals: The acts by which a number can leave the account for good.
        tells: What it says of the account itself: `balance`, `rates`, `services`, `settings`,
            `calls`, `charges`.
    """

    keyed: bool
    natural_key: bool
    tells_stock: bool
    deletes_by_id: bool = False
    key_lifetime_seconds: int = 23 * 3600
    settle_seconds: int = 15 * 60
    fields: frozenset[str] = frozenset({"connector", "handoff"})
    others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    with_order: frozenset[str] = frozenset({"connector", "handoff"})
    comes_with: Mapping[str, object] = field(default_factory=dict)
    write_only: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    seldom: frozenset[str] = frozenset()
    makes_anew: frozenset[str] = frozenset()
    by_id: frozenset[str] = frozenset()
    permanent: frozenset[str] = frozenset()
    asynchronous: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset({"connector", "handoff"})
    rewrites: frozenset[str] = frozenset()
    removals: frozenset[Action] = frozenset({Action.RELEASE})
    tells: frozenset[str] = frozenset()

    @property
    def held(self) -> Mapping[str, frozenset[str]]:
        """The fields that it holds, by kind."""
        return {NUMBER: self.fields, **self.others}

    @property
    def listed(self) -> frozenset[str]:
        """The kinds that a listing shows."""
        return frozenset(self.held) - self.unlisted - self.seldom

    def later(self, kind: str) -> frozenset[str]:
        """The fields of a kind that it takes and does later."""
        if kind == NUMBER:
            return self.asynchronous & self.fields
        named = kind in self.asynchronous - self.fields
        return self.others.get(kind, frozenset()) if named else frozenset()

    def never_told(self, kind: str) -> frozenset[str]:
        """The fields of a kind that it never tells."""
        if kind == NUMBER:
            return self.write_only & self.fields
        start = f"{kind}."
        return frozenset(n.removeprefix(start) for n in self.write_only if n.startswith(start))

    def with_untold(self, kind: str, told: Spec, ours: Spec) -> dict[str, Any]:
        """What it tells of one, and what it never tells of that kind as it is in `ours`."""
        return {**told, **{name: ours[name] for name in self.never_told(kind) & ours.keys()}}


@dataclass(frozen=True, slots=True)
class Listing:
    """All numbers of one carrier account, complete or not returned at all.

    Attributes:
        account: The account's id as the carrier reports it.
        holdings: Each number by E.164.
        odd: Rows that could not be understood, each as one escaped sentence.
        observed_at: UTC instant with Z.
        others: What else it holds, by kind and name.
        codes: What its own system answers when it is dialled there, such as ``*55``, with what
            that does. Digits that follow stand in braces: ``*30*{number}``.
        unsure: Kinds whose list had nothing, or left out what was asked for, with where it was
            read. That proves little: what is ours and not there is asked for by itself.
    """

    account: str
    holdings: Mapping[str, Holding]
    observed_at: str
    odd: tuple[str, ...] = ()
    others: Mapping[str, Mapping[str, Holding]] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    unsure: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> Mapping[str, Holding]:
        """All that it holds of a kind, by name."""
        return self.holdings if kind == NUMBER else self.others.get(kind, {})

    @property
    def everything(self) -> Iterator[Holding]:
        """All that it holds, of whatever kind."""
        for held in (self.holdings, *self.others.values()):
            yield from held.values()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the carrier did not take of what it holds, a sentence each."""
        return tuple(one.trouble for one in self.everything if one.trouble)

    def is_still(self, remembered: Mapping[str, Mapping[str, object]]) -> bool:
        """Whether all that is remembered, by `kind/name`, is there with the same settings.

        What its carrier did not take after all is not, nor what it is not done with: a plan
        tells of both.
        """
        for reference, spec in remembered.items():
            kind, name = reference.split("/", 1)
            held = self.of(kind).get(name)
            if held is None or held.trouble or held.waiting or dict(held.spec) != spec:
                return False
        return True


@dataclass(frozen=True, slots=True)
class CarrierAct:
    """One thing to do at a carrier: order, update or release one number.

    Attributes:
        action: ORDER, UPDATE or one of `removals`; of another kind CREATE, UPDATE, DELETE or PORT.
        e164: The exact number; the name of what has none, our own one of an order of several.
        after: Settings to leave behind; None for what goes. An order has those of
            `Capabilities.with_order` only.
        holding: The number as observed; None for an order.
        secrets: The values of those settings that are secrets and are to be set, by field.
        kind: What it is, where it is not the number itself: one of `Capabilities.others`.
        to: Of a move, the other account and the route there: `99/4`.
    """

    action: Action
    e164: str
    after: Spec | None = None
    holding: Holding | None = None
    secrets: Mapping[str, SecretValue] = field(default_factory=dict)
    kind: str = NUMBER
    to: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a carrier's own protocol; what it says may hold a secret."""

    method: str
    path: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Prepared(NamedTuple):
    """Requests made ready: all that will be sent but the key, and the digest of it.

    An order is one request, and so is what takes a number off its account. An update may be
    several, one after the other; each of those can be repeated without harm.
    """

    act: CarrierAct
    requests: tuple[Request, ...]
    digest: str


class Price(NamedTuple):
    """What holding a number costs. None: the carrier gives no price (never zero).

    Attributes:
        currency: Three capital letters (ISO 4217).
        once: What getting it costs.
        monthly: What holding it costs a month.
        source: `live` where the account's own rates say so; `list` where only the carrier's
            public prices do, so that a price file, which knows the contract, comes first.
    """

    currency: str
    once: Decimal | None
    monthly: Decimal | None
    source: Literal["live", "list"] = "live"


Rates = Mapping[str, Decimal]
"""An account's own rates, as `AccountFacts` has them."""


def no_rates() -> Rates:
    """Know no rates of an account."""
    return {}


class Carrier(Protocol):
    """One carrier account, spoken to in our words.

    Nothing in here retries a write, orders acts or journals. Reads raise `Unavailable`
    unless they are authoritative: complete, decoded and of the right account. What is said of
    the account itself is `NotChecked` where it cannot be asked: nothing stops for want of it.

    Attributes:
        connector: Our name of the account.
        capabilities: What the carrier can promise.
        allowance: How few requests about the account it takes; None for as many as one likes.
    """

    connector: str
    capabilities: Capabilities
    allowance: Allowance | None

    def account(self) -> str:
        """The account's id, without spending a scarce request."""
        ...

    def observe(self) -> Listing:
        """All numbers of the account, ours or not, in bulk. Reads only."""
        ...

    def orders(self, kind: str, since: str = "") -> Mapping[str, Holding]:
        """All orders of a kind that take long, by the carrier's id, newest first. Reads only.

        They are no part of `observe`: few accounts have any, and who has none asks for none. With
        `since`, an instant, one that was sent then is looked for: those that are over by now are
        whole too, and an entry that cannot be read makes all of it `Unavailable`.
        """
        ...

    def confirms(self, kind: str, name: str) -> bool | None:
        """Whether the account has one object, asked for by itself. Reads only.

        None where it cannot be asked so, or did not answer clearly.
        """
        ...

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """What the inventory says of numbers that the account does not hold. Reads only."""
        ...

    def search(self, wanted: Search) -> Found | Refused:
        """Numbers that can be had; a search that it has no way to make is refused, unsent.

        Reads only; nothing that is found is kept for us.
        """
        ...

    def coverage(self, wanted: Search) -> Coverage | Refused:
        """Where it has numbers, within the prefix and region that are wanted. Reads only."""
        ...

    def about(self) -> AccountFacts | NotChecked:
        """Ask for balance, rates, services and settings: one scarce request, never repeated.

        Whoever can do with what was said before asks `facts.Facts`, which keeps it.
        """
        ...

    def calls(self, e164s: Collection[str]) -> CallRecords | NotChecked:
        """Ask which of these numbers were used of late: one or two scarce requests.

        Nothing is told of numbers that are not among them: they are other people's.
        """
        ...

    def charges(self) -> Charges | NotChecked:
        """Ask what is billed every month: one scarce request."""
        ...

    def price(
        self, e164: str, kind: str = NUMBER, rates: Callable[[], Rates] = no_rates
    ) -> Price | None:
        """What getting and holding it would cost.

        `rates` gives the account's own; asked only where they decide, as it may take a call.
        `e164` is the name of what has no number.
        """
        ...

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        """Say why these settings cannot be brought about here, as a clause; "" if they can.

        Asked when a plan is made, of what is not there as it is wanted, so that what only
        `prepare` would refuse is seen before. It may read; what cannot be read is no reason. That
        something is not on the account yet is none either: the plan itself may bring it.
        """
        ...

    def form(self, kind: str, spec: Spec) -> Spec:
        """The form in which it keeps these settings and gives them back.

        The settings as they are where it has no form of its own, and where `cannot` says why it
        takes none of them: it never stands for something else than was asked for. Reads only.

        Raises:
            Unavailable: It could not be asked.
        """
        ...

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Make a request ready; what the carrier cannot do is refused here, unsent."""
        ...

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Send what was made ready, each request once, and stop where one is not done.

        Of several, the worst outcome counts: `Unknown` before `Refused`, and `NotSent` only
        where nothing at all has left.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
