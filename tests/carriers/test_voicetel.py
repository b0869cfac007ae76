from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.errors import Exit, Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import (
    CarrierAct,
    Done,
    Refused,
    Request,
    Unknown,
)
from reconciler.sandbox.serve import fault, ledger, open_sandbox, poke, serve
from reconciler.sandbox.store import Fault
from tests.carriers.says import (
    E164,
    E164_OTHER,
    ORDER,
    RELEASE,
    SECTION,
    TN,
    TOLD,
    UPDATE,
    WANTED,
    do,
)

HOST = "pbx.example.net:5060"


@pytest.fixture(params=["in process", "over loopback"])
def carrier(request, path, clock):
    app = open_sandbox(path, [HOST], clock=clock)
    server = serve(app) if request.param == "over loopback" else None
    settings = SECTION | ({"url": server.url} if server else {})
    made = connect(settings, connector="vt", credentials={}, clock=clock, wsgi_app=app)
    made.app = app
    yield made
    made.close()
    if server:
        server.stop()
    app.close()


def change(carrier, **settings):
    with carrier.app.store.transaction():
        for name, value in settings.items():
            carrier.app.store.change_setting(name, value)


# The whole way with a faithful carrier.


def test_an_empty_account_holds_nothing(carrier):
    listing = carrier.observe()

    assert (listing.holdings, listing.odd) == ({}, ())
    assert listing.observed_at == "2026-11-01T12:00:00Z"
    assert listing.account == carrier.account()


def test_an_order_is_done_with_its_amount_and_is_then_observed(carrier, path):
    assert do(carrier, ORDER) == Done(
        external_id="1747345200",
        digest=do(carrier, ORDER).digest,
        amount=Decimal("1.0"),
        currency="USD",
    )
    assert carrier.observe().holdings == {E164: Holding("vt", spec=TOLD)}
    assert len(ledger(path)) == 1


def test_the_same_order_under_the_same_key_is_charged_once(carrier, path):
    first = do(carrier, ORDER)
    again = do(carrier, ORDER)

    assert isinstance(first, Done)
    assert again == first
    assert [charge.tn for charge in ledger(path)] == [TN]


def test_an_order_is_the_same_request_each_time_it_is_prepared(carrier):
    first, again = carrier.prepare(ORDER), carrier.prepare(ORDER)

    assert first == again
    body = b'{"numbers":[{"number":"2015550144","route":1000}]}'
    assert first.requests == (Request("POST", "/v2.2/orders", body),)
    assert len(first.digest) == 64
    assert carrier.prepare(RELEASE).digest != carrier.prepare(UPDATE).digest != first.digest


def test_a_release_gives_the_number_up(carrier):
    do(carrier, ORDER)

    assert isinstance(do(carrier, RELEASE), Done)
    assert carrier.observe().holdings == {}
    assert isinstance(do(carrier, RELEASE), Unknown)


def test_a_changed_hand_off_shows_and_is_put_right(carrier, path):
    do(carrier, ORDER)
    poke(path, E164, "route", "4")
    assert carrier.observe().holdings[E164].spec["handoff"] == "route:4"

    assert isinstance(do(carrier, UPDATE), Done)
    assert carrier.observe().holdings[E164].spec == TOLD


def test_a_gateway_that_is_not_ours_shows_by_its_address(carrier, path):
    do(carrier, ORDER)
    with carrier.app.store.transaction():
        carrier.app.store.add_gateway("198.51.100.7:5080")
    poke(path, E164, "route", "198.51.100.7:5080")

    assert carrier.observe().holdings[E164].spec["handoff"] == "gateway:198.51.100.7:5080"


def test_odd_rows_hide_nobody(carrier):
    for index, tn in enumerate((E164, E164_OTHER, "+13035550100")):
        do(carrier, CarrierAct(Action.ORDER, tn, WANTED), f"op-{index}")
    change(carrier, odd_rows=True)
    listing = carrier.observe()

    assert {e164: holding.spec for e164, holding in listing.holdings.items()} == {
        E164: TOLD | {"translation": "1001#"},
        E164_OTHER: WANTED,
        "+13035550100": TOLD,
    }
    assert len(listing.odd) == 1
    assert "\x1b" not in listing.odd[0]
    assert "no readable number" in listing.odd[0]


