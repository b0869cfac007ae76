"""What `was:` comes to in a plan: one step, all that refers to it re-pointed, nothing lost."""

from dataclasses import replace

import pytest

from reconciler.engine.guard import Limits, Share
from reconciler.engine.planning import Question, make_part
from reconciler.kinds import KINDS
from reconciler.model.address import Address
from reconciler.model.canonical import digest
from tests.crash.scripts import TENANT
from tests.engine.draws import number, scene, seen

ONE = "+12015550150"
NO_LIMITS = Limits(deletes=Share(), quarantines=Share(), reroutes=Share())


def at(reference):
    return Address(TENANT, *reference.split("/"))


def was(state, **names):
    """Say in YAML what objects were called: `kind__new="old"`."""
    desired = dict(state.desired)
    for key, old in names.items():
        address = at(key.replace("__", "/").replace("_dash_", "-"))
        desired[address] = replace(desired[address], was=address._replace(name=old))
    return replace(state, desired=desired)


def plan(state):
    return make_part(Question(TENANT, state, limits=NO_LIMITS))


def told(part):
    found = []
    for op in part.operations:
        old = f" (was {op.was.removeprefix(f'{TENANT}/')})" if op.was else ""
        found.append(f"{op.action} {op.address.removeprefix(f'{TENANT}/')}{old}")
    return found


def beside(operation):
    return {one.address.removeprefix(f"{TENANT}/"): one for one in operation.also}


def group(*members, **more):
    return {"members": [{"to": member} for member in members], **more}


def menu(to, **more):
    return {"greeting": {"say": "Hi"}, "timeout": {"to": to}, "invalid": {"to": "hangup"}, **more}


# One rename.


def test_a_rename_is_one_update_and_nothing_is_deleted():
    state = was(
        scene({"ring_group/front": group()}, {"ring_group/sales": group()}),
        ring_group__sales="front",
    )
    part = plan(state)

    assert told(part) == ["update ring_group/sales (was ring_group/front)"]
    [rename] = part.operations
    assert rename.before == rename.after
    assert rename.reversibility.value == "reversible"
    assert rename.precondition.spec == rename.before
    assert part.unchanged == 1


def test_all_that_refers_to_it_is_re_pointed_in_the_same_step():
    before = {
        **number(ONE, "ring_group/front"),
        "ring_group/front": group("extension/4200"),
        "ring_group/night": group("ring_group/front", overflow={"after": "30s", "to": "busy"}),
        "extension/4200": {"forward": {"busy": {"to": "ring_group/front"}}},
        "auto_attendant/main": menu("ring_group/front", options={"1": "ring_group/front"}),
    }
    after = {
        key.replace("ring_group/front", "ring_group/sales"): _swapped(values)
        for key, values in before.items()
    }
    part = plan(was(scene(before, after), ring_group__sales="front"))

    assert told(part) == ["update ring_group/sales (was ring_group/front)"]
    others = beside(part.operations[0])
    assert set(others) == {
        f"number/{ONE}",
        "ring_group/night",
        "extension/4200",
        "auto_attendant/main",
    }
    assert all("ring_group/front" not in repr((one.after, one.graph)) for one in others.values())
    assert others["ring_group/night"].after["overflow"] == {"after": "30s", "to": "busy"}
    assert others["auto_attendant/main"].graph is not None
    assert part.unchanged == len(after)


def _swapped(value):
    if isinstance(value, str):
        return value.replace("ring_group/front", "ring_group/sales")
    if isinstance(value, dict):
        return {key: _swapped(item) for key, item in value.items()}
    return [_swapped(item) for item in value] if isinstance(value, list) else value


def test_what_changes_besides_is_a_step_after_it():
    before = {"ring_group/front": group(), **number(ONE, "ring_group/front")}
    after = {"ring_group/sales": group(ring="15s"), **number(ONE, "ring_group/sales")}
    part = plan(was(scene(before, after), ring_group__sales="front"))

    assert told(part) == [
        "update ring_group/sales (was ring_group/front)",
        "update ring_group/sales",
    ]
    assert part.operations[1].depends_on == ("op-01",)
    assert [change.path for change in part.operations[1].changes] == ["/ring"]


