"""A sandbox on loopback, and what the command line does to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.protocols import Clock
from reconciler.sandbox import control
from reconciler.sandbox.store import Charge, Fault, Store
from reconciler.sandbox.voicetel.app import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from reconciler.sandbox.loopback import Server

FOLDER: Final = Path(".reconciler") / "sandbox"


def default_path(connector: str) -> Path:
    """Where a connector's sandbox is kept, from the project's folder."""
    return FOLDER / f"{connector}.db"


def campaign_ids(campaigns: Mapping[str, object] | None) -> tuple[str, ...]:
    """The ids of campaigns that are there already: of which a project says no more than the id.

    The others are registered through the connector, as on any account.
    """
    bare = (
        each.get("id") if isinstance(each, Mapping) else each
        for each in (campaigns or {}).values()
        if not isinstance(each, Mapping) or not each.get("brand")
    )
    return tuple(str(each) for each in bare if each)


def brand_ids(brands: Mapping[str, object] | None) -> tuple[str, ...]:
    """The ids of brands that are registered already: of which a project does not say the name."""
    bare = (
        each.get("id")
        for each in (brands or {}).values()
        if isinstance(each, Mapping) and not each.get("name")
    )
    return tuple(str(each) for each in bare if each)


def open_sandbox(
    path: str | Path,
    gateway_hosts: Iterable[str] = (),
    campaigns: Iterable[str] = (),
    *,
    brands: Iterable[str] = (),
    clock: Clock,
) -> Sandbox:
    """Open a sandbox's file, or make it, with a gateway for each host, campaigns and brands.

    Raises:
        Unavailable: The file cannot be opened.
    """
    store = Store(str(path), clock)
    with store.transaction():
        control.add_gateways(store, gateway_hosts)
        control.add_campaigns(store, campaigns)
        control.add_brands(store, brands)
    return Sandbox(store, clock)


def ledger(path: str | Path) -> tuple[Charge, ...]:
    """All that the sandbox has charged, oldest first."""
    store = Store(str(path))
    charges = store.charges()
    store.close()
    return charges


def reset(path: str | Path) -> None:
    """Make the sandbox forget everything."""
    store = Store(str(path))
    with store.transaction():
        store.reset()
    store.close()


def poke(path: str | Path, e164: str, field: str, value: str) -> None:
    """Change a number behind everybody's back; see `control.change_number`.

    Raises:
        WrongUsage: There is no such field, gateway or state.
    """
    store = Store(str(path))
    try:
        with store.transaction():
            control.change_number(store, e164, field, value)
    finally:
        store.close()


def fault(path: str | Path, planted: Fault) -> None:
    """Let something go wrong with the next requests that match.

    Raises:
        WrongUsage: There is no such fault.
    """
    store = Store(str(path))
    try:
        with store.transaction():
            control.plant(store, planted)
    finally:
        store.close()


def serve(app: WSGIApplication, port: int = 0) -> Server:
    """Serve an application on this machine only; port 0 takes a free one."""
    from reconciler.sandbox.loopback import Server  # noqa: PLC0415 - not for one in process

    return Server(app, port)
