"""The account itself: balance and rates, its key, how it signs in, its gateways."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from reconciler.sandbox.store import DEFAULT_CHANNELS, Gateway, Store
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

USERNAME: Final = "1000000001"
PASSWORD: Final = "sandbox"  # noqa: S105 - a sandbox has no secrets
MOST_CHANNELS: Final = 1000
SCARCE_SECONDS: Final = 3600
SCARCE_REQUESTS: Final = 6

_HOST = re.compile(r"(?i)(([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*|[0-9.]+)(:[0-9]{1,5})?")
# Ranges that documents use for examples count as routable here: the carrier's own use them.
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)


def _scarce(store: Store, request: Request) -> None:
    """Take one of six requests an hour, which these endpoints share."""
    used = store.hits(request.peer, within_seconds=SCARCE_SECONDS)
    if store.setting("limiter") and used > SCARCE_REQUESTS:
        raise Declined(429, "Too many requests")


def _account(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    _scarce(store, request)
    rates = {"sms": "0.01", "mms": "0.05", "cnam": "0.0075", "lrn": "0.008", "nibble": "0.01"}
    rates |= {"fax": "0.05", "tfAdj": "0.02", "intlMax": "0.5", "did": store.setting("did_rate")}
    on = ("sms", "mms", "e911", "cnam")
    return success(
        {
            "username": USERNAME,
            "name": "Sandbox",
            "email": "sandbox@example.com",
            "enabled": True,
            "cash": store.cash(),
            "callerId": "2015550100",
            "timezone": "America/New_York",
            "authType": 0,
            "ccs": DEFAULT_CHANNELS,
            "notify": False,
            "notifyThreshold": 0,
            "created": "2026-01-01T00:00:00Z",
            "rates": {name: Decimal(rate) for name, rate in rates.items()},
            "services": {
                name: name in on for name in (*on, "intl", "bypassMedia", "dialer", "rcid")
            },
        }
    )


def _api_key(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    _scarce(store, request)
    asked = request.json()
    if not asked.get("username") or not asked.get("password"):
        raise Declined(400, "Fields Required: username, password")
    if (asked["username"], asked["password"]) != (USERNAME, PASSWORD):
        raise Declined(401, "Invalid username or password")
    made = hashlib.sha256(f"key {store.setting('seed')}".encode()).hexdigest()[:32]
    return success({"apikey": store.setting("api_key") or made})


def _auth(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    acl = [{"cidr": cidr} for cidr in store.acl()]
    return success({"authType": 0, "authTypeDescription": "Digest", "acl": acl})


def _acl(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    acl = [{"cidr": cidr} for cidr in store.acl()]
    if not acl and store.setting("empty_is_404"):
        raise Declined(404, "No ACL entries found")
    return success({"acl": acl})


# Gateways.


def _shape(gateway: Gateway) -> dict[str, Any]:
    return {
        "id": gateway.id,
        "gateway": gateway.host,
        "prefix": gateway.prefix,
        "limit": gateway.channels,
        "system": gateway.system,
    }


def _gateways(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    return success({"gateways": [_shape(gateway) for gateway in store.gateways()]})


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


def _get_gateway(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    return success(_shape(_known(store, path)))


def _add_gateway(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = _checked(request.json())
    if "gateway" not in asked:
        raise Declined(400, "Field Required: gateway")
    host, prefix = asked["gateway"], asked.get("prefix", "")
    if any((known.host, known.prefix) == (host, prefix) for known in store.gateways()):
        raise Declined(409, "Failed to add gateway")
    made = store.add_gateway(host, prefix, asked.get("limit", DEFAULT_CHANNELS))
    store.tell("gateway added", detail=host)
    return success(_shape(made), 201)


def _put_gateway(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    gateway = _own(store, path)
    asked = _checked(request.json())
    changed = replace(
        gateway,
        host=asked.get("gateway", gateway.host),
        prefix=asked.get("prefix", gateway.prefix),
        channels=asked.get("limit", gateway.channels),
    )
    store.save_gateway(changed)
    store.tell("gateway changed", detail=changed.host)
    return success(_shape(changed))


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    host, prefix, limit = (asked.get(name) for name in ("gateway", "prefix", "limit"))
    if host is not None and not _is_routable(host):
        raise Declined(400, "Gateway should be a routable IP or Hostname and optional port")
    if prefix is not None and not (isinstance(prefix, str) and re.fullmatch(r"[0-9]*", prefix)):
        raise Declined(400, "Invalid prefix")
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and not (whole and 1 <= limit <= MOST_CHANNELS):
        raise Declined(400, "Invalid limit")
    return asked


def _is_routable(host: object) -> bool:
    """Judge without asking a name server: a name with a dot counts as resolved."""
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return False
    name = host.partition(":")[0]
    if not re.fullmatch(r"[0-9.]+", name):
        return not name.endswith((".invalid", ".local"))
    try:
        address = ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return address.is_global or any(address in net for net in _DOCUMENTATION)


def _remove_gateway(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    gateway = _own(store, path)
    if any(number.route == gateway.id for number in store.numbers()):
        raise Declined(409, "Please make sure no DID are routed to gateway")
    store.remove_gateway(gateway.id)
    store.tell("gateway removed", detail=gateway.host)
    return Reply(204)


def _gateway_numbers(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    gateway = _known(store, path)
    numbers = [
        {
            "number": number.tn,
            "translated": number.translated,
            "cnam": number.cnam,
            "forward": number.forward_to is not None,
            "forwardTo": number.forward_to,
            "carrier": 0,
            "smsEnabled": False,
            "faxEnabled": False,
        }
        for number in store.numbers()
        if number.route == gateway.id
    ]
    return success({"numbers": numbers})


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/account"): _account,
    ("POST", "/v2.2/account/api-key"): _api_key,
    ("GET", "/v2.2/auth"): _auth,
    ("GET", "/v2.2/acl"): _acl,
    ("GET", "/v2.2/gateways"): _gateways,
    ("POST", "/v2.2/gateways"): _add_gateway,
    ("GET", "/v2.2/gateways/{id}"): _get_gateway,
    ("PUT", "/v2.2/gateways/{id}"): _put_gateway,
    ("DELETE", "/v2.2/gateways/{id}"): _remove_gateway,
    ("GET", "/v2.2/gateways/{id}/numbers"): _gateway_numbers,
}
