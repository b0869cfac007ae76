from __future__ import annotations

import pickle
import traceback
from decimal import Decimal

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.errors import InvalidConfig, Location, Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, SecretValue
from reconciler.sandbox.serve import open_sandbox
from tests.carriers.says import BARE, CANARY, E164, SECTION, Says, error, speaking

# Price, account, connecting.


def test_a_price_is_given_only_where_the_rate_is_known(path, clock):
    app = open_sandbox(path, clock=clock)
    plain = connect(SECTION, connector="vt", credentials={}, clock=clock, wsgi_app=app)
    rated = connect(
        SECTION | {"did_rate": "0.85"}, connector="vt", credentials={}, clock=clock, wsgi_app=app
    )
    app.close()

    assert plain.price(E164) is None
    assert rated.price(E164).monthly == Decimal("0.85")
    assert rated.price("+442079460000") is None


def test_an_account_keeps_its_id_when_its_key_changes(clock):
    def account(connector, key):
        made = connect({}, connector=connector, credentials={"api_key": key}, clock=clock)
        return made.account()

    first = account("vt", SecretValue(CANARY))
    assert first == account("vt", SecretValue("another"))
    assert first != account("other", SecretValue(CANARY))


KEY = {"api_key": SecretValue(CANARY)}


@pytest.mark.parametrize(
    ("section", "credentials", "words"),
    [
        ({}, {}, "credentials.api_key"),
        ({}, {"api_key": SecretValue(f"{CANARY} x\n")}, "no header takes"),
        ({"url": "http://api.voicetel.com"}, KEY, "https"),
        ({"url": "https://api.voicetel.com.evil"}, KEY, "would give the key to"),
        ({"url": "https://notvoicetel.com"}, KEY, "would give the key to"),
        ({"url": "https://evil.example", "sandbox": True}, KEY, "would give the key to"),
        ({"url": "http://10.0.0.1", "sandbox": True}, KEY, "https"),
        ({"url": "http://127.0.0.1:8080"}, KEY, "https"),
        ({"sandbox": True}, KEY, "none is served here"),
        (
            {"gateways": {"a": {"host": "h.example"}, "b": {"host": "H.example:5060"}}},
            KEY,
            "same host",
        ),
        ({"gateways": {"a": {}}}, KEY, "no host"),
        ({"numbers": {"handoff": "pbx"}}, KEY, "no gateway here"),
    ],
)
def test_a_section_that_cannot_be_used_is_a_problem_with_its_place(
    clock, section, credentials, words
):
    place = Location("reconciler.yaml", 12, 3)
    with pytest.raises(InvalidConfig) as caught:
        connect(section | {"location": place}, connector="vt", credentials=credentials, clock=clock)

    (problem,) = caught.value.problems
    assert words in problem.detail
    assert problem.location == place
    assert CANARY not in str(caught.value)


# The canary.


def test_the_key_is_in_nothing_that_can_be_printed(clock, path):
    says = Says(400, error(400, f"bad token {CANARY}\x1b[31m"))
    carrier = speaking(says, clock)
    act = CarrierAct(Action.ORDER, E164, BARE)
    prepared = carrier.prepare(act)
    told = [repr(carrier), str(vars(carrier)), repr(prepared), repr(prepared.requests[0].body)]
    told += [repr(carrier.send(prepared, "op-1")), carrier.account(), f"{carrier._transport}"]
    for read in (carrier.observe, lambda: carrier.stock([E164])):
        with pytest.raises(Unavailable) as caught:
            read()
        told += traceback.format_exception(caught.value)
    with pytest.raises(TypeError):
        pickle.dumps(carrier)

    assert CANARY not in "".join(told)
    assert "\x1b" not in "".join(told)
    assert "bad token ***" in "".join(told)
