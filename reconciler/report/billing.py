"""What tenants cost in a month: each charge priced, a deliberate nought, or not configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, Span, line, number_of, table

State = Literal["priced", "zero_rated", "unconfigured"]
Basis = Literal["held", "in quarantine", "porting in", "not applied yet", "ended", "ordered"]


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of what a tenant is billed.

    Attributes:
        kind: The kind of what is billed.
        connector: The carrier account that bills it.
        every: `month`, or `once`.
        basis: Why it is on the bill: held, in quarantine, porting in (billed as soon as it is
            there), not applied yet, ended within the month, or ordered within it.
        quantity: How many.
        rate: What one costs; None where nobody knows.
        currency: Three capital letters (ISO 4217), "" where nobody knows.
        source: Who says so: `live`, `file`, `list`, `charged`; "" where nobody does.
    """

    kind: str
    connector: str
    every: Literal["month", "once"]
    basis: Basis
    quantity: int
    rate: Decimal | None
    currency: str = ""
    source: str = ""

    @property
    def amount(self) -> Decimal | None:
        """What all of them cost; None where nobody knows."""
        return None if self.rate is None else self.rate * self.quantity

    @property
    def state(self) -> State:
        """A deliberate nought is a line like any other; what has no rate is on no bill."""
        if self.rate is None:
            return "unconfigured"
        return "priced" if self.rate else "zero_rated"


@dataclass(frozen=True, slots=True)
class Bill:
    """What one tenant is billed."""

    tenant: str
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a carrier bills an account every month, beside what the tenants come to.

    Attributes:
        connector: The account.
        currency: Three capital letters (ISO 4217), "" where it was not checked.
        billed: The carrier's own sum; None where it was not checked.
        reckoned: What the tenants' charges there come to.
        at: UTC instant with Z at which it was read.
        detail: Why it was not checked.
    """

    connector: str
    currency: str = ""
    billed: Decimal | None = None
    reckoned: Decimal = Decimal("0.00")
    at: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A month's bills."""

    period: str
    bills: tuple[Bill, ...]
    checks: tuple[Check, ...] = ()


def totals(bills: Iterable[Bill]) -> dict[str, Decimal]:
    """What bills come to, by currency; nothing is converted, and what is unknown is left out."""
    sums: dict[str, Decimal] = {}
    for bill in bills:
        for charge in bill.charges:
            if charge.amount is not None:
                so_far = sums.get(charge.currency, Decimal("0.00"))
                sums[charge.currency] = so_far + charge.amount
    return dict(sorted(sums.items()))


_SOURCES = {
    "live": "priced live",
    "file": "from the price file",
    "list": "list price",
    "charged": "as charged",
}
_HEADS = ("what", "account", "quantity", "each", "amount", "priced")


def billing_text(preview: Preview) -> Iterator[Line]:
    """Tell each tenant's bill, what all come to, and what carriers bill."""
    for bill in preview.bills:
        yield line(Span(bill.tenant, "bold"), f"  {preview.period}")
        if bill.charges:
            yield from table(_HEADS, [_row(charge) for charge in bill.charges])
        yield line(f"  {_sum([bill]) or 'No carrier bills anything for it.'}")
        yield BLANK
    if len(preview.bills) != 1:
        yield line(Span("Total", "bold"), f"  {_sum(preview.bills) or 'nothing'}")
    for check in preview.checks:
        yield _checked(check)


def _row(charge: Charge) -> tuple[str, ...]:
    what = f"{charge.kind.replace('_', ' ')}, {charge.basis}"
    every = "/month" if charge.every == "month" else " once"
    counted = what, charge.connector, str(charge.quantity)
    if charge.rate is None or charge.amount is None:
        return (*counted, "-", "-", "not configured: on no bill")
    each = f"{charge.rate:f} {charge.currency}{every}"
    return (*counted, each, f"{charge.amount:f}", _SOURCES.get(charge.source, ""))


def _sum(bills: Sequence[Bill]) -> str:
    told = [f"{amount:f} {currency}." for currency, amount in totals(bills).items()]
    unknown = sum(charge.rate is None for bill in bills for charge in bill.charges)
    if unknown:
        are = "is" if unknown == 1 else "are"
        told.append(f"{number_of(unknown, 'line')} without a rate {are} not counted.")
    return "  ".join(told)


def _checked(check: Check) -> Line:
    head = Span("Check", "bold"), f"  {check.connector}: "
    if check.billed is None:
        return line(*head, Span("not checked", "warning"), f" ({check.detail})")
    told = f"it bills {check.billed:f} {check.currency} a month (read {check.at}), "
    if check.billed == check.reckoned:
        return line(*head, told, Span("the same", "good"), " as reckoned here")
    more = "more" if check.billed > check.reckoned else "less"
    apart = abs(check.billed - check.reckoned)
    return line(
        *head,
        told,
        Span(f"{apart:f} {check.currency} {more}", "warning"),
        f" than the {check.reckoned:f} reckoned here; what is nobody's is billed too:"
        " reconciler connectors sync",
    )


def billing_json(preview: Preview) -> str:
    """The same for machines."""
    return document(
        "billing-preview",
        {
            "period": preview.period,
            "tenants": [_bill(bill) for bill in preview.bills],
            "totals": _totals(preview.bills),
            "checks": [_check(check) for check in preview.checks],
        },
    )


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "tenant": bill.tenant,
        "lines": [_charge(charge) for charge in bill.charges],
        "totals": _totals([bill]),
    }


def _totals(bills: Sequence[Bill]) -> list[Mapping[str, str]]:
    return [{"currency": c, "amount": f"{amount:f}"} for c, amount in totals(bills).items()]


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "kind": charge.kind,
        "connector": charge.connector,
        "every": charge.every,
        "basis": charge.basis.replace(" ", "_"),
        "quantity": charge.quantity,
        "rate": _money(charge.rate),
        "amount": _money(charge.amount),
        "currency": charge.currency,
        "state": charge.state,
        "billed": charge.rate is not None,
        "source": charge.source,
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "connector": check.connector,
        "currency": check.currency,
        "billed": _money(check.billed),
        "reckoned": _money(check.reckoned),
        "at": check.at,
        "detail": check.detail,
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
