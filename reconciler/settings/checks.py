"""What must hold between settings, and what no type says: URLs, credentials, allow-lists."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterator

from reconciler.errors import Problem, Severity
from reconciler.model.account_fields import BY_NETWORK
from reconciler.model.numbering import EMERGENCY
from reconciler.model.secret import SecretReference
from reconciler.model.secret_rules import path_steps
from reconciler.settings.codes import PLAIN_SECRET, Path, Place, did_you_mean, dotted, quoted, told
from reconciler.settings.connectors import KNOWN, SECTIONS, Connector, Known
from reconciler.settings.model import SAME, Settings
from reconciler.settings.references import named
from reconciler.settings.urls import connector_fault, database_fault, has_password

SHORTEST_WISE_QUARANTINE_DAYS = 7
AGING_DAYS = (45, 365)
"""How long a number given up rests before somebody else has it (47 CFR 52.15(f)(1)(ii))."""

_VARIABLES = ("RECONCILER_", "--")


def checks(
    settings: Settings, place: Place, zones: Callable[[], Collection[str]] = tuple
) -> Iterator[Problem]:
    """Find what is wrong or unwise in settings whose types are right.

    `zones` names all time zones, where they are known.
    """
    yield from _platform(settings, place)
    yield from _paths(settings, place)
    for name, connector in settings.connectors.items():
        yield from _connector(("connectors", name), connector, place)
        yield from _time_zone(("connectors", name), connector, place, zones)
    yield from _references(settings, place)
    yield from _allow(settings, place)
    low, high = AGING_DAYS
    if not low <= settings.quarantine_days <= high:
        yield told(
            "TEL414",
            place(("quarantine_days",)),
            f"A number ages {settings.quarantine_days} days here; 47 CFR 52.15(f) says {low} to "
            f"{high} of numbers in the US.",
            f"Give {low} or more, and at most 90 for private lines.",
            severity=Severity.INFO,
        )
    if settings.quarantine_days < SHORTEST_WISE_QUARANTINE_DAYS:
        yield told(
            "E159",
            place(("quarantine_days",)),
            f"A number that leaves git may be released after {settings.quarantine_days} days.",
            "Give 7 or more, so that a mistake is noticed while the number can still be kept.",
            severity=Severity.WARNING,
        )


def _platform(settings: Settings, place: Place) -> Iterator[Problem]:
    if settings.platform.kind != "sql":
        yield told(
            "E148",
            place(("platform", "kind")),
            "A platform of the kind ucaas cannot be reached by this version.",
            "Use kind: sql.",
        )
    else:
        yield from _database(("platform", "url"), settings.platform.url, place)
    if settings.ledger.url != SAME:
        yield from _database(("ledger", "url"), settings.ledger.url, place)


def _database(path: Path, url: str, place: Place) -> Iterator[Problem]:
    location = place(path)
    fault = database_fault(url)
    if fault:
        # The URL is not repeated: it may hold a password where we did not look for one.
        hint = "Write sqlite:///.reconciler/reconciler.db or postgresql://USER@HOST/DATABASE."
        yield told("E147", location, f"{dotted(path)}: {fault}.", hint)
    elif has_password(url) and not location.file.startswith(_VARIABLES):
        yield told(
            PLAIN_SECRET,
            location,
            f"{dotted(path)}: a password stands in the file as it is.",
            f"Use ~/.pgpass, or give the URL in RECONCILER_{str(path[0]).upper()}_URL.",
        )


def _paths(settings: Settings, place: Place) -> Iterator[Problem]:
    for name in ("prices", "policies"):
        file = getattr(settings, name)
        if file is not None and path_steps(file) is None:
            detail = f"{name}: {quoted(file)} is not a plain path inside the project."
            yield told("E146", place((name,)), detail, "Write a path such as prices.yaml.")
    for index, folder in enumerate(settings.secrets.allow.files):
        if path_steps(folder.rstrip("/")) is None:
            path: Path = ("secrets", "allow", "files", index)
            detail = f"{dotted(path)}: {quoted(folder)} is not a folder inside the project."
            yield told("E146", place(path), detail, "Write a path such as secrets/tenants/.")


def _connector(path: Path, connector: Connector, place: Place) -> Iterator[Problem]:
    known = KNOWN.get(connector.kind)
    if known is None:
        yield told(
            "E146",
            place((*path, "kind")),
            f"{dotted(path)}: there is no connector of the kind {quoted(connector.kind)}.",
            did_you_mean(connector.kind, KNOWN, f"Kinds are {', '.join(KNOWN)}."),
        )
        return
    yield from _address(path, connector, known, place)
    yield from _credentials(path, connector, known, place)
    yield from _edition(path, connector, known, place)
    yield from _handoff(path, connector, known, place)
    yield from _sections(path, connector, known, place)
    yield from _access_list(path, connector, place)
    yield from _nobody_calls(path, connector, place)
    yield from _campaigns(path, connector, place)
    yield from _internal_numbers(path, connector, place)


def _sections(path: Path, connector: Connector, known: Known, place: Place) -> Iterator[Problem]:
    """Refuse what the carrier's accounts do not have at all."""
    for name in SECTIONS:
        if getattr(connector, name) and name not in known.sections:
            detail = f"{dotted((*path, name))}: an account at {connector.kind} has no such thing."
            yield told("E146", place((*path, name), key=True), detail, "Take it out.")


