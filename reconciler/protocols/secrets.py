"""Secrets in the hand, where they come from and where new ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reconciler.model.address import Address

if TYPE_CHECKING:  # pydantic takes a fifth of a second that an unchanged plan does without
    from reconciler.model.secret import SecretReference


class SecretValue:
    """A secret in the hand: it prints, formats, pickles and compares as nothing of itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one place that must have it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class SecretSource(Protocol):
    """Resolves references and seals values.

    Raises:
        Unavailable: No key, or a reference that cannot be resolved; never with its value.
    """

    def resolve(self, reference: SecretReference, address: Address, field_name: str) -> SecretValue:
        """The value behind a reference. `generate` makes a new one."""
        ...

    def seal(self, value: SecretValue, address: Address, field_name: str) -> str:
        """A token that opens at this address and field only."""
        ...

    def open(self, token: str, address: Address, field_name: str) -> SecretValue:
        """The value in a token made by `seal` for this address and field."""
        ...

    def mac(self, value: SecretValue, address: Address, field_name: str) -> str:
        """A keyed fingerprint, for the ledger only; its key never rotates."""
        ...

    def require_keys(self) -> None:
        """Fail now, with the next step, when there is no key to seal with."""
        ...


@dataclass(frozen=True, slots=True)
class GeneratedSecret:
    """A secret that was made here and that somebody must be told."""

    address: Address
    field_name: str
    value: SecretValue


class SecretSink(Protocol):
    """Where generated secrets go once, for a person or a provisioning system."""

    def deliver(self, secrets: Sequence[GeneratedSecret]) -> None:
        """Hand them over, all on disk when this returns."""
        ...
