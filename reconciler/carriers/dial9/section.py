"""What can be wrong with a Dial 9 connector as the project file describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.errors import Location, Problem
from reconciler.protocols import SecretValue

TELCOM: Final = "telcom"
CONNECT: Final = "connect"
URLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        TELCOM: "https://talk.telcom.io/api/v2",
        CONNECT: "https://connectapi.dial9.co.uk/api/v2",
    }
)
"""Where each documented edition answers."""

DOMAINS: Final = ("dial9.co.uk", "telcom.io")
"""Whose hosts may be given the token: a changed `url` must not carry it away."""

PATH: Final = "/api/v2"

Fault = tuple[str, str]
"""What is wrong, and the next step."""


@dataclass(frozen=True, slots=True)
class Section:
    """A connector's section, read without trust.

    Attributes:
        sandbox: Whether it is marked as one.
        edition: Which of the two documented editions; "" when it is not said.
        url: Where requests go; "" for a sandbox inside this process.
        unit: The unit that is meant where the credentials open several; None for none.
        handoff: Where numbers are handed to by default; None for nowhere.
        odd_handoff: Whether the hand-off has a form that this carrier does not have.
    """

    sandbox: bool
    edition: str
    url: str
    unit: int | None
    handoff: Mapping[str, str] | None
    odd_handoff: bool


def section_of(settings: Mapping[str, Any]) -> Section:
    """Read what this connector needs of its section."""
    sandbox = settings.get("sandbox") is True
    edition = str(settings.get("edition") or "")
    url = str(settings.get("url") or ("" if sandbox else URLS.get(edition, "")))
    unit = settings.get("unit")
    handoff = (settings.get("numbers") or {}).get("handoff")
    return Section(
        sandbox=sandbox,
        edition=edition,
        url=_with_path(url),
        unit=unit if isinstance(unit, int) else None,
        handoff=dict(handoff) if isinstance(handoff, Mapping) else None,
        odd_handoff=handoff is not None and not isinstance(handoff, Mapping),
    )


def _with_path(url: str) -> str:
    """The address with the API's path where it has none of its own."""
    return url.rstrip("/") + PATH if url and not urlsplit(url).path.strip("/") else url


def faults_of(section: Section) -> Iterator[Fault]:
    """Find an edition that there is not, and a hand-off that this carrier cannot make."""
    if section.edition not in URLS:
        said = f"Its `edition` is {section.edition!r}" if section.edition else "It has no `edition`"
        yield f"{said}; Dial 9's API has two of them.", f"Write {' or '.join(URLS)}."
    if section.odd_handoff:
        yield (
            "Its `numbers.handoff` is a gateway's name, and Dial 9 has no gateways.",
            "Name what is there: handoff: {type: Extension, name: pbx-trunk}.",
        )


def host_faults(section: Section, fault: str, *, local: bool) -> Iterator[Fault]:
    """Judge the address; `fault` is what the transport says of it, `local` if it is here."""
    if not section.url:
        if section.sandbox:
            yield "It is a sandbox without a `url`, and none is served here.", "Give its `url`."
        return
    right = URLS.get(section.edition, URLS[CONNECT])
    if fault:
        yield f"Its `url` is not used. {fault}", f"Write {right}, or mark it `sandbox: true`."
    elif not local:
        host = urlsplit(section.url).hostname or ""
        if not any(host == domain or host.endswith(f".{domain}") for domain in DOMAINS):
            yield f"Its `url` would give the token to {host}, not to Dial 9.", f"Write {right}."


def credential_faults(credentials: Mapping[str, SecretValue]) -> Iterator[Fault]:
    """Find a missing half of the pair, and one that no header takes."""
    for name in ("token", "secret"):
        value = credentials.get(name)
        if value is None:
            yield f"It has no `credentials.{name}`.", "Give it as a reference, such as {env: NAME}."
        elif not re.fullmatch(r"[!-~]+", value.reveal()):
            yield (
                f"Its {name} has spaces or characters that no header takes.",
                "Check where it is kept.",
            )


def problem(connector: str, settings: Mapping[str, Any], fault: Fault) -> Problem:
    """Tell a fault with its place: `location` of the settings, else the project file."""
    place = settings.get("location")
    location = place if isinstance(place, Location) else Location("reconciler.yaml")
    detail, hint = fault
    return Problem(
        "C101", "Connector not usable", f"Connector {connector}: {detail}", hint, location
    )