def test_what_points_at_the_new_name_waits_for_it_and_relies_on_nothing_by_it():
    before = {"ring_group/front": group()}
    after = {
        "ring_group/sales": group(),
        "ring_group/new": group("ring_group/sales"),
        "location/leeds": {
            "caller_name": "A",
            "street": "1",
            "city": "L",
            "postcode": "N1 7GR",
            "country": "GB",
        },
    }
    part = plan(was(scene(before, after), ring_group__sales="front"))

    waits = {op.address.rpartition("/")[2]: op.depends_on for op in part.operations}
    assert waits == {"sales": (), "new": ("op-01",), "leeds": ()}
    assert all("ring_group/sales" not in op.precondition.exists for op in part.operations)


def test_somebody_elses_object_is_re_pointed_too():
    state = scene({"ring_group/front": group()}, {"ring_group/sales": group()})
    theirs = seen(at("ring_group/z"), {"members": [{"to": "ring_group/front"}]}, managed=False)
    state = replace(state, observed={**state.observed, theirs.address: theirs})
    part = plan(was(state, ring_group__sales="front"))

    other = beside(part.operations[0])["ring_group/z"]
    assert other.after == {"members": [{"to": "ring_group/sales"}]}
    assert other.remember is None
    assert part.unmanaged == (f"{TENANT}/ring_group/z",)


def test_what_cannot_be_read_is_re_pointed_all_the_same():
    state = scene({"ring_group/front": group()}, {"ring_group/sales": group()})
    odd = seen(
        at("ring_group/z"), {"odd": ["ring_group/front", {"x": "ring_group/front"}]}, managed=False
    )
    state = replace(state, observed={**state.observed, odd.address: odd})
    part = plan(was(state, ring_group__sales="front"))

    assert beside(part.operations[0])["ring_group/z"].after == {
        "odd": ["ring_group/sales", {"x": "ring_group/sales"}]
    }


def test_a_place_is_named_by_its_bare_name():
    place = {"caller_name": "A", "street": "1", "city": "L", "postcode": "N1 7GR", "country": "GB"}
    before = {"location/leeds": place, "extension/4200": {"location": "leeds"}}
    after = {"location/north": place, "extension/4200": {"location": "north"}}
    part = plan(was(scene(before, after), location__north="leeds"))

    assert beside(part.operations[0])["extension/4200"].after["location"] == "north"


def test_drift_is_drift_under_the_new_name():
    state = scene({"ring_group/front": group()}, {"ring_group/sales": group()})
    here = at("ring_group/front")
    drifted = {**state.observed[here].spec, "ring": "40s"}
    state = replace(
        state,
        observed={here: replace(state.observed[here], spec=drifted)},
        reverts_drift=lambda address: False,
    )
    part = plan(was(state, ring_group__sales="front"))

    assert told(part) == ["update ring_group/sales (was ring_group/front)"]
    assert part.operations[0].after["ring"] == "40s"
    assert part.operations[0].remember["ring"] == "20s"
    assert [drift.changes[0].path for drift in part.drifted] == ["/ring"]


def test_drift_of_what_refers_to_it_stays_drift():
    before = {"ring_group/front": group(), **number(ONE, "ring_group/front"), "extension/4200": {}}
    after = {"ring_group/sales": group(), **number(ONE, "ring_group/sales"), "extension/4200": {}}
    state = scene(before, after)
    here = at(f"number/{ONE}")
    drifted = {**state.observed[here].spec, "to": "extension/4200"}
    state = replace(
        state,
        observed={**state.observed, here: replace(state.observed[here], spec=drifted)},
        reverts_drift=lambda address: False,
    )
    part = plan(was(state, ring_group__sales="front"))

    assert told(part) == ["update ring_group/sales (was ring_group/front)"]
    other = beside(part.operations[0])[f"number/{ONE}"]
    assert other.before == other.after  # only what is remembered of it changes
    assert other.remember["to"] == "ring_group/sales"
    assert len(part.drifted) == 1


