"""Limits: under, at and above each; what lets them pass, and for how much."""

from decimal import Decimal

import pytest

from reconciler.engine.guard import Limits, Share, limit_gates
from reconciler.engine.plan import Cost, FieldDifference, Operation, Precondition
from reconciler.model.act import Action, Cause, Charge, Reversibility


def operations(count, action, kind="ring_group", **more):
    return [
        Operation(
            id=f"op-{n}",
            tenant="acme",
            address=f"acme/{kind}/{n}",
            kind=kind,
            entry=f"acme/{kind}/{n}",
            action=action,
            home="platform",
            reversibility=Reversibility.REVERSIBLE,
            charge=more.get("charge", Charge.FREE),
            cause=Cause.CONFIG,
            reason="test",
            precondition=more.get("precondition", Precondition(fingerprint="")),
            changes=more.get("changes", ()),
            cost=more.get("cost", Cost()),
            approval=more.get("approval", ""),
        )
        for n in range(count)
    ]


def deletes(count):
    return operations(count, Action.DELETE)


def quarantines(count):
    return operations(count, Action.QUARANTINE, "number")


def reroutes(count, action=Action.UPDATE, path="/to", *, record=True):
    return operations(
        count,
        action,
        "number",
        precondition=Precondition(fingerprint="", record={"state": "assigned"} if record else None),
        changes=(FieldDifference(path=path, op="replace", cause=Cause.CONFIG),),
    )


def orders(count, monthly, currency="USD", **more):
    cost = Cost(state="priced", currency=currency, monthly=Decimal(monthly))
    return operations(count, Action.ORDER, "carrier_number", charge=Charge.PAID, cost=cost, **more)


def unpriced(count):
    return operations(
        count, Action.ORDER, "carrier_number", charge=Charge.PAID, cost=Cost(state="unknown")
    )


GROUPS = {"ring_group": 9}
MANY = {"ring_group": 10, "number": 10}
MONEY = {"USD": Decimal("10.00")}

CASES = {
    # what is planned, how many there are, limits, the gate's planned and allowed
    "at the count of deletes": (deletes(3), GROUPS, Limits(deletes=Share(3)), None),
    "above the count of deletes": (deletes(4), GROUPS, Limits(deletes=Share(3)), ("4", "3")),
    "nine of nine are under no percentage": (
        deletes(9), GROUPS, Limits(deletes=Share(None, 20)), None,
    ),
    "from ten on at the percentage": (deletes(2), MANY, Limits(deletes=Share(None, 20)), None),
    "from ten on above the percentage": (
        deletes(3), MANY, Limits(deletes=Share(None, 20)), ("3", "20 % of 10"),
    ),
    "the count stops what the percentage lets pass": (
        deletes(2), MANY, Limits(deletes=Share(1, 20)), ("2", "1"),
    ),
    "no limit": (deletes(10), MANY, Limits(deletes=Share()), None),
    "nothing at all is allowed": (deletes(1), MANY, Limits(deletes=Share(0)), ("1", "0")),
    "allowed once": (
        deletes(3), MANY, Limits(deletes=Share(2), allowed={"deletes": Decimal(3)}), None,
    ),
    "allowed once, and one more": (
        deletes(4), MANY, Limits(deletes=Share(2), allowed={"deletes": Decimal(3)}), ("4", "2"),
    ),
    "another limit allowed": (
        deletes(3), MANY, Limits(deletes=Share(2), allowed={"quarantines": Decimal(9)}), ("3", "2"),
    ),
    "at the count of quarantines": (quarantines(2), MANY, Limits(quarantines=Share(2)), None),
    "above the count of quarantines": (
        quarantines(3), MANY, Limits(quarantines=Share(2)), ("3", "2"),
    ),
    "above the percentage of quarantines": (
        quarantines(3), MANY, Limits(quarantines=Share(None, 20)), ("3", "20 % of 10"),
    ),
    "quarantines allowed": (
        quarantines(3), MANY,
        Limits(quarantines=Share(2), allowed={"quarantines": Decimal(3)}), None,
    ),
    "at the percentage of reroutes": (reroutes(5), MANY, Limits(), None),
    "above the percentage of reroutes": (reroutes(6), MANY, Limits(), ("6", "50 % of 10")),
    "taking a number over reroutes it too": (
        reroutes(6, Action.ADOPT), MANY, Limits(), ("6", "50 % of 10"),
    ),
    "another field of a number": (reroutes(6, path="/label"), MANY, Limits(), None),
    "what is no number has no reroutes": (reroutes(6, record=False), MANY, Limits(), None),
    "a new number is no reroute": (reroutes(6, Action.ASSIGN), MANY, Limits(), None),
    "at the monthly increase": (orders(2, "5.00"), MANY, Limits(monthly_increase=MONEY), None),
    "above the monthly increase": (
        orders(3, "5.00"), MANY, Limits(monthly_increase=MONEY), ("15.00", "10.00"),
    ),
    "another currency": (orders(3, "5.00", "GBP"), MANY, Limits(monthly_increase=MONEY), None),
    "what waits for an approval costs nothing yet": (
        orders(3, "5.00", approval="port:+1"), MANY, Limits(monthly_increase=MONEY), None,
    ),
    "the increase allowed": (
        orders(3, "5.00"), MANY,
        Limits(monthly_increase=MONEY, allowed={"monthly_increase:USD": Decimal("15.00")}), None,
    ),
    "the increase allowed, but less": (
        orders(3, "5.00"), MANY,
        Limits(monthly_increase=MONEY, allowed={"monthly_increase:USD": Decimal("14.99")}),
        ("15.00", "10.00"),
    ),
    "a cost that nobody knows": (unpriced(1), MANY, Limits(), ("1", "0")),
    "unknown costs at their limit": (unpriced(2), MANY, Limits(unknown_cost=2), None),
    "unknown costs above their limit": (unpriced(3), MANY, Limits(unknown_cost=2), ("3", "2")),
    "unknown costs allowed": (
        unpriced(1), MANY, Limits(allowed={"unknown_cost": Decimal(1)}), None,
    ),
    "unknown costs allowed, but fewer": (
        unpriced(2), MANY, Limits(allowed={"unknown_cost": Decimal(1)}), ("2", "0"),
    ),
    "allowing fewer than the limit takes nothing away": (
        unpriced(2), MANY, Limits(unknown_cost=2, allowed={"unknown_cost": Decimal(1)}), None,
    ),
    "what is free has no unknown cost": (deletes(1), MANY, Limits(), None),
}  # fmt: skip


