"""Internal numbers on the wire: what is asked for exactly, and what an answer to it proves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.carriers.dial9 import connect
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Unknown
from reconciler.sandbox.dial9.numbers import internal
from tests.carriers.dial9.world import E164, HANDOFF, Answers, opened, order, section, speaking

KIND = "internal_number"
SPEC = {"connector": "d9", "handoff": HANDOFF, "pass_caller_id": True}
DECLARED = {"0100": {"handoff": HANDOFF}}
CREATE = {"telcom": "numbers/save", "connect": "internal_numbers/create"}


@pytest.fixture(params=["telcom", "connect"])
def unit(request, path, clock):
    with opened(path, clock, request.param, internal_numbers=DECLARED) as world:
        yield world


def act(action, after=SPEC, digits="0100", holding=None):
    return CarrierAct(action, digits, after, holding, kind=KIND)


def held(world):
    return world.carrier.observe().others[KIND]


def made(world, **more):
    outcome = world.do(act(Action.CREATE, SPEC | more))
    assert isinstance(outcome, Done), outcome
    return held(world)["0100"]


def by_hand(world, digits="0100"):
    with world.app.store.transaction():
        return internal(world.app.store, digits)


def sent(prepared):
    assert isinstance(prepared, Prepared), prepared
    (request,) = prepared.requests
    return request.path.removeprefix("/"), json.loads(request.body)


def test_a_making_says_all_that_it_sets_and_never_asks_for_a_public_number(unit):
    action, content = sent(unit.carrier.prepare(act(Action.CREATE)))

    shared = {"number": "0100", "destination_type": "Extension", "destination_id": 2903}
    assert action == CREATE[unit.edition]
    assert (
        content
        == {
            "telcom": shared
            | {"context": "utility", "callerid_passthrough": True, "recording_enabled": False},
            "connect": shared | {"caller_id_passthrough": True},
        }[unit.edition]
    )
    assert unit.charged() == []


def test_a_change_names_the_id_in_its_editions_type_and_clears_what_went(unit):
    there = made(unit, caller_id_prefix="Int:")

    action, content = sent(unit.carrier.prepare(act(Action.UPDATE, holding=there)))

    shared = {"destination_type": "Extension", "destination_id": 2903, "caller_id_prefix": None}
    own = {
        "telcom": {"id": 4243, "callerid_passthrough": True, "recording_enabled": False},
        "connect": {"id": "4243", "caller_id_passthrough": True, "name": None},
    }
    assert action == {"telcom": "numbers/save", "connect": "internal_numbers/update"}[unit.edition]
    assert content == shared | own[unit.edition]


def test_a_unit_that_is_named_is_asked_for(path, clock):
    with opened(path, clock, "connect", internal_numbers=DECLARED, unit=7) as world:
        world.change(unit_id=7)
        world.carrier.observe()

        assert sent(world.carrier.prepare(act(Action.CREATE)))[1]["unit_id"] == 7
        assert isinstance(world.do(act(Action.CREATE)), Done)


def test_digits_stay_as_they_are(unit):
    for digits in ("0100", "5001", "03301222"):
        assert isinstance(unit.do(act(Action.CREATE, digits=digits)), Done)

    assert {n.number for n in unit.app.store.numbers()} == {"0100", "5001", "03301222"}
    assert unit.carrier.observe().holdings == {}


@pytest.mark.parametrize("digits", ["+442079460100", "02079460100", "*55", "1", "01 00"])
def test_what_is_no_internal_number_is_refused_unsent(unit, digits):
    assert isinstance(unit.carrier.prepare(act(Action.CREATE, digits=digits)), Refused)
    assert unit.app.store.numbers() == ()


@pytest.mark.parametrize(
    ("action", "after", "words"),
    [
        (Action.CREATE, SPEC | {"cnam": "X"}, "cannot hold cnam"),
        (Action.CREATE, {"connector": "d9"}, "leads nowhere"),
        (Action.CREATE, SPEC | {"handoff": "pbx"}, "no gateway"),
        (Action.UPDATE, SPEC, "told no id"),
        (Action.RELEASE, None, "no way to release"),
    ],
)
def test_what_cannot_be_done_is_refused_unsent(unit, action, after, words):
    outcome = unit.carrier.prepare(act(action, after))

    assert isinstance(outcome, Refused)
    assert words in outcome.reason


@pytest.mark.parametrize(
    ("kind", "after", "outcome"),
    [
        ("refuse", False, Refused),
        ("denied", False, Refused),
        *[
            (kind, after, Unknown)
            for kind in ("plain-error", "unknown-code", "unknown-status", "301")
            for after in (False, True)
        ],
    ],
)
def test_a_making_that_meets_a_fault(unit, kind, after, outcome):
    prepared = unit.carrier.prepare(act(Action.CREATE))
    unit.fault(kind, path=f"/api/v2/{CREATE[unit.edition]}", after=after)

    assert isinstance(unit.carrier.send(prepared, "op-1"), outcome)
    assert len(unit.app.store.numbers()) == after


def answer(**row):
    data = {"id": 9, "number": "0100", "context": "utility", **row}
    body = {"status": "success", "time": 0.1, "flags": {}, "data": data}
    return 200, json.dumps(body).encode(), "application/json"


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({}, Done),
        ({"destination": None}, Done),
        ({"number": "0101"}, Unknown),
        ({"id": None}, Unknown),
        ({"context": "incoming"}, Unknown),
        ({"destination": {"type": "Menu", "object": {"id": 1}}}, Unknown),
    ],
    ids=str,
)
def test_only_an_answer_about_this_number_proves_anything(clock, row, outcome):
    look_up = b'{"status":"success","data":[{"id":2903,"name":"pbx-trunk"}]}'
    app = Answers(save=answer(**row), list=(200, look_up, "application/json"))
    carrier = speaking(app, clock)

    got = carrier.send(carrier.prepare(act(Action.CREATE)), "op-1")

    assert isinstance(got, outcome)


def test_one_odd_row_hides_no_other(path, clock):
    with opened(path, clock, "connect", internal_numbers=DECLARED) as world:
        made(world)
        world.change(odd_rows=True)

        listing = world.carrier.observe()

        assert set(listing.others[KIND]) == {"0100"}
        assert len([odd for odd in listing.odd if "internal numbers" in odd]) == 2
        assert "\x1b" not in "".join(listing.odd)


def test_of_two_with_the_same_digits_the_older_one_is_ours(unit):
    unit.change(utility_twice=True, utility_listed=True)
    first, second = by_hand(unit), by_hand(unit)

    found = held(unit)

    assert {name: one.external_id for name, one in found.items()} == {
        "0100": str(first.id),
        f"0100-{second.id}": str(second.id),
    }


def test_what_is_dialled_there_for_a_function_is_no_internal_number(unit):
    unit.carrier.observe()
    unit.carrier._codes = {"0100": "Voicemail", "*30*{number}": "Page", "02{number}": "Send"}

    assert "answers 0100 itself (Voicemail)" in unit.carrier.cannot(KIND, "0100", SPEC)
    assert "answers 02{number} itself" in unit.carrier.cannot(KIND, "0211", SPEC)
    assert unit.carrier.cannot(KIND, "0300", SPEC) == ""


def test_a_look_up_that_cannot_be_made_is_no_reason(unit):
    unit.carrier.observe()
    unit.fault("500", path="/api/v2/menus/list", times=9)
    wanted = SPEC | {"handoff": {"type": "Menu", "name": "Main Menu"}}

    assert unit.carrier.cannot(KIND, "0100", wanted) == ""


# The list, and what is asked for by its id.


class Counted:
    """The sandbox, with each action that it was asked for."""

    def __init__(self, app):
        self.app = app
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"].removeprefix("/api/v2/"))
        return self.app(environ, start_response)


def test_the_newer_edition_reads_its_list_once_for_settings_and_names(path, clock):
    with opened(path, clock, "connect", internal_numbers=DECLARED) as world:
        made(world, name="Desk")
        world.do(order())
        inner = {"type": "InternalNumber", "name": "Desk"}
        world.do(world.update({"connector": "d9", "handoff": inner, "pass_caller_id": True}))
        counted = Counted(world.app)
        settings = section("connect", internal_numbers=DECLARED)
        other = connect(settings, connector="d9", credentials={}, clock=clock, wsgi_app=counted)

        listing = other.observe()

        assert counted.asked.count("internal_numbers/list") == 1
        assert listing.holdings[E164].spec["handoff"] == inner
        assert listing.others[KIND]["0100"].spec == SPEC | {"name": "Desk"}
        missing = SPEC | {"handoff": {"type": "Menu", "name": "nobody"}}
        before = len(counted.asked)
        for digits in ("0100", "0200", "0300"):
            assert "there is no Menu" in other.cannot(KIND, digits, missing)
        assert counted.asked[before:] == ["menus/list"]
        other.close()


def test_what_the_older_editions_list_lacks_is_asked_for_by_its_id(path, clock):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        there = made(world)
        assert there == Holding("d9", "4243", spec=SPEC)

        left = {KIND: {"0100": SPEC | {"id": "4243"}}}
        with opened(path, clock, "telcom", left=left) as later:
            assert held(later) == {"0100": there}
        with opened(path, clock, "telcom", made={KIND: {"0100": "4243"}}) as later:
            assert held(later) == {"0100": there}
        with opened(path, clock, "telcom", internal_numbers=DECLARED) as stranger:
            assert held(stranger) == {}


@pytest.mark.parametrize("style", ["", "not-found"])
def test_one_that_is_gone_is_not_believed_to_be_there(path, clock, style):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        world.change(unknown_id=style)
        there = made(world)
        assert isinstance(world.do(act(Action.DELETE, None, holding=there)), Done)

        assert held(world) == {}
        assert [n.number for n in world.app.store.numbers("deleted")] == ["0100"]


def test_an_id_with_other_digits_by_now_is_not_ours(path, clock):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        made(world)
        (number,) = world.app.store.numbers()
        with world.app.store.transaction():
            world.app.store.save(replace(number, number="0200"), "now")

        assert held(world) == {}


def test_an_id_that_is_something_else_by_now_is_neither_ours_nor_deleted(path, clock):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        there = made(world)
        (number,) = world.app.store.numbers()
        with world.app.store.transaction():
            world.app.store.save(replace(number, number="02079460100", context="incoming"), "now")

        assert held(world) == {}
        refused = world.carrier.prepare(act(Action.DELETE, None, holding=there))
        assert isinstance(refused, Refused)
        assert refused.moved
        assert set(world.carrier.observe().holdings) == {E164}


@pytest.mark.parametrize("kind", ["500", "html", "truncated", "denied", "refuse"])
def test_an_id_that_cannot_be_asked_for_is_no_proof_that_it_is_gone(path, clock, kind):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        made(world)
        world.fault(kind, path="/api/v2/numbers/info", times=9)

        with pytest.raises(Unavailable):
            world.carrier.observe()


def test_a_removal_whose_answer_was_lost_may_have_worked(path, clock):
    with opened(path, clock, "telcom", internal_numbers=DECLARED) as world:
        there = made(world)
        prepared = world.carrier.prepare(act(Action.DELETE, None, holding=there))
        world.fault("drop", path="/api/v2/numbers/delete", after=True)

        assert isinstance(world.carrier.send(prepared, "op-1"), Unknown)
        assert isinstance(world.carrier.send(prepared, "op-1"), Unknown)
        assert held(world) == {}


def test_the_newer_edition_removes_none(path, clock):
    with opened(path, clock, "connect", internal_numbers=DECLARED) as world:
        there = made(world)

        assert isinstance(world.carrier.prepare(act(Action.DELETE, None, holding=there)), Refused)
        assert world.carrier.capabilities.permanent == {KIND}