# An extension and what is in it.


EXTENSION = {
    "extension/4200": {"name": "Ann"},
    "device/4200-desk": {},
    "voicemail_box/4200": {"owners": ["extension/4200"]},
    "ring_group/sales": group("extension/4200"),
}
RENUMBERED = {
    "extension/4201": {"name": "Ann"},
    "device/4201-desk": {},
    "voicemail_box/4201": {"owners": ["extension/4201"]},
    "ring_group/sales": group("extension/4201"),
}
DIGITS = {
    "extension__4201": "4200",
    "device__4201_dash_desk": "4200-desk",
    "voicemail_box__4201": "4200",
}


def in_entry(state, entry, *references):
    desired = dict(state.desired)
    for reference in references:
        desired[at(reference)] = replace(desired[at(reference)], entry=at(entry))
    return replace(state, desired=desired)


def test_an_extension_takes_its_devices_and_its_mailbox_along():
    state = in_entry(scene(EXTENSION, RENUMBERED), "extension/4201", "device/4201-desk")
    part = plan(was(state, **DIGITS))

    assert told(part) == ["update extension/4201 (was extension/4200)"]
    others = beside(part.operations[0])
    assert {name: one.was for name, one in others.items()} == {
        "device/4201-desk": f"{TENANT}/device/4200-desk",
        "voicemail_box/4201": f"{TENANT}/voicemail_box/4200",
        "ring_group/sales": "",
    }
    assert others["voicemail_box/4201"].after["owners"] == ["extension/4201"]
    assert "registers by that name" in part.operations[0].reason
    assert not any(op.secret for op in part.operations)


def test_a_device_that_has_gone_meanwhile_follows_and_then_goes():
    state = in_entry(
        scene({**EXTENSION, "device/4200-old": {}}, RENUMBERED),
        "extension/4201",
        "device/4201-desk",
    )
    part = plan(was(state, **DIGITS))

    assert told(part) == ["update extension/4201 (was extension/4200)", "delete device/4201-old"]
    assert part.operations[1].depends_on == ("op-01",)


def test_digits_that_somebody_has_are_given_up_first():
    before = {**EXTENSION, "ring_group/sales": group("extension/4200", pilot="4201")}
    after = {**RENUMBERED, "ring_group/sales": group("extension/4201", pilot="6000")}
    state = in_entry(scene(before, after), "extension/4201", "device/4201-desk")
    part = plan(was(state, **DIGITS))

    assert told(part) == [
        "update ring_group/sales",
        "update extension/4201 (was extension/4200)",
        "update ring_group/sales",
    ]
    first, rename, last = part.operations
    assert "pilot" not in first.after
    assert beside(rename)["ring_group/sales"].before == first.after
    assert rename.depends_on == ("op-01",)
    assert last.depends_on == ("op-01", "op-02")
    assert last.after["pilot"] == "6000"


def test_digits_that_it_leaves_are_taken_after_it():
    after = {**RENUMBERED, "ring_group/new": group(pilot="4200")}
    state = in_entry(scene(EXTENSION, after), "extension/4201", "device/4201-desk")
    part = plan(was(state, **DIGITS))

    assert told(part) == ["update extension/4201 (was extension/4200)", "create ring_group/new"]
    assert part.operations[1].depends_on == ("op-01",)


def test_digits_change_hands_both_ways():
    before = {**EXTENSION, "ring_group/sales": group("extension/4200", pilot="4201")}
    after = {**RENUMBERED, "ring_group/sales": group("extension/4201", pilot="4200")}
    state = in_entry(scene(before, after), "extension/4201", "device/4201-desk")
    part = plan(was(state, **DIGITS))

    assert told(part) == [
        "update ring_group/sales",
        "update extension/4201 (was extension/4200)",
        "update ring_group/sales",
    ]


