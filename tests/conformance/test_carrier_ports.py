"""Port-ins at any carrier that declares them: submitted once, told for what they are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reconciler.errors import Unavailable
from reconciler.kinds import KINDS
from reconciler.model.supply import Stage
from reconciler.observe import Accounts
from reconciler.protocols import Done, Prepared, Refused
from tests.conformance.carriers import CARRIERS, NAME, PORT_SECRET, SORTS
from tests.conformance.faults import Read, met, of_lists

PORT = KINDS["port"]
PORTING = {name: sort for name, sort in SORTS.items() if sort.port}
FAULTS = [
    (name, fault)
    for name, sort in PORTING.items()
    for fault in of_lists(sort.kind, sort.faults - {"stale"})
]
MONTH = 31 * 86400


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        if "port" not in made.carrier.capabilities.others:
            pytest.skip(f"{request.param} takes no port")
        yield made


@pytest.fixture(params=CARRIERS)
def any_world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


def poked(world, field, value):
    world.desk.poke(world.path, world.sort.port["numbers"][0], field, value)


def submitted(world):
    outcome = world.do(world.submission())
    assert isinstance(outcome, Done), outcome
    return outcome


def test_who_takes_no_port_lists_none(any_world):
    assert any_world.carrier.orders("port") == {}


def test_each_field_of_a_port_can_be_held(world):
    derived = {"order", "letter"}
    assert set(PORT.model_fields) - derived == world.carrier.capabilities.others["port"]
    assert {"connector", "numbers"}.isdisjoint(world.carrier.capabilities.never_told("port"))


def test_a_submission_is_done_listed_and_charged_once_a_number(world):
    done = submitted(world)

    numbers = world.sort.port["numbers"]
    assert sorted(world.charged()) == numbers
    port = world.port()
    assert (port.external_id, port.stage) == (done.external_id, Stage.OPEN)
    assert port.spec == {"connector": NAME, "numbers": numbers}
    assert port.progress.status
    assert port.progress.date == ""
    assert datetime.fromisoformat(port.progress.since) == world.clock.now()
    assert "https://" in done.note
    assert PORT.held_as("spring", world.submission().after, world.carrier.orders("port")) == port


def test_orders_are_read_anew_before_one_is_sent_and_once_for_all_plans(world):
    accounts = Accounts({NAME: world.carrier}, None, world.clock)
    assert accounts.orders(NAME, "port") == accounts.held(NAME, PORT, 60.0) == {}
    before = accounts.tick()

    submitted(world)

    assert len(accounts.held(NAME, PORT, 60.0)) == 1
    assert len(accounts.held_after(NAME, PORT, before)) == 1
    world.fault("500", "ports", times=99)
    assert len(accounts.orders(NAME, "port")) == 1


def test_a_port_that_completes_brings_its_numbers_with_what_was_asked(world):
    submitted(world)
    world.clock.sleep(MONTH)

    assert world.port().stage is Stage.OVER
    held = world.carrier.observe().holdings
    for e164 in world.sort.port["numbers"]:
        told = {name: held[e164].spec.get(name) for name in ("handoff", "campaign")}
        assert told == {name: world.sort.port[name] for name in told}
    assert sorted(world.charged()) == world.sort.port["numbers"]


def test_a_port_is_found_again_by_its_id_when_it_is_over(world):
    done = submitted(world)
    world.clock.sleep(MONTH)
    left = PORT.remembered({}, world.submission().after, done.external_id, done.note)

    found = PORT.held_as("spring", left, world.carrier.orders("port"))

    assert found == world.port()
    assert left["letter"] in done.note


def test_an_exception_and_what_comes_after_it_are_told(world):
    submitted(world)
    poked(world, "port", "exception")

    stuck = world.port()
    assert stuck.stage is Stage.STUCK
    assert stuck.progress.message
    poked(world, "port", "resume")
    assert world.port().stage is Stage.OPEN


def test_a_date_that_moves_is_told(world):
    submitted(world)
    day = f"{world.clock.now() + timedelta(days=20):%Y-%m-%d}"
    poked(world, "foc", day)

    assert world.port().progress.date == day


def test_a_port_that_was_called_off_is_told(world):
    submitted(world)
    poked(world, "port", "cancel")

    assert world.port().stage is Stage.DROPPED
    # Another one for the same numbers is another port.
    submitted(world)
    again = PORT.held_as("spring", world.submission().after, world.carrier.orders("port"))
    assert again.stage is Stage.OPEN


def test_a_number_that_cannot_be_ported_is_refused_before_anything_is_sent(world):
    number = world.sort.port["numbers"][1]
    world.switch(world.sort.refusing, [number.removeprefix("+1")])
    act = world.submission()

    said = world.carrier.cannot("port", "spring", act.after)
    refused = world.refused(act)

    assert number in said
    assert number in refused.reason
    assert said in refused.reason
    assert world.carrier.orders("port") == {}


def test_a_submission_is_the_same_each_time_and_tells_no_secret(world):
    first, again = (world.carrier.prepare(world.submission()) for _ in range(2))

    assert isinstance(first, Prepared)
    assert first.digest == again.digest
    assert len(first.requests) == 1
    told = [repr(first), repr(world.carrier), repr(world.send(first)), repr(world.port())]
    assert PORT_SECRET not in "".join(told)


def test_a_check_that_is_too_old_is_refused_and_costs_nothing(world):
    prepared = world.carrier.prepare(world.submission())
    world.clock.sleep(2 * 3600)

    outcome = world.send(prepared)

    assert isinstance(outcome, Refused)
    assert "again" in outcome.reason
    assert world.charged() == []


@pytest.mark.parametrize(("carrier", "fault"), FAULTS, ids=str)
def test_a_list_of_ports_at_any_fault_is_whole_or_unavailable(tmp_path, carrier, fault):
    with CARRIERS[carrier](tmp_path) as world:
        submitted(world)
        before = world.again().orders("port")
        world.fault(fault, "ports", times=99)
        read = met(world.sort.kind, fault).read

        if read is Read.BROKEN:
            with pytest.raises(Unavailable):
                world.carrier.orders("port")
        elif read is Read.WHOLE:
            assert world.carrier.orders("port") == before
        assert world.carrier.observe().holdings == {}


def test_a_check_that_cannot_be_made_submits_nothing(world):
    world.fault("502", "portable", times=99)

    assert world.carrier.cannot("port", "spring", world.submission().after) == ""
    with pytest.raises(Unavailable):
        world.carrier.prepare(world.submission())
    assert world.charged() == []


def test_a_secret_that_the_carrier_repeats_is_not_told(world):
    act = world.submission()
    secret = act.secrets["losing_carrier.account"].reveal()
    world.fault("refuse", "port", message=f"Account {secret} is not known")

    outcome = world.do(act)

    assert isinstance(outcome, Refused)
    assert "***" in outcome.reason
    assert secret not in outcome.reason
