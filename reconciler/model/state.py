"""The three states that are compared: desired, observed, applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.errors import Location, Problem
from reconciler.model.address import Address
from reconciler.model.spec import Spec

if TYPE_CHECKING:  # pydantic takes a fifth of a second that an unchanged plan does without
    from reconciler.model.resource import Resource
    from reconciler.model.tenant import TenantHeader


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object that git asks for.

    Attributes:
        resource: The typed object.
        spec: Its settings as they are compared.
        location: The YAML node that it comes from.
        entry: The address of the YAML entry that it was lowered from; its own if it is that.
        was: The address that it had before, where YAML says so; None where it does not.
        points_at: What its references point at, as `kind/name`; None where nobody looked yet.
    """

    resource: Resource
    spec: Spec
    location: Location
    entry: Address
    was: Address | None = None
    points_at: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DesiredTenant:
    """All that git says of one tenant, checked and typed."""

    tenant: str
    header: TenantHeader
    objects: Mapping[Address, Wanted]
    location: Location
    digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each of its files, by file name."""
    problems: tuple[Problem, ...] = ()
    """Warnings and hints; a tenant with errors never gets this far."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One object as it is.

    Attributes:
        address: Its name.
        spec: Its settings. Read from outside: it may hold anything.
        version: Rises with each change; 0 at a home that has none.
        managed: Whether it is ours to change and delete.
        updated_at: UTC instant with Z, "" when unknown.
        updated_by: Who changed it last, "" when unknown.
        published: Digest of what is live, for a kind that is published; "" for nothing live.
    """

    address: Address
    spec: Spec
    version: int = 0
    managed: bool = True
    updated_at: str = ""
    updated_by: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What the last apply wrote to one address.

    Attributes:
        address: Its name.
        spec: Its settings as they were left.
        run_id: The run that did.
        at: UTC instant with Z.
        published: Digest of the version that an apply last made live; "" for none.
        was: The name that it had before it changed places with another one, "" for none. Such
            a rename leaves the same names behind that it found: only this tells it was done.
    """

    address: Address
    spec: Spec
    run_id: str
    at: str
    published: str = ""
    was: str = ""
