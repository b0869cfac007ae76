"""What is registered once and for all: it costs fees, and nothing takes it back or changes it."""

from __future__ import annotations

from typing import Any

from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.address import Address
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply


class Registration(AccountObject):
    """An entry of a registry, made through a carrier account.

    It is never made without its own approval, and stays when its lines go.
    """

    @classmethod
    def approvals(
        cls, address: Address, action: Action, after: Spec | None = None, to: str = ""
    ) -> frozenset[str]:
        """Ask before it is registered, by the registry's id."""
        del address, to
        asked = f"register:{(after or {}).get('id', '')}"
        return frozenset({asked} if action is Action.CREATE else ())

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Register it, once somebody has said so."""
        del name, supply
        return Act(
            Action.CREATE,
            "in YAML, and not registered as far as is known",
            Reversibility.IRREVERSIBLE,
            Charge.UNKNOWN,
            approval=f"register:{spec.get('id', '')}",
        )

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Refuse: what is registered can be registered again under another id only."""
        del supply
        fields = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
        return Refusal(
            "E419",
            f"{cls.kind}/{name} is registered, and {', '.join(fields)} of it cannot be changed"
            " here any more.",
            "Write what it was registered with, or register another one under a name of its own.",
        )

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay registered: there is no way to take it back."""
        del name, spec, supply
        return None
