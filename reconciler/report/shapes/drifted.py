"""What was changed behind git's back: `drift`."""

from __future__ import annotations

from typing import Any, Literal

from reconciler.engine.plan import Record
from reconciler.report.shapes.pieces import Documented

State = Literal["drifted", "not_checked", "unsupported", "pending", "clean"]


class DriftedField(Record):
    """A field that is not as the last apply left it."""

    path: str
    """A JSON pointer into the object."""
    op: Literal["add", "remove", "replace"]
    """What an apply would do."""
    before: Any
    """What is there."""
    after: Any
    """What git says."""
    cause: Literal["config", "drift", "both"]
    """Who changed it: git, somebody else, or both."""


class DriftedObject(Record):
    """An object that is not as the last apply left it."""

    address: str
    """`tenant/kind/name`."""
    who: str
    """Who changed it, and when, where that is known."""
    place: str
    """Where it stands in git."""
    changes: tuple[DriftedField, ...]
    """Its fields."""


class Unchecked(Record):
    """An object that could not be looked at; it is not called clean."""

    address: str
    """`tenant/kind/name`."""
    detail: str
    """Why not."""


class Unsupported(Record):
    """An object that its connector cannot hold as git wants it, and that is left as it is."""

    address: str
    """`tenant/kind/name`."""
    detail: str
    """What it cannot hold."""


class AccountNumbers(Record):
    """What a carrier account has."""

    connector: str
    """The connector."""
    checked: bool
    """Whether it could be read."""
    detail: str
    """Why it could not."""
    numbers: int
    """How many numbers are on it."""
    unmanaged: tuple[str, ...]
    """Those that nobody has: in no tenant's YAML and not in the pool."""
    unmanaged_count: int
    """How many those are."""


class DriftedTenant(Record):
    """What was found at one tenant."""

    tenant: str
    """The tenant."""
    state: State
    """The one word for it."""
    drifted: tuple[DriftedObject, ...]
    """Objects that were changed."""
    missing: tuple[str, ...]
    """Objects that are gone from where they were."""
    unmanaged: tuple[str, ...]
    """Objects that are there, not in git and not ours."""
    pending: int
    """Changes that are merged and not applied."""
    not_checked: tuple[Unchecked, ...]
    """Objects that could not be looked at."""
    unsupported: tuple[Unsupported, ...]
    """Objects as git wants them that their connector can never hold."""


class DriftDocument(Documented):
    """`drift`."""

    kind: Literal["drift"]
    """Which document it is."""
    exit_code: int
    """The exit status of the command."""
    tenants: tuple[DriftedTenant, ...]
    """Each tenant."""
    accounts: tuple[AccountNumbers, ...]
    """Each carrier account; none where single tenants were named."""
    summary: dict[State, int]
    """How many tenants are in each state."""


class DriftedRecord(Documented, DriftedObject):
    """An object that drifted."""

    record: Literal["drifted"]
    """Which record it is."""
    tenant: str
    """Its tenant."""


class FoundRecord(Documented):
    """An object that is gone, or that is not ours."""

    record: Literal["missing", "unmanaged"]
    """Which record it is."""
    tenant: str
    """Its tenant."""
    address: str
    """`tenant/kind/name`."""


class UncheckedRecord(Documented, Unchecked):
    """An object that could not be looked at."""

    record: Literal["not_checked"]
    """Which record it is."""
    tenant: str
    """Its tenant."""


class UnsupportedRecord(Documented, Unsupported):
    """An object that its connector cannot hold as git wants it."""

    record: Literal["unsupported"]
    """Which record it is."""
    tenant: str
    """Its tenant."""


class AccountRecord(Documented, AccountNumbers):
    """A carrier account, after all tenants."""

    record: Literal["account"]
    """Which record it is."""


class TenantRecord(Documented):
    """A tenant, after what was found at it."""

    record: Literal["tenant"]
    """Which record it is."""
    tenant: str
    """The tenant."""
    state: State
    """The one word for it."""
    pending: int
    """Changes that are merged and not applied."""


class DriftSummaryRecord(Documented):
    """The last line of drift."""

    record: Literal["summary"]
    """Which record it is."""
    exit_code: int
    """The exit status of the command."""
    summary: dict[State, int]
    """How many tenants are in each state."""
