"""How calls to a carrier account authenticate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from reconciler.model.account_fields import AuthFields
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Action, Refusal
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply

LOCKS_OUT = "a PBX that proves itself otherwise is refused from then on"


class Auth(AccountObject, AuthFields):
    """The way in which an account tells our calls from others'; every account has one."""

    kind: ClassVar[str] = "auth"
    of_account: ClassVar[str] = "auth"
    single: ClassVar[bool] = True

    @classmethod
    def declared(
        cls, connector: str, section: Any
    ) -> Iterator[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
        """List the one that there is, by the account's name."""
        yield connector, section.model_dump(mode="json"), ()

    @classmethod
    def joins(cls, before: Spec, after: Spec) -> Act:
        """Say what it means for a PBX where it is another way than before."""
        why = "already so" if before == after else f"differs from YAML; {LOCKS_OUT}"
        return Act(Action.ADOPT, why)

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Say what it means for a PBX."""
        del name, before, after, supply
        return Act(Action.UPDATE, f"differs from YAML; {LOCKS_OUT}")

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay as it is: there is no account without one."""
        del name, spec, supply
        return None
