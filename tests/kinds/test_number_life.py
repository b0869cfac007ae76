"""How a number comes, changes and goes: one row for each line of the design's table."""

from dataclasses import replace

import pytest

from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.kinds.number import Number
from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.supply import (
    NOT_CHECKED,
    Holding,
    NumberState,
    PoolNumber,
    Stock,
    Supply,
)

N = "+12015550144"
SPEC = {"to": "extension/4201", "connector": "voicetel"}
BARE = {"to": "extension/4201"}
CARRIED = {"connector": "voicetel", "handoff": "pbx"}
HELD = Holding("voicetel", "id-1", spec=CARRIED)
QUARANTINED = {"to": "not_in_service", "connector": "voicetel", "state": "quarantined"}


def pool(state, tenant="", **facts):
    return PoolNumber(N, NumberState(state), tenant, **{"connector": "voicetel", **facts})


def supply(**facts):
    return Supply("acme", **{"connector": "voicetel", **facts})


def told(verdict):
    """Make a verdict short: the code of a refusal, or the act and what it risks."""
    match verdict:
        case Refusal():
            assert verdict.detail.endswith(".")
            assert verdict.hint
            return verdict.code
        case Act():
            return verdict.action.value
        case (Act() as act, left):
            return act.action.value, left
        case None:
            return None


ARRIVES = {
    # what is known                                         : number,   carrier_number
    "in the pool, at its connector": (
        supply(pool=pool("available"), holding=HELD, managed=True),
        ("assign", None),
    ),
    "reserved for this tenant": (
        supply(pool=pool("reserved", "acme"), holding=HELD, managed=True),
        ("assign", None),
    ),
    "reserved for another tenant": (
        supply(pool=pool("reserved", "other"), holding=HELD),
        ("TEL410", None),
    ),
    "in the pool, its connector does not hold it": (
        supply(pool=pool("available")),
        ("E414", None),
    ),
    "in the pool, the carrier offers it": (
        supply(pool=pool("available"), stock=Stock.OFFERED),
        ("E414", None),
    ),
    "on our account, unmanaged": (supply(holding=HELD), ("assign", "adopt")),
    "on our account, ours": (supply(holding=HELD, managed=True), ("assign", None)),
    "in the carrier's inventory": (supply(stock=Stock.OFFERED), ("assign", "order")),
    "the carrier cannot say": (supply(stock=Stock.UNSAID), ("assign", "order")),
    "nowhere, for certain": (supply(stock=Stock.ABSENT), (None, "E416")),
    "got once and gone at its carrier, its record too": (
        supply(managed=True, stock=Stock.OFFERED),
        ("E414", None),
    ),
    "released once, offered again": (
        supply(pool=pool("released"), stock=Stock.OFFERED),
        ("assign", "order"),
    ),
    "assigned to another tenant": (
        supply(pool=pool("assigned", "other"), holding=HELD),
        ("TEL410", None),
    ),
    "quarantined at another tenant": (
        supply(pool=pool("quarantined", "other"), holding=HELD),
        ("TEL410", None),
    ),
    "at another connector": (supply(holding=Holding("dial9")), ("E412", "E412")),
    "in the pool at another connector": (
        supply(pool=pool("available", connector="dial9")),
        ("E412", None),
    ),
    "quarantined here": (
        supply(pool=pool("quarantined", "acme"), holding=HELD, managed=True),
        ("assign", None),
    ),
    "an order is open": (supply(pool=pool("ordered", "acme")), ("E415", None)),
    "in a port": (supply(holding=replace(HELD, frozen="port open")), ("TEL411", "TEL411")),
    "not checked": (supply(checked=False), (NOT_CHECKED, NOT_CHECKED)),
    "nothing known": (None, (NOT_CHECKED, NOT_CHECKED)),
}


@pytest.mark.parametrize("case", ARRIVES.values(), ids=ARRIVES)
def test_a_number_in_yaml(case):
    known, expected = case

    found = Number.arrives(N, SPEC, known), CarrierNumber.arrives(N, CARRIED, known)

    assert tuple(map(told, found)) == expected


def test_only_an_order_is_paid_and_it_cannot_be_undone():
    order = CarrierNumber.arrives(N, CARRIED, supply(stock=Stock.OFFERED))
    adopt = CarrierNumber.arrives(N, CARRIED, supply(holding=HELD))

    assert (order.charge, order.reversibility) == (Charge.PAID, Reversibility.IRREVERSIBLE)
    assert (adopt.charge, adopt.remote) == (Charge.FREE, False)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (supply(pool=pool("available", connector=""), connector=""), "assign"),
        (supply(pool=None, connector=""), "E413"),
        (supply(pool=pool("released"), connector=""), "E413"),
    ],
)
def test_a_number_without_a_connector_comes_from_the_pool_only(known, expected):
    assert told(Number.arrives(N, BARE, known)) == expected