# Chains and exchanges.


def test_a_chain_is_done_from_its_end():
    before = {"ring_group/a": group(ring="15s"), "ring_group/b": group(ring="25s")}
    after = {"ring_group/b": group(ring="15s"), "ring_group/c": group(ring="25s")}
    part = plan(was(scene(before, after), ring_group__b="a", ring_group__c="b"))

    assert told(part) == [
        "update ring_group/c (was ring_group/b)",
        "update ring_group/b (was ring_group/a)",
    ]
    assert part.operations[1].depends_on == ("op-01",)
    assert part.unchanged == 2


def test_two_exchange_their_names_in_one_step():
    before = {"ring_group/a": group(), "ring_group/b": group(), **number(ONE, "ring_group/a")}
    after = {"ring_group/a": group(), "ring_group/b": group(), **number(ONE, "ring_group/b")}
    part = plan(was(scene(before, after), ring_group__b="a", ring_group__a="b"))

    assert told(part) == ["update ring_group/a (was ring_group/b)"]
    [swap] = part.operations
    assert swap.swaps
    assert beside(swap)["ring_group/b"].was == f"{TENANT}/ring_group/a"
    assert beside(swap)[f"number/{ONE}"].after["to"] == "ring_group/b"


def remembering(state, **names):
    applied = dict(state.applied)
    for name, old in names.items():
        address = at(f"ring_group/{name}")
        applied[address] = replace(applied[address], was=old)
    return replace(state, applied=applied)


def test_an_exchange_is_done_once():
    both = {"ring_group/a": group(), "ring_group/b": group()}
    state = was(scene(both, both), ring_group__b="a", ring_group__a="b")
    part = plan(remembering(state, a="b", b="a"))

    assert told(part) == []
    assert len(part.notes) == 2


def test_an_exchange_is_forgotten_once_yaml_speaks_of_it_no_more():
    both = {"ring_group/a": group(), "ring_group/b": group()}
    part = plan(remembering(scene(both, both), a="b", b="a"))

    assert told(part) == ["update ring_group/a", "update ring_group/b"]
    assert all(op.effects == "none" and op.forgets for op in part.operations)
    assert part.pending == ()


# What is done, and what cannot be.


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("b", "b", {"b": "a"}),
        ("bc", "bc", {"b": "a", "c": "b"}),
    ],
)
def test_what_is_done_is_noted(before, after, names):
    state = scene(
        {f"ring_group/{n}": group() for n in before}, {f"ring_group/{n}": group() for n in after}
    )
    part = plan(was(state, **{f"ring_group__{new}": old for new, old in names.items()}))

    assert told(part) == []
    assert [note.text.endswith("The line can go.") for note in part.notes] == [True] * len(names)


def test_a_chain_that_was_interrupted_goes_on():
    before = {"ring_group/a": group(), "ring_group/c": group()}
    after = {"ring_group/b": group(), "ring_group/c": group()}
    part = plan(was(scene(before, after), ring_group__b="a", ring_group__c="b"))

    assert told(part) == ["update ring_group/b (was ring_group/a)"]


def test_a_name_that_nobody_had_makes_it_new():
    part = plan(was(scene({}, {"ring_group/b": group()}), ring_group__b="a"))

    assert told(part) == ["create ring_group/b"]
    assert "no ring_group/a to rename" in part.notes[0].text


def gates(part):
    return [(gate.id, gate.address.removeprefix(f"{TENANT}/")) for gate in part.gates]


def test_nothing_is_lost_where_both_names_are_there():
    state = scene({"ring_group/a": group(), "ring_group/b": group()}, {"ring_group/b": group()})
    part = plan(was(state, ring_group__b="a"))

    assert gates(part) == [("E403", "ring_group/b")]
    assert told(part) == []


def test_what_is_not_ours_is_not_renamed():
    state = scene({}, {"ring_group/b": group()})
    theirs = seen(at("ring_group/a"), group(), managed=False)
    part = plan(was(replace(state, observed={theirs.address: theirs}), ring_group__b="a"))

    assert gates(part) == [("E403", "ring_group/b")]
    assert told(part) == []


