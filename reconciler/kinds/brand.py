"""Who sends text messages, as registered through a carrier account."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.account_fields import BrandFields
from reconciler.model.registration import Registration
from reconciler.model.spec import Spec


class Brand(Registration, BrandFields):
    """A messaging brand. No carrier tells one: only what was registered from here is known."""

    kind: ClassVar[str] = "brand"
    of_account: ClassVar[str] = "brands"

    @classmethod
    def is_said_to_be_there(cls, spec: Spec) -> bool:
        """Take an id without a name for a brand that is registered: with one it is to be."""
        return "name" not in spec

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with what it was registered with here, and without what others did."""
        if cls.is_said_to_be_there(after):
            return {**before, **after}
        known = {name: value for name, value in after.items() if name in before}
        return known if cls.is_said_to_be_there(before) and known != after else after
