"""The `secrets` section: keys, the sink, and what references in tenant files may reach."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from reconciler.errors import Location, Problem
from reconciler.model.resource import Model
from reconciler.model.secret import SecretReference, is_marked
from reconciler.model.secret_rules import SecretRules
from reconciler.model.types import Secret
from reconciler.settings.codes import told

VariablePattern = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\*?$", max_length=256)
]
"""The name of a variable, or the start of one and `*`."""


def _written(value: object) -> object:
    if is_marked(value):
        raise ValueError("this is how plans write a secret, not the project file")
    return value


OwnSecret = Annotated[Secret, BeforeValidator(_written)]
"""A secret of the project itself, as an author writes it."""


class Sink(Model):
    """Where generated secrets go when there is no terminal."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    """A file of JSON lines, mode 0600, relative to the project."""


class Allow(Model):
    """What references in tenant files may use. Sealed and generated secrets always may."""

    env: tuple[VariablePattern, ...] = Field(default=(), max_length=200)
    """Names of variables, or starts of them: `VM_*`."""

    files: tuple[Annotated[str, StringConstraints(min_length=1, max_length=4096)], ...] = Field(
        default=(), max_length=200
    )
    """Folders, relative to the project."""

    exec: tuple[Annotated[str, StringConstraints(pattern=r"^[^\s\x00]{1,4096}$")], ...] = Field(
        default=(), max_length=50
    )
    """Programs, each exactly as references name it."""

    def rules(self) -> SecretRules:
        """The same, as what decides about a reference."""
        return SecretRules(env=self.env, files=self.files, exec=self.exec)

    def refusal(self, reference: SecretReference) -> str:
        """Say why a tenant may not use a reference, "" when it may. Nothing is looked up."""
        return self.rules().refusal(reference)


class SecretSettings(Model):
    """How secrets are kept."""

    keys: tuple[OwnSecret, ...] = Field(
        default=(SecretReference(env="RECONCILER_KEY"),), max_length=20
    )
    """Fernet keys, newest first; older ones only open what they sealed."""

    mac_key: OwnSecret | None = SecretReference(env="RECONCILER_MAC_KEY")
    """The key of fingerprints, made by `reconciler secrets keygen`, never rotated."""

    sink: Sink | None = None
    """Where generated secrets go when there is no terminal."""

    allow: Allow = Field(default_factory=Allow)
    """What references in tenant files may use."""


def named(reference: SecretReference) -> str:
    """Name a reference in a sentence: its form and name; never a token, never an argument."""
    if reference.env is not None:
        return f"{{env: {reference.env}}}"
    if reference.file is not None:
        return f"{{file: {ascii(reference.file)[1:-1]}}}"
    if reference.exec is not None:
        return f"{{exec: [{ascii(reference.exec[0])[1:-1]}, ...]}}"
    return f"{{{reference.form}: ...}}"


def not_allowed(
    allow: Allow, reference: SecretReference, location: Location, address: str = ""
) -> Problem | None:
    """Check a reference in a tenant file against the allow-list, without resolving it."""
    refusal = allow.refusal(reference)
    if not refusal:
        return None
    return told(
        "E149",
        location,
        f"{named(reference)} may not be used in a tenant file: {refusal}.",
        "Use what secrets.allow of the project file lists, or let an operator add it there.",
        address=address,
    )
