"""What carriers say of accounts themselves: asked seldom, kept in the ledger, never guessed.

Carriers allow few such requests. What one process was told serves all others until it is too
old: a balance for ten minutes, rates for a day. What cannot be asked is `NotChecked`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from reconciler.errors import ReconcilerError, Unavailable
from reconciler.protocols import (
    AccountFacts,
    CallRecords,
    Carrier,
    Charges,
    Clock,
    Fact,
    KeptFact,
    Ledger,
    NotChecked,
    Rates,
    Use,
)

FRESH_SECONDS: Final = 600.0
"""How old what an account has left, or its calls, may be before it is asked again."""

RATES_SECONDS: Final = 24 * 3600.0
"""How old rates may be."""

JUST_NOW_SECONDS: Final = 5.0
"""How old a balance may be that stops an apply."""

NEVER: Final = -1.0
"""No age is young enough: it is asked anew."""

PATIENCE_SECONDS: Final = 60.0
"""For how long one process does not ask again what it could not be told."""

ACCOUNT, CALLS, CHARGES = "account", "calls", "charges"

_F = TypeVar("_F", AccountFacts, CallRecords, Charges)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has left.

    Attributes:
        at: UTC instant with Z at which it was read.
        currency: Three capital letters (ISO 4217).
        read: What it had then.
        paid: What we have ordered since, as far as it may have been taken.
    """

    at: str
    currency: str
    read: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        """What it has now, for all that we know."""
        return self.read - self.paid


