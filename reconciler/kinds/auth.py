"""How calls to a carrier account authenticate."""

from __future__ import annotations

from typing import ClassVar

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
    def joins(cls, before: Spec, after: Spec) -> Act:
        """Say what it means for a PBX where it is another way than before."""
        why = "already so" if before == after else f"differs from YAML; {LOCKS_OUT}"
        return Act(Action.ADOPT, why)

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Say what it means for a PBX."""
        del name, before, after, supply
        return Act(Action.UPDATE, f"differs from YAML; {LOCKS_OUT}")
