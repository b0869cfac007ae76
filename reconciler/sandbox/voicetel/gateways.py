"""Gateways: where the carrier hands calls to."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.sandbox.store import DEFAULT_CHANNELS, Gateway, Store
from reconciler.sandbox.voicetel.features import NONE, every
from reconciler.sandbox.voicetel.numbers import row_of
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

MOST_CHANNELS: Final = 1000
NEW_NAMES: Final = {6: "VOICEML"}
"""System rows that the SDK's documentation calls by another name."""

_HOST = re.compile(r"(?i)(([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*|[0-9.]+)(:[0-9]{1,5})?")
_DOCUMENTATION = tuple(
    ipaddress.IPv4Network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)


def is_routable(network: ipaddress.IPv4Network) -> bool:
    """Whether calls from or to there are taken.

    Ranges that documents use for examples count as routable here: the carrier's own use them.
    """
    if any(network.subnet_of(known) for known in _DOCUMENTATION):
        return True
    return network.is_global and not network.is_multicast


def _shape(store: Store, gateway: Gateway) -> dict[str, Any]:
    host = gateway.host
    if gateway.system and store.setting("dialect") == "sdk":
        host = NEW_NAMES.get(gateway.id, host)
    elif not gateway.system and store.setting("gateway_resolves"):
        host = _resolved(host)
    return {
        "id": gateway.id,
        "gateway": host,
        "prefix": gateway.prefix,
        "limit": gateway.channels,
        "system": gateway.system,
    }


def _resolved(host: str) -> str:
    """An address in place of a name; no name server is asked, the name alone decides."""
    name, colon, port = host.partition(":")
    if re.fullmatch(r"[0-9.]+", name):
        return host
    return f"198.51.100.{hashlib.sha256(name.encode()).digest()[0]}{colon}{port}"


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    return success({"gateways": [_shape(store, gateway) for gateway in store.gateways()]})


def _known(store: Store, path: Mapping[str, str]) -> Gateway:
    gateway = store.gateway(int(path["id"]))
    if gateway is None:
        raise Declined(404, "Gateway not found")
    return gateway


def _own(store: Store, path: Mapping[str, str]) -> Gateway:
    gateway = _known(store, path)
    if gateway.system:
        raise Declined(404, "Gateway not found")
    return gateway


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    return success(_shape(store, _known(store, path)))


def _add(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = _checked(store, request.json())
    if "gateway" not in asked:
        raise Declined(400, "Field Required: gateway")
    host, prefix = asked["gateway"], asked.get("prefix", "")
    known = any((known.host, known.prefix) == (host, prefix) for known in store.gateways())
    if known and not store.setting("gateway_twice"):
        raise Declined(409, "Failed to add gateway")
    made = store.add_gateway(host, prefix, asked.get("limit", DEFAULT_CHANNELS))
    store.tell("gateway added", detail=host)
    return success(_shape(store, made), 201)


def _put(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    gateway = _own(store, path)
    asked = _checked(store, request.json(), status=404)
    resets = store.setting("gateway_put_resets")
    changed = gateway._replace(
        host=asked.get("gateway", gateway.host),
        prefix=asked.get("prefix", "" if resets else gateway.prefix),
        channels=asked.get("limit", DEFAULT_CHANNELS if resets else gateway.channels),
    )
    store.save_gateway(changed)
    store.tell("gateway changed", detail=changed.host)
    return success(_shape(store, changed))


def _checked(store: Store, asked: dict[str, Any], status: int = 400) -> dict[str, Any]:
    """Check a gateway; a change of one has no 400 in the documents."""
    host, prefix, limit = (asked.get(name) for name in ("gateway", "prefix", "limit"))
    if host is not None and not _leads_somewhere(store, host):
        raise Declined(status, "Gateway should be a routable IP or Hostname and optional port")
    if prefix is not None and not (isinstance(prefix, str) and re.fullmatch(r"[0-9]*", prefix)):
        raise Declined(status, "Invalid prefix")
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and not (whole and 1 <= limit <= MOST_CHANNELS):
        raise Declined(status, "Invalid limit")
    return asked


def _leads_somewhere(store: Store, host: object) -> bool:
    """Judge without asking a name server: a name with a dot counts as resolved."""
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return False
    name = host.partition(":")[0]
    if not re.fullmatch(r"[0-9.]+", name):
        down = store.setting("unresolved")
        return not name.endswith((".invalid", ".local")) and name.lower() not in down
    try:
        return is_routable(ipaddress.IPv4Network(name))
    except ValueError:
        return False


def _remove(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    gateway = _own(store, path)
    in_use = any(number.route == gateway.id for number in store.numbers())
    if in_use and store.setting("gateway_in_use_kept"):
        raise Declined(409, "Please make sure no DID are routed to gateway")
    store.remove_gateway(gateway.id)
    store.tell("gateway removed", detail=gateway.host)
    return Reply(204)


def _numbers(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    gateway = _known(store, path)
    has = every(store)
    rows = [
        row_of(number, None, has.get(number.tn, NONE))
        for number in store.numbers()
        if number.route == gateway.id
    ]
    for row in rows:
        del row["route"], row["gateway"]
    return success({"numbers": rows})


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/gateways"): _list,
    ("POST", "/v2.2/gateways"): _add,
    ("GET", "/v2.2/gateways/{id}"): _get,
    ("PUT", "/v2.2/gateways/{id}"): _put,
    ("DELETE", "/v2.2/gateways/{id}"): _remove,
    ("GET", "/v2.2/gateways/{id}/numbers"): _numbers,
}
