"""What a refresh costs, and that one odd row hides no other."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done
from reconciler.sandbox.serve import open_sandbox
from reconciler.sandbox.store import Number
from reconciler.sandbox.voicetel.features import Features, save
from tests.carriers.says import E164, E164_OTHER, OTHER, SECTION, TN, TOLD, Counting, error

NUMBERS = 2000
CHANGED = 500
READS = 12
"""Two refreshes: before and after."""


class Scripted:
    """A carrier with one answer for each path."""

    def __init__(self, answers) -> None:
        self.answers = answers
        self.asked = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"].removeprefix("/v2.2/")
        self.asked.append(path)
        answer = self.answers.get(path, {"numbers": []})
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if status == 200:
            body = {"status": "success", "data": body}
        start_response(f"{status} Said", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]


def row(tn, **more):
    plain = {"number": tn, "translated": tn, "route": 4, "gateway": "DID", "cnam": False}
    plain |= {"forward": False, "forwardTo": None, "carrier": 0}
    return plain | {"smsEnabled": False, "faxEnabled": False} | more


def state(tn, **more):
    return {"number": tn, "onAccount": True, "enabled": False, "resource": "", **more}


def listing(clock, numbers, states, **alone):
    """Observe; `alone` are the answers to reads of TN by itself, by the path's last word."""
    app = Scripted(
        {
            "numbers": {"numbers": numbers},
            "numbers/messaging": {"numbers": states},
            "gateways": {"gateways": []},
            "e911": {"records": []},
            **{f"numbers/{TN}/{name}": answer for name, answer in alone.items()},
        }
    )
    carrier = connect({"sandbox": True}, connector="vt", credentials={}, clock=clock, wsgi_app=app)
    return carrier.observe(), app.asked


PLAIN = {"connector": "vt", "cnam_lookup": False}


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (None, None),
        (7, None),
        ({"number": "nobody"}, None),
        ({"number": {}}, None),
        (row(OTHER), "again"),
        (row(TN, later={"more": [1]}, forward=None, smsEnabled=None), None),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_read_hides_no_other(clock, odd, told):
    found, _ = listing(clock, [row(OTHER), odd], [state(OTHER), odd, state(TN)])

    assert found.holdings[E164_OTHER].spec == PLAIN
    if isinstance(odd, dict) and odd.get("number") == TN:
        assert found.holdings[E164].spec == PLAIN | {"sms": {"unknown": ""}}
    else:
        assert set(found.holdings) == {E164_OTHER}
        assert len(found.odd) == 1
        assert told is None or told in found.odd[0]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"forward": True, "forwardTo": OTHER}, {"forward": E164_OTHER}),
        ({"forward": True, "forwardTo": None}, {"forward": "number:unknown"}),
        ({"forward": True, "forwardTo": "1001"}, {"forward": "number:1001"}),
        ({"forward": False, "forwardTo": OTHER}, {}),
        ({"forward": None, "forwardTo": f"1{OTHER}"}, {"forward": E164_OTHER}),
        ({"translated": f"1{TN}"}, {}),
        ({"translated": None}, {}),
        ({"translated": int(OTHER)}, {"translation": E164_OTHER}),
        ({"translated": "1001#\x1b"}, {"translation": "1001#\\x1b"}),
        ({"cnam": "yes"}, {"cnam_lookup": None}),
        ({"cnam": True}, {"cnam_lookup": True}),
        ({"faxEnabled": True}, {"fax_to": "fax@acme.example"}),
        ({"faxEnabled": None}, {"fax_to": "fax@acme.example"}),
        ({"smsEnabled": True}, {"sms": {"email": "sms@acme.example"}}),
    ],
    ids=str,
)
def test_each_field_of_a_row_is_read(clock, fields, told):
    found, _ = listing(
        clock,
        [row(TN, **fields)],
        [state(TN)],
        fax={"number": TN, "email": "fax@acme.example"},
        sms={"type": "email", "resource": "sms@acme.example"},
    )

    wanted = {name: value for name, value in (PLAIN | told).items() if value is not None}
    assert found.holdings[E164].spec == wanted
    assert found.odd == ()


def test_a_setting_that_ended_between_two_reads_is_not_there(clock):
    gone = (404, error(404, "Fax routing not configured"))
    found, _ = listing(
        clock,
        [row(TN, faxEnabled=True, smsEnabled=True)],
        [state(TN)],
        fax=gone,
        sms=gone,
    )

    assert found.holdings[E164].spec == PLAIN


