"""Port-ins: checked, submitted and paid, then carried through on the sandbox's clock.

submitted -> Validating -> Pending with a date -> Complete: the numbers are on the account.
`Exception` waits for a person, here for somebody who pokes the port on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from reconciler.sandbox.store import DEFAULT_ROUTE, Number, Store
from reconciler.sandbox.voicetel.account import EMAIL
from reconciler.sandbox.voicetel.features import features, save, stamp
from reconciler.sandbox.voicetel.messaging import CAMPAIGN
from reconciler.sandbox.voicetel.numbers import is_tn
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

KIND: Final = "port"
CHECK: Final = "portable"
CHECK_SECONDS: Final = 3600
FEE: Final = Decimal("6.00")
NO_DATE: Final = "19750715"
"""Stands for "no date yet"."""

HOUR: Final = 15
"""When numbers come over on their date, UTC."""

FIRST_TICKET: Final = 2107
TOLL_FREE: Final = frozenset({"800", "833", "844", "855", "866", "877", "888"})
REQUIRED: Final = (
    "name",
    "lcBtn",
    "lcAccountNumber",
    "streetNumber",
    "street",
    "streetType",
    "city",
    "state",
    "zip",
    "country",
    "authPerson",
)
OPEN: Final = frozenset({"submitted", "Validating", "Pending"})
CLOSED: Final = frozenset({"Complete", "Cancelled"})


def _availability(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    tn = path["number"]
    if not is_tn(tn):
        raise Declined(400, "Invalid number")
    reason = _why_not(store, tn)
    if not reason:
        store.records.put(CHECK, tn, {"at": store.seconds()})
    return success(
        {
            "number": tn,
            "portable": not reason,
            "losingCarrier": "Fiction Voice-NSR-10X-Port/1",
            "localRoutingNumber": f"{tn[:3]}5550100",
            "rateCenterTier": "0",
            "reason": reason or None,
        }
    )


def _why_not(store: Store, tn: str) -> str:
    if tn[:3] in TOLL_FREE:
        return "Toll-free numbers are not supported"
    known = store.number(tn)
    if known is not None and known.state == "active":
        return "Number already on account"
    return "Rate center not supported" if tn in store.setting("unportable") else ""


def _submit(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    asked = request.json()
    tns = _checked(store, asked)
    if not store.can_pay(FEE * len(tns)):
        raise Declined(402, "Insufficient funds")
    count = len(store.records.all(KIND))
    name = hashlib.sha1(f"{store.setting('seed')} {count}".encode()).hexdigest()  # noqa: S324 - an id
    pid, ticket = name[:5], FIRST_TICKET + count
    now = store.seconds()
    record = {
        "id": name,
        "ticket": ticket,
        "numbers": tns,
        "asked": asked,
        "status": "submitted",
        "at": now,
        "since": now,
        "foc": NO_DATE,
        "flaw": request.flaw,
    }
    store.records.put(KIND, pid, record)
    for tn in tns:
        store.charge(FEE, "port", tn, pid)
        store.records.drop(CHECK, tn)
    store.tell("port submitted", tns[0], pid)
    base = "https://api.voicetel.com/a"
    return success(
        {
            "pid": pid,
            "ticket": ticket,
            "message": f"Port request {pid} submitted. Please complete the LOA to proceed.",
            "loaUrl": f"{base}/loa/{pid}/",
            "portUrl": f"{base}/port/{pid}/",
        },
        201,
    )


def _checked(store: Store, asked: Mapping[str, Any]) -> list[str]:
    """Check an order before anything of it is written."""
    missing = [name for name in REQUIRED if not str(asked.get(name) or "").strip()]
    if missing:
        raise Declined(400, f"Field Required: {missing[0]}")
    if asked.get("nameType") not in {"business", "residential"}:
        raise Declined(400, "Invalid nameType")
    tns = asked.get("did")
    if not isinstance(tns, list) or not tns or not all(map(is_tn, tns)):
        raise Declined(400, "Field Required: did")
    open_ports = {tn for port in _open(store).values() for tn in port["numbers"]}
    if len(set(tns)) < len(tns) or open_ports & set(tns):
        raise Declined(400, "Number is in a port already")
    if store.setting("port_check_needed") and not all(_is_checked(store, tn) for tn in tns):
        status = 412 if store.setting("port_check_is_412") else 400
        raise Declined(status, "Check the availability of each number first")
    return list(tns)


def _is_checked(store: Store, tn: str) -> bool:
    at = float(store.records.get(CHECK, tn).get("at", 0.0))
    return at > store.seconds() - CHECK_SECONDS


def _open(store: Store) -> dict[str, dict[str, Any]]:
    ports = store.records.all(KIND)
    return {pid: port for pid, port in ports.items() if port["status"] not in CLOSED}


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    ports = store.records.all(KIND)
    rows = [
        _told(pid, port)
        | {"supportUrl": f"https://desk.support.voicetel.com/conversation/{port['ticket']}"}
        for pid, port in reversed(ports.items())
    ]
    return success({"ports": rows})


def _told(pid: str, port: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": port["id"],
        "pid": pid,
        "status": port["status"],
        "foc": port["foc"],
        "createdAt": stamp(port["at"]),
        "message": _message(port),
    }


def _message(port: Mapping[str, Any]) -> str:
    if port["status"] == "Exception":
        return str(port["flaw"] or "Rejected by the losing carrier")
    if port["foc"] == NO_DATE:
        return "Your request is being worked on."
    day = _day(port["foc"])
    return f"Your numbers will be porting on {day:%b/%d/%Y} at 10:00 AM Central."


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    port = store.records.get(KIND, path["pid"])
    if not port:
        raise Declined(404, "Port not found")
    more = {"name": port["asked"]["name"], "email": EMAIL, "numbers": port["numbers"]}
    return success({"port": _told(path["pid"], port) | more})


# What the clock brings.


def advance_ports(store: Store) -> None:
    """Bring every port as far as the clock has come."""
    for pid, port in _open(store).items():
        before = port["status"]
        if port["since"] is None:
            # Poked by somebody who has no clock: from now on it goes on by this one.
            port = port | {"since": store.seconds()}  # noqa: PLW2901 - one step at a time
            store.records.put(KIND, pid, port)
        while port["status"] in OPEN and (after := _next(store, port)) is not None:
            port = after  # noqa: PLW2901 - one step at a time
        if port["status"] != before:
            store.records.put(KIND, pid, port)
            store.tell(f"port {port['status'].lower()}", port["numbers"][0], pid)
            if port["status"] == "Complete":
                _arrive(store, port)


def _next(store: Store, port: dict[str, Any]) -> dict[str, Any] | None:
    """One step on, or None when it is not time yet."""
    step = float(store.setting("port_step_seconds"))
    due = port["since"] + step
    if port["status"] == "Pending":
        come = _day(port["foc"]) + timedelta(hours=HOUR)
        late = store.seconds() >= come.timestamp()
        return port | {"status": "Complete", "since": come.timestamp()} if late else None
    if store.seconds() < due:
        return None
    if port["status"] == "submitted":
        return port | {"status": "Validating", "since": due}
    if port["flaw"]:
        return port | {"status": "Exception", "since": due}
    day = datetime.fromtimestamp(due, UTC) + timedelta(days=int(store.setting("port_days")))
    return port | {"status": "Pending", "since": due, "foc": f"{day:%Y%m%d}"}


def _day(foc: str) -> datetime:
    return datetime.strptime(foc, "%Y%m%d").replace(tzinfo=UTC)


def _arrive(store: Store, port: Mapping[str, Any]) -> None:
    """Put the numbers on the account, with what was asked for each."""
    rows = port["asked"].get("features") or []
    wanted = {row.get("number"): row for row in rows if isinstance(row, dict)}
    for tn in port["numbers"]:
        asked = wanted.get(tn, {})
        route = (asked.get("routing") or {}).get("gatewayId", DEFAULT_ROUTE)
        known = store.gateway(route) if isinstance(route, int) else None
        store.save_number(Number(tn, "active", route=known.id if known else 4), "ported in")
        has = features(store, tn)
        name = str((asked.get("lidb") or {}).get("name") or "")
        campaign = str((asked.get("sms") or {}).get("campaignId") or "")
        network = str(store.records.get(CAMPAIGN, campaign).get("network", ""))
        has = replace(has, name=name, campaign=campaign if network else "", network=network)
        save(store, tn, has, "ported settings")


# What somebody else does to a port.


def poke(store: Store, tn: str, field: str, value: str) -> bool:
    """Let the losing carrier refuse a number's port, let it go on, call it off or move its date.

    Args:
        store: The account.
        tn: A number of an open port.
        field: `port` (`exception`, `resume` or `cancel`) or `foc` (a date such as 2026-12-24).
        value: As text.

    Returns:
        Whether there was such a port and the value makes sense.
    """
    pid, port = next(
        ((pid, port) for pid, port in _open(store).items() if tn in port["numbers"]), ("", {})
    )
    digits = value.replace("-", "")
    if field == "foc" and port and re.fullmatch(r"20[0-9]{6}", digits):
        changes: dict[str, Any] = {"foc": digits, "status": "Pending"}
    elif port and value == "exception":
        changes = {"status": "Exception", "flaw": port["flaw"] or "Account number mismatch"}
    elif port and value == "resume":
        changes = {"status": "Validating", "flaw": "", "foc": NO_DATE}
    elif port and value == "cancel":
        changes = {"status": "Cancelled"}
    else:
        return False
    store.records.put(KIND, pid, port | changes | {"since": None})
    store.tell(f"poked {field}", tn, pid)
    return True


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/ports"): _list,
    ("POST", "/v2.2/ports"): _submit,
    ("GET", "/v2.2/ports/availability/{number}"): _availability,
    ("GET", "/v2.2/ports/{pid}"): _get,
}
