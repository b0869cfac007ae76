"""A carrier that speaks VoiceTel's REST API v2.2 and keeps its promises, or breaks them on demand.

One WSGI application, served in this process or on loopback. It commits before it replies.
Where the carrier's documentation is silent, a switch of the store decides.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from reconciler.errors import ReconcilerError, WrongUsage
from reconciler.protocols import Clock
from reconciler.sandbox import control
from reconciler.sandbox.faults import KINDS
from reconciler.sandbox.store import Number, Store
from reconciler.sandbox.voicetel.features import advance_jobs
from reconciler.sandbox.voicetel.numbers import is_tn
from reconciler.sandbox.voicetel.ports import advance_ports
from reconciler.sandbox.voicetel.routes import NEWER, ROUTES
from reconciler.sandbox.wsgi import (
    Declined,
    Reply,
    Request,
    Router,
    failure,
    request_of,
    start,
    unknown_path,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OPEN_PATHS: Final = frozenset({"/v2.2/account/api-key", "/v2.2/account/recovery", "/v2.2/accounts"})
"""What needs no key."""


class _TakenBack(Exception):
    """Carries the answer of a request that is not to be kept."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__()


class Sandbox:
    """One account of the carrier, as a WSGI application."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self._lock = threading.RLock()
        self._documented, self._newer = Router(ROUTES), Router(NEWER)
        self._control = Router(control.ROUTES)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer one request. ConnectionResetError: it is to get no answer."""
        try:
            reply = self._answer(request_of(environ))
        except WrongUsage as error:
            reply = failure(400, f"{error.message} {error.hint}".strip())
        except ReconcilerError as error:
            reply = failure(500, error.message)
        return start(reply, start_response)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self.store.close()

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith(control.PREFIX):
            return self._run(self._control, request, keep=True)
        with self._lock:
            fault = self.store.take_fault(request.method, request.path)
        return KINDS[fault.kind](self, request, fault) if fault else self.process(request)

    def process(self, request: Request, *, keep: bool = True) -> Reply:
        """Carry a request out and commit it, or take it back when it is not to be kept."""
        if request.path not in OPEN_PATHS and not self._is_known(request):
            return failure(401, "Missing or invalid API key")
        with self._lock, self.store.transaction():
            advance_jobs(self.store)
            advance_ports(self.store)
            newer = self.store.setting("dialect") == "sdk"
        return self._run(self._newer if newer else self._documented, request, keep=keep)

    def sell(self, request: Request) -> None:
        """Let somebody else buy the first number of an order."""
        asked = request.json().get("numbers")
        first = asked[0] if isinstance(asked, list) and asked else None
        tn = first.get("number") if isinstance(first, dict) else first
        with self._lock, self.store.transaction():
            if isinstance(tn, str) and is_tn(tn) and self.store.holder(tn) is None:
                self.store.save_number(Number(tn, "sold"), "sold to somebody else")

    def sleep(self, seconds: float) -> None:
        """Let time pass, with nothing locked."""
        self._clock.sleep(seconds)

    def _is_known(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        with self._lock:
            key = self.store.setting("api_key")
        return scheme == "Bearer" and bool(token) and (not key or token == key)

    def _run(self, router: Router, request: Request, *, keep: bool) -> Reply:
        found = router.find(request.method, request.path)
        if found is None:
            return unknown_path(request)
        handler, path = found
        try:
            with self._lock, self.store.transaction():
                return _kept(handler(self.store, request, path), keep=keep)
        except _TakenBack as taken:
            return taken.reply
        except Declined as declined:
            return failure(declined.status, declined.message, declined.headers)


def _kept(reply: Reply, *, keep: bool) -> Reply:
    if not keep:
        raise _TakenBack(reply)
    return reply
