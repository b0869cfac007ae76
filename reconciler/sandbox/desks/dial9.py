"""Dial 9's sandbox, from the operator's side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.protocols import Clock
from reconciler.sandbox.desk import NO_SECTION, App, Desk
from reconciler.sandbox.dial9 import Sandbox, control
from reconciler.sandbox.dial9.actions import BASE
from reconciler.sandbox.dial9.settings import SETTINGS
from reconciler.sandbox.dial9.store import EDITIONS, INCOMING, TELCOM, Account


def _edition(section: Mapping[str, Any]) -> str:
    """The edition of a section; "" where it names none."""
    edition = str(section.get("edition") or "")
    return edition if edition in EDITIONS else ""


def _open(path: Path, section: Mapping[str, Any], clock: Clock) -> App:
    """Open it in the section's edition, with the destination that the section hands over to."""
    account = Account(str(path), clock, _edition(section) or TELCOM)
    handoff = (section.get("numbers") or {}).get("handoff")
    if isinstance(handoff, Mapping):
        with account.transaction():
            account.ensure_thing(str(handoff.get("type")), str(handoff.get("name")))
    return Sandbox(account, clock)


def _store(path: str, section: Mapping[str, Any] = NO_SECTION) -> Account:
    return Account(path, None, _edition(section))


def _held(account: Account) -> Iterator[tuple[str, str]]:
    for number in account.numbers():
        thing = account.thing(number.destination_type, number.destination_id)
        if number.context == INCOMING:
            yield number.number, f"{thing.type}/{thing.name}" if thing else ""


def _e164(national: str) -> str:
    return f"+44{national.removeprefix('0')}"


DESK: Final = Desk(
    currency="GBP",
    base=BASE,
    aims=control.AIMS,
    settings=SETTINGS,
    kept_by_faults=frozenset({"stale", "refused_ids"}),
    store=_store,
    open=_open,
    change_number=control.change_number,
    plant=control.plant,
    e164=_e164,
    held=_held,
)