STAYS = ("update", CARRIED)
"""At its carrier it is put back to what was left there, should it differ."""

LEAVES = {
    # what is there and known                      : number,   carrier_number
    "assigned": (
        SPEC,
        supply(pool=pool("assigned", "acme"), holding=HELD, managed=True),
        (("quarantine", "not_in_service"), STAYS),
    ),
    "protected": (
        SPEC,
        supply(pool=pool("assigned", "acme", protect=True), holding=HELD),
        ("TEL412", STAYS),
    ),
    "protected at apply only": (
        {**SPEC, "protect": True},
        supply(pool=pool("assigned", "acme"), holding=HELD),
        ("TEL412", STAYS),
    ),
    "quarantined, not due": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme"), holding=HELD),
        (("update", "not_in_service"), STAYS),
    ),
    "quarantined and due": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme"), holding=HELD, due=True),
        (("release", None), ("release", None)),
    ),
    "due, protected meanwhile": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme", protect=True), holding=HELD, due=True),
        ("TEL412", STAYS),
    ),
    "due, in a port": (
        QUARANTINED,
        supply(
            pool=pool("quarantined", "acme"), holding=replace(HELD, frozen="port open"), due=True
        ),
        ("TEL411", STAYS),
    ),
    "the record alone says that it is in quarantine": (
        SPEC,
        supply(pool=pool("quarantined", "acme"), holding=HELD, due=True),
        (("quarantine", "not_in_service"), ("release", None)),
    ),
    "its record says no more that it is in quarantine": (
        QUARANTINED,
        supply(pool=pool("assigned", "acme"), holding=HELD, due=True),
        (("quarantine", "not_in_service"), STAYS),
    ),
    "its record is gone": (
        QUARANTINED,
        supply(holding=HELD, due=True),
        (("quarantine", "not_in_service"), None),
    ),
    "due, not checked": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme"), checked=False, due=True),
        (NOT_CHECKED, None),
    ),
    "another tenant has it by now": (
        SPEC,
        supply(pool=pool("assigned", "other"), holding=HELD, due=True),
        ("TEL410", STAYS),
    ),
    "due, quarantined at another tenant": (
        QUARANTINED,
        supply(pool=pool("quarantined", "other"), holding=HELD, due=True),
        ("TEL410", STAYS),
    ),
    "due, found at another connector": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme"), holding=Holding("dial9"), due=True),
        ("E412", STAYS),
    ),
    "due, the carrier does not hold it any more": (
        QUARANTINED,
        supply(pool=pool("quarantined", "acme"), due=True),
        (("release", None), None),
    ),
    "due says the planner, assigned says the pool": (
        SPEC,
        supply(pool=pool("assigned", "acme"), holding=HELD, due=True),
        (("quarantine", "not_in_service"), STAYS),
    ),
    "nothing known": (SPEC, None, (NOT_CHECKED, None)),
}


@pytest.mark.parametrize("case", LEAVES.values(), ids=LEAVES)
def test_a_number_gone_from_yaml(case):
    spec, known, expected = case

    def short(verdict):
        found = told(verdict)
        if isinstance(found, tuple):
            return found[0], found[1] and found[1].get("to", found[1])
        return found

    number = short(Number.leaves(N, spec, known))
    at_carrier = short(CarrierNumber.leaves(N, CARRIED, known))

    assert (number, at_carrier) == expected


def test_a_release_cannot_be_undone():
    due = supply(pool=pool("quarantined", "acme"), holding=HELD, due=True)

    acts = Number.leaves(N, QUARANTINED, due)[0], CarrierNumber.leaves(N, CARRIED, due)[0]

    assert {act.reversibility for act in acts} == {Reversibility.IRREVERSIBLE}


def test_a_quarantined_number_says_the_tenants_intercept_and_stays_where_it_is():
    known = supply(pool=pool("assigned", "acme"), holding=HELD, intercept="audio/retired")

    act, left = Number.leaves(N, {**SPEC, "location": "hq", "closed": None}, known)

    assert act.reversibility is Reversibility.REVERSIBLE
    assert left["to"] == "audio/retired"
    assert left["connector"] == "voicetel"
    assert "location" not in left
    assert Number.rests_on(N, SPEC) == {f"carrier_number/{N}"}
    assert Number.rests_on(N, left) == frozenset()


