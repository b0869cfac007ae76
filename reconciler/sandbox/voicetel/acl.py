"""The SIP access list: networks that may place calls, as CIDRs."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.gateways import is_routable
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

MASKS: Final = frozenset({8, 16, 24, 32})
NOT_INSERTED: Final = "DB Insert failed"
NOT_DELETED: Final = "DB delete failed"
BAD_MASK: Final = "Invalid mask: must be /8, /16, /24, or /32"
NOT_ROUTABLE: Final = "CIDR range must be routable"


def entries(store: Store) -> list[dict[str, str]]:
    """The list as the carrier tells it."""
    return [{"cidr": cidr} for cidr in store.acl()]


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    found = entries(store)
    if not found and store.setting("empty_is_404"):
        raise Declined(404, "No ACL entries found")
    return success({"acl": found})


def _add(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Add what can be added; the rest is told, and what was added stays."""
    del path
    asked = request.json().get("acl")
    wanted = (
        [row.get("cidr") for row in asked if isinstance(row, dict)]
        if isinstance(asked, list)
        else [None]
    )
    added, failed, overlaps = [], [], False
    for cidr in map(str, wanted):
        reason, overlap = _why_not(store, cidr)
        if reason:
            failed.append({"cidr": cidr, "reason": reason})
        else:
            store.save_acl(cidr)
            added.append({"cidr": cidr})
        overlaps = overlaps or overlap
    if not failed:
        return success({"added": added})
    message = "CIDR overlaps with existing entry" if overlaps else "One or more entries failed"
    more = {"data": {"added": added, "removed": [], "failed": failed}}
    return failure(409, message, more=more)


def _why_not(store: Store, cidr: str) -> tuple[str, bool]:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return NOT_INSERTED, False
    if network.prefixlen not in MASKS:
        return BAD_MASK, False
    if not is_routable(network):
        return NOT_ROUTABLE, False
    overlaps = store.setting("acl_overlap_refused") and any(
        network.overlaps(ipaddress.IPv4Network(known)) for known in store.acl()
    )
    return (NOT_INSERTED, True) if overlaps else ("", False)


def _remove(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    wanted = [cidr.strip() for cidr in request.query.get("cidrs", "").split(",")]
    known = set(store.acl())
    removed, failed = [], []
    for cidr in wanted:
        if cidr in known:
            store.remove_acl(cidr)
            removed.append({"cidr": cidr})
        else:
            failed.append({"cidr": cidr, "reason": NOT_DELETED})
    if not failed:
        return success({"removed": removed})
    more = {"data": {"added": [], "removed": removed, "failed": failed}}
    return failure(409, "One or more entries failed", more=more)


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/acl"): _list,
    ("POST", "/v2.2/acl"): _add,
    ("DELETE", "/v2.2/acl"): _remove,
}
