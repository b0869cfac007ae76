"""`secrets seal`: a value becomes a token that opens at one object's field and nowhere else."""

from __future__ import annotations

import re
import sys

import click

from reconciler.cli.fields import secret_fields
from reconciler.cli.output import say
from reconciler.cli.session import Session
from reconciler.errors import ReconcilerError, WrongUsage
from reconciler.kinds import KINDS
from reconciler.model.address import Address, parse_address
from reconciler.secrets import Unusable, project_address
from reconciler.secrets.sources import MAX_BYTES
from reconciler.settings.connectors import KNOWN

LONGEST_TOKEN = 65536
"""What a reference takes."""

_CREDENTIAL = re.compile(r"connectors\.([^.]+)\.credentials\.([^.]+)")


def place_of(session: Session, what: str, field: str) -> tuple[Address, str]:
    """Find the field that a value is to be sealed for.

    What was typed is not repeated where it names nothing: it may be the value itself.

    Args:
        session: The project.
        what: `tenant/kind/name`, or `connectors.NAME.credentials.FIELD` of the project file.
        field: The object's field; "" for a setting of the project file.

    Raises:
        WrongUsage: There is no such field, or it is no secret.
    """
    credential = _CREDENTIAL.fullmatch(what)
    if credential is not None:
        _require_credential(session, credential[1], credential[2], field)
        return project_address(what), "value"
    address = parse_address(what)
    if address is None:
        raise WrongUsage(
            "The first argument is neither an object's address nor a setting.",
            "Write acme/voicemail_box/4201 pin, or connectors.NAME.credentials.FIELD.",
        )
    _require_field(address, field)
    return address, field


def sealed(session: Session, address: Address, field: str) -> str:
    """Read the value, without echo where somebody types it, and seal it.

    Raises:
        Unusable: It is empty, too long, no text, or not fit for its field.
        Unavailable: There is no key to seal with.
    """
    vault = session.vault
    vault.require_keys()
    value = vault.given(_read())
    cls = KINDS.get(address.kind)
    unfit = cls.unfit(address.name, field, value.reveal()) if cls is not None else ""
    if unfit:
        raise Unusable(f"The value is not fit for {field}: {unfit}.", "Nothing was sealed.")
    token = vault.seal(value, address, field)
    if len(token) > LONGEST_TOKEN:
        raise Unusable("The value is too long to be sealed.", "Use {file: PATH} instead.")
    return token


def warn_if_unknown(session: Session, address: Address) -> None:
    """Say so where no file has the object yet: a typing mistake would show at apply only."""
    if address.tenant.startswith("@"):
        return
    try:
        desired = session.desired((address.tenant,), files_only=True)
    except ReconcilerError:
        return
    known = any(address in tenant.objects for tenant in desired.tenants)
    if not known and (desired.tenants or any(p.code == "E151" for p in desired.problems)):
        say(f"note: no tenant file has {address} yet; the token opens there and nowhere else.")


def _read() -> bytes:
    if sys.stdin.isatty():
        typed: str = click.prompt("Value", hide_input=True, confirmation_prompt="Again", err=True)
        return typed.encode("utf-8", "surrogateescape")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _require_credential(session: Session, connector: str, name: str, field: str) -> None:
    connectors = session.project.settings.connectors
    if connector not in connectors:
        raise WrongUsage(
            "The project file has no connector of that name.",
            f"Its connectors: {', '.join(connectors) or 'none'}.",
        )
    known = KNOWN[connectors[connector].kind].credentials
    if name not in known or field:
        raise WrongUsage(
            f"{connector} has no such credential.",
            f"Write connectors.{connector}.credentials.{min(known)} and nothing after it.",
        )


def _require_field(address: Address, field: str) -> None:
    secrets = {kind: names for kind, cls in KINDS.items() if (names := secret_fields(cls))}
    cls = KINDS.get(address.kind)
    if cls is None or address.kind not in secrets:
        every = "; ".join(f"{kind} {', '.join(names)}" for kind, names in secrets.items())
        raise WrongUsage("Objects of that kind have no secret.", f"Secrets are: {every}.")
    if not re.fullmatch(cls.naming.pattern, address.name):
        raise WrongUsage(
            f"That is no name of a {address.kind}.", f"It is written as {cls.naming.words}."
        )
    if field not in secrets[address.kind]:
        raise WrongUsage(
            f"A {address.kind} has no secret of that name.",
            f"Its secrets: {', '.join(secrets[address.kind])}. The value is never an argument: it"
            " is asked for, or read from standard input.",
        )
