"""The access list at VoiceTel: one entry a request, so that a refusal is about that one.

A request with several entries is answered 409 with what was done of it and what was not; asked
one by one there is nothing between. The list is read with the way of authentication, which never
says 404 for an empty one. Source: VoiceTel OpenAPI 2.2.10, tags ACL and Authentication.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.carriers.voicetel.wire import canonical, rows_of, text_of
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "acl"
FIELDS: Final = frozenset({"connector", "cidr"})
PATH: Final = "/v2.2/acl"

Shown = Callable[[object], str]


class AccessList:
    """The networks that may place calls through one account."""

    def __init__(self, connector: str, shown: Shown) -> None:
        self._connector = connector
        self._shown = shown

    def holdings(self, rows: Iterable[object]) -> tuple[dict[str, Holding], list[str]]:
        """Each entry by its name, and what is odd, a sentence each."""
        found: dict[str, Holding] = {}
        odd: list[str] = []
        for row in rows:
            network = _network(row)
            if network is None:
                odd.append(f"A row of VoiceTel's access list is odd: {self._shown(row)}")
                continue
            spec = {"connector": self._connector, "cidr": str(network)}
            found[str(network).replace("/", "-")] = Holding(self._connector, spec=spec)
        return found, odd

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say nothing against any: what is in an entry's way may go before it comes."""
        del name, spec
        return ""

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        if act.action is Action.CREATE:
            body = canonical({"acl": [{"cidr": _cidr(act)}]})
            return (Request("POST", PATH, body.encode()),)
        if act.action is Action.DELETE and act.holding is not None:
            return (Request("DELETE", f"{PATH}?cidrs={_cidr(act)}"),)
        return Refused(f"VoiceTel's connector has no way to {act.action} an entry of a list.")


def told(act: CarrierAct, data: Mapping[str, Any]) -> str | None:
    """What an answer says of the one entry: "" for done, else why not; None for nothing."""
    done = "removed" if act.action is Action.DELETE else "added"
    if any(_is(row, act) for row in rows_of(data.get(done))):
        return ""
    failed = [row for row in rows_of(data.get("failed")) if _is(row, act)]
    return text_of(failed[0].get("reason")) or "no reason given" if failed else None


def _is(row: object, act: CarrierAct) -> bool:
    network = _network(row)
    return network is not None and str(network) == _cidr(act)


def _cidr(act: CarrierAct) -> str:
    spec = act.after if act.after is not None else (act.holding.spec if act.holding else {})
    return str(spec.get("cidr", ""))


def _network(row: object) -> ipaddress.IPv4Network | None:
    cidr = text_of(row.get("cidr")) if isinstance(row, dict) else ""
    try:
        return ipaddress.IPv4Network(cidr)
    except ValueError:
        return None
