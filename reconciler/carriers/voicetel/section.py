"""What can be wrong with a VoiceTel connector as the project file describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.carriers.transport import address_fault, is_local
from reconciler.carriers.voicetel.changing import CAMPAIGN_ID
from reconciler.carriers.voicetel.messaging import ids_of
from reconciler.carriers.voicetel.wire import endpoint
from reconciler.errors import Location, Problem
from reconciler.protocols import SecretValue

URL: Final = "https://api.voicetel.com"
HOST: Final = "voicetel.com"
"""Whose hosts may be given the key: a changed `url` must not carry it away."""

Fault = tuple[str, str]
"""What is wrong, and the next step."""


@dataclass(frozen=True, slots=True)
class Section:
    """A connector's section, read without trust.

    Attributes:
        sandbox: Whether it is marked as one.
        url: As written; VoiceTel's own when a real account leaves it out.
        hosts: Each declared gateway's host[:port], by our name.
        brands: Each declared brand's id, by our name.
        campaigns: Each declared campaign's id, by our name; those that have none are left out.
        handoff: The gateway that numbers are handed to by default, "" for none.
        left: What the last apply left on the account itself, by kind and name.
        concerned: Its sections about the account itself that say anything.
    """

    sandbox: bool
    url: str
    hosts: Mapping[str, str]
    brands: Mapping[str, str]
    campaigns: Mapping[str, str]
    handoff: str
    left: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    concerned: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The host and port that it speaks to: what VoiceTel counts requests at."""
        return urlsplit(self.url).netloc.lower()


def section_of(settings: Mapping[str, Any]) -> Section:
    """Read what this connector needs of its section."""
    sandbox = settings.get("sandbox") is True
    return Section(
        sandbox=sandbox,
        url=str(settings.get("url") or ("" if sandbox else URL)),
        hosts={name: _host(value) for name, value in (settings.get("gateways") or {}).items()},
        brands=ids_of(settings.get("brands")),
        campaigns=ids_of(settings.get("campaigns")),
        handoff=str((settings.get("numbers") or {}).get("handoff") or ""),
        left=settings.get("left") or {},
        concerned=frozenset(name for name, said in settings.items() if said),
    )


def _host(value: object) -> str:
    return str(value.get("host") or "") if isinstance(value, Mapping) else str(value)


def host_faults(section: Section, fault: str, *, local: bool) -> Iterator[Fault]:
    """Judge the address; `fault` is what the transport says of it, `local` if it is here."""
    if not section.url:
        yield "It is a sandbox without a `url`, and none is served here.", "Give its `url`."
    elif fault:
        yield f"Its `url` is not used. {fault}", f"Write {URL}, or mark it `sandbox: true`."
    elif not local:
        host = urlsplit(section.url).hostname or ""
        if host != HOST and not host.endswith(f".{HOST}"):
            yield f"Its `url` would give the key to {host}, not to VoiceTel.", f"Write {URL}."


def gateway_faults(section: Section) -> Iterator[Fault]:
    """Find gateways without a host, twice the same host, and a hand-off to none of them."""
    taken: dict[str, str] = {}
    for name, host in sorted(section.hosts.items()):
        if not host:
            yield f"Gateway {name!r} has no host.", "Give it as host or host:port."
        elif other := taken.get(endpoint(host)):
            yield f"Gateways {other!r} and {name!r} are the same host.", "Keep one of them."
        taken[endpoint(host)] = name
    if section.handoff and section.handoff not in section.hosts:
        yield f"`numbers.handoff` is {section.handoff!r}, which is no gateway here.", "Declare it."


def campaign_faults(section: Section) -> Iterator[Fault]:
    """Find ids that the registry does not give, and the same one twice."""
    taken: dict[str, str] = {}
    for name, campaign in sorted(section.campaigns.items()):
        if not CAMPAIGN_ID.fullmatch(campaign):
            yield (
                f"Campaign {name!r} has the id {campaign!r}, and ids are C and six characters.",
                "Write the id that the campaign registry gave it, such as C1A2B3C.",
            )
        elif other := taken.get(campaign):
            yield f"Campaigns {other!r} and {name!r} have the same id.", "Keep one of them."
        taken[campaign] = name


def key_faults(key: SecretValue | None) -> Iterator[Fault]:
    """Find a missing key, and one that no header takes."""
    if key is None:
        yield "It has no `credentials.api_key`.", "Give it as a reference, such as {env: NAME}."
    elif not re.fullmatch(r"[!-~]+", key.reveal()):
        yield "Its key has spaces or characters that no header takes.", "Check where it is kept."


def faults_of(section: Section, key: SecretValue | None, *, inside: bool) -> list[Fault]:
    """Find all that is wrong; `inside` is a carrier in this process, which has no address."""
    faults = [*gateway_faults(section), *campaign_faults(section), *key_faults(key)]
    if not inside:
        fault = address_fault(section.url, sandbox=section.sandbox)
        faults += host_faults(section, fault, local=is_local(section.url))
    return faults


def problem(connector: str, settings: Mapping[str, Any], fault: Fault) -> Problem:
    """Tell a fault with its place: `location` of the settings, else the project file."""
    place = settings.get("location")
    location = place if isinstance(place, Location) else Location("reconciler.yaml")
    detail, hint = fault
    return Problem(
        "C101", "Connector not usable", f"Connector {connector}: {detail}", hint, location
    )
