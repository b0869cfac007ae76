"""A network that may place calls through a carrier account."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from reconciler.model.account_fields import Network
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Action, Refusal
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply


class Acl(AccountObject):
    """One entry of an account's access list; it is for calls, not for the carrier's API."""

    kind: ClassVar[str] = "acl"
    of_account: ClassVar[str] = "acl"

    cidr: Network
    """The network."""

    @classmethod
    def declared(
        cls, connector: str, section: Any
    ) -> Iterator[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
        """List the entries, each named by its network: `198.51.100.0-24`."""
        del connector
        for index, cidr in enumerate(section):
            yield cidr.replace("/", "-"), {"cidr": cidr}, (index,)

    @classmethod
    def excludes(cls, one: Spec, other: Spec) -> bool:
        """Let no two have addresses in common."""
        networks = [ipaddress.IPv4Network(str(spec.get("cidr"))) for spec in (one, other)]
        return networks[0] != networks[1] and networks[0].overlaps(networks[1])

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Go last of all, and say what that means for who is still there."""
        del name, spec, supply
        why = "gone from YAML; a PBX that calls from there may be refused from then on"
        return Act(Action.DELETE, why), None
