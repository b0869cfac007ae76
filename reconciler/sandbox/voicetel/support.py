"""Tickets: what a person asks the carrier's people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.account import EMAIL
from reconciler.sandbox.voicetel.features import stamp
from reconciler.sandbox.wsgi import Declined, Reply, Request, Routes, success

KIND: Final = "ticket"
FIRST: Final = 1001
STATES: Final = frozenset({"active", "pending", "closed", "spam"})


def _text(request: Request, *names: str) -> list[str]:
    asked = request.json()
    found = [asked.get(name) for name in names]
    if not all(isinstance(text, str) and text for text in found):
        raise Declined(400, f"Fields Required: {', '.join(names)}")
    return [str(text) for text in found]


def _ticket(store: Store, path: Mapping[str, str]) -> dict[str, Any]:
    found = store.records.get(KIND, path["id"])
    if not found:
        raise Declined(404, "Ticket not found")
    return found


def _shape(ticket: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": ticket["id"],
        "number": ticket["id"],
        "subject": ticket["subject"],
        "status": ticket["status"],
        "state": "published",
        "type": "email",
        "preview": ticket["threads"][0]["body"][:60],
        "threadsCount": len(ticket["threads"]),
        "createdAt": ticket["threads"][0]["createdAt"],
    }


def _thread(store: Store, ticket: int, number: int, text: str) -> dict[str, Any]:
    return {
        "id": ticket * 100 + number,
        "status": "active",
        "type": "customer",
        "state": "published",
        "body": text,
        "createdAt": stamp(store.seconds()),
        "createdBy": {"id": 1, "type": "customer", "email": EMAIL},
    }


def _list(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request, path
    tickets = [_shape(ticket) for ticket in store.records.all(KIND).values()]
    return success({"totalCount": len(tickets), "tickets": tickets})


def _create(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del path
    subject, message = _text(request, "subject", "message")
    number = FIRST + len(store.records.all(KIND))
    threads = [_thread(store, number, 0, message)]
    ticket = {"id": number, "subject": subject, "status": "active", "threads": threads}
    store.records.put(KIND, str(number), ticket)
    return success({"ticket": _shape(ticket)}, 201)


def _get(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    return success({"ticket": _shape(_ticket(store, path))})


def _put(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    (status,) = _text(request, "status")
    if status not in STATES:
        raise Declined(400, "Invalid status")
    ticket = _ticket(store, path)
    store.records.put(KIND, path["id"], ticket | {"status": status})
    return success({"id": ticket["id"], "status": status})


def _delete(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    if not store.setting("admin"):
        raise Declined(403, "Admin only")
    _ticket(store, path)
    store.records.drop(KIND, path["id"])
    return Reply(204)


def _messages(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    del request
    return success({"messages": _ticket(store, path)["threads"]})


def _reply(store: Store, request: Request, path: Mapping[str, str]) -> Reply:
    (message,) = _text(request, "message")
    ticket = _ticket(store, path)
    ticket["threads"].append(_thread(store, ticket["id"], len(ticket["threads"]), message))
    store.records.put(KIND, path["id"], ticket)
    return success({"message": "Reply added"}, 201)


ROUTES: Final[Routes] = {
    ("GET", "/v2.2/support/tickets"): _list,
    ("POST", "/v2.2/support/tickets"): _create,
    ("GET", "/v2.2/support/tickets/{id}"): _get,
    ("PUT", "/v2.2/support/tickets/{id}"): _put,
    ("DELETE", "/v2.2/support/tickets/{id}"): _delete,
    ("GET", "/v2.2/support/tickets/{id}/messages"): _messages,
    ("POST", "/v2.2/support/tickets/{id}/replies"): _reply,
}
