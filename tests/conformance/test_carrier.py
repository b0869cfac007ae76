"""What every carrier's connector keeps, whichever carrier it is."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import pytest

from reconciler.errors import Unavailable
from reconciler.kinds import KINDS
from reconciler.model.act import PARTINGS, Action
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import CarrierAct, Done, NotSent, Prepared, Refused, Unknown, Waiting
from tests.conformance.carriers import CANARY, CARRIERS, KIND, NAME, SORTS

LEAVES = [(name, each) for name, sort in SORTS.items() for each in sorted(sort.removals)]
"""Each way in which a number leaves an account."""

FIELDS = [(name, each) for name, sort in SORTS.items() for each in sorted(sort.first)]
CLEARED = [(name, each) for name, each in FIELDS if each not in SORTS[name].kept]


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


def test_each_field_that_it_declares_is_tested(world):
    assert world.carrier.capabilities.fields - {"connector"} <= world.sort.first.keys()
    assert world.sort.first.keys() == world.sort.second.keys()


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


# Its settings.


@pytest.fixture(params=FIELDS, ids="-".join)
def settled(request, tmp_path):
    """A number that is bought and handed over, and one field of its carrier."""
    carrier, field_name = request.param
    with CARRIERS[carrier](tmp_path) as made:
        if field_name not in made.carrier.capabilities.fields:
            pytest.skip(f"this version of {carrier} does not hold {field_name}")
        yield made, field_name, made.bought()


def test_a_field_is_created_and_changed_and_then_nothing_differs(settled):
    world, name, bare = settled

    for value in (world.sort.first[name], world.sort.second[name], world.sort.first[name]):
        after = bare | {name: value}
        world.set_to(after)
        assert world.in_sync(after)
        if name not in world.carrier.capabilities.write_only:
            assert world.there().spec.get(name) == world.spelt(after).get(name)


@pytest.mark.parametrize("settled", CLEARED, ids="-".join, indirect=True)
def test_a_field_that_git_takes_back_is_cleared(settled):
    world, name, bare = settled
    world.set_to(bare | {name: world.sort.first[name]})

    world.set_to(bare)

    assert world.in_sync(bare)
    assert name not in world.there().spec


def test_setting_what_is_there_changes_nothing(settled):
    world, name, bare = settled
    after = bare | {name: world.sort.first[name]}
    world.set_to(after)
    before = world.there().spec

    world.set_to(after)

    assert world.there().spec == before


def test_all_fields_together_are_set_and_read_back(world):
    bare = world.bought()
    can = world.carrier.capabilities
    for values in (world.sort.first, world.sort.second):
        after = bare | {n: v for n, v in values.items() if n in can.fields}
        world.set_to(after)
        assert world.in_sync(after)


def test_another_number_is_left_alone(world):
    world.bought()
    other = world.sort.numbers[1]
    world.do(world.order(other))
    before = world.there(other)

    world.set_to({"connector": NAME, "handoff": world.sort.second["handoff"]})

    assert world.there(other) == before


# What it holds of a number beside its presence.


def test_each_other_kind_that_it_declares_is_tested(world):
    kept = {k: f for k, f in world.carrier.capabilities.others.items() if not KINDS[k].brings}
    for kind, fields in kept.items():
        thing = world.sort.objects.get(kind)
        values = world.sort.others[kind] if thing is None else thing.values
        assert {"connector"}.union(*values) <= fields
        assert thing is None or {"connector"}.union(*values) == fields


OTHERS = [(name, kind) for name, sort in SORTS.items() for kind in sort.others]


@pytest.fixture(params=OTHERS, ids="-".join)
def kept(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        if kind not in made.carrier.capabilities.others:
            pytest.skip(f"this version of {carrier} keeps no {kind}")
        made.bought()
        yield made, kind


def test_another_kind_is_created_changed_and_deleted_and_then_nothing_differs(kept):
    world, kind = kept
    action = Action.CREATE
    before = world.there()

    for value in world.sort.others[kind]:
        after = {"connector": NAME, **value}
        assert isinstance(world.do(world.other(action, kind, after)), Done | Waiting)
        world.clock.sleep(60)
        assert world.carrier.observe().others[kind][world.e164].spec == after
        action = Action.UPDATE

    assert isinstance(world.do(world.other(Action.DELETE, kind, None)), Done)
    assert world.e164 not in world.carrier.observe().others[kind]
    assert world.there() == before


def test_another_kind_of_a_number_that_is_not_there_is_refused(kept):
    world, kind = kept
    first, _ = world.sort.others[kind]
    missing = world.sort.numbers[2]

    outcome = world.carrier.prepare(
        CarrierAct(Action.CREATE, missing, {"connector": NAME, **first}, kind=kind)
    )

    assert isinstance(outcome, Refused) or not isinstance(world.send(outcome), Done)


# What it writes in a form of its own.

OTHERWISE = [(name, kind) for name, sort in SORTS.items() for kind in sort.otherwise]


@pytest.fixture(params=OTHERWISE, ids="-".join)
def rewritten(request, tmp_path):
    carrier, kind = request.param
    with CARRIERS[carrier](tmp_path) as made:
        made.bought()
        yield made, kind, {"connector": NAME, **made.sort.otherwise[kind]}


def test_what_it_writes_otherwise_is_told_before_and_read_back_so(rewritten):
    world, kind, asked = rewritten
    assert world.carrier.cannot(kind, world.e164, asked) == ""

    form = world.carrier.form(kind, asked)

    assert form != asked
    assert world.carrier.form(kind, form) == world.again().form(kind, form) == form
    assert isinstance(world.do(world.other(Action.CREATE, kind, form)), Done | Waiting)
    world.clock.sleep(60)
    assert world.carrier.observe().others[kind][world.e164].spec == form


def test_what_is_not_in_its_form_is_refused_unsent(rewritten):
    world, kind, asked = rewritten

    world.refused(world.other(Action.CREATE, kind, asked))


def test_a_form_that_cannot_be_asked_for_is_not_guessed(rewritten):
    world, kind, asked = rewritten
    world.fault("500", "form", times=9)

    with pytest.raises(Unavailable):
        world.again().form(kind, asked)


def test_all_else_it_keeps_as_it_is_set(world):
    can = world.carrier.capabilities
    for kind in can.held.keys() - can.rewrites:
        spec = {"connector": NAME, "street": "14 Inkhorn Lane, Suite 4"}
        assert world.carrier.form(kind, spec) == spec
    for kind in can.rewrites:
        for value in world.sort.others[kind]:
            assert world.carrier.form(kind, {"connector": NAME, **value}) == {
                "connector": NAME,
                **value,
            }


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


# Faults. What the outcome is, and what the world is then.

WRITES = [
    *[(kind, False) for kind in ("refuse", "500", "html", "drop", "slow", "no-effect", "429")],
    *[(kind, True) for kind in ("500", "html", "drop", "slow", "truncated", "garbage")],
    ("duplicate", True),
]


def expected(kind):
    """The classes of outcome that a fault may have."""
    return {
        "refuse": Refused,
        "429": (NotSent, Unknown),
        "no-effect": Done,
        "duplicate": (Done, Unknown),
    }.get(kind, Unknown)


def faulty(world, kind, step, act, *, after):
    """Send an act that meets a fault; its outcome."""
    prepared = world.carrier.prepare(act)
    assert isinstance(prepared, Prepared)
    carried_out = kind in {"truncated", "garbage", "duplicate"}
    seconds = {"seconds": 31.0} if kind == "slow" else {}
    world.fault(kind, step, after=after and not carried_out, **seconds)
    return world.send(prepared)


@pytest.mark.parametrize(("kind", "after"), WRITES)
def test_an_order_that_meets_a_fault_is_told_for_what_it_is(world, kind, after):
    done = after or kind == "slow"

    outcome = faulty(world, kind, "order", world.order(), after=after)

    assert isinstance(outcome, expected(kind)), outcome
    assert Counter(world.charged()) == Counter([world.e164] if done else [])
    assert (world.e164 in world.carrier.observe().holdings) == done


@pytest.mark.parametrize(("kind", "after"), WRITES)
def test_an_update_that_meets_a_fault_can_be_repeated(world, kind, after):
    bare = world.bought()
    goal = bare | {"handoff": world.sort.second["handoff"]}
    done = after or kind == "slow"

    outcome = faulty(world, kind, "update", world.change(goal), after=after)

    assert isinstance(outcome, expected(kind)), outcome
    assert (world.there().spec["handoff"] == goal["handoff"]) == done
    world.set_to(goal)
    assert world.in_sync(goal)


@pytest.mark.parametrize(("world", "way"), LEAVES, indirect=["world"], ids=str)
@pytest.mark.parametrize(("kind", "after"), WRITES)
def test_a_number_that_leaves_and_meets_a_fault_is_told_for_what_it_is(world, way, kind, after):
    world.bought()
    done = after or kind == "slow"

    outcome = faulty(world, kind, way.value, world.leaves(way), after=after)

    assert isinstance(outcome, expected(kind)), outcome
    assert (world.e164 in world.carrier.observe().holdings) != done
    assert world.charged() == [world.e164]


def test_a_number_that_somebody_else_was_faster_to_buy_costs_nothing(world):
    outcome = faulty(world, "lost-race", "order", world.order(), after=False)

    assert isinstance(outcome, Refused | NotSent)
    assert world.charged() == []
    assert world.carrier.observe().holdings == {}
