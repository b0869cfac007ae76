"""The `secrets` section: keys, the sink, and what references in tenant files may reach."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from reconciler.errors import Location, Problem
from reconciler.model.resource import Model
from reconciler.model.secret import SecretReference, is_marked
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

_SYSTEM = frozenset(
    {
        "CI",
        "HOME",
        "HOSTNAME",
        "LANG",
        "LOGNAME",
        "OLDPWD",
        "PATH",
        "PWD",
        "SHELL",
        "TERM",
        "TMPDIR",
        "USER",
    }
)
_SYSTEM_STARTS = (
    "ACTIONS_", "AWS_", "AZURE_", "BUILDKITE_", "CI_", "DOCKER_", "GH_", "GITHUB_", "GITLAB_",
    "GOOGLE_", "LC_", "LD_", "OP_", "PG", "PYTHON", "RECONCILER_", "RUNNER_", "SSH_",
    "VAULT_", "XDG_",
)  # fmt: skip
"""What machines, build servers and password stores keep there: a wildcard never reaches it."""


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

    def refusal(self, reference: SecretReference) -> str:
        """Say why a tenant may not use a reference, "" when it may. Nothing is looked up."""
        if reference.env is not None:
            return self._variable_refusal(reference.env)
        if reference.file is not None:
            return self._file_refusal(reference.file)
        if reference.exec is not None and reference.exec[0] not in self.exec:
            return "the program is not listed under secrets.allow.exec"
        return ""

    def _variable_refusal(self, name: str) -> str:
        if name in self.env:
            return ""
        starts = tuple(each[:-1] for each in self.env if each.endswith("*"))
        if not starts or not name.startswith(starts):
            return "the variable is not listed under secrets.allow.env"
        if name in _SYSTEM or name.startswith(_SYSTEM_STARTS):
            return "the variable belongs to the machine and is not listed by its own name"
        return ""

    def _file_refusal(self, file: str) -> str:
        steps = path_steps(file)
        if steps is None:
            return "the path is not relative to the project, or has steps such as . and .."
        folders = (path_steps(folder.rstrip("/")) for folder in self.files)
        if any(folder and steps[: len(folder)] == folder != steps for folder in folders):
            return ""
        return "the file is in no folder listed under secrets.allow.files"


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


def path_steps(path: str) -> tuple[str, ...] | None:
    """Split a path inside the project; None when it is absolute or has odd steps."""
    steps = tuple(path.split("/"))
    odd = "\0" in path or any(step in {"", ".", ".."} for step in steps)
    return None if odd else steps


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
