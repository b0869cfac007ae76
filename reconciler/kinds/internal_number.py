"""What colleagues dial inside a carrier's own system: digits that lead to something there."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from reconciler.model.account_fields import InternalNumberFields
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Action, Refusal
from reconciler.model.naming import Naming
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply

ID: Final = "id"
"""What is kept of it beside its settings: a carrier may tell of it by its id only."""


class InternalNumber(AccountObject, InternalNumberFields):
    """An internal (utility) number of a carrier account, named by its digits.

    Its digits are never a public number, and never normalised: with others it is another one.
    """

    kind: ClassVar[str] = "internal_number"
    of_account: ClassVar[str] = "internal_numbers"
    naming: ClassVar[Naming] = Naming.DIGITS

    @classmethod
    def remembered(cls, spec: Spec, after: Spec, external_id: str, note: str) -> Spec:
        """Keep the carrier's id of it."""
        del after, note
        return {**spec, ID: external_id} if external_id else spec

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Go last of all, and say what that means for who dials it."""
        del spec, supply
        return Act(Action.DELETE, f"gone from YAML; who dials {name} there reaches nobody"), None
