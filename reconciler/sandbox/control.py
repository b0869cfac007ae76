"""The operator's side of a sandbox, beside what the carrier would answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from reconciler.errors import WrongUsage
from reconciler.sandbox.aims import Aims, fault_of
from reconciler.sandbox.books import Books, Fault
from reconciler.sandbox.faults import KINDS, STALE, STALE_TOLD
from reconciler.sandbox.sorts import boolean
from reconciler.sandbox.store import Number, Store
from reconciler.sandbox.voicetel import features, ports
from reconciler.sandbox.voicetel.account import add_call
from reconciler.sandbox.voicetel.messaging import CNP, add_campaign
from reconciler.sandbox.voicetel.numbers import is_tn, rows
from reconciler.sandbox.voicetel.routes import NEWER
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, as_json

PREFIX: Final = "/_sandbox/"
FIELDS: Final = ("route", "state", "translated", "forward_to", "cnam", "porting")
FEATURES: Final = ("fax", "sms", "campaign", "name")
PORT: Final = ("port", "foc")
STATES: Final = ("active", "held", "released", "sold")


def change_number(store: Store, e164: str, field: str, value: str) -> None:
    """Change a number behind everybody's back, as a colleague does in the carrier's portal.

    Args:
        store: The account.
        e164: The number; one that nobody has is put on the account first.
        field: `route` (an id or a gateway's host), `state`, `translated`, `forward_to`,
            `cnam` or `porting` (true or false), `fax` (an address), `sms` (such as
            email:a@b.example), `campaign` (its id) or `name` (the outbound one); of an open
            port `port` (`exception`, `resume` or `cancel`) or `foc` (a date). "" ends what can end.
        value: As text.

    Raises:
        WrongUsage: There is no such field, gateway, state, campaign or port.
    """
    tn = e164.removeprefix("+1")
    if not is_tn(tn):
        raise WrongUsage(f"{e164} is no number of +1.", "Give it as +12015550144.")
    if field in PORT:
        if not ports.poke(store, tn, field, value):
            raise WrongUsage(
                f"{e164} has no open port that {field}={value} fits.",
                "Use port=exception, port=resume, port=cancel or foc=2026-12-24.",
            )
        return
    if field in FEATURES:
        _change_feature(store, tn, field, value)
        return
    if field not in FIELDS:
        known = ", ".join((*FIELDS, *FEATURES, *PORT))
        raise WrongUsage(f"A number has no {field}.", f"Use one of {known}.")
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
        return boolean(field, value)
    return value or None if field == "forward_to" else value


def _change_feature(store: Store, tn: str, field: str, value: str) -> None:
    has = features.features(store, tn)
    if field == "sms":
        kind, _, resource = value.partition(":")
        if kind not in {"", "email", "webhook", "sip", "unknown"}:
            raise WrongUsage(f"Messages do not go by {kind}.", "Use email, webhook or sip.")
        has = replace(has, sms=kind, resource=resource, row=1 if kind else 0)
    elif field == "campaign":
        network = str(store.records.get("campaign", value).get("network", ""))
        if value and not network:
            raise WrongUsage(f"There is no campaign {value}.", "Register it first.")
        has = replace(has, campaign=value, network=network)
    else:
        has = replace(has, fax=value) if field == "fax" else replace(has, name=value)
    features.save(store, tn, has, f"poked {field}")


AIMS: Final = Aims(
    account="A VoiceTel account",
    kinds=KINDS,
    lasting={STALE: STALE_TOLD},
    steps={
        STALE: ("GET", "/v2.2/numbers"),
        "lost-race": ("POST", "/v2.2/orders"),
        "partial": ("POST", "/v2.2/orders"),
        "port-exception": ("POST", "/v2.2/ports"),
        "address-refused": ("POST", "/v2.2/e911"),
    },
    is_change=Store.is_change,
)


def plant(store: Store, fault: Fault) -> Fault:
    """Let something go wrong.

    Returns:
        The fault with the requests that it will meet.

    Raises:
        WrongUsage: There is no such fault, or no request would ever meet it.
    """
    aimed = AIMS.aimed(fault, NEWER)
    if aimed.kind == STALE:
        stale = {"seconds": aimed.seconds, "until": None, "rows": rows(store)}
        store.change_setting("stale", stale)
    else:
        store.plant(aimed)
    return aimed


def add_gateways(store: Store, hosts: Iterable[str]) -> None:
    """Make the gateways that are not there yet."""
    for host in hosts:
        if host not in {gateway.host for gateway in store.gateways()}:
            store.add_gateway(host)


def add_campaigns(store: Store, campaigns: Iterable[str]) -> None:
    """Let campaigns be there that are not yet, reviewed by all carriers."""
    for campaign in campaigns:
        if not store.records.get("campaign", campaign):
            add_campaign(store, campaign)


def add_brands(store: Store, brands: Iterable[str]) -> None:
    """Let brands be registered that are not yet."""
    for brand in brands:
        if not store.records.get("brand", brand):
            store.records.put("brand", brand, {"name": brand})


# The same over HTTP, outside the carrier's paths.


def _reset(store: Books, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    store.reset()
    return Reply(204)


def _faults(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    plant(store, fault_of(request.json()))
    return Reply(204)


def _forget(store: Books, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    store.forget_faults()
    return Reply(204)


def _poke(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    change_number(store, *(str(asked.get(name, "")) for name in ("number", "field", "value")))
    return Reply(204)


def _settings(store: Books, request: Request, path: Mapping[str, str]) -> Reply:
    """Change settings: switches, cash, key, seed, clock offset."""
    del path
    for name, value in request.json().items():
        try:
            store.change_setting(name, value)
        except KeyError:
            raise WrongUsage(f"There is no setting {name}.", "See its switches.") from None
    return Reply(204)


def _campaign(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Let a campaign be there: `id`, its `network` (A, B or C) and its `status`."""
    del path
    asked = {name: str(value) for name, value in request.json().items()}
    if not asked.get("id") or asked.get("network", "B") not in CNP:
        raise Declined(400, "A campaign has an id, and A, B or C as its network")
    status = {"status": asked["status"]} if "status" in asked else {}
    add_campaign(store, asked["id"], asked.get("network", "B"), **status)
    return Reply(204)


def _call(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    """Let somebody have called: `number`, `caller`, `seconds` of talk, `ago` in seconds."""
    del path
    asked = request.json()
    tn, caller = (str(asked.get(name, "")).removeprefix("+1") for name in ("number", "caller"))
    seconds, ago = (asked.get(name, 60) for name in ("seconds", "ago"))
    if not (is_tn(tn) and is_tn(caller) and isinstance(seconds, int) and isinstance(ago, int)):
        raise Declined(400, "A call has a number, a caller, seconds and ago")
    add_call(store, tn, caller, store.now() - timedelta(seconds=ago), seconds)
    return Reply(204)


def _ledger(store: Books, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    charges = [asdict(charge) | {"amount": str(charge.amount)} for charge in store.charges()]
    return Reply(200, as_json({"cash": str(store.cash()), "charges": charges}))


def _state(store: Books, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    return Reply(200, as_json(store.dump()))


SHARED: Final[Routes] = {
    ("POST", "/_sandbox/reset"): _reset,
    ("DELETE", "/_sandbox/faults"): _forget,
    ("POST", "/_sandbox/settings"): _settings,
    ("GET", "/_sandbox/ledger"): _ledger,
    ("GET", "/_sandbox/state"): _state,
}
"""What is the same for any carrier."""

ROUTES: Final[Routes] = {
    **SHARED,
    ("POST", "/_sandbox/faults"): _faults,
    ("POST", "/_sandbox/poke"): _poke,
    ("POST", "/_sandbox/campaigns"): _campaign,
    ("POST", "/_sandbox/calls"): _call,
}
