"""The `connectors` section: one carrier account each, as data for the carrier's own module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag

from reconciler.model.account_fields import (
    AccountFields,
    AuthFields,
    BrandFields,
    Campaign,
    GatewayFields,
    InternalDigits,
    InternalNumberFields,
    Network,
)
from reconciler.model.document import PortNeeds
from reconciler.model.resource import Model
from reconciler.model.types import Flag, Label, Name, Whole
from reconciler.settings.references import OwnSecret


@dataclass(frozen=True, slots=True)
class Known:
    """What settings must know of a kind of connector before its module is loaded.

    Attributes:
        domains: Whose hosts may be given the credentials.
        url: Where the carrier answers.
        credentials: Names of all that open an account.
        editions: Where each edition of its API answers; empty where there is one only.
        objects: Whether a hand-off names an object inside the carrier's system, not a gateway.
        sections: Sections of its connector that declare what its account itself has.
        ports: What it asks of a port-in; None where it takes none.
    """

    domains: tuple[str, ...]
    url: str
    credentials: frozenset[str]
    editions: Mapping[str, str] = field(default_factory=dict)
    objects: bool = False
    sections: frozenset[str] = frozenset()
    ports: PortNeeds | None = None


OF_VOICETEL = frozenset({"gateways", "acl", "auth", "account", "brands", "campaigns"})
OF_DIAL9 = frozenset({"internal_numbers"})
SECTIONS = (*sorted(OF_VOICETEL), *sorted(OF_DIAL9))
"""Sections of a connector that declare what an account itself has, where its carrier has that."""

KNOWN: Mapping[str, Known] = MappingProxyType(
    {
        "voicetel": Known(
            ("voicetel.com",),
            "https://api.voicetel.com",
            frozenset({"api_key"}),
            sections=OF_VOICETEL,
            ports=PortNeeds("+1", tollfree=False, subscriber=("street_type", "region")),
        ),
        "dial9": Known(
            ("dial9.co.uk", "telcom.io"),
            "https://connectapi.dial9.co.uk/api/v2",
            frozenset({"token", "secret"}),
            editions=MappingProxyType(
                {
                    "telcom": "https://talk.telcom.io/api/v2",
                    "connect": "https://connectapi.dial9.co.uk/api/v2",
                }
            ),
            objects=True,
            sections=OF_DIAL9,
        ),
    }
)


class NamedDestination(Model):
    """A destination object that exists at the carrier."""

    type: Label
    """Its type in the carrier's words, such as `Extension`."""

    name: Label
    """Its name there."""


def _form(value: object) -> str:
    return "name" if isinstance(value, str) else "destination"


class Numbers(Model):
    """What holds for all numbers of the account."""

    handoff: (
        Annotated[
            Annotated[Name, Tag("name")] | Annotated[NamedDestination, Tag("destination")],
            Discriminator(_form),
        ]
        | None
    ) = None
    """Where the account hands calls to the platform: a gateway, or a named destination."""


class Connector(Model):
    """Our adapter to one carrier account."""

    kind: Name
    """Which carrier: `voicetel` or `dial9`."""

    url: Annotated[str, StringConstraints(max_length=2048)] = ""
    """The carrier's base URL; a sandbox may leave it out and is then served in process."""

    sandbox: Flag = False
    """Whether it is our stand-in for the carrier, on this machine."""

    credentials: Mapping[
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")], OwnSecret
    ] = Field(default_factory=dict, max_length=10)
    """What opens the account, each a reference."""

    numbers: Numbers = Field(default_factory=Numbers)
    """What holds for all its numbers."""

    gateways: Mapping[Name, GatewayFields] = Field(default_factory=dict, max_length=1000)
    """Places where it hands calls to the platform, by name."""

    account: AccountFields | None = None
    """Settings of the account itself."""

    auth: AuthFields | None = None
    """How calls to the carrier authenticate."""

    acl: Annotated[tuple[Network, ...], Field(max_length=1000)] | None = None
    """Networks that may place calls."""

    brands: Annotated[Mapping[Name, BrandFields], Field(max_length=100)] | None = None
    """Messaging brands, by name."""

    campaigns: Annotated[Mapping[Name, Campaign], Field(max_length=100)] | None = None
    """Messaging campaigns by name: the id that the registry gave each, as text or under `id`."""

    internal_numbers: Annotated[
        Mapping[InternalDigits, InternalNumberFields],
        Field(max_length=1000),
    ] = Field(default_factory=dict)
    """Numbers that only colleagues dial inside the carrier's own system, by their digits."""

    edition: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,32}$")] | None = None
    """Which documented edition of its API the carrier speaks; Dial 9: `telcom` or `connect`."""

    unit: Annotated[Whole, Field(ge=1)] | None = None
    """Dial 9, `connect`: the unit's id, where the credentials open several."""

    validated_as: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    """Dial 9: what it says of a 999 address that is good, where that is not `validated`."""

    def options(self) -> dict[str, Any]:
        """All but the credentials, as plain values for the carrier's module."""
        return self.model_dump(mode="json", exclude={"credentials"}, exclude_none=True)
