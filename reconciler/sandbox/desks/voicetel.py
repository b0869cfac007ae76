"""VoiceTel's sandbox, from the operator's side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.protocols import Clock
from reconciler.sandbox import control
from reconciler.sandbox.desk import NO_SECTION, App, Desk
from reconciler.sandbox.serve import brand_ids, campaign_ids, open_sandbox
from reconciler.sandbox.settings import SETTINGS
from reconciler.sandbox.store import Store


def _open(path: Path, section: Mapping[str, Any], clock: Clock) -> App:
    """Open it with each campaign that the section declares: those the registry has approved.

    Gateways are made through the connector, as on any account.
    """
    campaigns, brands = campaign_ids(section.get("campaigns")), brand_ids(section.get("brands"))
    return open_sandbox(path, (), campaigns, brands=brands, clock=clock)


def _store(path: str, section: Mapping[str, Any] = NO_SECTION) -> Store:
    del section  # there is one sort of account
    return Store(path)


def _held(store: Store) -> Iterator[tuple[str, str]]:
    hosts = {gateway.id: gateway.host for gateway in store.gateways()}
    for number in store.numbers():
        yield number.tn, hosts.get(number.route, str(number.route))


DESK: Final = Desk(
    currency="USD",
    base="",
    aims=control.AIMS,
    settings=SETTINGS,
    kept_by_faults=frozenset({"stale"}),
    store=_store,
    open=_open,
    change_number=control.change_number,
    plant=control.plant,
    e164="+1{}".format,
    held=_held,
)
