"""One tenant's part of a plan: what is held back and why, what is due, what it costs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.engine.guard import Limits, Share
from reconciler.engine.plan import Held
from reconciler.engine.planning import Price, Question, make_part
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import canonical
from reconciler.model.supply import NumberState
from tests.crash.scripts import TENANT
from tests.engine.draws import AT, CARRIED, known, number, scene, seen

ONE, TWO, THREE = CARRIED
POOLED = "+12015550160"
NO_LIMITS = Limits(deletes=Share(), quarantines=Share(), reroutes=Share())


def at(reference):
    return Address(TENANT, *reference.split("/"))


def plan(state, **question):
    return make_part(Question(TENANT, state, **{"limits": NO_LIMITS, **question}))


def told(part):
    return [f"{op.action} {op.address.removeprefix(f'{TENANT}/')}" for op in part.operations]


def held(part):
    return [(h.what, h.address.removeprefix(f"{TENANT}/"), h.detail) for h in part.held]


def group(*members, **more):
    return {"members": [{"to": member} for member in members], **more}


def frozen(state, *references):
    return replace(state, frozen=frozenset(map(at, references)))


# How it is written.


@pytest.mark.parametrize("name", ["Sales", "Büro", "\x7f", "\ud800"])
def test_its_text_is_the_canonical_form_whatever_letters_are_in_it(name):
    state = scene({"ring_group/a": group()}, {"ring_group/a": group(pilot="600")})
    odd = {"name": name, "odd": [{"b": name, "a": 1}], "deep": {"z": 1, "y": None}}
    there = replace(state.observed[at("ring_group/a")], spec=odd)
    part = plan(replace(state, observed={**state.observed, there.address: there}))

    assert part.operations
    assert part.text == canonical(part.model_dump()).decode()
    assert part.content_digest == part.digest()
    bodies = {op.id: canonical(op.model_dump()).decode() for op in part.operations}
    assert part.bodies() == bodies == part.model_copy().bodies()
    assert {name} == {operation.before["name"] for operation in part.operations}


# What waits.


def test_an_open_order_holds_the_number_and_what_shows_it():
    after = {
        **number(ONE, "ring_group/a"),
        "ring_group/a": group(),
        "extension/4200": {"caller_id": ONE},
    }
    part = plan(frozen(scene({}, after), f"carrier_number/{ONE}"))

    assert told(part) == ["create ring_group/a"]
    assert held(part) == [("waiting", "extension/4200", f"waits for number/{ONE}")]


def test_what_waits_for_what_waits_is_held_too():
    after = {
        **number(ONE, "hangup"),
        "extension/4200": {"caller_id": ONE},
        "device/4200-desk": {},
        "ring_group/a": group("extension/4200"),
        "ring_group/b": group("ring_group/a"),
        "ring_group/c": group(),
    }
    part = plan(frozen(scene({}, after), f"carrier_number/{ONE}"))

    assert told(part) == ["create ring_group/c"]
    assert held(part) == [
        ("waiting", "device/4200-desk", "waits for extension/4200"),
        ("waiting", "extension/4200", f"waits for number/{ONE}"),
        ("waiting", "ring_group/a", "waits for extension/4200"),
        ("waiting", "ring_group/b", "waits for ring_group/a"),
    ]


def test_nothing_goes_that_callers_of_a_held_number_still_need():
    before = {
        **number(ONE, "ring_group/a"),
        "ring_group/a": group("extension/4200"),
        "extension/4200": {},
    }
    after = {**number(ONE, "ring_group/b"), "ring_group/b": group()}
    part = plan(frozen(scene(before, after), f"carrier_number/{ONE}"))

    assert told(part) == ["create ring_group/b"]
    assert held(part) == [
        ("waiting", "extension/4200", "still needed by ring_group/a"),
        ("waiting", "ring_group/a", f"still needed by number/{ONE}"),
    ]


def test_digits_of_what_stays_are_not_given_away():
    before = {**number(ONE, "ring_group/a"), "ring_group/a": group(pilot="600")}
    after = {**number(ONE, "ring_group/b"), "ring_group/b": group(pilot="600")}
    part = plan(frozen(scene(before, after), f"number/{ONE}"))

    assert told(part) == []
    assert held(part) == [
        ("waiting", "ring_group/a", f"still needed by number/{ONE}"),
        ("waiting", "ring_group/b", "waits for 600, which ring_group/a has"),
    ]


def test_what_somebody_made_by_hand_keeps_what_it_needs():
    state = scene({"ring_group/a": group()}, {})
    theirs = seen(at("ring_group/z"), {"members": [{"to": "ring_group/a"}]}, managed=False)
    part = plan(replace(state, observed={**state.observed, theirs.address: theirs}))

    assert told(part) == []
    assert held(part) == [("waiting", "ring_group/a", "still needed by ring_group/z")]
    assert part.unmanaged == (f"{TENANT}/ring_group/z",)


def test_what_cannot_be_read_any_more_keeps_what_it_seems_to_need():
    state = scene(
        {**number(POOLED, "ring_group/a"), "ring_group/a": group()}, number(POOLED, "hangup")
    )
    odd = seen(at(f"number/{POOLED}"), {"to": "ring_group/a", "unheard_of": "1"})
    part = plan(
        frozen(replace(state, observed={**state.observed, odd.address: odd}), f"number/{POOLED}")
    )

    assert held(part) == [("waiting", "ring_group/a", f"still needed by number/{POOLED}")]


def test_digits_that_somebody_took_by_hand_are_a_refusal():
    state = scene({}, {"ring_group/a": group(pilot="600")})
    theirs = seen(at("ring_group/z"), {"members": [], "pilot": "600"}, managed=False)
    (gate,) = plan(replace(state, observed={theirs.address: theirs})).gates

    assert (gate.id, gate.kind, gate.address) == ("E402", "refusal", f"{TENANT}/ring_group/a")
    assert gate.detail == "600 is taken by ring_group/z, which is there but not in YAML."


def test_a_field_that_only_drifted_keeps_what_it_points_at():
    before = {**number(POOLED, "extension/4200"), "extension/4200": {}, "ring_group/a": group()}
    state = scene(before, {**number(POOLED, "extension/4200"), "extension/4200": {}})
    moved = seen(
        at(f"number/{POOLED}"),
        {**state.observed[at(f"number/{POOLED}")].spec, "to": "ring_group/a"},
    )
    observed = {**state.observed, moved.address: moved}
    part = plan(replace(state, observed=observed, reverts_drift=lambda address: False))

    assert told(part) == []
    assert held(part) == [("waiting", "ring_group/a", f"still needed by number/{POOLED}")]
    assert [d.address for d in part.drifted] == [f"{TENANT}/number/{POOLED}"]


def test_what_is_held_already_is_told_as_it_is():
    line = Held(address="x", what="parked", detail="nobody knows", next="reconciler runs settle")

    assert plan(scene({}, {}), held=(line,)).held == (line,)


# What could not be read.


def test_what_is_at_a_connector_that_cannot_be_read_is_left_out_with_its_numbers():
    before = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    after = {**number(ONE, "ring_group/b"), **number(TWO, "ring_group/b"), "ring_group/b": group()}
    part = plan(scene(before, after), unchecked={"carrier": "no answer"})

    why = "not checked: carrier: no answer"
    assert told(part) == ["create ring_group/b"]
    assert part.gates == ()
    assert held(part) == [
        ("unchecked", f"carrier_number/{ONE}", why),
        ("unchecked", f"carrier_number/{TWO}", why),
        ("unchecked", f"number/{ONE}", why),
        ("unchecked", f"number/{TWO}", why),
        ("waiting", "ring_group/a", f"still needed by number/{ONE}"),
    ]


def test_another_connector_and_the_pool_go_on():
    after = {**number(ONE, "hangup"), **number(POOLED, "hangup")}
    part = plan(scene({}, after), unchecked={"elsewhere": "no answer"})

    assert told(part) == [
        f"order carrier_number/{ONE}", f"assign number/{ONE}", f"assign number/{POOLED}"
    ]  # fmt: skip
    assert part.held == ()


def leaving(*e164s, due=True, **changed):
    """Numbers in quarantine, gone from git."""
    before = {k: v for e164 in e164s for k, v in number(e164, "not_in_service").items()}
    state = scene(before, {})
    supply = {
        e164: replace(
            was, pool=replace(was.pool, state=NumberState.QUARANTINED), due=due, **changed
        )
        for e164, was in state.supply.items()
    }
    observed = {
        address: replace(have, spec={**have.spec, "state": "quarantined"})
        if address.kind == "number" else have
        for address, have in state.observed.items()
    }  # fmt: skip
    applied = {a: replace(was, spec=observed[a].spec) for a, was in state.applied.items()}
    return replace(state, supply=supply, observed=observed, applied=applied)


def test_a_number_that_is_due_at_a_connector_that_cannot_be_read_stops_nobody():
    part = plan(leaving(ONE, checked=False, holding=None), unchecked={"carrier": "no answer"})

    assert (told(part), part.gates) == ([], ())
    assert {h.address for h in part.held} == {
        f"{TENANT}/number/{ONE}",
        f"{TENANT}/carrier_number/{ONE}",
    }


# What is due.


def test_a_release_is_due_waits_for_its_approval_and_is_no_pending_change():
    part = plan(leaving(ONE, POOLED))

    approvals = {op.address: op.approval for op in part.operations}
    assert set(approvals.values()) == {f"release:{ONE}", f"release:{POOLED}"}
    assert part.pending == ()
    assert [(h.what, h.address, h.next) for h in part.held] == [
        ("due", f"{TENANT}/number/{ONE}", f"--approve release:{ONE}"),
        ("due", f"{TENANT}/number/{POOLED}", f"--approve release:{POOLED}"),
    ]


def test_what_is_in_quarantine_and_not_due_is_left_alone():
    part = plan(leaving(ONE, POOLED, due=False))

    assert (part.operations, part.held) == ((), ())


def test_a_number_whose_spec_somebody_changed_in_quarantine_still_leaves_carrier_first():
    state = leaving(ONE)
    record = at(f"number/{ONE}")
    odd = seen(record, {"to": "hangup", "connector": "carrier"})
    part = plan(replace(state, observed={**state.observed, record: odd}))

    assert told(part) == [f"release carrier_number/{ONE}", f"release number/{ONE}"]
    assert part.operations[1].depends_on == (part.operations[0].id,)


def test_nothing_goes_that_a_number_points_at_whose_release_may_be_skipped():
    state = leaving(POOLED)
    before = scene({"ring_group/a": group()}, {})
    record = at(f"number/{POOLED}")
    there = {**state.observed[record].spec, "to": "ring_group/a"}
    part = plan(
        replace(
            state,
            observed={**before.observed, record: seen(record, there)},
            applied={**before.applied, **state.applied},
        )
    )

    assert told(part) == [f"release number/{POOLED}"]
    assert ("waiting", "ring_group/a", f"still needed by number/{POOLED}") in held(part)


# Money.


def test_totals_are_per_currency_and_know_what_is_not_known():
    prices = {
        ONE: Price("USD", Decimal("1.00"), Decimal("0.50")),
        TWO: Price("GBP", Decimal("2.00"), Decimal("0.00")),
    }
    after = {k: v for e164 in CARRIED for k, v in number(e164, "hangup").items()}
    part = plan(scene({}, after), price=lambda connector, kind, e164: prices.get(e164))

    assert [(t.currency, t.monthly, t.once) for t in part.totals] == [
        ("GBP", Decimal("2.00"), Decimal("0.00")),
        ("USD", Decimal("1.00"), Decimal("0.50")),
    ]
    assert part.unpriced == (f"{TENANT}/carrier_number/{THREE}",)
    assert [(gate.id, gate.planned) for gate in part.gates] == [("unknown_cost", "1")]
    assert {op.cost.state for op in part.operations if op.kind == "number"} == {"free"}


def test_what_a_release_would_save_is_told_and_not_counted():
    price = Price("USD", Decimal("1.00"), Decimal("0.50"))
    part = plan(leaving(ONE), price=lambda connector, kind, e164: price)

    assert part.operations[0].cost.monthly == Decimal("-1.00")
    assert (part.totals, part.unpriced, part.gates) == ((), (), ())


# Gates, preconditions, places.


def test_a_refusal_stops_the_part_and_the_rest_is_still_shown():
    after = {f"number/{POOLED}": {"to": "hangup"}, "ring_group/a": group()}
    state = scene({}, after)
    part = plan(replace(state, supply={POOLED: known(state, POOLED, pool=None)}))

    assert [(gate.id, gate.kind) for gate in part.gates] == [("E413", "refusal")]
    assert told(part) == ["create ring_group/a"]


def test_limits_count_what_the_tenant_has():
    before = {f"ring_group/{name}": group() for name in "abcdefghij"}
    part = plan(scene(before, {}), limits=Limits(deletes=Share(None, 20)))

    assert [(gate.id, gate.planned, gate.allowed) for gate in part.gates] == [
        ("deletes", "10", "20 % of 10")
    ]


def test_an_operation_relies_on_what_it_points_at_unless_the_plan_brings_it():
    before = {"extension/4200": {}}
    after = {
        **before,
        "extension/4201": {},
        "ring_group/a": group("extension/4200", "extension/4201"),
    }
    made = {op.address: op for op in plan(scene(before, after)).operations}

    assert made[f"{TENANT}/ring_group/a"].precondition.exists == ("extension/4200",)


def test_who_changed_it_stands_beside_drift_and_not_beside_our_own_change():
    state = scene({"ring_group/a": group()}, {"ring_group/a": group(pilot="600")})
    moved = seen(
        at("ring_group/a"),
        {**state.observed[at("ring_group/a")].spec, "ring": "30s"},
        updated_by="eve",
    )

    assert [op.who for op in plan(state).operations] == [""]
    drifted = plan(replace(state, observed={moved.address: moved}))
    assert [op.who for op in drifted.operations] == [f"eve at {AT}"]


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        ({}, {}, 0),
        ({"ring_group/a": group()}, {"ring_group/a": group()}, 1),
        ({"ring_group/a": group()}, {"ring_group/a": group(pilot="600")}, 0),
    ],
)
def test_what_is_as_it_should_be_is_counted(before, after, counted):
    assert plan(scene(before, after)).unchanged == counted


def test_ids_sort_as_they_run_and_depend_on_earlier_ones_only():
    after = {f"ring_group/g{n:03}": group() for n in range(120)}
    after["extension/4200"] = {"forward": {"no_answer": {"to": "ring_group/g007"}}}
    part = plan(scene({}, after))

    ids = [op.id for op in part.operations]
    assert ids == sorted(ids)
    assert ids[0] == "op-001"
    for operation in part.operations:
        assert all(waits_for < operation.id for waits_for in operation.depends_on)
        assert parse_address(operation.address) is not None
    assert part.operations[-1].action is Action.CREATE


# What an order cannot leave behind.


def bare(state, *e164s, sets, comes_with=None):
    said = {"order_sets": frozenset(sets), "order_comes_with": comes_with or {}}
    supply = {e164: replace(state.supply[e164], **said) for e164 in e164s}
    return replace(state, supply={**state.supply, **supply})


def test_what_an_order_cannot_set_follows_as_an_update_of_its_own():
    after = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    part = plan(bare(scene({}, after), ONE, sets={"connector"}))

    order, update = [op for op in part.operations if op.kind == "carrier_number"]
    assert (order.action, order.before, order.after) == (
        Action.ORDER,
        None,
        {"connector": "carrier"},
    )
    assert (update.action, update.before) == (Action.UPDATE, order.after)
    assert update.after == {"connector": "carrier", "handoff": "pbx"}
    assert [change.path for change in update.changes] == ["/handoff"]
    assert order.id in update.depends_on
    assert (str(order.charge), str(update.charge)) == ("paid", "free")
    assert part.totals == ()
    assert part.unpriced == (order.address,)


RECORDED = {"carrier_record": True}


def carried(part):
    return [op for op in part.operations if op.kind == "carrier_number"]


def test_what_comes_with_an_order_unasked_is_taken_back_where_it_shows():
    after = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    part = plan(bare(scene({}, after), ONE, sets={"connector"}, comes_with=RECORDED))

    order, update = carried(part)
    assert order.after == {"connector": "carrier"}
    assert update.before == {"connector": "carrier", "carrier_record": True}
    assert update.after == {"connector": "carrier", "handoff": "pbx"}
    shown = {change.path: (change.before, change.after) for change in update.changes}
    assert shown == {"/handoff": (None, "pbx"), "/carrier_record": (True, None)}


def test_what_comes_with_an_order_is_taken_back_where_nothing_else_is_to_be_set():
    after = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    sets = {"connector", "handoff"}
    part = plan(bare(scene({}, after), ONE, sets=sets, comes_with=RECORDED))

    order, update = carried(part)
    assert (order.action, update.after) == (Action.ORDER, order.after)
    assert [change.path for change in update.changes] == ["/carrier_record"]


def test_what_comes_with_an_order_and_is_wanted_is_no_change():
    wanted = number(ONE, "ring_group/a")
    wanted[f"carrier_number/{ONE}"] = {**wanted[f"carrier_number/{ONE}"], **RECORDED}
    after = {**wanted, "ring_group/a": group()}
    sets = {"connector", "handoff"}

    (order,) = carried(plan(bare(scene({}, after), ONE, sets=sets, comes_with=RECORDED)))
    assert order.action is Action.ORDER
    _, update = carried(plan(bare(scene({}, after), ONE, sets={"connector"}, comes_with=RECORDED)))
    assert [change.path for change in update.changes] == ["/handoff"]


def test_an_order_that_sets_everything_is_one_operation():
    after = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    part = plan(bare(scene({}, after), ONE, sets={"connector", "handoff", "cnam"}))

    assert [op.action for op in part.operations if op.kind == "carrier_number"] == [Action.ORDER]


def test_a_number_leaves_service_once_the_new_one_is_handed_to_us():
    before = {**number(TWO, "ring_group/a"), "ring_group/a": group()}
    after = {**number(ONE, "ring_group/a"), "ring_group/a": group()}
    part = plan(bare(scene(before, after), ONE, sets={"connector"}))

    ids = {(op.action, op.kind): op.id for op in part.operations}
    (quarantine,) = [op for op in part.operations if op.action is Action.QUARANTINE]
    assert ids[Action.UPDATE, "carrier_number"] in quarantine.depends_on
