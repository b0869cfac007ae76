"""The operator's side of Dial 9's sandbox, beside what the carrier would answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.errors import WrongUsage
from reconciler.model.numbering import impossible
from reconciler.sandbox import control
from reconciler.sandbox.aims import Aims, fault_of
from reconciler.sandbox.books import Fault
from reconciler.sandbox.dial9.actions import BASE, routes
from reconciler.sandbox.dial9.faults import ADDRESS_REFUSED, ADDRESS_TOLD, KINDS
from reconciler.sandbox.dial9.shapes import rows
from reconciler.sandbox.dial9.store import STATES, Account, Number
from reconciler.sandbox.faults import STALE, STALE_TOLD
from reconciler.sandbox.sorts import boolean
from reconciler.sandbox.wsgi import Reply, Request, Routes

FIELDS: Final = ("destination", "state", "name", "caller_id_prefix", "recording", "passthrough")


def change_number(account: Account, e164: str, field: str, value: str) -> None:
    """Change a number behind everybody's back, as a colleague does in the carrier's portal.

    Args:
        account: The unit.
        e164: The number; one that nobody has is put on the account first.
        field: `destination` (`Menu/Main Menu` or `Menu/262`; "" for none), `state`, `name`,
            `caller_id_prefix`, `recording` or `passthrough` (true or false).
        value: As text.

    Raises:
        WrongUsage: There is no such field, destination or state.
    """
    why = impossible(e164) if e164.startswith("+44") else "it begins otherwise"
    if why:
        raise WrongUsage(f"{e164} is no number of +44: {why}.", "Give it as +442079460100.")
    if field not in FIELDS:
        raise WrongUsage(f"A number has no {field}.", f"Use one of {', '.join(FIELDS)}.")
    national = f"0{e164[3:]}"
    holders = account.holders(national)
    now = account.seconds()
    number = holders[0] if holders else _new(account, national, now)
    changes = _changes(account, field, value)
    account.save(replace(number, updated=now, **changes), f"poked {field}")


def _new(account: Account, national: str, now: float) -> Number:
    return Number(account.next_id(), national, created=now, updated=now, acquired=now)


def _changes(account: Account, field: str, value: str) -> Mapping[str, Any]:
    if field == "destination":
        return _destination(account, value)
    if field == "state" and value not in STATES:
        raise WrongUsage(f"There is no state {value}.", f"Use one of {', '.join(STATES)}.")
    if field in {"recording", "passthrough"}:
        return {field: boolean(field, value)}
    return {field: value or None}


def _destination(account: Account, value: str) -> Mapping[str, Any]:
    if not value:
        return {"destination_type": None, "destination_id": None}
    type_, _, named = value.partition("/")
    for thing in account.things(type_):
        if named in {thing.name, str(thing.id)}:
            return {"destination_type": type_, "destination_id": thing.id}
    raise WrongUsage(
        f"There is no destination {value}.", "Write it as Type/Name, such as Menu/Main Menu."
    )


AIMS: Final = Aims(
    account="A Dial 9 account",
    kinds=KINDS,
    lasting={STALE: STALE_TOLD, ADDRESS_REFUSED: ADDRESS_TOLD},
    steps={
        STALE: ("", f"{BASE}/numbers/list"),
        "lost-race": ("", f"{BASE}/numbers/acquire"),
        ADDRESS_REFUSED: ("", f"{BASE}/numbers/update_subscriber"),
    },
    is_change=Account.is_change,
)


def plant(account: Account, fault: Fault) -> Fault:
    """Let something go wrong.

    Returns:
        The fault with the requests that it will meet.

    Raises:
        WrongUsage: There is no such fault, or no request would ever meet it.
    """
    aimed = AIMS.aimed(fault, routes(account.named_edition))
    if aimed.kind == STALE:
        stale = {"seconds": aimed.seconds, "until": None, "rows": rows(account)}
        account.change_setting("stale", stale)
    elif aimed.kind == ADDRESS_REFUSED:
        account.change_setting("refused_ids", [*account.setting("refused_ids"), "*"])
    else:
        account.plant(aimed)
    return aimed


# The same over HTTP, outside the carrier's paths.


def _faults(account: Account, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    plant(account, fault_of(request.json()))
    return Reply(204)


def _poke(account: Account, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    change_number(account, *(str(asked.get(name, "")) for name in ("number", "field", "value")))
    return Reply(204)


ROUTES: Final[Routes] = {
    **control.SHARED,
    ("POST", "/_sandbox/faults"): _faults,
    ("POST", "/_sandbox/poke"): _poke,
}
