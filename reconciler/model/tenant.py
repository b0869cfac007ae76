"""What a tenant file says beside its objects: names, zone, dial plan, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from reconciler.model.money import Amount, Currency
from reconciler.model.reference import CALL_KINDS, EXTERNAL, Inbound, leads_to, refers_to
from reconciler.model.resource import Model
from reconciler.model.types import Country, Email, Label, Name, Whole

_FEATURE = r"^[0-9*#]{1,8}$"
_RANGE = r"^[0-9]{2,8}-[0-9]{2,8}$"


def _span(value: str) -> str:
    low, _, high = value.partition("-")
    if len(low) != len(high):
        raise ValueError("both ends of a range have the same number of digits")
    if low > high:
        raise ValueError("a range starts with its lower end")
    return value


class Emergency(Model):
    """Who is told when somebody dials an emergency number (Kari's Law, 47 CFR 9.16)."""

    notify: tuple[refers_to("extension"), ...] = Field(default=(), max_length=50)  # type: ignore[valid-type]
    """Extensions that ring or are shown the call."""

    notify_email: tuple[Email, ...] = Field(default=(), max_length=50)
    """Addresses that get a message."""


class Dialplan(Model):
    """What may be dialled inside the tenant."""

    extension_length: Whole = Field(default=4, ge=2, le=6)
    """How many digits an extension has."""

    ranges: Mapping[str, Annotated[str, Field(pattern=_RANGE), AfterValidator(_span)]] = Field(
        default_factory=dict, max_length=20
    )
    """Per section, from where to where its digits go, such as ``4200-4299``."""

    feature_codes: Mapping[
        Name | Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")],
        Annotated[str, Field(pattern=_FEATURE)],
    ] = Field(default_factory=dict, max_length=100)
    """Codes that start a function, by function: ``voicemail: "*97"``, ``outside_line: "9"``."""

    emergency: Emergency = Field(default_factory=Emergency)
    """Who is told of emergency calls."""


class Budget(Model):
    """What a tenant may cost; a plan that raises its bill above that is stopped."""

    monthly: Mapping[Currency, Amount] = Field(default_factory=dict, max_length=50)
    """All that carriers bill for it a month, per currency, such as ``{USD: "100.00"}``."""


class TenantHeader(Model):
    """The top of a tenant file."""

    schema_version: Annotated[str, Field(pattern=r"^1$", alias="schema")] = "1"
    """The version of this form: 1."""

    tenant: Name
    """The tenant's name for life; the file's name too."""

    name: Label
    """What people call the tenant."""

    timezone: Annotated[str, Field(min_length=1, max_length=64)]
    """An IANA time zone, such as ``America/New_York``."""

    country: Country | None = None
    """Where the tenant is, for what the country decides."""

    fallback: leads_to(*CALL_KINDS, EXTERNAL) | None = None  # type: ignore[valid-type]
    """Where a call may go rather than nowhere."""

    intercept: Inbound | None = None
    """Where callers of a quarantined number go; left out: ``not_in_service``."""

    defaults: Mapping[str, Any] = Field(default_factory=dict)
    """Per kind, fields used wherever an object leaves them out."""

    budget: Budget = Field(default_factory=Budget)
    """What the tenant may cost."""

    dialplan: Dialplan = Field(default_factory=Dialplan)
    """What may be dialled inside the tenant."""
