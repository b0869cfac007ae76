"""The form of what `billing preview` writes for machines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.engine.plan import Record
from reconciler.report.shapes.pieces import Documented

Amount = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
Owed = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]


class BilledAmount(Record):
    """A sum in one currency."""

    currency: str
    """Three letters."""
    amount: Amount
    """How much."""


class BilledLine(Record):
    """One line of what a tenant is billed."""

    kind: str
    """The kind of what is billed."""
    connector: str
    """The carrier account that bills it."""
    every: Literal["month", "once"]
    """How often."""
    basis: Literal["held", "in_quarantine", "porting_in", "not_applied_yet", "ended", "ordered"]
    """Why it is on the bill; `ended` and `ordered` are of this month."""
    quantity: int
    """How many."""
    rate: Amount | None
    """What one costs; null where nobody knows."""
    amount: Amount | None
    """What all of them cost; null where nobody knows."""
    currency: str
    """Three letters, or nothing."""
    state: Literal["priced", "zero_rated", "unconfigured"]
    """A deliberate nought is `zero_rated` and a line; `unconfigured` is on no bill."""
    billed: bool
    """Whether it counts in the totals."""
    source: Literal["", "live", "file", "list", "charged"]
    """Who says so: the account's own rates, the price file, a public list, or a past charge."""


class TenantBill(Record):
    """What one tenant is billed."""

    tenant: str
    """The tenant."""
    lines: tuple[BilledLine, ...]
    """Each charge."""
    totals: tuple[BilledAmount, ...]
    """What they come to, by currency."""


class BillCheck(Record):
    """What a carrier bills an account every month."""

    connector: str
    """The account."""
    currency: str
    """Three letters, or nothing."""
    billed: Owed | None
    """The carrier's own sum; null where it was not checked."""
    reckoned: Amount
    """What the tenants' charges there come to."""
    at: str
    """UTC instant with Z at which it was read, or nothing."""
    detail: str
    """Why it was not checked, or nothing."""


class BillingDocument(Documented):
    """`billing preview`."""

    kind: Literal["billing-preview"]
    """Which document it is."""
    period: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    """The month."""
    tenants: tuple[TenantBill, ...]
    """Each tenant."""
    totals: tuple[BilledAmount, ...]
    """What all of them come to, by currency."""
    checks: tuple[BillCheck, ...]
    """With --check, each account that bills any of it."""