def _time_zone(
    path: Path, connector: Connector, place: Place, zones: Callable[[], Collection[str]]
) -> Iterator[Problem]:
    """Refuse a time zone that there is not."""
    zone = connector.account.timezone if connector.account is not None else None
    known = zones() if zone is not None else ()
    if zone is not None and known and zone not in known:
        at = (*path, "account", "timezone")
        hint = did_you_mean(zone, known, "Write an IANA name, such as America/New_York.")
        yield told("E146", place(at), f'{dotted(at)}: there is no time zone "{zone}".', hint)


def _access_list(path: Path, connector: Connector, place: Place) -> Iterator[Problem]:
    """Find networks that overlap: the carrier takes only one of them."""
    taken: list[ipaddress.IPv4Network] = []
    for index, written in enumerate(connector.acl or ()):
        network = ipaddress.IPv4Network(written)
        other = next((each for each in taken if each.overlaps(network)), None)
        if other is not None:
            at = (*path, "acl", index)
            detail = f"{dotted(at)}: {written} and {other} have addresses in common."
            yield told("E146", place(at), detail, "Keep the wider one.")
        taken.append(network)


def _nobody_calls(path: Path, connector: Connector, place: Place) -> Iterator[Problem]:
    """Find a list that is asked for every call, and is written without an entry."""
    needed = connector.auth is not None and connector.auth.mode in BY_NETWORK
    if needed and connector.auth is not None and connector.acl is not None and not connector.acl:
        at = (*path, "acl")
        detail = f"{dotted(at)}: it is empty, and auth.mode is {connector.auth.mode}: no call fits."
        hint = "List the networks that your PBX calls from, or write another mode."
        yield told("E146", place(at), detail, hint)


def _campaigns(path: Path, connector: Connector, place: Place) -> Iterator[Problem]:
    """Find campaigns of a brand that is not declared."""
    brands = connector.brands or {}
    for name, campaign in (connector.campaigns or {}).items():
        if campaign.brand is not None and campaign.brand not in brands:
            at = (*path, "campaigns", name, "brand")
            detail = f"{dotted(at)}: there is no brand {quoted(campaign.brand)} in {dotted(path)}."
            hint = f"Brands are {', '.join(brands)}." if brands else "Declare it under brands."
            yield told("E146", place(at), detail, did_you_mean(campaign.brand, brands, hint))


def _internal_numbers(path: Path, connector: Connector, place: Place) -> Iterator[Problem]:
    """Refuse digits that call for help, or are in the way of those who do."""
    for digits in connector.internal_numbers:
        code = next((code for code in _HELP if _in_the_way(digits, code)), "")
        if code:
            at = (*path, "internal_numbers", digits)
            why = "calls for help" if digits == code else f"is in the way of {code}, which does"
            detail = f"{dotted(at)}: who dials {digits} {why}."
            yield told("E146", place(at, key=True), detail, "Choose other digits.")


_HELP = sorted({code for codes in EMERGENCY.values() for code in codes})
_HELP_HERE = frozenset(EMERGENCY["GB"])
"""Where telephones of such a carrier are; the numbers of other countries count as they are."""


def _in_the_way(digits: str, code: str) -> bool:
    """Whether a telephone that dials the one may be taken to dial the other."""
    near = digits.startswith(code) or code.startswith(digits)
    return near if code in _HELP_HERE else digits == code


