"""An account with one number, a connector of it, and words for what to set."""

from __future__ import annotations

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done
from reconciler.sandbox.serve import open_sandbox
from tests.carriers.says import E164, ORDER, SECTION, TOLD, Counting, do

HOSTS = ["pbx.example.net:5060", "backup.example.net:5060"]
CAMPAIGNS = {"reminders": {"id": "CH5K5IZ", "brand": "acme"}, "alerts": "CAL3RTS"}
SETTINGS = SECTION | {
    "gateways": {"pbx": {"host": "PBX.example.net"}, "backup": {"host": HOSTS[1]}},
    "campaigns": CAMPAIGNS,
}
PIN = {"$secret": {"ref": {"env": "PIN"}, "version": 1}}


@pytest.fixture(params=["spec", "sdk"])
def dialect(request):
    return request.param


@pytest.fixture
def app(path, clock, dialect):
    made = open_sandbox(path, HOSTS, ["CH5K5IZ", "CAL3RTS"], clock=clock)
    with made.store.transaction():
        made.store.change_setting("dialect", dialect)
    yield made
    made.close()


@pytest.fixture
def counting(app):
    return Counting(app)


@pytest.fixture
def carrier(counting, clock):
    made = connect(SETTINGS, connector="vt", credentials={}, clock=clock, wsgi_app=counting)
    assert isinstance(do(made, ORDER), Done)
    counting.asked.clear()
    return made


def change(app, **settings):
    with app.store.transaction():
        for name, value in settings.items():
            app.store.change_setting(name, value)


def there(carrier):
    return carrier.observe().holdings[E164]


def update(after, holding, secrets=None, e164=E164):
    return CarrierAct(Action.UPDATE, e164, after, holding, secrets or {})


def set_to(carrier, **settings):
    """Set these and clear all others; the outcome."""
    after = {**TOLD, **settings}
    return do(carrier, update(after, there(carrier)))
