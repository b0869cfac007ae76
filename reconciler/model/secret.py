"""Secrets are written as references; a value never stands in a model, a plan or a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMS = ("env", "file", "exec", "sealed", "generate")
"""The ways to write a secret, in the order in which they are told."""

_NOT_GIVEN = (None, False)

MARK = "$secret"
"""The one key that marks a secret in a spec, a plan and the database."""


class SecretReference(BaseModel):
    """Where a secret's value comes from, and how often it was rotated.

    Exactly one of the five forms is given. Raising `version` rotates the value.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        json_schema_extra={"oneOf": [{"required": [form]} for form in FORMS]},
    )

    env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """An environment variable."""

    file: str | None = Field(default=None, min_length=1, max_length=4096)
    """A file, relative to the project."""

    exec: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=32)
    """A program and its arguments; never a shell line."""

    sealed: str | None = Field(default=None, min_length=1, max_length=65536)
    """A Fernet token made by `reconciler secrets seal`."""

    generate: bool | None = None
    """True: a value is made at the first apply."""

    version: int = Field(default=1, ge=1, le=1_000_000)
    """Raised to rotate."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._given()) != 1:
            raise ValueError(f"give exactly one of {', '.join(FORMS)}")
        return self

    @property
    def form(self) -> str:
        """Which of the five forms it is."""
        return self._given()[0]

    def _given(self) -> list[str]:
        return [form for form in FORMS if self.__dict__[form] not in _NOT_GIVEN]

    def marked(self) -> dict[str, Any]:
        """The form it takes in a spec and a plan: reference and version, never a value."""
        form = self.form
        value = getattr(self, form)
        ref = {form: list(value) if isinstance(value, tuple) else value}
        return {MARK: {"ref": ref, "version": self.version}}


def is_marked(value: object) -> bool:
    """Tell whether a value of a spec stands for a secret."""
    # Most mappings are dictionaries, and asking an abstract class takes twenty times as long.
    return (type(value) is dict or isinstance(value, Mapping)) and MARK in value


def marked_in(spec: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Find each secret of a spec, by its dotted path, such as `losing_carrier.account`."""
    for name, value in spec.items():
        if type(value) in _UNMARKED:
            continue
        if is_marked(value):
            yield f"{above}{name}", value
        elif isinstance(value, Mapping):
            yield from marked_in(value, f"{above}{name}.")


_UNMARKED = frozenset({str, int, bool, list, type(None)})
"""Types of which no value is marked or is looked into, told before a call is made for it."""


def marked_at(spec: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Get the secret that stands at a dotted path.

    Raises:
        KeyError: None does.
    """
    value: Any = spec
    for step in path.split("."):
        value = value[step]
    found: Mapping[str, Any] = value
    return found


def reference_of(value: Mapping[str, Any]) -> SecretReference:
    """Read back what `marked` wrote."""
    body = value[MARK]
    return SecretReference.model_validate({**body["ref"], "version": body["version"]})
