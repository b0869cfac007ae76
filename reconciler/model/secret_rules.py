"""Which references to secrets tenant files may use: decided in one place, for check and apply."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.secret import SecretReference

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


@dataclass(frozen=True, slots=True)
class SecretRules:
    """Which references to secrets tenant files may use (`secrets.allow` of the project).

    Attributes:
        env: Environment variables, as names with wildcards such as ``VM_*``.
        files: Folders, relative to the project.
        exec: Programs, by their exact first word.

    """

    env: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    exec: tuple[str, ...] = ()

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


def path_steps(path: str) -> tuple[str, ...] | None:
    """Split a path inside the project; None when it is absolute or has odd steps."""
    steps = tuple(path.split("/"))
    odd = "\0" in path or any(step in {"", ".", ".."} for step in steps)
    return None if odd else steps


def shown(reference: SecretReference) -> str:
    """A reference in words, without anything that is or may hold a value."""
    match reference.form:
        case "env":
            return f"The environment variable {reference.env}"
        case "file":
            return f"The file {reference.file!r}"
        case "exec":
            return f"The program {(reference.exec or ('',))[0]!r}"
        case form:
            return f"A secret of the form {form}"