def test_a_name_that_somebody_else_has_is_not_taken():
    state = scene({"ring_group/a": group()}, {"ring_group/b": group()})
    theirs = seen(at("ring_group/b"), group(), managed=False)
    state = replace(state, observed={**state.observed, theirs.address: theirs})
    part = plan(was(state, ring_group__b="a"))

    assert gates(part) == [("E403", "ring_group/b")]
    assert told(part) == []


def test_digits_that_somebody_else_has_are_not_taken():
    state = in_entry(scene(EXTENSION, RENUMBERED), "extension/4201", "device/4201-desk")
    theirs = seen(at("ring_group/z"), group(pilot="4201"), managed=False)
    state = replace(state, observed={**state.observed, theirs.address: theirs})
    part = plan(was(state, **DIGITS))

    assert gates(part) == [("E402", "extension/4201")]
    assert told(part) == []


@pytest.mark.parametrize("stuck", ["ring_group/a", f"number/{ONE}"])
def test_a_rename_waits_for_whatever_is_open(stuck):
    before = {"ring_group/a": group(), **number(ONE, "ring_group/a")}
    after = {"ring_group/b": group(), **number(ONE, "ring_group/b"), "ring_group/c": group()}
    state = was(scene(before, after), ring_group__b="a")
    part = plan(replace(state, frozen=frozenset({at(stuck)})))

    assert told(part) == ["create ring_group/c"]
    assert ("waiting", f"{TENANT}/ring_group/b") in [(h.what, h.address) for h in part.held]


# What is live.


def live(state, name, graph):
    here = at(f"auto_attendant/{name}")
    have = replace(state.observed[here], published=digest(graph))
    kept = {}
    if here in state.applied:
        kept = {here: replace(state.applied[here], published=digest(graph))}
    return replace(
        state,
        observed={**state.observed, here: have},
        applied={**state.applied, **kept},
        graphs={here: graph},
    )


def test_an_attendant_is_published_under_its_new_name_at_once():
    spec = menu("hangup")
    part = plan(
        was(scene({"auto_attendant/a": spec}, {"auto_attendant/b": spec}), auto_attendant__b="a")
    )

    assert told(part) == ["update auto_attendant/b (was auto_attendant/a)"]
    assert part.operations[0].graph["name"] == "b"


def test_what_is_live_leads_to_the_new_name_whatever_the_draft_says():
    before = {"ring_group/front": group(), "auto_attendant/m": menu("hangup", publish=False)}
    after = {"ring_group/sales": group(), "auto_attendant/m": menu("hangup", publish=False)}
    graph = KINDS["auto_attendant"].compiled("m", _spec(menu("ring_group/front")))
    state = live(scene(before, after), "m", graph)
    part = plan(was(state, ring_group__sales="front"))

    other = beside(part.operations[0])["auto_attendant/m"]
    assert "ring_group/front" not in repr(other.graph)
    assert other.graph["nodes"][other.graph["nodes"]["menu"]["timeout"]["next"]] == {
        "type": "dial",
        "to": "ring_group/sales",
    }
    assert told(part) == ["update ring_group/sales (was ring_group/front)"]


def _spec(values):
    return KINDS["auto_attendant"].model_validate(values).spec()


# The plan itself.


def test_the_digest_covers_the_old_name_and_what_is_re_pointed():
    state = was(
        scene(
            {"ring_group/a": group(), **number(ONE, "ring_group/a")},
            {"ring_group/b": group(), **number(ONE, "ring_group/b")},
        ),
        ring_group__b="a",
    )
    [rename] = plan(state).operations
    other = rename.model_copy(update={"was": f"{TENANT}/ring_group/x"})
    more = rename.model_copy(update={"also": ()})

    assert digest(rename.digested()) != digest(other.digested())
    assert "was" in rename.digested()
    assert digest(more.digested()) != digest(rename.digested())