@dataclass(slots=True)
class Facts:
    """What is known of carrier accounts themselves.

    Attributes:
        carriers: Carrier accounts by connector.
        ledger: Keeps what was read, for all processes.
        clock: Time.
        asks: Whether carriers may be asked; else what is kept is all that is known.
    """

    carriers: Mapping[str, Carrier]
    ledger: Ledger
    clock: Clock
    asks: bool = True
    _known: dict[tuple[str, str], Fact] = field(default_factory=dict)
    _failed: dict[tuple[str, str], tuple[float, NotChecked]] = field(default_factory=dict)

    def about(
        self, connector: str, max_age_seconds: float = FRESH_SECONDS
    ) -> AccountFacts | NotChecked:
        """Balance, rates, services and settings, asked for when what is kept is too old."""
        return self._look(connector, ACCOUNT, max_age_seconds, _account, lambda c: c.about())

    def balance(
        self, connector: str, max_age_seconds: float = FRESH_SECONDS
    ) -> Balance | NotChecked:
        """What an account has left, less what was ordered since that was read."""
        told = self.about(connector, max_age_seconds)
        if isinstance(told, NotChecked):
            return told
        if told.balance is None:
            return NotChecked("the carrier does not tell it")
        account = self.carriers[connector].account()
        paid = self.ledger.paid_since(account, told.at).get(told.currency, Decimal(0))
        return Balance(told.at, told.currency, told.balance, paid)

    def balance_now(self, connector: str) -> Balance | NotChecked:
        """The same as asked moments ago in this process, or asked anew."""
        known = self._known.get((connector, ACCOUNT))
        fresh = known is not None and 0 <= self.age_seconds(known) <= JUST_NOW_SECONDS
        return self.balance(connector, JUST_NOW_SECONDS if fresh else NEVER)

    def rates(self, connector: str) -> Rates:
        """The account's own rates, which may be a day old; none where they are not known."""
        told = self.about(connector, RATES_SECONDS)
        return told.rates if isinstance(told, AccountFacts) else {}

    def kept_rates(self, connector: str) -> Rates:
        """The same, without asking anybody."""
        kept = self.kept(connector)
        fresh = kept is not None and 0 <= self.age_seconds(kept) <= RATES_SECONDS
        return kept.rates if kept is not None and fresh else {}

    def calls(self, connector: str, e164s: Collection[str]) -> CallRecords | NotChecked:
        """Which of an account's numbers were used of late, asked when what is kept is too old.

        `e164s` are all numbers of the account: what is kept serves whoever asks next.
        """
        return self._look(connector, CALLS, FRESH_SECONDS, _calls, lambda c: c.calls(e164s))

    def charges(
        self, connector: str, max_age_seconds: float = FRESH_SECONDS
    ) -> Charges | NotChecked:
        """What is billed every month, asked for when what is kept is too old."""
        return self._look(connector, CHARGES, max_age_seconds, _charges, lambda c: c.charges())

    def kept(self, connector: str) -> AccountFacts | None:
        """What was last read of an account, however old; nobody is asked."""
        return self._recall(connector, ACCOUNT, _account)

    def take(self, connector: str, read: AccountFacts | NotChecked) -> None:
        """Take what another process has read."""
        if isinstance(read, NotChecked):
            self._failed[connector, ACCOUNT] = self.clock.monotonic(), read
        else:
            self._known[connector, ACCOUNT] = read

    def forget(self, connector: str) -> None:
        """Know nothing of an account any more: what it is was just changed.

        Raises:
            Unavailable: The ledger cannot be written.
        """
        for topic in (ACCOUNT, CALLS, CHARGES):
            self._known.pop((connector, topic), None)
            self._failed.pop((connector, topic), None)
        self.ledger.forget_facts(connector, (ACCOUNT, CALLS, CHARGES))

    def age_seconds(self, fact: Fact) -> float:
        """How old it is."""
        read = datetime.fromisoformat(fact.at)
        return (self.clock.now().astimezone(UTC) - read).total_seconds()

    def _look(
        self,
        connector: str,
        topic: str,
        max_age_seconds: float,
        typed: Callable[[Mapping[str, Any]], _F],
        ask: Callable[[Carrier], _F | NotChecked],
    ) -> _F | NotChecked:
        for recall in (self._here, self._kept):
            known = recall(connector, topic, typed)
            # One from the future was written by a wrong clock: nobody knows how old it is.
            if known is not None and 0 <= self.age_seconds(known) <= max_age_seconds:
                return known
        if not self.asks:
            return self._failure(connector, topic) or NotChecked("it was not asked")
        failure = self._failure(connector, topic)
        return failure if failure is not None else self._asked(connector, topic, ask)

    def _failure(self, connector: str, topic: str) -> NotChecked | None:
        at, failure = self._failed.get((connector, topic), (0.0, None))
        waited = self.clock.monotonic() - at
        return failure if waited <= PATIENCE_SECONDS or not self.asks else None

    def _asked(
        self, connector: str, topic: str, ask: Callable[[Carrier], _F | NotChecked]
    ) -> _F | NotChecked:
        try:
            carrier = self.carriers[connector]
        except KeyError:
            return NotChecked("the project file does not have it")
        except ReconcilerError as error:
            return self._fails(connector, topic, NotChecked(error.message.removesuffix(".")))
        told = ask(carrier)
        if isinstance(told, NotChecked):
            return self._fails(connector, topic, told)
        self._known[connector, topic] = told
        kept = KeptFact(connector, topic, carrier.account(), told.at, _plain(told))
        with suppress(Unavailable):  # it is known here, and the next process asks again
            self.ledger.keep_fact(kept)
        return told

    def _fails(self, connector: str, topic: str, why: NotChecked) -> NotChecked:
        self._failed[connector, topic] = self.clock.monotonic(), why
        return why

    def _recall(
        self, connector: str, topic: str, typed: Callable[[Mapping[str, Any]], _F]
    ) -> _F | None:
        """What was read here or elsewhere, the newer of both."""
        kept = self._kept(connector, topic, typed)
        known = self._here(connector, topic, typed)
        return kept if known is None or (kept is not None and kept.at > known.at) else known

    def _here(
        self, connector: str, topic: str, typed: Callable[[Mapping[str, Any]], _F]
    ) -> _F | None:
        """What was read in this process."""
        del typed  # it says what stands under the topic
        return cast("_F | None", self._known.get((connector, topic)))

    def _kept(
        self, connector: str, topic: str, typed: Callable[[Mapping[str, Any]], _F]
    ) -> _F | None:
        try:
            kept = self.ledger.fact(connector, topic)
            if kept is None or kept.account != self.carriers[connector].account():
                return None
            return typed(json.loads(kept.value))
        except (ReconcilerError, KeyError, ValueError, TypeError, ArithmeticError):
            return None  # a table that anybody may edit: what cannot be read is not known


def _plain(fact: Fact) -> str:
    return json.dumps(asdict(fact), default=str, sort_keys=True)


def _account(value: Mapping[str, Any]) -> AccountFacts:
    rates = {name: Decimal(rate) for name, rate in value["rates"].items()}
    balance = value["balance"]
    told = {**value, "rates": rates, "balance": None if balance is None else Decimal(balance)}
    return AccountFacts(**told)


def _calls(value: Mapping[str, Any]) -> CallRecords:
    numbers = {e164: Use(**use) for e164, use in value["numbers"].items()}
    return CallRecords(**{**value, "numbers": numbers})


def _charges(value: Mapping[str, Any]) -> Charges:
    lines = tuple((what, Decimal(amount)) for what, amount in value["lines"])
    total = value["total"]
    told = {**value, "lines": lines, "total": None if total is None else Decimal(total)}
    return Charges(**told)
