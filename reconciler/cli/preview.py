"""What tenants cost in a month, put together from git, from what was applied and from prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from reconciler.cli.session import Session
from reconciler.engine.cost import Price
from reconciler.errors import ReconcilerError
from reconciler.kinds import KINDS
from reconciler.model.act import PARTINGS, Action
from reconciler.model.address import Address
from reconciler.model.state import Wanted
from reconciler.planner import Sources, price_at
from reconciler.planner.bill import Billed, billed
from reconciler.protocols import Carrier, NotChecked, Rates, Supplied
from reconciler.report.billing import Basis, Bill, Charge, Check, Preview, totals

_COMES = frozenset({Action.ORDER, Action.PORT, Action.CREATE})
_GOES = PARTINGS | {Action.DELETE}


@dataclass(frozen=True, slots=True)
class _Month:
    """A month of UTC.

    Attributes:
        name: Such as `2026-11`.
        start: Its first instant, as records have them.
        end: The first instant of the next one.
        is_over: Whether that is behind.
    """

    name: str
    start: str
    end: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class _Owed:
    """One thing on a bill, before equal ones are counted together."""

    address: Address
    connector: str
    basis: Basis
    order: Address | None = None
    """The order that is to bring it."""

    @property
    def comes_with(self) -> Address:
        """What its coming stands in the records for."""
        return self.order or self.address


def previewed(session: Session, tenants: Collection[str], period: str) -> Preview:
    """What each tenant costs in a month; carriers are not asked.

    Raises:
        InvalidConfig: A tenant's file holds an error.
        Unavailable: The platform or the ledger cannot be read.
    """
    desired = session.desired(tenants)
    desired.require()
    month = _month(session, period)
    prices = _Prices(session)
    moved: dict[str, list[Supplied]] = {}
    for one in session.ledger.supplied(month.start):
        moved.setdefault(one.address.tenant, []).append(one)
    sources = session.sources()
    bills = []
    for tenant in sorted(desired.tenants, key=lambda each: each.tenant):
        applied = session.ledger.applied(tenant.tenant)
        rows = moved.get(tenant.tenant, [])
        held = [
            _Owed(one.address, one.connector, _basis(one, applied), one.order)
            for one in billed(sources, tenant.objects, applied)
        ]
        owed = list(_of_month(held, rows, month))
        fees = [*_fees(sources, tenant.objects, owed)]
        charges = [*_monthly(owed, prices), *_once(rows, fees, prices, month)]
        bills.append(Bill(tenant.tenant, tuple(charges)))
    return Preview(month.name, tuple(bills))


def _fees(
    sources: Sources, wanted: Mapping[Address, Wanted], owed: Iterable[_Owed]
) -> Iterator[_Owed]:
    """What will be paid for once: what is not applied yet, by the names that have a price."""
    pending = {one.comes_with: one for one in owed if one.basis == "not applied yet"}
    for address, one in pending.items():
        names = sources.kinds[address.kind].priced_as(address.name, wanted[address].spec)
        for name in names:
            yield replace(one, address=address._replace(name=name), order=None)


def _basis(one: Billed, applied: Collection[Address]) -> Basis:
    if one.kept:
        return "in quarantine"
    if one.order is not None:
        return "porting in" if one.order in applied else "not applied yet"
    return "held" if one.address in applied else "not applied yet"


def checked(session: Session, preview: Preview) -> Preview:
    """Hold what is held against what each carrier bills: one of its few requests for each."""
    used = sorted({c.connector for bill in preview.bills for c in bill.charges})
    return replace(preview, checks=tuple(_check(session, preview, name) for name in used))


def _check(session: Session, preview: Preview, connector: str) -> Check:
    told = session.accounts.facts.charges(connector)
    if isinstance(told, NotChecked):
        return Check(connector, detail=told.reason)
    if told.total is None:
        return Check(connector, detail="it gives no sum")
    held = [
        Bill(bill.tenant, tuple(c for c in bill.charges if _is_held(c, connector)))
        for bill in preview.bills
    ]
    reckoned = totals(held).get(told.currency, Decimal("0.00"))
    return Check(connector, told.currency, told.total, reckoned, told.at)


def _is_held(charge: Charge, connector: str) -> bool:
    there = charge.connector == connector and charge.every == "month"
    return there and charge.basis in {"held", "in quarantine"}


def _month(session: Session, period: str) -> _Month:
    now = session.clock.now().astimezone(UTC)
    name = period or f"{now:%Y-%m}"
    year, month = map(int, name.split("-"))
    start = datetime(year, month, 1, tzinfo=UTC)
    # The last month that a date can name has no next one.
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) if year < 9999 else start  # noqa: PLR2004
    return _Month(name, f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}", end <= now)


def _of_month(held: Iterable[_Owed], moved: Iterable[Supplied], month: _Month) -> Iterator[_Owed]:
    """What was there within the month: without what came later, with what has gone since."""
    came = {one.address: one.at for one in moved if one.action in _COMES}
    # An order that ends leaves what it brought, which stands for itself by then.
    left = {
        one.address: one
        for one in moved
        if one.action in _GOES and one.connector and not KINDS[one.address.kind].brings
    }
    for one in held:
        pending = one.basis == "not applied yet"
        if came.get(one.comes_with, "") < month.end and not (pending and month.is_over):
            left.pop(one.address, None)
            yield one
    for address, gone in sorted(left.items()):
        if came.get(address, "") < month.end and gone.at >= month.start:
            yield _Owed(address, gone.connector, "ended")


def _monthly(owed: Iterable[_Owed], prices: _Prices) -> Iterator[Charge]:
    counts: Counter[tuple[str, str, Basis, Price | None]] = Counter()
    for one in owed:
        counts[one.address.kind, one.connector, one.basis, prices.of(one)] += 1
    for (kind, connector, basis, price), quantity in counts.items():
        yield Charge(
            kind,
            connector,
            "month",
            basis,
            quantity,
            price.monthly if price is not None else None,
            price.currency if price is not None else "",
            price.origin if price is not None else "",
        )


def _once(
    moved: Iterable[Supplied], fees: Iterable[_Owed], prices: _Prices, month: _Month
) -> Iterator[Charge]:
    """What was charged once within the month, and what will be for what is not applied yet."""
    counts: Counter[tuple[str, str, Basis, Decimal, str, str]] = Counter()
    for one in moved:
        if one.action in _COMES and month.start <= one.at < month.end and one.amount:
            of = one.address.kind, one.connector
            counts[*of, "ordered", one.amount, one.currency, "charged"] += 1
    for each in fees:
        price = prices.of(each)
        if price is not None and price.once:
            of = each.address.kind, each.connector
            counts[*of, each.basis, price.once, price.currency, price.origin] += 1
    for (kind, connector, basis, amount, currency, source), quantity in counts.items():
        yield Charge(kind, connector, "once", basis, quantity, amount, currency, source)


class _Prices:
    """What things cost, by what is known without asking anybody."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._carriers: dict[str, Carrier | None] = {}
        self._rates: dict[str, Rates] = {}

    def of(self, owed: _Owed) -> Price | None:
        """What one thing costs; None where nobody knows."""
        name = owed.connector
        if name not in self._carriers:
            self._carriers[name] = self._opened(name)
            self._rates[name] = self._session.accounts.facts.kept_rates(name)
        carrier, rates = self._carriers[name], self._rates[name]
        listed = self._session.prices.get(name, ())
        return price_at(carrier, listed, owed.address.name, owed.address.kind, lambda: rates)

    def _opened(self, name: str) -> Carrier | None:
        """The account, where it can be opened: without its key the price file still speaks."""
        try:
            return self._session.carriers.get(name)
        except ReconcilerError:
            return None
