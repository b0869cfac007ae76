"""Dial 9's connector before its sandbox, and before a carrier that says one thing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reconciler.carriers.dial9 import Dial9, connect
from reconciler.carriers.transport import Transport
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Prepared, SecretValue
from reconciler.sandbox.books import Fault
from reconciler.sandbox.desk import find
from reconciler.sandbox.serve import serve

NATIONAL, OTHER = "02079460100", "02079460101"
E164, E164_OTHER = "+442079460100", "+442079460101"
TOKEN, SECRET = "canary7f3a9c51e0d24b68", "canary-secret-99b0"
HANDOFF = {"type": "Extension", "name": "pbx-trunk"}
ELSEWHERE = {"type": "Menu", "name": "Main Menu"}
BARE = {"connector": "d9"}
WANTED = {"connector": "d9", "handoff": HANDOFF, "pass_caller_id": True}
EDITIONS = ("telcom", "connect")
DESK = find("dial9")


def section(edition, **more) -> dict[str, Any]:
    made = {"kind": "dial9", "sandbox": True, "edition": edition, "numbers": {"handoff": HANDOFF}}
    return made | more


def order(e164=E164) -> CarrierAct:
    return CarrierAct(Action.ORDER, e164, BARE)


@dataclass
class World:
    """A unit at the sandbox with our connector before it."""

    carrier: Dial9
    app: Any
    path: Any
    clock: Any
    edition: str

    def do(self, act: CarrierAct, key: str = "op-1") -> Any:
        prepared = self.carrier.prepare(act)
        assert isinstance(prepared, Prepared), prepared
        return self.carrier.send(prepared, key)

    def holding(self, e164=E164) -> Holding:
        return self.carrier.observe().holdings[e164]

    def update(self, after, e164=E164) -> CarrierAct:
        return CarrierAct(Action.UPDATE, e164, after, self.holding(e164))

    def release(self, e164=E164) -> CarrierAct:
        return CarrierAct(Action.RELEASE, e164, None, self.holding(e164))

    def fault(self, kind, path="/api/v2/numbers/acquire", **options) -> None:
        path = "/" if kind in DESK.aims.lasting else path  # those meet no request
        DESK.fault(self.path, Fault(kind, path=path, **options))

    def poke(self, field, value, e164=E164) -> None:
        DESK.poke(self.path, e164, field, value)

    def change(self, **settings) -> None:
        with self.app.store.transaction():
            for name, value in settings.items():
                self.app.store.change_setting(name, value)

    def charged(self) -> list[str]:
        return [charge["number"] for charge in DESK.books(self.path)["charges"]]


@contextmanager
def opened(path, clock, edition, *, loopback=False, untold=None, **more):
    app = DESK.open(path, section(edition), clock)
    server = serve(app) if loopback else None
    settings = section(edition, **more) | ({"url": server.url + DESK.base} if server else {})
    before = Untold(app, untold) if untold else app
    carrier = connect(settings, connector="d9", credentials={}, clock=clock, wsgi_app=before)
    try:
        yield World(carrier, app, path, clock, edition)
    finally:
        carrier.close()
        if server:
            server.stop()
        app.close()


class Untold:
    """The sandbox, but that some answers say nothing of some fields of a number.

    `fields` are the ends of paths, each with the names that its answers lack.
    """

    def __init__(self, app, fields) -> None:
        self.app, self.fields = app, fields

    def __call__(self, environ, start_response):
        lacks = self.fields.get(environ["PATH_INFO"].removeprefix("/api/v2/"))
        answer = self.app(environ, start_response)
        if lacks is None:
            return answer
        body = json.loads(b"".join(answer))
        data = body.get("data")
        for row in data if isinstance(data, list) else [data] if isinstance(data, dict) else []:
            for name in lacks:
                row.pop(name, None)
        return [json.dumps(body).encode()]


ABSENT = {
    "available_access_numbers": (
        200,
        b'{"status":"invalid-controller-or-action"}',
        "application/json",
    )
}


class Answers:
    """A carrier that answers each action with what it was given, and counts.

    It has no list of access numbers unless it is given one.
    """

    def __init__(self, **by_action) -> None:
        self.by_action = by_action
        self.asked = []

    def __call__(self, environ, start_response):
        action = environ["PATH_INFO"].rsplit("/", 1)[1]
        self.asked.append(action)
        status, body, content_type = {**ABSENT, **self.by_action}[action]
        start_response(f"{status} Said", [("Content-Type", content_type)])
        return [body]


def speaking(app, clock, edition="telcom", handoff=HANDOFF) -> Dial9:
    headers = {"X-Auth-Token": SecretValue(TOKEN), "X-Auth-Secret": SecretValue(SECRET)}
    transport = Transport("http://x/api/v2", headers=headers, clock=clock, wsgi_app=app)
    return Dial9("d9", transport, clock=clock, edition=edition, handoff=handoff)
