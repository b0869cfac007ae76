"""Where an object is, in words that stay the same: `tenant/kind/name`."""

from __future__ import annotations

from typing import Final, NamedTuple

ACCOUNT: Final = "@"
"""What stands before a connector's name where a tenant's would stand."""


def account_name(connector: str) -> str:
    """What a carrier account is called among tenants: ``@voicetel``."""
    return f"{ACCOUNT}{connector}"


def connector_of(tenant: str) -> str:
    """The connector whose account is called so among tenants; "" for a tenant."""
    return tenant.removeprefix(ACCOUNT) if tenant.startswith(ACCOUNT) else ""


class Address(NamedTuple):
    """An object's name for life, such as `acme/ring_group/sales`."""

    tenant: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.kind}/{self.name}"

    @property
    def reference(self) -> str:
        """The short form used inside the tenant: `ring_group/sales`."""
        return f"{self.kind}/{self.name}"


def parse_address(text: str) -> Address | None:
    """Read `tenant/kind/name`; None when `text` has another form."""
    parts = text.split("/", 2)
    return Address(*parts) if len(parts) == 3 and all(parts) else None  # noqa: PLR2004 - three parts