@pytest.mark.parametrize(("planned", "present", "limits", "expected"), CASES.values(), ids=CASES)
def test_limit(planned, present, limits, expected):
    gates = limit_gates(planned, present, limits)

    assert [(gate.planned, gate.allowed) for gate in gates] == ([expected] if expected else [])


def test_each_kind_is_counted_for_itself():
    both = deletes(2) + operations(2, Action.DELETE, "extension")

    assert limit_gates(both, MANY, Limits(deletes=Share(2))) == ()


def test_a_gate_says_what_where_and_how_to_let_it_pass():
    limits = Limits(deletes=Share(3), places={"deletes": "reconciler.yaml:52"})
    (gate,) = limit_gates(deletes(4), GROUPS, limits)

    assert (gate.id, gate.kind, gate.place) == ("deletes", "limit", "reconciler.yaml:52")
    assert gate.detail == "4 deletes of 9 objects of ring_group, allowed are 3 (TEL416)."
    assert gate.hint == "--allow deletes=4"


def test_several_limits_are_told_together():
    gates = limit_gates(
        deletes(4) + quarantines(3) + unpriced(1),
        MANY,
        Limits(deletes=Share(3), quarantines=Share(2)),
    )

    assert [gate.id for gate in gates] == ["deletes", "quarantines", "unknown_cost"]


# All at once, of however few.


def last(planned, limits=None, **serving):
    here = {kind: [f"acme/{kind}/{n}" for n in range(count)] for kind, count in serving.items()}
    present = {kind: len(addresses) for kind, addresses in here.items()}
    return [(g.id, g.planned) for g in limit_gates(planned, present, limits or Limits(), here)]


COMING = operations(1, Action.ASSIGN, "number")
LAST = {
    "the only number": (quarantines(1), {"number": 1}, None, [("quarantines", "1")]),
    "both numbers": (quarantines(2), {"number": 2}, None, [("quarantines", "2")]),
    "all but one number": (quarantines(2), {"number": 3}, None, []),
    "the only number, and another comes": (quarantines(1) + COMING, {"number": 1}, None, []),
    "the only number, allowed once": (
        quarantines(1), {"number": 1}, Limits(allowed={"quarantines": Decimal(1)}), [],
    ),
    "the project lets all numbers go": (
        quarantines(1), {"number": 1}, Limits(quarantines=Share(5, 100)), [],
    ),
    "no limit of numbers at all": (
        quarantines(1), {"number": 1}, Limits(quarantines=Share()), [],
    ),
    "everything there is": (deletes(2), {"ring_group": 2}, None, [("deletes", "2")]),
    "all of one kind, another stays": (deletes(2), {"ring_group": 2, "location": 1}, None, []),
    "everything, and something else comes": (
        deletes(2) + operations(1, Action.CREATE, "location"), {"ring_group": 2}, None, [],
    ),
    "a whole tenant": (
        deletes(2) + quarantines(1), {"ring_group": 2, "number": 1}, None,
        [("quarantines", "1"), ("deletes", "2")],
    ),
    "everything, allowed once": (
        deletes(2), {"ring_group": 2}, Limits(allowed={"deletes": Decimal(2)}), [],
    ),
    "everything, allowed but fewer": (
        deletes(2), {"ring_group": 2}, Limits(allowed={"deletes": Decimal(1)}), [("deletes", "2")],
    ),
    "the project lets everything go": (
        deletes(2), {"ring_group": 2}, Limits(deletes=Share(25, 100)), [],
    ),
    "told once where a count stops it too": (
        quarantines(6), {"number": 6}, None, [("quarantines", "6")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("planned", "serving", "limits", "expected"), LAST.values(), ids=LAST)
def test_all_at_once(planned, serving, limits, expected):
    assert last(planned, limits, **serving) == expected
