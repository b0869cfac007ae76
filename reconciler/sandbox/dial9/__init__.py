"""A carrier that speaks Dial 9's API v2 and keeps its promises, or breaks them on demand.

One WSGI application for both documented editions, `telcom` and `connect`, served in this
process or on loopback. It commits before it replies. Where the carrier's documents are
silent, a switch of the store decides.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from reconciler.errors import ReconcilerError, WrongUsage
from reconciler.protocols import Clock
from reconciler.sandbox.control import PREFIX
from reconciler.sandbox.dial9 import control
from reconciler.sandbox.dial9.actions import ACTIONS
from reconciler.sandbox.dial9.faults import KINDS
from reconciler.sandbox.dial9.protocol import (
    PATH,
    Action,
    Answer,
    BrokenJson,
    Failed,
    Params,
    envelope,
    json_reply,
    params_of,
)
from reconciler.sandbox.dial9.store import SOLD, TELCOM, Account, Number
from reconciler.sandbox.wsgi import Declined, Reply, Request, Router, failure, request_of, start

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOT_FOUND: Final = b"<!DOCTYPE html><html><body><h1>Page not found</h1></body></html>"
UNAUTHENTICATED: Final = "Must be authenticated as a user or API token."
NO_RESELLER: Final = "Must be authenticated as an admin or reseller."


class _TakenBack(Exception):
    """Carries the answer of a request that is not to be kept."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__()


class Sandbox:
    """One unit of the carrier, as a WSGI application."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self.store = account
        self._clock = clock
        self._lock = threading.RLock()
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
        if request.path.startswith(PREFIX):
            return self._operate(request)
        with self._lock:
            fault = self.store.take_fault(request.method, request.path)
        return KINDS[fault.kind](self, request, fault) if fault else self.process(request)

    def _operate(self, request: Request) -> Reply:
        found = self._control.find(request.method, request.path)
        if found is None:
            return Reply(404, NOT_FOUND, "text/html; charset=utf-8")
        handler, path = found
        try:
            with self._lock, self.store.transaction():
                return handler(self.store, request, path)
        except Declined as declined:
            return failure(declined.status, declined.message)

    def process(self, request: Request, *, keep: bool = True) -> Reply:
        """Carry a request out and commit it, or take it back when it is not to be kept.

        In this order: the path, who asks, the parameters, the action.
        """
        if request.method == "OPTIONS":
            return Reply(200, b"OK", "text/plain", (("Access-Control-Allow-Origin", "*"),))
        path = PATH.fullmatch(request.path)
        if path is None:
            return Reply(404, NOT_FOUND, "text/html; charset=utf-8")
        try:
            with self._lock, self.store.transaction():
                return self._run(request, path[1], path[2], keep=keep)
        except _TakenBack as taken:
            return taken.reply
        except BrokenJson:
            return json_reply(400, {"status": "invalid-json", "details": "unexpected token"})
        except Failed as failed:
            return envelope(failed.status, failed.data, 0.0)

    def _run(self, request: Request, controller: str, name: str, *, keep: bool) -> Reply:
        action = self._action(f"{controller}/{name}")
        if action is None:
            return json_reply(400, {"status": "invalid-controller-or-action"})
        if denied := self._denied(request, action, controller, name):
            return denied
        found = action.run(self.store, Params(params_of(request), action.params))
        answer = found if isinstance(found, Answer) else Answer(found)
        reply = envelope("success", answer.data, action.seconds, answer.flags)
        if not keep:
            raise _TakenBack(reply)
        return reply

    def _action(self, name: str) -> Action | None:
        if name in self.store.setting("without"):
            return None
        edition = self.store.edition
        return next((a for known, a in ACTIONS if known == name and edition in a.editions), None)

    def _denied(self, request: Request, action: Action, controller: str, name: str) -> Reply | None:
        if not self._is_known(request):
            return self.denial(request)
        if action.reseller and not self.store.setting("reseller"):
            told = {"action": name, "controller": controller}
            data = {"code": "MustBeAnAdminOrReseller", "message": NO_RESELLER, **told}
            return envelope("error", data, None)
        return None

    def denial(self, request: Request) -> Reply:
        """Say that a request is not permitted: as its edition does, or as the switch has it."""
        path = PATH.fullmatch(request.path)
        controller, name = (path[1], path[2]) if path else ("", "")
        style = self.store.setting("denial")
        if style == "access-denied" or (not style and self.store.edition == TELCOM):
            message = f"Access to {controller}/{name} is not permitted."
            return envelope("access-denied", {"message": message}, None)
        told = {"action": name, "controller": controller}
        data = {"code": "AccessDenied", "message": UNAUTHENTICATED, **told}
        return envelope("error", data, None)

    def _is_known(self, request: Request) -> bool:
        for name in ("token", "secret"):
            given = request.headers.get(f"x-auth-{name}", "")
            if not given or self.store.setting(name) not in {"", given}:
                return False
        return True

    def sell(self, request: Request) -> None:
        """Let somebody else buy the number that is asked for."""
        with self._lock, self.store.transaction():
            asked = params_of(request)
            number = self.store.offered(asked.get("token")) or asked.get("number")
            if isinstance(number, str) and not self.store.holders(number):
                sold = Number(self.store.next_id(), number, state=SOLD)
                self.store.save(sold, "sold to somebody else")

    def sleep(self, seconds: float) -> None:
        """Let time pass, with nothing locked."""
        self._clock.sleep(seconds)
