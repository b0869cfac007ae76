"""Settings of a carrier account itself."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.account_fields import AccountFields
from reconciler.model.account_object import AccountObject
from reconciler.model.spec import Spec


class Account(AccountObject, AccountFields):
    """What an account is set to; every account has one of each setting."""

    kind: ClassVar[str] = "account"
    of_account: ClassVar[str] = "account"
    single: ClassVar[bool] = True

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with the settings that YAML is silent about."""
        theirs = {name: value for name, value in before.items() if name not in after}
        return {**after, **theirs} if theirs else after
