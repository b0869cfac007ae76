"""What the project file says of objects of a carrier account; section and kind share it."""

from __future__ import annotations

import enum
import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from reconciler.model.number_fields import HandoffObject
from reconciler.model.reference import named
from reconciler.model.resource import Model
from reconciler.model.types import (
    DIGITS_PATTERN,
    DISPLAY_PATTERN,
    E164,
    Flag,
    Label,
    Whole,
)

_DOCUMENTATION = tuple(
    ipaddress.IPv4Network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
"""Used in examples (RFC 5737), the carrier's own among them."""

_DOCUMENTATION_6 = ipaddress.IPv6Network("2001:db8::/32")
"""The same (RFC 3849)."""

_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_LAST_PORT = 65535


def _reachable(value: str) -> str:
    """Take a host that a carrier can send calls to; those for examples are taken as well."""
    named = re.fullmatch(r"(?:\[(?P<six>.*)\]|(?P<name>[^:]*))(?::(?P<port>[0-9]+))?", value)
    if named is None:
        raise ValueError("it is neither a host nor host:port")
    port = named["port"]
    if port is not None and not 1 <= int(port) <= _LAST_PORT:
        raise ValueError(f"a port is a number from 1 to {_LAST_PORT}")
    host = (named["six"] or named["name"]).lower()
    if named["six"] is None and not re.fullmatch(r"[0-9.]+", host):
        if "." not in host or host.endswith(_PRIVATE_NAMES):
            raise ValueError("no carrier reaches it: the host is no public name")
        return value
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError("it is no IP address") from None
    four = isinstance(address, ipaddress.IPv4Address)
    examples = _DOCUMENTATION if four else (_DOCUMENTATION_6,)
    example = any(address in each for each in examples)
    if not example and (not address.is_global or address.is_multicast):
        raise ValueError("no carrier reaches it: the address is not a public one")
    return value


class GatewayFields(Model):
    """A place where a carrier hands calls to the platform."""

    host: Annotated[
        str,
        StringConstraints(
            pattern=r"^([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$"
        ),
        AfterValidator(_reachable),
    ]
    """Public host name or IP address, with a port where it is not the usual one."""

    limit: Annotated[Whole, Field(ge=1, le=1000)] = 23
    """The most calls at once."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[0-9*#+]{0,32}$")] = ""
    """Digits put before a dialled number on the way out."""


MASKS = frozenset({8, 16, 24, 32})
"""How wide a network of an access list may be (VoiceTel OpenAPI 2.2.10, tag ACL)."""


def _network(value: str) -> str:
    try:
        found = ipaddress.IPv4Interface(value).network
    except ValueError:
        raise ValueError("it is no IPv4 network, such as 198.51.100.0/24") from None
    if found.prefixlen not in MASKS:
        raise ValueError("a network of an access list is a /8, /16, /24 or /32")
    if str(found) not in {value, f"{value}/32"}:
        raise ValueError(f"it is an address in {found}: write that, or the address with /32")
    example = any(found.subnet_of(each) for each in _DOCUMENTATION)
    if not example and (not found.is_global or found.is_multicast):
        raise ValueError("no call comes from there: the network is not a public one")
    return str(found)


Network = Annotated[
    str,
    AfterValidator(_network),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}(/(8|16|24|32))?$",
            "description": "A public IPv4 network of /8, /16, /24 or /32; an address is a /32.",
        }
    ),
]
"""A public IPv4 network that calls may come from, written with its mask."""


class AuthMode(enum.StrEnum):
    """How a PBX proves to a carrier that a call is its own."""

    DIGEST = "digest"
    ACL = "acl"
    DIGEST_OR_ACL = "digest_or_acl"
    DIGEST_AND_ACL = "digest_and_acl"


BY_NETWORK = frozenset({AuthMode.ACL, AuthMode.DIGEST_AND_ACL})
"""Those in which no call is taken that does not come from a network of the access list."""


class AuthFields(Model):
    """How calls to a carrier authenticate; its password is never touched."""

    mode: AuthMode
    """By name and password (`digest`), by network (`acl`), by either or by both."""


class BrandFields(Model):
    """Who sends text messages, as the campaign registry knows it."""

    id: Annotated[str, StringConstraints(pattern=r"^B[A-Za-z0-9]{1,31}$")]
    """The id that the registry gave it."""

    name: Label | None = None
    """What it is called; needed to register it: without a name it is taken as registered."""

    description: Label | None = None
    """What it is, in a few words."""


def _campaign(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


class CampaignFields(Model):
    """What kind of text messages a brand sends (10DLC)."""

    id: Annotated[str, StringConstraints(pattern=r"^C[A-Z0-9]{6}$")]
    """The id that the registry gave it."""

    brand: named("brand") | None = None  # type: ignore[valid-type]
    """Whose it is; needed where the carrier does not know the campaign yet."""

    description: Label | None = None
    """What is sent; needed where the carrier does not know the campaign yet."""


Campaign = Annotated[CampaignFields, BeforeValidator(_campaign)]
"""A campaign as a project writes it: its id, or more of it."""


class AccountFields(Model):
    """Settings of a carrier account itself; what is left out stays as it is there."""

    timezone: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]{0,63}$")] | None
    ) = None
    """An IANA time zone, such as `America/New_York`."""

    notify: Flag | None = None
    """Whether the carrier sends word when the balance is low."""

    notify_threshold: Annotated[Whole, Field(ge=0)] | None = None
    """Below how much that is, in whole units of the account's currency."""

    caller_id: E164 | None = None
    """The number that is shown for calls that come with none."""


def _internal(value: str) -> str:
    if value.startswith(("*", "#")):
        raise ValueError(f"{value[:20]} is a feature code, and those are the carrier's own")
    if not re.fullmatch(r"[0-9]{2,8}", value):
        raise ValueError("an internal number is 2 to 8 digits, as colleagues dial them")
    return value


InternalDigits = Annotated[
    str,
    AfterValidator(_internal),
    WithJsonSchema({"type": "string", "pattern": DIGITS_PATTERN}),
]
"""What colleagues dial inside the carrier's own system. Text: ``0100`` is not ``100``."""


def _words(value: str) -> str:
    if value != value.strip():
        raise ValueError("it begins or ends with a blank, which the carrier takes away")
    return value


def _or_nothing(value: bool | None) -> bool | None:  # noqa: FBT001 - pydantic calls it
    """Have one spelling of "off": some carriers know of nothing that could be on."""
    return value or None


class InternalNumberFields(Model):
    """A number that only colleagues dial, inside the carrier's own system."""

    handoff: HandoffObject
    """Where its calls go there, looked up by type and name."""

    name: (
        Annotated[Label, StringConstraints(pattern=DISPLAY_PATTERN), AfterValidator(_words)] | None
    ) = None
    """What it is called there."""

    caller_id_prefix: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=64, pattern=DISPLAY_PATTERN),
            AfterValidator(_words),
        ]
        | None
    ) = None
    """Put before the caller's name."""

    pass_caller_id: Flag = True
    """Whether who is called sees the caller's own number."""

    recorded: Annotated[Flag | None, AfterValidator(_or_nothing), Field(alias="record")] = None
    """Whether its calls are recorded there; left out: they are not."""
