"""Updates that stop in the middle, and reads that fail."""

from __future__ import annotations

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.errors import InvalidConfig, Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, NotSent, Refused, Unknown
from reconciler.sandbox.serve import fault, poke
from reconciler.sandbox.store import Fault
from tests.carriers.account import (
    SETTINGS,
    app,
    carrier,
    counting,
    dialect,
    set_to,
    there,
    update,
)
from tests.carriers.says import E164, E164_OTHER, TN, TOLD, do

__all__ = ["app", "carrier", "counting", "dialect"]

# Part of an update.


@pytest.mark.parametrize(
    ("planted", "outcome", "forwarded", "words"),
    [
        (Fault("refuse", status=400), Refused, True, "Set before it: forward"),
        (Fault("refuse", status=404), Refused, True, "Set before it: forward"),
        (Fault("refuse", status=409), Refused, True, "Set before it: forward"),
        (Fault("429"), Refused, True, "Set before it: forward"),
        (Fault("drop"), Unknown, True, "Set before it: forward"),
        (Fault("502"), Unknown, True, "Set before it: forward"),
        (Fault("html"), Unknown, True, "Set before it: forward"),
        (Fault("soft-error"), Unknown, True, "Set before it: forward"),
        (Fault("truncated"), Unknown, True, "Set before it: forward"),
    ],
    ids=str,
)
def test_an_update_that_stops_in_the_middle_says_what_was_set(
    app, path, carrier, planted, outcome, forwarded, words
):
    holding = there(carrier)
    wanted = {"forward": E164_OTHER, "fax_to": "a@b.example", "sms": {"email": "a@b.example"}}
    prepared = carrier.prepare(update({**TOLD, **wanted}, holding))
    changes = {"method": "PUT", "path": f"/v2.2/numbers/{TN}/fax"}
    fault(path, Fault(planted.kind, **changes, status=planted.status))
    got = carrier.send(prepared, "op-1")

    assert isinstance(got, outcome), got
    assert got.reason.endswith(f"{words}.")
    spec = there(carrier).spec
    assert ("forward" in spec) == forwarded
    assert "sms" not in spec
    assert isinstance(carrier.send(prepared, "op-1"), Done)
    assert there(carrier).spec == {**TOLD, **wanted}


@pytest.mark.parametrize(
    ("planted", "outcome"), [(Fault("429"), NotSent), (Fault("refuse"), Refused)], ids=str
)
def test_an_update_that_stops_at_its_first_request_set_nothing(
    app, path, carrier, planted, outcome
):
    prepared = carrier.prepare(update({**TOLD, "forward": E164_OTHER}, there(carrier)))
    fault(path, planted)
    got = carrier.send(prepared, "op-1")

    assert isinstance(got, outcome)
    assert "Set before" not in got.reason
    assert there(carrier).spec == TOLD


def test_taking_away_what_is_gone_already_is_unknown(app, path, carrier):
    set_to(carrier, fax_to="a@b.example")
    holding = there(carrier)
    poke(path, E164, "fax", "")

    assert isinstance(do(carrier, update(TOLD, holding)), Unknown)
    assert there(carrier).spec == TOLD


@pytest.mark.parametrize("kind", ["no-effect", "duplicate"])
def test_a_setting_that_is_not_kept_or_set_twice_shows_when_it_is_read(app, path, carrier, kind):
    prepared = carrier.prepare(update({**TOLD, "fax_to": "a@b.example"}, there(carrier)))
    fault(path, Fault(kind, "PUT"))
    assert isinstance(carrier.send(prepared, "op-1"), Done)

    assert ("fax_to" in there(carrier).spec) == (kind == "duplicate")


# One bad answer never hides the others, and no answer is no answer.


@pytest.mark.parametrize("way", ["fax", "sms", "messaging"])
@pytest.mark.parametrize("kind", ["500", "html", "truncated", "429"])
def test_a_detail_that_cannot_be_read_is_no_listing(path, carrier, way, kind):
    set_to(carrier, fax_to="a@b.example", sms={"email": "a@b.example"})
    read = "/v2.2/numbers/messaging" if way == "messaging" else f"/v2.2/numbers/{TN}/{way}"
    fault(path, Fault(kind, "GET", read, times=3))

    with pytest.raises(Unavailable) as caught:
        carrier.observe()
    assert TN not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"campaigns": {"a": {"id": "B123456"}}}, "ids are C and six characters"),
        ({"campaigns": {"a": "CH5K5IZ", "b": {"id": "CH5K5IZ"}}}, "have the same id"),
    ],
)
def test_a_campaign_id_that_is_none_is_a_problem_of_the_section(clock, settings, words):
    with pytest.raises(InvalidConfig, match=words):
        connect(SETTINGS | settings, connector="vt", credentials={}, clock=clock, wsgi_app=print)


def test_a_number_that_nothing_hands_over_is_refused_with_the_next_step(app, clock):
    bare = {name: value for name, value in SETTINGS.items() if name != "numbers"}
    made = connect(bare, connector="vt", credentials={}, clock=clock, wsgi_app=app)
    assert isinstance(do(made, CarrierAct(Action.ORDER, E164, {"connector": "vt"})), Done)
    got = made.prepare(update({"connector": "vt"}, there(made)))

    assert isinstance(got, Refused)
    assert "write `handoff`" in got.reason
