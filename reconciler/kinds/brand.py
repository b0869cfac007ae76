"""Who sends text messages, as registered through a carrier account."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.account_fields import BrandFields
from reconciler.model.registration import Registration


class Brand(Registration, BrandFields):
    """A messaging brand. No carrier tells one: only what was registered from here is known."""

    kind: ClassVar[str] = "brand"
    of_account: ClassVar[str] = "brands"
