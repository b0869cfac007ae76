"""What a tenant's files say, with their places, and what the project around them allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reconciler.errors import Location
from reconciler.model.secret_rules import SecretRules

Path = Sequence[str | int]
"""The way to a value in a document: keys of mappings, indexes of lists."""


class TenantSource(Protocol):
    """One tenant's YAML as read: text scalars, True, False, None, dict and list."""

    @property
    def tenant(self) -> str:
        """The tenant's name, as its file or folder has it."""
        ...

    @property
    def value(self) -> Mapping[str, Any]:
        """The sections of all its files, merged."""
        ...

    @property
    def files(self) -> Sequence[Any]:
        """Its files."""
        ...

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each file, by its name."""
        ...

    def place(self, path: Path, *, key: bool = False) -> Location:
        """Where the value (or the key) at `path` stands, or its nearest existing ancestor."""
        ...


@dataclass(frozen=True, slots=True)
class PortNeeds:
    """What a carrier asks of every port-in, whatever the numbers.

    Attributes:
        prefix: How all its numbers begin.
        tollfree: Whether it takes toll-free ones.
        subscriber: What has to be said of whose they are, beside what always has.
    """

    prefix: str = "+"
    tollfree: bool = True
    subscriber: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorFacts:
    """What checking a tenant needs to know of one carrier account.

    Attributes:
        kind: The sort of carrier, such as `voicetel`.
        handoff: Where the account hands calls to the platform by default; None for nowhere.
        gateways: Names that a hand-off may have; None where they cannot be known.
        sandbox: Whether nothing real is behind it.
        objects: Whether a hand-off names an object inside the carrier's system and not a
            gateway; None where that is not known.
        ports: What it asks of a port-in; None where it takes none, or nobody knows.

    """

    kind: str
    handoff: str | Mapping[str, str] | None = None
    gateways: frozenset[str] | None = None
    sandbox: bool = False
    objects: bool | None = None
    ports: PortNeeds | None = None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the project file says that decides about tenant files.

    Attributes:
        connectors: The carrier accounts, by name.
        allow_own_carriers: Whether a tenant may bring connectors of its own.
        secrets: Which references to secrets are allowed.
        zones: Names of all time zones; empty where they are not known and not checked.
        today: The day of the check, `2026-11-22`; "" where it is not known.

    """

    connectors: Mapping[str, ConnectorFacts] = field(default_factory=dict)
    allow_own_carriers: bool = False
    secrets: SecretRules = field(default_factory=SecretRules)
    zones: frozenset[str] = frozenset()
    today: str = ""