def test_the_stock_of_each_number_is_said(carrier):
    do(carrier, CarrierAct(Action.ORDER, E164_OTHER, WANTED))

    assert carrier.stock([E164, E164_OTHER, "+12015559999", "+442079460000"]) == {
        E164: Stock.OFFERED,
        E164_OTHER: Stock.ABSENT,
        "+12015559999": Stock.ABSENT,
        "+442079460000": Stock.ABSENT,
    }


def test_an_integer_order_id_is_taken(carrier):
    change(carrier, order_id_is_integer=True)

    assert do(carrier, ORDER).external_id == "1747345200"


def test_too_little_cash_stops_the_account(carrier, path):
    change(carrier, cash="0.50")
    outcome = do(carrier, ORDER)

    assert isinstance(outcome, Refused)
    assert outcome.stops_account
    assert "402" in outcome.reason
    assert ledger(path) == ()


def test_a_wrong_key_stops_the_account_and_is_no_empty_listing(carrier):
    change(carrier, api_key="another-key")

    with pytest.raises(Unavailable, match="401"):
        carrier.observe()
    change(carrier, api_key="")
    prepared = carrier.prepare(ORDER)
    change(carrier, api_key="another-key")
    assert carrier.send(prepared, "op-1").stops_account


# What is refused before anything is sent.


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (CarrierAct(Action.ORDER, "+442079460000", WANTED), r"\+1 numbers only"),
        (CarrierAct(Action.RELEASE, "+442079460000"), r"\+1 numbers only"),
        (CarrierAct(Action.ORDER, E164, WANTED | {"handoff": "desk"}), "'desk' is declared"),
        (CarrierAct(Action.ORDER, E164, WANTED | {"forward": "x"}), "cannot hold forward"),
        (
            CarrierAct(Action.UPDATE, E164, WANTED | {"pass_caller_id": True}),
            "cannot hold pass_caller_id",
        ),
        (CarrierAct(Action.UPDATE, E164, {"connector": "dial9"}), "that is a port"),
        (CarrierAct(Action.PORT, E164, WANTED), "no way to port"),
    ],
)
def test_what_cannot_be_done_is_refused_unsent(carrier, act, words):
    outcome = carrier.prepare(act)

    assert isinstance(outcome, Refused)
    assert_words(outcome.reason, words)


def assert_words(text, pattern):
    with pytest.raises(AssertionError, match=pattern):
        raise AssertionError(text)


def test_a_gateway_that_is_not_on_the_account_is_named_with_the_next_step(path, clock):
    app = open_sandbox(path, clock=clock)
    carrier = connect(SECTION, connector="vt", credentials={}, clock=clock, wsgi_app=app)
    outcome = carrier.prepare(ORDER)
    app.close()

    assert isinstance(outcome, Refused)
    assert "PBX.example.net, is not on the VoiceTel account of connector 'vt'" in outcome.reason
    assert "plan again" in outcome.reason


def test_a_system_gateway_is_never_the_hand_off(path, clock):
    app = open_sandbox(path, clock=clock)
    section = SECTION | {"gateways": {"pbx": {"host": "DID"}}}
    carrier = connect(section, connector="vt", credentials={}, clock=clock, wsgi_app=app)

    assert isinstance(carrier.prepare(ORDER), Refused)
    app.close()


def test_without_gateways_the_hand_off_is_left_to_the_carrier(path, clock):
    app = open_sandbox(path, clock=clock)
    section = {"kind": "voicetel", "sandbox": True}
    carrier = connect(section, connector="vt", credentials={}, clock=clock, wsgi_app=app)

    assert isinstance(do(carrier, CarrierAct(Action.ORDER, E164, {"connector": "vt"})), Done)
    assert carrier.observe().holdings[E164].spec == {"connector": "vt", "cnam_lookup": False}
    assert carrier.prepare(CarrierAct(Action.UPDATE, E164, {})).requests == ()
    app.close()


@pytest.mark.parametrize("key", ["", "with space", "x" * 129, "a\r\nb"])
def test_an_order_is_never_sent_under_a_bad_key(carrier, path, key):
    assert isinstance(do(carrier, ORDER, key), Refused)
    assert ledger(path) == ()


# Faults: what the outcome is, and what the world is then.


