"""What every carrier's connector keeps, whichever carrier it is."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from reconciler.model.act import PARTINGS, Action
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import CarrierAct, Done, Prepared, Refused
from tests.conformance.carriers import CANARY, CARRIERS, KIND, NAME, SORTS

LEAVES = [(name, each) for name, sort in SORTS.items() for each in sorted(sort.removals)]
"""Each way in which a number leaves an account."""


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


# What it declares.


def test_what_it_declares_hangs_together(world):
    can = world.carrier.capabilities

    assert "connector" in can.with_order <= can.fields
    full = {f"{kind}.{name}" for kind, fields in can.others.items() for name in fields}
    assert can.write_only <= (can.fields | full) - {"connector"}
    for kind, fields in can.others.items():
        assert can.never_told(kind) <= fields - {"connector"}
    assert can.unlisted | can.seldom | can.makes_anew <= can.others.keys()
    assert "settings" in can.tells or not can.seldom
    assert can.rewrites <= can.others.keys()
    assert can.rewrites == world.sort.otherwise.keys()
    assert can.settle_seconds > 0
    assert can.comes_with.keys() <= can.fields - can.with_order - can.lasting


def test_an_account_is_the_same_one_in_every_process(world):
    assert world.carrier.account() == world.again().account() == world.carrier.observe().account


# The life of a number.


def test_an_empty_account_is_empty(world):
    listing = world.carrier.observe()

    assert (listing.holdings, listing.odd) == ({}, ())
    assert listing.observed_at.endswith("Z")


def test_an_order_is_done_listed_and_charged_once(world):
    done = world.do(world.order())

    assert isinstance(done, Done)
    assert world.charged() == [world.e164]
    there = world.there()
    assert there.connector == NAME
    assert {n: there.spec[n] for n in world.ordered()} == world.ordered()
    unasked = {n: v for n, v in there.spec.items() if n not in world.ordered()}
    stays = KIND.as_it_runs(unasked, {})  # where git is silent it is as the carrier made it
    assert unasked == {**stays, **world.carrier.capabilities.comes_with}
    assert done.acquired_at == there.acquired_at
    if world.carrier.capabilities.deletes_by_id:
        assert done.external_id == there.external_id != ""


def test_what_is_observed_is_the_same_from_another_process(world):
    world.bought()

    assert world.again().observe().holdings == world.carrier.observe().holdings


@pytest.mark.parametrize(("world", "way"), LEAVES, indirect=["world"], ids=str)
def test_a_number_that_has_left_is_gone_and_nothing_else_is(world, way):
    world.bought()
    for e164 in world.sort.numbers[1:]:
        world.do(world.order(e164))

    assert isinstance(world.do(world.leaves(way)), Done)

    assert set(world.carrier.observe().holdings) == set(world.sort.numbers[1:])
    assert len(world.charged()) == len(world.sort.numbers)


def test_reading_costs_nothing_and_changes_nothing(world):
    world.bought()
    before = world.desk.books(world.path)

    world.carrier.observe()
    world.carrier.stock(world.sort.numbers)
    world.carrier.price(world.e164)
    world.carrier.prepare(world.release())

    assert world.desk.books(world.path) == before


# Refused before anything is sent.


def test_a_number_that_it_can_never_have_is_refused(world):
    spec = {"connector": NAME}
    held = Holding(NAME, "1", spec=spec)
    for act in (
        CarrierAct(Action.ORDER, world.sort.foreign, spec),
        CarrierAct(Action.UPDATE, world.sort.foreign, spec, held),
        CarrierAct(Action.RELEASE, world.sort.foreign, None, held),
    ):
        assert world.sort.foreign in world.refused(act).reason


def test_a_field_that_it_does_not_hold_is_refused_by_name(world):
    world.bought()
    foreign = world.ordered() | {"colour": "red"}

    assert "colour" in world.refused(CarrierAct(Action.ORDER, world.e164, foreign)).reason
    assert "colour" in world.refused(world.change(world.there().spec | {"colour": "red"})).reason


def test_another_connector_is_a_port(world):
    world.bought()

    assert "port" in world.refused(world.change({"connector": "other"})).reason


def test_what_it_cannot_do_to_a_number_is_refused(world):
    world.bought()

    world.refused(CarrierAct(Action.PORT, world.e164, {"connector": NAME}))
    for way in PARTINGS - world.carrier.capabilities.removals:
        assert way.value in world.refused(world.leaves(way)).reason


def test_a_number_moves_to_nothing_that_is_no_account(world):
    world.bought()

    for to in (
        "",
        "99",
        "99/",
        "/4",
        "99/4/1",
        "acme/4",
        "99/4\n",
        "٩٩/٤",
        "-1/4",
        "9" * 30 + "/4",
    ):
        world.refused(replace(world.leaves(Action.MOVE), to=to))


# What is repeated.


def test_a_request_is_the_same_each_time_it_is_prepared(world):
    first, again = (world.carrier.prepare(world.order()) for _ in range(2))

    assert isinstance(first, Prepared)
    assert isinstance(again, Prepared)
    assert first.digest == again.digest
    assert len(first.requests) == 1
    other = world.carrier.prepare(world.order(world.sort.numbers[1]))
    assert isinstance(other, Prepared)
    assert other.digest != first.digest


def test_an_order_is_never_charged_twice_by_what_the_carrier_promises(world):
    prepared = world.carrier.prepare(world.order())
    assert isinstance(prepared, Prepared)
    first = world.carrier.send(prepared, "the-key")

    again = world.carrier.send(prepared, "the-key")

    assert isinstance(first, Done)
    if world.carrier.capabilities.keyed:
        assert again == first
    elif world.carrier.capabilities.natural_key:
        assert not isinstance(again, Done)
    assert world.charged() == [world.e164]


def test_a_release_names_the_number_that_was_meant(world):
    world.bought()
    act = world.release()
    prepared = world.carrier.prepare(act)
    assert isinstance(prepared, Prepared)
    assert len(prepared.requests) == 1
    world.send(prepared)
    if not world.carrier.capabilities.deletes_by_id:
        assert not isinstance(world.send(prepared), Done)
        return
    world.do(world.order())

    assert isinstance(world.carrier.prepare(act), Refused)
    assert not isinstance(world.send(prepared), Done)
    assert world.e164 in world.carrier.observe().holdings


# Odd answers.


def test_rows_that_are_odd_hide_nobody(world):
    for e164 in world.sort.numbers:
        world.do(world.order(e164))
    world.switch(world.sort.odd, value=True)

    listing = world.carrier.observe()

    assert set(listing.holdings) == set(world.sort.numbers)
    assert listing.odd
    assert not any("\x1b" in told for told in listing.odd)


def test_stock_is_said_of_every_number_that_is_asked_for(world):
    asked = (*world.sort.numbers, world.sort.foreign)

    said = world.carrier.stock(asked)

    assert set(said) == set(asked)
    assert said[world.sort.foreign] is Stock.ABSENT
    certain = {Stock.OFFERED} if world.carrier.capabilities.tells_stock else set(Stock)
    assert {said[e164] for e164 in world.sort.numbers} <= certain - {Stock.ABSENT}


def test_credentials_are_in_nothing_that_can_be_printed(world):
    prepared = world.carrier.prepare(world.order())
    told = [repr(world.carrier), str(vars(world.carrier)), repr(prepared), world.carrier.account()]
    told += [repr(world.send(prepared)), repr(world.carrier.observe())]

    assert CANARY not in "".join(told)
    with pytest.raises(TypeError):
        pickle.dumps(world.carrier)
