"""What can go wrong with a request to Dial 9 on demand, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, cast

from reconciler.sandbox.books import Fault
from reconciler.sandbox.dial9.protocol import envelope, json_reply
from reconciler.sandbox.faults import NETWORK, Breakage, Carrier
from reconciler.sandbox.wsgi import Reply, Request


def _answers(reply: Reply) -> Breakage:
    """Say this, with the request carried out before where the fault says so."""

    def broken(carrier: Carrier, request: Request, fault: Fault) -> Reply:
        if fault.after:
            carrier.process(request)
        headers = (("Retry-After", fault.retry_after),) if fault.retry_after else ()
        return reply._replace(
            status=fault.status or reply.status, headers=(*reply.headers, *headers)
        )

    return broken


def _refuse(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    if fault.after:
        carrier.process(request)
    message = "Refused on demand"
    data = {"code": fault.message or "ValidationError", "message": message, "errors": [message]}
    return envelope("error", data, 0.01)


class _Denying(Protocol):
    """A carrier that denies in one of two styles."""

    def denial(self, request: Request) -> Reply: ...


def _denied(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    if fault.after:
        carrier.process(request)
    return cast("_Denying", carrier).denial(request)


def _blank_data(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """Name the data as one example of the documents does: with a blank before it."""
    del fault
    reply = carrier.process(request)
    body = {(" data" if name == "data" else name): v for name, v in json.loads(reply.body).items()}
    return reply._replace(body=json.dumps(body).encode())


_MAINTENANCE = Reply(503, b"<html><body>Down for maintenance</body></html>", "text/html")
_MOVED = Reply(301, b"", headers=(("Location", "https://sandbox.invalid/"),))

KINDS: Final[Mapping[str, Breakage]] = MappingProxyType(
    {
        **NETWORK,
        "refuse": _refuse,
        "plain-error": _answers(envelope("error", {"message": "It did not work"}, 0.01)),
        "unknown-status": _answers(envelope("resting", {"message": "Later"}, 0.01)),
        "unknown-code": _answers(
            envelope("error", {"code": "SomethingNew", "message": "Who knows"}, 0.01)
        ),
        "denied": _denied,
        "404": _answers(Reply(404, b"<html><body>Not Found</body></html>", "text/html")),
        "429": _answers(Reply(429, b"Too many requests\n", "text/plain")),
        "500": _answers(json_reply(500, {"status": "internal-server-error"})),
        "503": _answers(_MAINTENANCE),
        "301": _answers(_MOVED),
        "blank-data": _blank_data,
    }
)
"""Every fault that meets a request."""

ADDRESS_REFUSED: Final = "address-refused"
"""The next address that is given ends badly; planted, not met by a request."""

ADDRESS_TOLD: Final = "the next address that is given ends badly when its check is over"
