"""The address for 999: given whole, read back as it is compared, never wanted by its status."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.carriers.dial9.subscriber import trouble_of, waiting_of
from reconciler.errors import InvalidConfig
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Unknown
from tests.carriers.dial9.world import E164, E164_OTHER, EDITIONS, opened, order

KIND = "emergency_record"
RECORD = {
    "connector": "d9",
    "caller_name": "QUILLFEATHER LEGAL",
    "street": "14 INKHORN LANE",
    "unit": "FLOOR 2",
    "city": "LONDON",
    "postcode": "EC4A 2QL",
    "country": "GB",
}


@pytest.fixture(params=EDITIONS)
def world(request, path, clock):
    with opened(path, clock, request.param) as made:
        made.do(order())
        yield made


def act(world, after=RECORD, action=Action.CREATE, e164=E164):
    there = world.carrier.observe().others[KIND].get(e164)
    return CarrierAct(action, e164, after, there, kind=KIND)


def records(world):
    return {e164: held.spec for e164, held in world.carrier.observe().others[KIND].items()}


def subscriber(world):
    (number,) = world.app.store.numbers()
    return {name: value for name, value in number.subscriber.items() if value is not None}


def test_a_new_number_has_no_record(world):
    assert records(world) == {}


def test_a_record_is_given_whole_and_read_back(world):
    assert isinstance(world.do(act(world)), Done)

    assert records(world) == {E164: RECORD}
    assert subscriber(world) == {
        "name": "QUILLFEATHER LEGAL",
        "address1": "14 INKHORN LANE",
        "address2": "FLOOR 2",
        "address4": "LONDON",
        "postcode": "EC4A 2QL",
    }


def test_what_an_address_has_no_more_of_is_cleared(world):
    world.do(act(world))
    less = {name: value for name, value in RECORD.items() if name != "unit"}

    world.do(act(world, less, Action.UPDATE))

    assert records(world) == {E164: less}


def test_a_record_is_taken_away_by_clearing_it(world):
    world.do(act(world))

    assert isinstance(world.do(act(world, None, Action.DELETE)), Done)

    assert (records(world), subscriber(world)) == ({}, {})
    assert set(world.carrier.observe().holdings) == {E164}


def test_an_address_that_somebody_typed_there_differs_in_nothing_but_its_words(world):
    typed = {"first_name": "Quillfeather", "name": "Legal", "address1": "14 Inkhorn Lane,"}
    typed |= {"address2": "Floor 2", "address4": "London", "postcode": "ec4a2ql"}
    (number,) = world.app.store.numbers()
    with world.app.store.transaction():
        world.app.store.save(replace(number, subscriber={**number.subscriber, **typed}), "typed")

    assert records(world) == {E164: RECORD}


@pytest.mark.parametrize("seconds", [0, 60])
def test_its_status_makes_no_difference_while_it_is_well(world, clock, seconds):
    world.do(act(world))
    clock.sleep(seconds)

    listing = world.carrier.observe()

    record = listing.others[KIND][E164]
    assert listing.odd == ()
    assert record.spec == RECORD
    assert record.waiting == ("" if seconds else "Dial 9 validates the address")


def word_of(world, clock, word):
    """The record of an address whose validation ended in a word."""
    world.change(validated=word)
    world.do(act(world))
    clock.sleep(60)
    listing = world.carrier.observe()
    assert listing.odd == ()
    return listing, listing.others[KIND][E164]


def test_an_address_that_was_not_taken_is_told(world, clock):
    world.fault("address-refused")
    world.do(act(world))
    assert world.carrier.observe().troubles == ()
    clock.sleep(60)

    listing = world.carrier.observe()
    assert listing.troubles == (
        f"Dial 9 did not take the address of {E164}: its status is failed.",
    )
    assert listing.odd == ()


@pytest.mark.parametrize("word", ["validated", "Validated", "valid"])
def test_a_word_that_is_known_to_be_good_is_believed(world, clock, word):
    _, record = word_of(world, clock, word)

    assert (record.trouble, record.waiting) == ("", "")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("unknown", "has not validated the address: its status is unknown"),
        ("Unknown", "its status is Unknown"),
        (" ", "does not say whether"),
        ("pending", "validates the address"),
        ("pending_validation", "validates the address"),
        ("Pending review", "validates the address"),
    ],
)
def test_an_address_of_which_nothing_is_known_yet_waits(world, clock, word, says):
    _, record = word_of(world, clock, word)

    assert says in record.waiting
    assert record.trouble == ""


@pytest.mark.parametrize(
    "word",
    [
        *("Awaiting push", "expired", "unmatched", "unverified", "not_found", "invalid", "ok", "✓"),
        *("pending: failed", "in the book"),
    ],
)
def test_a_word_that_nobody_documented_is_trouble_and_told_as_it_is(world, clock, word):
    listing, record = word_of(world, clock, word)

    assert word in record.trouble
    assert listing.troubles == (record.trouble,)
    assert record.waiting == ""


@pytest.mark.parametrize(
    ("status", "waits", "trouble"),
    [
        ({}, True, ""),
        ({"status": None}, True, ""),
        ({"status": 3}, False, '"3"'),
        ({"status": True}, False, '"true"'),
        ({"status": {"code": 7}}, False, '"{"code":7}"'),
    ],
    ids=str,
)
def test_a_status_that_is_no_word_is_never_taken_for_a_good_one(status, waits, trouble):
    row = {"aquisition": {"subscriber": {"name": "Acme", **status}}}

    assert bool(waiting_of(row)) is waits
    assert trouble in trouble_of(row, E164)
    assert bool(trouble_of(row, E164)) is not waits


def test_what_a_status_says_is_printed_safely_and_never_at_the_cost_of_the_rest(world, clock):
    _, record = word_of(world, clock, "od\x1b[31md" * 200)

    assert "\x1b" not in record.trouble
    assert record.trouble.endswith("`validated_as`.")


def test_a_connector_may_name_what_its_account_says_of_a_good_address(path, clock):
    with opened(path, clock, "telcom", validated_as=["In the book"]) as world:
        world.do(order())

        assert word_of(world, clock, "in_the_book")[1].trouble == ""
        assert word_of(world, clock, "in the bin")[1].trouble != ""


@pytest.mark.parametrize("word", ["unknown", "Validation pending", "failed", "-"])
def test_a_connector_cannot_call_good_what_never_is(path, clock, word):
    with pytest.raises(InvalidConfig, match="no address is good"):
        opened(path, clock, "telcom", validated_as=["validated", word]).__enter__()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"country": "US"}, "has one elsewhere"),
        ({"caller_name": "X" * 51}, "50 characters of a `caller_name`, not 51"),
        ({"street": "X" * 56}, "55 characters of a `street`, not 56"),
        ({"unit": "X" * 61}, "60 characters of a `unit`, not 61"),
        ({"region": "X" * 56}, "55 characters of a `region`, not 56"),
        ({"city": "X" * 80, "unit": "X" * 99}, "`unit`, not 99, 55 characters of a `city`, not 80"),
        ({"caller_name": ""}, "no caller_name"),
        ({"street": "", "city": ""}, "no street and no city"),
        ({"postcode": "EC4A2QL"}, "with one blank, as EC4A 2QL"),
        ({"postcode": "02110"}, "no British postcode"),
        ({"colour": "red"}, "keeps no colour"),
    ],
)
def test_an_address_that_it_cannot_keep_is_refused_unsent(world, changes, says):
    outcome = world.carrier.prepare(act(world, RECORD | changes))

    assert isinstance(outcome, Refused)
    assert says in outcome.reason
    assert subscriber(world) == {}


def test_lines_of_an_address_that_are_as_long_as_they_may_be_are_kept(world):
    longest = {"caller_name": 50, "street": 55, "unit": 60, "region": 55, "city": 55}
    long = RECORD | {name: "X" * most for name, most in longest.items()}

    world.do(act(world, long))

    assert records(world) == {E164: long}


def test_a_number_that_is_not_ours_has_no_address(world):
    outcome = world.carrier.prepare(act(world, e164=E164_OTHER))

    assert isinstance(outcome, Refused)
    assert "not on the Dial 9 account" in outcome.reason


@pytest.mark.parametrize("kind", ["drop", "html", "500"])
def test_what_is_not_answered_is_unknown_and_can_be_given_again(world, kind):
    prepared = world.carrier.prepare(act(world))
    world.fault(kind, path="/api/v2/numbers/update_subscriber", after=True)

    assert isinstance(world.carrier.send(prepared, "op-1"), Unknown)
    assert records(world) == {E164: RECORD}
    assert isinstance(world.carrier.send(prepared, "op-1"), Done)


def test_a_delete_of_what_is_gone_may_be_an_earlier_one_that_worked(world):
    world.do(act(world))
    prepared = world.carrier.prepare(act(world, None, Action.DELETE))
    assert isinstance(prepared, Prepared)
    world.poke("state", "deleted")

    assert isinstance(world.carrier.send(prepared, "op-1"), Unknown)


def test_all_fields_are_named_in_the_request(world):
    prepared = world.carrier.prepare(act(world))

    assert json.loads(prepared.requests[0].body).keys() == {
        *("id", "first_name", "name", "address1", "address2", "address3", "address4", "postcode")
    }
