"""A carrier that says one thing, for what no faithful carrier would."""

from __future__ import annotations

import json

from reconciler.carriers.scarce import Scarce
from reconciler.carriers.transport import Transport
from reconciler.carriers.voicetel import VoiceTel
from reconciler.carriers.voicetel.account import allowance_at
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Prepared, SecretValue

TN, OTHER = "2015550144", "2125550101"
E164, E164_OTHER = f"+1{TN}", f"+1{OTHER}"
CANARY = "canary7f3a9c51e0d24b68"
BARE = {"connector": "vt"}
WANTED = {"connector": "vt", "handoff": "pbx"}
TOLD = WANTED | {"cnam_lookup": False}
"""What is observed of a number that has nothing but its hand-off."""

ORDER = CarrierAct(Action.ORDER, E164, WANTED)
RELEASE = CarrierAct(Action.RELEASE, E164, None, Holding("vt"))
UPDATE = CarrierAct(Action.UPDATE, E164, WANTED, Holding("vt"))
SECTION = {
    "kind": "voicetel",
    "sandbox": True,
    "gateways": {"pbx": {"host": "PBX.example.net"}},
    "numbers": {"handoff": "pbx"},
}


def do(carrier, act, key="op-1"):
    prepared = carrier.prepare(act)
    assert isinstance(prepared, Prepared), prepared
    return carrier.send(prepared, key)


class Says:
    """A carrier that gives one answer to everything, and remembers that it was asked."""

    def __init__(self, status, body, headers=(), content_type="application/json") -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = [*headers, ("Content-Type", content_type)]
        self.asked = 0

    def __call__(self, environ, start_response):
        self.asked += 1
        start_response(f"{self.status} Said", self.headers)
        return [self.body]


class Counting:
    """A carrier that remembers what it was asked."""

    def __init__(self, app) -> None:
        self.app = app
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return self.app(environ, start_response)


def uncounted(transport, clock):
    """Scarce requests that nobody counts, so that none is sent."""
    return Scarce(transport, clock, allowance_at("test"), None)


def speaking(says, clock, key=CANARY):
    headers = {"Authorization": SecretValue(f"Bearer {key}")}
    transport = Transport("http://x", headers=headers, clock=clock, wsgi_app=says)
    return VoiceTel("vt", transport, scarce=uncounted(transport, clock), gateways={})


def error(status, message="no"):
    return {"status": "error", "error": {"code": status, "message": message}}


def ordered(*numbers, failed=(), **more):
    data = {"orderId": "1", "amountCharged": 0.5, "numbersOrdered": list(numbers)}
    data["failed"] = [{"number": tn, "reason": "sold"} for tn in failed]
    return {"status": "success", "data": data | more}