@pytest.mark.parametrize(
    ("planted", "outcome", "bought"),
    [
        (Fault("refuse", status=400), Refused, 0),
        (Fault("refuse", status=403), Refused, 0),
        (Fault("refuse", status=409), Unknown, 0),
        (Fault("429", retry_after="7"), Unknown, 0),
        (Fault("429", after=True), Unknown, 1),
        (Fault("500"), Unknown, 0),
        (Fault("500", after=True), Unknown, 1),
        (Fault("502"), Unknown, 0),
        (Fault("502", after=True), Unknown, 1),
        (Fault("html"), Unknown, 0),
        (Fault("html", status=502), Unknown, 0),
        (Fault("truncated"), Unknown, 1),
        (Fault("garbage"), Unknown, 1),
        (Fault("no-effect"), Done, 0),
        (Fault("drop"), Unknown, 0),
        (Fault("drop", after=True), Unknown, 1),
        (Fault("slow", seconds=31), Unknown, 1),
        (Fault("slow", seconds=31, after=True), Unknown, 1),
        (Fault("duplicate"), Done, 1),
        (Fault("lost-race"), Refused, 0),
        (Fault("partial"), Refused, 0),
    ],
    ids=str,
)
def test_an_order_that_meets_a_fault(carrier, path, planted, outcome, bought):
    prepared = carrier.prepare(ORDER)
    fault(path, planted)
    got = carrier.send(prepared, "op-1")

    assert isinstance(got, outcome), got
    assert len(ledger(path)) == len(carrier.observe().holdings) == bought


@pytest.mark.parametrize(
    "planted", [Fault("drop", after=True), Fault("500", after=True), Fault("truncated")], ids=str
)
def test_after_an_unknown_order_the_same_key_gives_its_answer_and_no_second_charge(
    carrier, path, planted
):
    prepared = carrier.prepare(ORDER)
    fault(path, planted)

    assert isinstance(carrier.send(prepared, "op-1"), Unknown)
    assert isinstance(carrier.send(prepared, "op-1"), Done)
    assert len(ledger(path)) == 1


@pytest.mark.parametrize(
    ("planted", "outcome", "left"),
    [
        (Fault("drop"), Unknown, 1),
        (Fault("drop", after=True), Unknown, 0),
        (Fault("garbage"), Unknown, 0),
        (Fault("truncated"), Unknown, 0),
        (Fault("refuse", status=401), Unknown, 1),
        (Fault("refuse", status=409), Unknown, 1),
        (Fault("refuse", status=400), Refused, 1),
        (Fault("429"), Unknown, 1),
        (Fault("429", after=True), Unknown, 0),
        (Fault("no-effect"), Done, 1),
    ],
    ids=str,
)
def test_a_release_that_meets_a_fault(carrier, path, planted, outcome, left):
    do(carrier, ORDER)
    fault(path, planted)

    assert isinstance(do(carrier, RELEASE), outcome)
    assert len(carrier.observe().holdings) == left


@pytest.mark.parametrize(
    "planted",
    [
        Fault("html", "GET", "/v2.2/numbers"),
        Fault("html", "GET", "/v2.2/numbers", status=404),
        Fault("truncated", "GET", "/v2.2/numbers"),
        Fault("garbage", "GET", "/v2.2/numbers"),
        Fault("500", "GET", "/v2.2/numbers"),
        Fault("502", "GET", "/v2.2/numbers", times=3),
        Fault("drop", "GET", "/v2.2/numbers", times=3),
        Fault("slow", "GET", "/v2.2/numbers", times=3, seconds=31),
        Fault("429", "GET", "/v2.2/numbers", times=3),
        Fault("refuse", "GET", "/v2.2/numbers", status=403),
        Fault("html", "GET", "/v2.2/gateways"),
        Fault("refuse", "GET", "/v2.2/gateways", status=404),
    ],
    ids=str,
)
def test_a_listing_that_is_not_whole_is_no_listing(carrier, path, planted):
    do(carrier, ORDER)
    fault(path, planted)

    with pytest.raises(Unavailable) as caught:
        carrier.observe()
    assert caught.value.exit_code is Exit.UNAVAILABLE


@pytest.mark.parametrize("kind", ["502", "drop", "429"])
def test_a_listing_that_fails_twice_is_read_the_third_time(carrier, path, kind):
    do(carrier, ORDER)
    fault(path, Fault(kind, "GET", "/v2.2/numbers", times=2))

    assert set(carrier.observe().holdings) == {E164}


@pytest.mark.parametrize("kind", ["500", "html", "truncated", "429"])
def test_a_stock_that_is_not_said_is_unavailable(carrier, path, kind):
    fault(path, Fault(kind, "GET", "/v2.2/inventory", times=3))

    with pytest.raises(Unavailable):
        carrier.stock([E164])
