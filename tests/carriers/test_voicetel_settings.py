"""Every field of a number: created, changed, cleared, read back; and what is not ours to say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from reconciler.carriers.voicetel.changing import FIELDS, KEPT, WRITE_ONLY
from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.model.spec import kept_until
from reconciler.model.supply import Holding
from reconciler.protocols import Done, Refused, SecretValue, Waiting
from reconciler.sandbox.serve import fault, poke
from reconciler.sandbox.store import Fault
from reconciler.sandbox.voicetel.features import features
from reconciler.sandbox.voicetel.messaging import add_campaign
from tests.carriers.account import (
    PIN,
    app,
    carrier,
    change,
    counting,
    dialect,
    set_to,
    there,
    update,
)
from tests.carriers.says import E164, E164_OTHER, TN, TOLD, do

__all__ = ["app", "carrier", "counting", "dialect"]

# Each field.

READABLE = {
    "handoff": ("pbx", "backup"),
    "cnam_lookup": (True, False),
    "forward": (E164_OTHER, "+13035550100"),
    "translation": (E164_OTHER, "+13035550100"),
    "fax_to": ("fax@acme.example", "other@acme.example"),
    "sms": ({"email": "sms@acme.example"}, {"webhook": "https://hook.acme.example/sms"}),
    "campaign": ("reminders", "alerts"),
}


def test_every_field_is_tested_or_never_told():
    assert READABLE.keys() | WRITE_ONLY | {"connector"} == FIELDS
    assert KEPT <= WRITE_ONLY


@pytest.mark.parametrize("name", READABLE)
def test_a_field_is_created_changed_and_cleared_and_then_nothing_differs(carrier, counting, name):
    first, second = READABLE[name]
    for value in (first, second, first):
        assert isinstance(set_to(carrier, **{name: value}), Done)
        holding = there(carrier)
        assert holding.spec == {**TOLD, name: value}
        counting.asked.clear()
        assert carrier.prepare(update(holding.spec, holding)).requests == ()
        assert counting.asked == []

    assert isinstance(set_to(carrier), Done)
    assert there(carrier).spec == TOLD


@pytest.mark.parametrize(
    "way",
    [
        {"email": "sms@acme.example"},
        {"webhook": "https://hook.acme.example/sms?x=1"},
        {"webhook": f"https://hook.acme.example/{'x' * 900}"},
        {"sip": "198.51.100.7:5060"},
        {"sip": "sms.acme.example"},
        {"sip": "sms@pbx.acme.example:5060"},
    ],
    ids=str,
)
@pytest.mark.parametrize("bulk", [True, False])
def test_each_way_of_text_messages_is_read_back(app, carrier, counting, way, bulk):
    change(app, bulk_tells_resource=bulk)
    set_to(carrier, sms=way)
    counting.asked.clear()

    assert there(carrier).spec["sms"] == way
    single = ("GET", f"/v2.2/numbers/{TN}/sms") in counting.asked
    assert single == (not bulk or "@" in next(iter(way.values())))


def test_all_fields_are_set_at_once_in_one_request_each(app, carrier, counting):
    wanted = {
        "connector": "vt",
        "handoff": "backup",
        "cnam": "ACME CORP",
        "cnam_lookup": True,
        "forward": E164_OTHER,
        "translation": E164_OTHER,
        "fax_to": "fax@acme.example",
        "sms": {"email": "sms@acme.example"},
        "campaign": "reminders",
        "port_out_pin": PIN,
    }
    assert wanted.keys() == FIELDS
    act = update(wanted, there(carrier), {"port_out_pin": SecretValue("4287")})
    counting.asked.clear()
    assert isinstance(do(carrier, act), Done)

    assert [(method, path.rpartition("/")[2]) for method, path in counting.asked] == [
        ("PUT", "route"),
        ("PUT", "translation"),
        ("PUT", "forward"),
        ("PUT", "cnam"),
        ("PUT", "fax"),
        ("PUT", "sms"),
        ("PUT", "messaging-campaign"),
        ("PUT", "lidb"),
        ("PATCH", "port-out-pin"),
    ]
    told = {name: value for name, value in wanted.items() if name not in WRITE_ONLY}
    assert there(carrier).spec == told
    kept = features(app.store, TN)
    assert (kept.name, kept.pin) == ("ACME CORP", "4287")

    left = update(TOLD, Holding("vt", spec=there(carrier).spec))
    assert isinstance(do(carrier, left), Done)
    assert there(carrier).spec == TOLD


def test_what_is_not_in_yaml_and_can_be_left_is_left(app, carrier, counting):
    set_to(carrier, cnam_lookup=True)
    holding = there(carrier)
    after = {"connector": "vt", "handoff": "pbx"}
    counting.asked.clear()

    assert carrier.prepare(update(after, holding)).requests == ()


def test_the_documented_dialect_does_not_say_what_it_works_on(carrier, dialect):
    assert there(carrier).waiting == ("" if dialect == "sdk" else None)


def test_one_changed_field_is_one_request(carrier, counting):
    set_to(carrier, fax_to="a@b.example", forward=E164_OTHER, campaign="reminders")
    holding = there(carrier)
    counting.asked.clear()
    do(carrier, update({**holding.spec, "fax_to": "c@d.example"}, holding))

    assert counting.asked == [("PUT", f"/v2.2/numbers/{TN}/fax")]


def test_an_update_of_an_unseen_number_sends_all_that_is_wanted(carrier):
    after = {**TOLD, "forward": E164_OTHER}
    prepared = carrier.prepare(update(after, None))

    assert [request.path.rpartition("/")[2] for request in prepared.requests] == [
        "route",
        "forward",
        "cnam",
    ]


# What is never told.


def test_a_name_that_was_applied_is_not_sent_again(carrier, counting):
    after = {**TOLD, "cnam": "ACME", "fax_to": "a@b.example"}
    applied = Holding("vt", spec={**TOLD, "cnam": "ACME"})
    counting.asked.clear()
    do(carrier, update(after, applied))

    assert counting.asked == [("PUT", f"/v2.2/numbers/{TN}/fax")]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("Success", Done), ("success", Done), ("Rejected by LIDB", Refused)],
)
def test_a_name_is_registered_when_the_network_says_so(app, carrier, status, outcome):
    change(app, lidb_status=status)
    got = set_to(carrier, cnam="ACME", fax_to="a@b.example")

    assert isinstance(got, outcome)
    assert features(app.store, TN).name == "ACME"
    assert there(carrier).spec == {**TOLD, "fax_to": "a@b.example"}
    if outcome is Refused:
        assert "the network did not take it: Rejected by LIDB" in got.reason
        assert "Set before it: fax" in got.reason
        change(app, lidb_status="Success")
        assert isinstance(set_to(carrier, cnam="ACME", fax_to="a@b.example"), Done)


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_cannot_be_taken_back_is_refused_with_the_next_step(carrier, counting, name):
    applied = Holding("vt", spec={**TOLD, name: "ACME" if name == "cnam" else PIN})
    got = carrier.prepare(update(TOLD, applied))

    assert isinstance(got, Refused)
    assert "cannot take back" in got.reason
    assert "put its line back" in got.reason


def pin_act(value="4287", version=1):
    marked = {"$secret": {"ref": {"env": "PIN"}, "version": version}}
    after = {**TOLD, "port_out_pin": marked}
    return update(after, Holding("vt", spec=TOLD), {"port_out_pin": SecretValue(value)})


def test_a_pin_is_set_and_is_in_nothing_that_can_be_printed(app, path, carrier):
    prepared = carrier.prepare(pin_act())
    fault(path, Fault("refuse", "PATCH", message="bad pin 4287"))
    refused = carrier.send(prepared, "op-1")
    done = carrier.send(prepared, "op-1")

    assert isinstance(refused, Refused)
    assert "bad pin ***" in refused.reason
    assert isinstance(done, Done)
    assert features(app.store, TN).pin == "4287"
    for told in (prepared, refused, done, prepared.act, prepared.requests[0].path):
        assert "4287" not in repr(told)
    # Ten thousand guesses are nothing: no digest may depend on the digits.
    assert carrier.prepare(pin_act("1111")).digest == prepared.digest
    assert carrier.prepare(pin_act(version=2)).digest != prepared.digest
    assert done.digest == Done(digest=done.digest).digest == ""


def test_an_earlier_pin_is_told_where_the_carrier_keeps_it(app, carrier, dialect):
    do(carrier, pin_act())
    got = do(carrier, pin_act("1111"))

    if dialect == "sdk":
        assert isinstance(got, Done)
        until = (app.store.now().date() + timedelta(days=30)).isoformat()
        assert f"until {until} at the latest" in got.note
        kept = CarrierNumber.remembered({"port_out_pin": "the new one"}, {}, "", got.note)
        assert kept_until(kept["port_out_pin"]) == until
        assert features(app.store, TN).pin == "4287"
        assert do(carrier, pin_act()).note == ""
    else:
        assert (got, features(app.store, TN).pin) == (Done(), "1111")


@pytest.mark.parametrize("value", ["123", "12345", "12a4"])
def test_a_pin_of_another_form_is_refused_without_it(carrier, value):
    got = carrier.prepare(pin_act(value))

    assert isinstance(got, Refused)
    assert value not in got.reason


# Campaigns.


@pytest.fixture
def slow(app, dialect):
    if dialect == "spec":
        pytest.skip("the documented dialect binds at once")
    with app.store.transaction():
        add_campaign(app.store, "CH5K5IZ", "C")


def test_a_campaign_that_takes_a_while_is_waited_for(carrier, clock, slow):
    got = set_to(carrier, campaign="reminders")
    assert isinstance(got, Waiting)
    assert "CH5K5IZ (queued)" in got.reason

    seen = []
    for _ in range(5):
        holding = there(carrier)
        seen.append((holding.spec.get("campaign"), holding.waiting))
        clock.sleep(60)
    assert seen[0] == (None, "campaign reminders is being set up (queued)")
    assert seen[-2] == (None, "campaign reminders is being set up (routing)")
    assert seen[-1] == ("reminders", "")
    assert isinstance(set_to(carrier, campaign="reminders"), Done)


def test_a_campaign_that_fails_is_told_and_can_be_asked_for_again(app, carrier, clock, slow):
    change(app, campaign_fails="Number is hosted elsewhere")
    set_to(carrier, campaign="reminders", fax_to="a@b.example")
    clock.sleep(600)

    listing = carrier.observe()
    assert listing.holdings[E164].spec == {**TOLD, "fax_to": "a@b.example"}
    assert listing.holdings[E164].waiting == ""
    (told,) = listing.odd
    assert "could not put +12015550144 in campaign CH5K5IZ: Number is hosted elsewhere" in told
    change(app, campaign_fails="")
    assert isinstance(set_to(carrier, campaign="reminders"), Waiting)


def test_what_follows_a_campaign_is_set_while_it_waits(app, carrier, slow):
    assert isinstance(set_to(carrier, campaign="reminders", cnam="ACME"), Waiting)
    assert features(app.store, TN).name == "ACME"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"campaign": "unheard"}, "No campaign 'unheard' with an id is declared"),
        ({"forward": "+442079460000"}, r"\+1 numbers only"),
        ({"translation": "1001#"}, "write it as .1 and ten digits"),
        ({"translation": "2125550101"}, "write it as .1 and ten digits"),
    ],
)
def test_what_voicetel_cannot_hold_is_refused_before_anything_is_sent(
    carrier, counting, settings, words
):
    holding = there(carrier)
    counting.asked.clear()
    got = carrier.prepare(update({**TOLD, **settings}, holding))

    assert isinstance(got, Refused)
    assert re.search(words, got.reason)
    assert counting.asked == []


# What stands there and is not ours to say.


@pytest.mark.parametrize(
    ("field", "value", "name", "told"),
    [
        ("sms", "unknown:somewhere", "sms", {"unknown": "somewhere"}),
        ("translated", "1001#", "translation", "1001#"),
        ("forward_to", "0441234", "forward", "number:0441234"),
        ("campaign", "COTHER1", "campaign", "campaign:COTHER1"),
    ],
)
def test_what_has_no_word_of_ours_shows_as_it_is(app, path, carrier, field, value, name, told):
    with app.store.transaction():
        add_campaign(app.store, "COTHER1")
    poke(path, E164, field, value)
    if field == "sms":
        change(app, bulk_tells_resource=False)

    assert there(carrier).spec[name] == told
    assert isinstance(set_to(carrier), Done)
    assert there(carrier).spec == TOLD