def test_a_setting_without_its_address_shows_as_unknown(clock):
    found, _ = listing(
        clock,
        [row(TN, faxEnabled=True, smsEnabled=True)],
        [state(TN)],
        fax={"number": TN},
        sms={"number": TN},
    )

    assert found.holdings[E164].spec == PLAIN | {"fax_to": "unknown", "sms": {"unknown": ""}}


def test_a_number_that_the_bulk_leaves_out_is_asked_for_alone(clock):
    campaign = {"campaign": {"id": "CH5K5IZ"}}
    found, asked = listing(
        clock,
        [row(TN), row(OTHER)],
        [state(OTHER)],
        messaging=state(TN, **campaign),
    )

    assert found.holdings[E164].spec == PLAIN | {"campaign": "campaign:CH5K5IZ"}
    assert asked.count(f"numbers/{TN}/messaging") == 1
    assert found.odd == ()


def test_a_number_without_a_readable_state_is_told_and_the_rest_is_read(clock):
    gone = (404, error(404, "Number not found"))
    found, _ = listing(clock, [row(TN), row(OTHER)], [state(OTHER)], messaging=gone)

    assert set(found.holdings) == {E164, E164_OTHER}
    assert found.odd == (f"VoiceTel says nothing readable about text messages of {E164}.",)


def test_a_bulk_that_leaves_out_most_is_no_answer(clock):
    tns = [f"20155501{n:02d}" for n in range(30)]

    with pytest.raises(Unavailable, match="of 9 of 30 numbers"):
        listing(clock, [row(tn) for tn in tns], [state(tn) for tn in tns[:9]])


# The cost.


@pytest.fixture
def account(path, clock):
    app = open_sandbox(path, ["pbx.example.net:5060"], ["CH5K5IZ"], clock=clock)
    store = app.store
    with store.transaction():
        for n in range(NUMBERS):
            tn = f"{200 + n // 100 * 10 + 1}55501{n % 100:02d}"
            store.save_number(Number(tn, "active", route=1000), "planted")
            has = Features(campaign="CH5K5IZ", network="B")
            if n % 100 == 0:
                has = Features(fax=f"fax{n}@acme.example", sms="email", resource=f"a{n}@b.example")
            if n % 100 == 1:
                has = Features(sms="webhook", resource=f"https://hook.acme.example/{n}", row=n)
            save(store, tn, has, "planted")
    yield app
    app.close()


def test_two_thousand_numbers_cost_a_bounded_number_of_requests(account, clock):
    counting = Counting(account)
    section = SECTION | {"campaigns": {"reminders": {"id": "CH5K5IZ"}}}
    carrier = connect(section, connector="vt", credentials={}, clock=clock, wsgi_app=counting)
    before = carrier.observe().holdings

    assert len(before) == NUMBERS
    alone = [path for _, path in counting.asked if path.endswith(("/fax", "/sms"))]
    # Of 20 fax numbers and 40 with text messages the 20 by webhook are told by the bulk.
    assert Counter(path.rpartition("/")[2] for path in alone) == {"fax": 20, "sms": 20}
    assert len(counting.asked) - len(alone) <= READS // 2

    wanted = {
        e164: {**holding.spec, "forward": E164_OTHER}
        for e164, holding in sorted(before.items())[:CHANGED]
    }
    for e164, after in wanted.items():
        act = CarrierAct(Action.UPDATE, e164, after, before[e164])
        assert isinstance(carrier.send(carrier.prepare(act), "op-1"), Done)
    after_all = carrier.observe().holdings

    assert {e164: after_all[e164].spec for e164 in wanted} == wanted
    writes = [path for method, path in counting.asked if method != "GET"]
    reads = [path for method, path in counting.asked if method == "GET"]
    reads = [path for path in reads if not path.endswith(("/fax", "/sms"))]
    assert len(writes) == CHANGED
    assert len(reads) <= READS


def test_what_is_observed_needs_no_write(account, clock):
    carrier = connect(SECTION, connector="vt", credentials={}, clock=clock, wsgi_app=account)

    for e164, holding in carrier.observe().holdings.items():
        act = CarrierAct(Action.UPDATE, e164, holding.spec, holding)
        assert carrier.prepare(act).requests == ()
    assert holding.spec.keys() >= TOLD.keys()
