"""Gateways at VoiceTel: made by POST, which is never repeated unseen; told apart by their host.

A row has an id of its own. A host that stands in two rows is ours in the older one only, as
numbers are handed to that one; the other is told as nobody's. System rows are VoiceTel's own.
Source: VoiceTel OpenAPI 2.2.10, tag Gateways. Whether a field that PUT leaves out is kept is
not said there, so all three are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.carriers.voicetel.wire import Gateway, canonical, endpoint, text_of, whole_of
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "gateway"
FIELDS: Final = frozenset({"connector", "host", "limit", "prefix"})
USUAL_LIMIT: Final = 23
PATH: Final = "/v2.2/gateways"
REFUSALS: Final[Mapping[Action, frozenset[int]]] = {
    Action.CREATE: frozenset({409}),
    Action.UPDATE: frozenset({404, 409}),
    Action.DELETE: frozenset({409}),
}
"""Beside what always is one; a DELETE that is answered 404 may have been done by an earlier try."""


class Gateways:
    """The names that this project has for an account's gateways."""

    def __init__(
        self, connector: str, hosts: Mapping[str, str], left: Mapping[str, Mapping[str, object]]
    ) -> None:
        """Know them by what the project declares, and by what it declared before.

        Args:
            connector: Our name of the account.
            hosts: Each declared host, by our name.
            left: What the last apply left there, by our name; by endpoint what has lost its own.
        """
        self._connector = connector
        before = {
            name: str(spec.get("host", ""))
            for name, spec in left.items()
            if name not in hosts and ":" not in name
        }
        known = {**dict(sorted(before.items())), **dict(sorted(hosts.items()))}
        self._written = {endpoint(host): (name, host) for name, host in known.items() if host}

    @property
    def names(self) -> Mapping[str, str]:
        """Our name of each endpoint that has one."""
        return {at: name for at, (name, _) in self._written.items()}

    def holdings(self, rows: Iterable[Gateway]) -> dict[str, Holding]:
        """All rows but VoiceTel's own: by our name, else by endpoint."""
        found: dict[str, Holding] = {}
        for row in sorted((row for row in rows if not row.system), key=lambda row: row.id):
            at = endpoint(row.host)
            name, host = self._written.get(at, (at, row.host))
            if name in found:
                name = f"{at}-{row.id}"
            spec: dict[str, object] = {
                "connector": self._connector,
                "host": host,
                "limit": USUAL_LIMIT if row.limit is None else row.limit,
                "prefix": row.prefix,
            }
            found[name] = Holding(self._connector, str(row.id), spec=spec)
        return found

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say what VoiceTel can never take, as a clause; "" for nothing."""
        host, prefix = str(spec.get("host", "")), str(spec.get("prefix", ""))
        if not re.fullmatch(r"[0-9]*", prefix):
            return f"VoiceTel takes digits only as a `prefix`, and that of {name} is {prefix}"
        if host.startswith("["):
            return f"VoiceTel takes a host name or an IPv4 address, and that of {name} is {host}"
        return ""

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        if act.action is Action.CREATE:
            return (Request("POST", PATH, _body(act)),)
        if act.holding is None:
            return Refused(f"Gateway {act.e164} is not on the account any more.")
        path = f"{PATH}/{act.holding.external_id}"
        if act.action is Action.DELETE:
            return (Request("DELETE", path),)
        if act.action is not Action.UPDATE:
            return Refused(f"VoiceTel's connector has no way to {act.action} a gateway.")
        return (Request("PUT", path, _body(act)),)


def route_to(host: str, rows: Iterable[Gateway], e164: str, connector: str) -> int | Refused:
    """The id of the gateway that a number is to be handed to, by its host."""
    same = [row.id for row in rows if not row.system and endpoint(row.host) == endpoint(host)]
    return min(same, default=0) or Refused(
        f"The gateway of {e164}, {host}, is not on the VoiceTel account of connector"
        f" {connector!r}: plan again, for all tenants, and it is made first."
    )


def made(act: CarrierAct, data: Mapping[str, Any]) -> str | None:
    """The id in an answer that is the gateway that was asked for; None when it is not.

    VoiceTel may write a new gateway's host in another way: the listing tells that then.
    """
    after, number = act.after or {}, whole_of(data.get("id"))
    same = endpoint(text_of(data.get("gateway"))) == endpoint(str(after.get("host", "")))
    kept = text_of(data.get("prefix")) == after.get("prefix") and whole_of(
        data.get("limit")
    ) == after.get("limit")
    fits = number is not None and (act.action is Action.CREATE or (same and kept))
    return str(number) if fits else None


def _body(act: CarrierAct) -> bytes:
    after = act.after or {}
    asked = {name: after.get(name) for name in ("prefix", "limit")}
    return canonical({"gateway": after.get("host"), **asked}).encode()
