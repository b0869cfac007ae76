"""What VoiceTel says of the account itself: six requests an hour from one address.

Balance, rates, services and settings stand in one answer; calls and recurring charges in one
each. All three, and the login, count together (VoiceTel SDK 2.2.17; the OpenAPI description
2.2.10 does not say whether they do: the careful reading holds).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from reconciler.carriers.scarce import Scarce, instant
from reconciler.carriers.transport import Answer, Failure, decoded
from reconciler.carriers.voicetel.wire import (
    MOST,
    amount_of,
    data_of,
    e164_of,
    refusal_of,
    rows_of,
    text_of,
    whole_of,
)
from reconciler.protocols import (
    AccountFacts,
    Allowance,
    CallRecords,
    Charges,
    NotChecked,
    Use,
)

CURRENCY: Final = "USD"
LIMIT: Final = 6
OURS: Final = 5
"""One is left for a person who logs in from the same address."""

WINDOW_SECONDS: Final = 3600
OK: Final = 200
CALLS: Final = "/v2.2/account/cdr"
TELLS: Final = frozenset({"balance", "rates", "services", "settings", "calls", "charges"})

DAYS: Final = 30
"""How far back calls are asked for; of an account with more than an answer holds, one day."""

SKEW: Final = timedelta(minutes=15)
"""How far two clocks may be apart that ask and answer."""

RATES: Final[Mapping[str, str]] = {
    "did": "number",
    "nibble": "minute",
    "tfAdj": "tollfree_minute",
    "intlMax": "international_minute",
    "sms": "sms",
    "mms": "mms",
    "cnam": "cnam",
    "lrn": "lrn",
    "fax": "fax_page",
}
"""Our words for its rates: `did` is USD a number and month, `nibble` USD a minute."""


def allowance_at(place: str) -> Allowance:
    """How few requests VoiceTel takes, counted by the host that they go to.

    It counts by address. Two keys behind one share a count there, so that they do here; machines
    that share a ledger share it too, whatever addresses they have.
    """
    return Allowance(f"voicetel {place}", LIMIT, OURS, WINDOW_SECONDS)


class Account:
    """Scarce reads of one account. None of them raises: what cannot be had is `NotChecked`.

    Attributes:
        allowance: How few requests it takes.
    """

    def __init__(self, scarce: Scarce, shown: Callable[[object], str]) -> None:
        self.allowance: Allowance | None = scarce.allowance
        self._scarce = scarce
        self._clock = scarce.clock
        self._shown = shown

    def about(self) -> AccountFacts | NotChecked:
        """Balance, rates, services and settings; a field that cannot be read is left out."""
        asked_at = self._now()
        data = self._data("/v2.2/account")
        if isinstance(data, Failure | NotChecked):
            return _not_checked(data)
        return AccountFacts(
            at=asked_at,
            name=self._shown(text_of(data.get("username"))),
            currency=CURRENCY,
            balance=_amount(data.get("cash")),
            rates=dict(_rates(data.get("rates"))),
            services={
                self._shown(name): value
                for name, value in _mapping(data.get("services")).items()
                if isinstance(value, bool)
            },
            settings=self._settings(data),
        )

    def calls(self, e164s: Collection[str]) -> CallRecords | NotChecked:
        """Count calls to and from numbers, of 30 days, or of one where that is too much.

        Of which time they are is what the answer says, which may be less than was asked for.
        """
        now = self._clock.now().astimezone(UTC)
        since = now - timedelta(days=DAYS)
        data = self._data(CALLS, _between(since, now))
        if isinstance(data, Failure) and data.too_long:
            since = now - timedelta(days=1)
            data = self._data(CALLS, _between(since, now))
        if isinstance(data, Failure | NotChecked):
            return _not_checked(data)
        if not isinstance(data.get("cdr"), list):
            return NotChecked(f"GET {CALLS} was answered without its list")
        bounds = _seconds(data.get("end")), _seconds(data.get("start"))
        told = [each for each in bounds if each is not None]
        if len(told) < len(bounds):
            return NotChecked(f"GET {CALLS} does not say of which time its calls are")
        older, newer = sorted(told)
        if newer < (now - SKEW).timestamp():
            return NotChecked(f"GET {CALLS} was answered with calls of an earlier time")
        since = max(since, datetime.fromtimestamp(older, UTC))
        return CallRecords(instant(now), instant(since), _used(data["cdr"], frozenset(e164s)))

    def charges(self) -> Charges | NotChecked:
        """What is billed every month."""
        data = self._data("/v2.2/account/recurring-charges")
        if isinstance(data, Failure | NotChecked):
            return _not_checked(data)
        lines = []
        for row in rows_of(data.get("charges")):
            amount = _amount(_mapping(row).get("amount"))
            if amount is None:
                return NotChecked("the list of recurring charges has a row without an amount")
            lines.append((self._shown(text_of(row.get("description"))), amount))
        return Charges(self._now(), CURRENCY, _amount(data.get("total")), tuple(lines))

    def _data(
        self, path: str, query: Mapping[str, int] | None = None
    ) -> Mapping[str, Any] | Failure | NotChecked:
        result = self._scarce.read(path, query=query)
        return self._contents(path, result) if isinstance(result, Answer) else result

    def _contents(self, path: str, answer: Answer) -> Mapping[str, Any] | NotChecked:
        body = decoded(answer)
        data = data_of(body)
        if answer.status == OK and data:
            return data
        said = self._shown(refusal_of(answer.status, body) or "nothing as documented")
        return NotChecked(f"GET {path} was answered {answer.status}: {said}")

    def _settings(self, data: Mapping[str, Any]) -> dict[str, str | int | bool | None]:
        """What its settings are; one that the answer leaves out, or that is odd, is not told."""
        told: dict[str, str | int | bool | None] = {
            "caller_id": e164_of(data.get("callerId")),
            "timezone": self._shown(text_of(data.get("timezone"))) or None,
            "notify": data["notify"] if isinstance(data.get("notify"), bool) else None,
            "notify_threshold": whole_of(data.get("notifyThreshold")),
        }
        cleared = {"caller_id"} if "callerId" in data and not data["callerId"] else set()
        return {n: value for n, value in told.items() if value is not None or n in cleared}

    def _now(self) -> str:
        return instant(self._clock.now())


def _not_checked(why: Failure | NotChecked) -> NotChecked:
    return NotChecked(why.reason.removesuffix(".")) if isinstance(why, Failure) else why


def _between(since: datetime, until: datetime) -> dict[str, int]:
    """The bounds of call records; the first one is the newer."""
    return {"start": int(until.timestamp()), "end": int(since.timestamp())}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rates(value: object) -> list[tuple[str, Decimal]]:
    """Rates that can be read, by our words; one that it does not document keeps its own."""
    read = ((name, _amount(amount)) for name, amount in _mapping(value).items())
    return [
        (RATES.get(name, name), amount)
        for name, amount in read
        if amount is not None and amount >= 0
    ]


def _amount(value: object) -> Decimal | None:
    """Read an amount that may be owed, and that an account may have; None for anything else."""
    amount = amount_of(value)
    return amount if amount is not None and abs(amount) < MOST else None


def _used(rows: list[Any], ours: frozenset[str]) -> dict[str, Use]:
    """Count the calls of each of our numbers that took part in any."""
    counts: dict[str, int] = {}
    last: dict[str, int] = {}
    for row in rows:
        key, value = _mapping(row).get("key"), _mapping(_mapping(row).get("value"))
        began = _seconds(key[1]) if isinstance(key, list) and len(key) > 1 else None
        if began is None:
            continue
        ends = {e164_of(value.get("dst")) or "", e164_of(value.get("cid")) or ""}
        for e164 in ends & ours:
            counts[e164] = counts.get(e164, 0) + 1
            last[e164] = max(last.get(e164, 0), began)
    return {
        e164: Use(count, instant(datetime.fromtimestamp(last[e164], UTC)))
        for e164, count in counts.items()
    }


def _seconds(value: object) -> int | None:
    """Read seconds since 1970, a whole number of up to eleven digits, text or not."""
    text = text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else None  # noqa: PLR2004
