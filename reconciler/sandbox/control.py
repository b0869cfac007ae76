"""The operator's side of a sandbox, beside what the carrier would answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any, Final

from reconciler.errors import WrongUsage
from reconciler.sandbox.faults import KINDS, STALE
from reconciler.sandbox.numbers import is_tn, rows
from reconciler.sandbox.store import Fault, Number, Store
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, as_json

PREFIX: Final = "/_sandbox/"
FIELDS: Final = ("route", "state", "translated", "forward_to", "cnam", "porting")
STATES: Final = ("active", "held", "released", "sold")


def change_number(store: Store, e164: str, field: str, value: str) -> None:
    """Change a number behind everybody's back, as a colleague does in the carrier's portal.

    Args:
        store: The account.
        e164: The number; one that nobody has is put on the account first.
        field: `route` (an id or a gateway's host), `state`, `translated`, `forward_to`
            ("" ends it), `cnam` or `porting` (true or false).
        value: As text.

    Raises:
        WrongUsage: There is no such field, gateway or state.
    """
    tn = e164.removeprefix("+1")
    if not is_tn(tn):
        raise WrongUsage(f"{e164} is no number of +1.", "Give it as +12015550144.")
    if field not in FIELDS:
        raise WrongUsage(f"A number has no {field}.", f"Use one of {', '.join(FIELDS)}.")
    number = store.number(tn) or Number(tn, "active")
    store.save_number(replace(number, **{field: _value(store, field, value)}), f"poked {field}")


def _value(store: Store, field: str, value: str) -> Any:
    if field == "route":
        found = [g.id for g in store.gateways() if value in {str(g.id), g.host}]
        if not found:
            raise WrongUsage(f"There is no gateway {value}.", "Give its id or its host.")
        return found[0]
    if field == "state" and value not in STATES:
        raise WrongUsage(f"There is no state {value}.", f"Use one of {', '.join(STATES)}.")
    if field in {"cnam", "porting"}:
        return value == "true"
    return value or None if field == "forward_to" else value


def plant(store: Store, fault: Fault) -> None:
    """Let something go wrong.

    Raises:
        WrongUsage: There is no such fault.
    """
    if fault.kind == STALE:
        stale = {"seconds": fault.seconds, "until": None, "rows": rows(store)}
        store.change_setting("stale", stale)
    elif fault.kind in KINDS:
        store.plant(fault)
    else:
        names = ", ".join(sorted([*KINDS, STALE]))
        raise WrongUsage(f"There is no fault {fault.kind}.", f"Use one of {names}.")


def add_gateways(store: Store, hosts: Iterable[str]) -> None:
    """Make the gateways that are not there yet."""
    for host in hosts:
        if host not in {gateway.host for gateway in store.gateways()}:
            store.add_gateway(host)


# The same over HTTP, outside the carrier's paths.


def _reset(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    store.reset()
    return Reply(204)


def _faults(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    if unknown := asked.keys() - {field.name for field in fields(Fault)}:
        raise Declined(400, f"A fault has no {', '.join(sorted(unknown))}")
    plant(store, Fault(**asked))
    return Reply(204)


def _forget(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    store.forget_faults()
    return Reply(204)


def _poke(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    change_number(store, *(str(asked.get(name, "")) for name in ("number", "field", "value")))
    return Reply(204)


def _settings(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Change settings: switches, cash, key, seed, clock offset."""
    del path
    for name, value in request.json().items():
        try:
            store.change_setting(name, value)
        except KeyError:
            raise Declined(400, f"There is no setting {name}") from None
    return Reply(204)


def _ledger(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    charges = [asdict(charge) | {"amount": str(charge.amount)} for charge in store.charges()]
    return Reply(200, as_json({"cash": str(store.cash()), "charges": charges}))


def _state(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    return Reply(200, as_json(store.dump()))


ROUTES: Final[Routes] = {
    ("POST", "/_sandbox/reset"): _reset,
    ("POST", "/_sandbox/faults"): _faults,
    ("DELETE", "/_sandbox/faults"): _forget,
    ("POST", "/_sandbox/poke"): _poke,
    ("POST", "/_sandbox/settings"): _settings,
    ("GET", "/_sandbox/ledger"): _ledger,
    ("GET", "/_sandbox/state"): _state,
}
