"""Settings of a carrier account itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from reconciler.model.account_fields import AccountFields
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Refusal
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply


class Account(AccountObject, AccountFields):
    """What an account is set to; every account has one of each setting."""

    kind: ClassVar[str] = "account"
    of_account: ClassVar[str] = "account"
    single: ClassVar[bool] = True

    @classmethod
    def declared(
        cls, connector: str, section: Any
    ) -> Iterator[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
        """List the one that there is, by the account's name."""
        yield connector, section.model_dump(mode="json", exclude_none=True), ()

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with the settings that YAML is silent about."""
        theirs = {name: value for name, value in before.items() if name not in after}
        return {**after, **theirs} if theirs else after

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay as it is: there is no account without settings."""
        del name, spec, supply
        return None
