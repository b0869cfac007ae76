"""Where a carrier account hands calls to the platform."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.account_fields import GatewayFields
from reconciler.model.account_object import AccountObject


class Gateway(AccountObject, GatewayFields):
    """A SIP endpoint of the platform, as a carrier account knows it.

    The carrier tells gateways apart by their host: with another host it is another gateway. The
    new one is made before any number leaves the old one, and the old one is removed last of all.
    """

    kind: ClassVar[str] = "gateway"
    of_account: ClassVar[str] = "gateways"
    told_apart_by: ClassVar[tuple[str, ...]] = ("host",)
    receives: ClassVar[bool] = True
