"""The crash tests script a carrier of Dial 9's shape: the connector behaves as that one does.

Two differences are meant. Nobody documents what a 429 of Dial 9 means, so it is not taken for
"not processed". And a number that somebody has cannot be acquired, which the scripted carrier
does not rule out: it is the worse of the two.
"""

from __future__ import annotations

import pytest

from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, NotSent, Refused, Unknown
from tests.carriers.dial9.world import E164, EDITIONS, ELSEWHERE, WANTED, opened, order
from tests.crash.simulated import (
    READ_FAULTS,
    SEND_FAULTS,
    SHAPES,
    Account,
    Process,
    ScriptedCarrier,
    VirtualClock,
)

FAULTS = {
    "drop_before": ("drop", {}),
    "drop_after": ("drop", {"after": True}),
    "late": ("slow", {"after": True, "seconds": 31.0}),
    "500_before": ("500", {}),
    "502_after": ("503", {"after": True}),
    "429": ("429", {}),
    "garbage": ("garbage", {}),
    "noeffect": ("no-effect", {}),
    "lost_race": ("lost-race", {}),
    "dup": ("duplicate", {}),
}
READS = {
    "drop_before": ("drop", {"times": 3}),
    "500_before": ("500", {}),
    "garbage": ("garbage", {}),
    "partial": ("truncated", {}),
}
STEPS = {
    Action.ORDER: "acquire",
    Action.UPDATE: "",  # saves in one edition, updates in the other
    Action.RELEASE: "delete",
}


@pytest.fixture(params=EDITIONS)
def world(request, path, clock):
    with opened(path, clock, request.param) as made:
        yield made


def test_every_fault_of_the_scripted_carrier_has_one_of_the_sandbox():
    assert set(FAULTS) == set(SEND_FAULTS) - {"refused"}  # nothing listens: the transport's tests
    assert set(READS) == set(READ_FAULTS) - {"empty", "stale"}  # told, and not believed elsewhere


def test_it_promises_what_the_scripted_carrier_does_and_its_natural_key(world):
    can = world.carrier.capabilities
    scripted = SHAPES["neither"]

    assert (can.natural_key, scripted.natural_key) == (True, False)
    for name in ("keyed", "tells_stock", "deletes_by_id", "with_order", "settle_seconds"):
        assert getattr(can, name) == getattr(scripted, name)


def scripted(fault, action):
    """What the scripted carrier answers, and whether it was carried out."""
    account = Account("neither", VirtualClock(), may_release=frozenset({E164}))
    carrier = ScriptedCarrier(account, Process("p"))
    if action is not Action.ORDER:
        account.hold(E164, WANTED)
    before = account.owned.get(E164)
    after = None if action is Action.RELEASE else {**WANTED, "handoff": ELSEWHERE}
    act = CarrierAct(action, E164, after, before)
    account.faults[1] = fault
    outcome = carrier.send(carrier.prepare(act), "key")
    account.clock.sleep(60)
    return type(outcome), account.owned.get(E164) != before, len(account.charges)


def real(world, fault, action):
    if action is not Action.ORDER:
        world.do(order())
        world.do(world.update(WANTED))
    charged = len(world.charged())
    before = world.carrier.observe().holdings.get(E164)
    act = {
        Action.ORDER: order,
        Action.UPDATE: lambda: world.update({**WANTED, "handoff": ELSEWHERE}),
        Action.RELEASE: world.release,
    }[action]()
    prepared = world.carrier.prepare(act)
    kind, options = FAULTS[fault]
    update = "save" if world.edition == "telcom" else "update"
    if fault != "lost_race" or action is Action.ORDER:  # nobody is faster at what is ours
        world.fault(kind, path=f"/api/v2/numbers/{STEPS[action] or update}", **options)
    outcome = world.carrier.send(prepared, "key")
    after = world.carrier.observe().holdings.get(E164)
    return type(outcome), after != before, len(world.charged()) - charged


@pytest.mark.parametrize("action", STEPS)
@pytest.mark.parametrize("fault", FAULTS)
def test_an_act_that_meets_a_fault_ends_as_at_the_scripted_carrier(world, fault, action):
    outcome, done, charged = scripted(fault, action)
    got, really, cost = real(world, fault, action)

    if fault == "429":
        assert (outcome, got) == (NotSent, Unknown)
    elif got is NotSent:  # a search result that is gone: another look decides
        assert (world.edition, outcome) == ("connect", Refused)
    else:
        assert got is outcome
    assert (really, cost) == (done, charged)


@pytest.mark.parametrize("fault", READS)
def test_a_list_that_meets_a_fault_ends_as_at_the_scripted_carrier(world, fault):
    account = Account("neither", VirtualClock())
    account.faults[1] = fault
    with pytest.raises(Unavailable):
        ScriptedCarrier(account, Process("p")).observe()

    kind, options = READS[fault]
    world.fault(kind, path="/api/v2/numbers/list", **options)
    with pytest.raises(Unavailable):
        world.carrier.observe()