def _address(path: Path, connector: Connector, known: Known, place: Place) -> Iterator[Problem]:
    at = (*path, "url")
    right = known.editions.get(connector.edition or "", known.url)
    if not connector.url:
        if not connector.sandbox:
            detail = f"{dotted(path)}: url is missing."
            yield told("E146", place(at), detail, f"Write url: {right}, or sandbox: true.")
        return
    fault = connector_fault(connector.url, sandbox=connector.sandbox, domains=known.domains)
    if fault:
        # Not repeated where it names a user: what follows may be a password.
        shown = "the URL" if "@" in connector.url else quoted(connector.url)
        yield told(
            "E147", place(at), f"{dotted(at)}: {shown} is refused: {fault}.", f"Write {right}."
        )


def _credentials(path: Path, connector: Connector, known: Known, place: Place) -> Iterator[Problem]:
    at = (*path, "credentials")
    for name in connector.credentials:
        if name not in known.credentials:
            hint = did_you_mean(name, known.credentials, f"It takes {_listed(known.credentials)}.")
            detail = f"{dotted(at)}: {connector.kind} has no such credential."
            yield told("E145", place((*at, name), key=True), detail, hint)
    missing = known.credentials - set(connector.credentials)
    if missing and not connector.sandbox:
        detail = f"{dotted(at)}: {_listed(missing)} is missing."
        hint = f"Add {min(missing)}: {{env: NAME}} under credentials."
        yield told("E146", place(at), detail, hint)


def _edition(path: Path, connector: Connector, known: Known, place: Place) -> Iterator[Problem]:
    at = (*path, "edition")
    if connector.edition is None and known.editions:
        detail = f"{dotted(path)}: edition is missing; the API of {connector.kind} has several."
        yield told("E146", place(at), detail, f"Write edition: {' or '.join(known.editions)}.")
    elif connector.edition is not None and connector.edition not in known.editions:
        names = ", ".join(known.editions)
        hint = f"Editions are {names}." if names else "Leave it out."
        yield told(
            "E146",
            place(at),
            f"{dotted(at)}: {connector.kind} has no edition {quoted(connector.edition)}.",
            did_you_mean(connector.edition, known.editions, hint),
        )


def _handoff(path: Path, connector: Connector, known: Known, place: Place) -> Iterator[Problem]:
    handoff = connector.numbers.handoff
    at = (*path, "numbers", "handoff")
    if handoff is not None and isinstance(handoff, str) == known.objects:
        form = "{type: Extension, name: pbx-trunk}" if known.objects else "the name of a gateway"
        detail = f"{dotted(at)}: {connector.kind} hands calls over to something else than that."
        yield told("E146", place(at), detail, f"Give {form}.")
    elif isinstance(handoff, str) and connector.gateways and handoff not in connector.gateways:
        yield told(
            "E146",
            place(at),
            f"{dotted(at)}: there is no gateway {quoted(handoff)} in {dotted(path)}.gateways.",
            did_you_mean(
                handoff, connector.gateways, f"Gateways are {', '.join(connector.gateways)}."
            ),
        )


def own_references(settings: Settings) -> Iterator[tuple[Path, SecretReference]]:
    """Find each reference of the project itself, with its path."""
    for index, key in enumerate(settings.secrets.keys):
        yield ("secrets", "keys", index), key
    if settings.secrets.mac_key is not None:
        yield ("secrets", "mac_key"), settings.secrets.mac_key
    for name, connector in settings.connectors.items():
        for field, reference in connector.credentials.items():
            yield ("connectors", name, "credentials", field), reference


def _references(settings: Settings, place: Place) -> Iterator[Problem]:
    for path, reference in own_references(settings):
        senseless = {"generate"} | ({"sealed"} if path[0] == "secrets" else set())
        if reference.form in senseless:
            detail = f"{dotted(path)}: {{{reference.form}: ...}} cannot give this value."
            yield told(
                "E146", place(path), detail, "Write {env: NAME}, {file: PATH} or {exec: [...]}."
            )


def _allow(settings: Settings, place: Place) -> Iterator[Problem]:
    """Keep tenants from what the project itself uses: a change of one could read it."""
    for path, reference in own_references(settings):
        if reference.form not in {"env", "file", "exec"} or settings.secrets.allow.refusal(
            reference
        ):
            continue
        program = reference.form == "exec"
        yield told(
            "E159" if program else "E146",
            place(("secrets", "allow", "files" if reference.form == "file" else reference.form)),
            f"secrets.allow opens {named(reference)} to tenant files; it is behind {dotted(path)}.",
            "Give tenants names, folders or programs of their own.",
            severity=Severity.WARNING if program else Severity.ERROR,
        )


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))
