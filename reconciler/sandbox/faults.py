"""What can go wrong with a request on demand, by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from reconciler.sandbox.books import Fault
from reconciler.sandbox.wsgi import Reply, Request, failure

NONE: Final = "none"
"""No fault: what takes all back that were planted and have not happened yet."""

STALE: Final = "stale"
"""The number list stays as it is now for some seconds; planted, not met by a request."""

STALE_TOLD: Final = (
    "the list of numbers stays as it is now for {seconds} s, counted from the next look at it"
)


class Carrier(Protocol):
    """What a fault can have done by the carrier behind it."""

    def process(self, request: Request, *, keep: bool = True) -> Reply:
        """Carry a request out and commit it, or take it back when it is not to be kept."""
        ...

    def sell(self, request: Request) -> None:
        """Let somebody else buy the first number of an order."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


Breakage = Callable[[Carrier, Request, Fault], Reply]


def _error(status: int, message: str) -> Breakage:
    def broken(carrier: Carrier, request: Request, fault: Fault) -> Reply:
        if fault.after:
            carrier.process(request)
        headers = (("Retry-After", fault.retry_after),) if fault.retry_after else ()
        return failure(fault.status or status, fault.message or message, headers)

    return broken


def _html(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    if fault.after:
        carrier.process(request)
    page = b"<html><body><h1>Please sign in to this network</h1></body></html>"
    return Reply(fault.status or 200, page, "text/html; charset=utf-8")


def _truncated(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    del fault
    reply = carrier.process(request)
    status = reply.status if reply.body else 200
    return reply._replace(status=status, body=reply.body[: len(reply.body) // 2] or b'{"sta')


def _empty(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """The answer it would be, with nothing in any of its lists."""
    del fault
    reply = carrier.process(request)
    try:
        said = json.loads(reply.body)
    except ValueError:
        return reply
    return reply._replace(body=json.dumps(_without_rows(said)).encode())


def _without_rows(value: object) -> object:
    if isinstance(value, list):
        return []
    if isinstance(value, dict):
        return {name: _without_rows(item) for name, item in value.items()}
    return value


def _garbage(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    reply = carrier.process(request)
    return Reply(fault.status or (reply.status if reply.body else 200), b"\x00\xff\xfe]}{")


def _no_effect(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    del fault
    return carrier.process(request, keep=False)


def _soft_error(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """An error in the body of a success."""
    if fault.after:
        carrier.process(request)
    reply = failure(fault.status or 200, fault.message or "Internal error")
    return reply._replace(status=200)


def _drop(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """Close the connection without an answer.

    A server ends the connection on this exception; within one process the caller's transport
    meets the exception itself. Both take it for a lost answer.
    """
    if fault.after:
        carrier.process(request)
    raise ConnectionResetError("the sandbox was told to drop this connection")


def _slow(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    if not fault.after:
        carrier.sleep(fault.seconds)
        return carrier.process(request)
    reply = carrier.process(request)
    carrier.sleep(fault.seconds)
    return reply


def _duplicate(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """What a proxy does that sends a request twice; the first answer comes back."""
    del fault
    reply = carrier.process(request)
    carrier.process(request)
    return reply


def _lost_race(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    del fault
    carrier.sell(request)
    return carrier.process(request)


def _partial(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    del fault
    return carrier.process(request._replace(shortfall=1))


def _port_exception(carrier: Carrier, request: Request, fault: Fault) -> Reply:
    """Let the losing carrier refuse the port that this request submits, a while later."""
    return carrier.process(request._replace(flaw=fault.message or "Account number mismatch"))


NETWORK: Final[Mapping[str, Breakage]] = MappingProxyType(
    {
        "html": _html,
        "empty": _empty,
        "truncated": _truncated,
        "garbage": _garbage,
        "no-effect": _no_effect,
        "drop": _drop,
        "slow": _slow,
        "duplicate": _duplicate,
        "lost-race": _lost_race,
    }
)
"""Faults of any carrier, and of the way there. `truncated` and `garbage` carry it out first."""

KINDS: Final[Mapping[str, Breakage]] = MappingProxyType(
    {
        **NETWORK,
        "refuse": _error(400, "Field Required: number"),
        "404": _error(404, "No records found"),  # how this carrier says that a list is empty
        "429": _error(429, "Too many requests"),
        "500": _error(500, "Internal error"),
        "502": _error(502, "The network rejected the order"),
        "503": _error(503, "Service unavailable"),
        "504": _error(504, "Gateway timeout"),
        "address-refused": _error(409, "Address could not be validated"),
        "soft-error": _soft_error,
        "partial": _partial,
        "port-exception": _port_exception,
    }
)
"""Every fault of VoiceTel's sandbox that meets a request."""