DIVERTED = {**CARRIED, "cnam": "ACME", "forward": "+12125550101", "campaign": "reminders"}


@pytest.mark.parametrize(
    ("known", "left"),
    [
        (supply(pool=pool("assigned", "acme"), holding=HELD), {**CARRIED, "cnam": "ACME"}),
        (supply(pool=pool("quarantined", "acme"), holding=HELD), {**CARRIED, "cnam": "ACME"}),
        (supply(pool=pool("assigned", "acme", protect=True), holding=HELD), DIVERTED),
        (supply(pool=pool("assigned", "other"), holding=HELD), DIVERTED),
        (supply(pool=pool("assigned", "acme"), holding=replace(HELD, frozen="p")), DIVERTED),
    ],
    ids=["its line has gone", "in quarantine", "protected", "another's", "in a port"],
)
def test_what_goes_into_quarantine_is_diverted_by_nothing(known, left):
    assert CarrierNumber.leaves(N, DIVERTED, known)[1] == left


RECORDED = {**CARRIED, "carrier_record": True, "carrier_caller_id_prefix": "Sales:"}


def test_nothing_more_is_recorded_of_what_is_in_quarantine():
    gone = supply(pool=pool("assigned", "acme"), holding=HELD)
    protected = supply(pool=pool("assigned", "acme", protect=True), holding=HELD)

    act, left = CarrierNumber.leaves(N, RECORDED, gone)

    assert left == {**CARRIED, "carrier_caller_id_prefix": "Sales:"}
    assert act.reason == "in quarantine: its carrier records no more calls"
    assert CarrierNumber.leaves(N, RECORDED, protected)[1] == RECORDED


CHANGES = {
    "a field": (SPEC, {**SPEC, "label": "x"}, pool("assigned", "acme"), "update"),
    "back from quarantine": (QUARANTINED, SPEC, pool("quarantined", "acme"), "assign"),
    "another connector": (SPEC, {**SPEC, "connector": "dial9"}, pool("assigned", "acme"), "E412"),
    "no connector": (SPEC, BARE, pool("assigned", "acme"), "E412"),
    "its record says another tenant": (SPEC, SPEC, pool("assigned", "other"), "update"),
}


@pytest.mark.parametrize("case", CHANGES.values(), ids=CHANGES)
def test_a_number_that_stays(case):
    before, after, record, expected = case

    assert told(Number.changes(N, before, after, supply(pool=record, holding=HELD))) == expected


def test_a_hand_off_changes_in_place_and_a_carrier_does_not():
    known = supply(holding=HELD)
    elsewhere = {**CARRIED, "connector": "dial9"}

    assert told(CarrierNumber.changes(N, CARRIED, {**CARRIED, "handoff": "b"}, known)) == "update"
    assert told(CarrierNumber.changes(N, CARRIED, elsewhere, known)) == "E412"


RECORDS = {
    "assigned": (Action.ASSIGN, SPEC, pool("available"), ("assigned", "acme", "")),
    "back": (Action.ASSIGN, SPEC, pool("quarantined", "acme"), ("assigned", "acme", "")),
    "quarantined": (
        Action.QUARANTINE,
        QUARANTINED,
        pool("assigned", "acme"),
        ("quarantined", "acme", "2026-11-22T00:00:00Z"),
    ),
    "released": (Action.RELEASE, None, pool("quarantined", "acme"), ("released", "", "")),
    "released to the pool": (
        Action.RELEASE,
        None,
        pool("quarantined", "acme", connector=""),
        ("available", "", ""),
    ),
}


@pytest.mark.parametrize("case", RECORDS.values(), ids=RECORDS)
def test_the_record_outlives_the_line(case):
    action, spec, before, expected = case

    after = Number.record(N, action, spec, before, tenant="acme", now="2026-11-22T00:00:00Z")

    assert (after.state.value, after.tenant, after.quarantined_at) == expected


def test_protection_is_copied_to_the_record_and_an_equal_record_is_left_alone():
    spec = {**SPEC, "protect": True, "release_after": "2027-01-01"}
    facts = {"tenant": "acme", "now": "2026-11-22T00:00:00Z"}

    after = Number.record(N, Action.UPDATE, spec, pool("assigned", "acme"), **facts)

    assert (after.protect, after.release_after) == (True, "2027-01-01")
    assert Number.record(N, Action.UPDATE, spec, after, **facts) is None
