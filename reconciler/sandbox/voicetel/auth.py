"""How calls to the carrier authenticate, and the account's password."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.acl import entries
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, failure, success

PASSWORD: Final = "sandbox"  # noqa: S105 - what every sandbox starts with
MODES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        # The two sources give the numbers 1 and 2 the other way round.
        "spec": (
            ("digest", "Digest"),
            ("ip", "IP Auth"),
            ("either", "Digest || IP Auth"),
            ("both", "Digest && IP Auth"),
        ),
        "sdk": (
            ("digest", "Digest"),
            ("either", "Lax (Digest or IP)"),
            ("ip", "IP"),
            ("both", "Strict (Digest and IP)"),
        ),
    }
)
"""What each number of a mode means, by dialect: our name and the carrier's."""


def auth_type(store: Store) -> int:
    """The number of the mode, in the dialect that is spoken."""
    mode = store.records.get("auth", "").get("mode", "digest")
    names = [name for name, _ in MODES[store.setting("dialect")]]
    return names.index(mode)


def password(store: Store) -> str:
    """The account's password."""
    return str(store.records.get("auth", "").get("password", PASSWORD))


def api_key(store: Store) -> str:
    """The key that a password opens; another password, another key."""
    fixed = store.setting("api_key")
    made = f"key {store.setting('seed')} {password(store)}"
    return str(fixed or hashlib.sha256(made.encode()).hexdigest()[:32])


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    number = auth_type(store)
    description = MODES[store.setting("dialect")][number][1]
    return success({"authType": number, "authTypeDescription": description, "acl": entries(store)})


def _put(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Change the mode and the password; a bad password leaves the mode changed all the same."""
    del path
    asked = request.json()
    if not asked.keys() & {"authType", "password"}:
        raise Declined(400, "Fields Required: authType or password")
    updated: list[dict[str, Any]] = []
    if "authType" in asked:
        number = asked["authType"]
        if isinstance(number, bool) or number not in {0, 1, 2, 3}:
            raise Declined(400, "Invalid authType")
        _save(store, mode=MODES[store.setting("dialect")][number][0])
        updated.append({"field": "authType", "value": number})
    if "password" in asked:
        if not _is_password(asked["password"]):
            message = "Must be 6-10 alphanumeric characters with at least one letter and one number"
            errors = [{"field": "password", "message": message}]
            return failure(
                409, "One or more updates failed", more={"updated": updated, "errors": errors}
            )
        _save(store, password=asked["password"])
        store.change_setting("api_key", "")
        store.change_setting("api_key", api_key(store))
        updated.append({"field": "password"})
    return success({"updated": updated})


def _save(store: Store, **changes: str) -> None:
    store.records.put("auth", "", store.records.get("auth", "") | changes)
    store.tell("authentication changed", detail=", ".join(changes))


def _is_password(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(re.fullmatch(r"[A-Za-z0-9]{6,10}", value))
        and bool(re.search(r"[A-Za-z]", value))
        and bool(re.search(r"[0-9]", value))
    )


ROUTES: Final[Routes] = {("GET", "/v2.2/auth"): _get, ("PUT", "/v2.2/auth"): _put}
