"""The flow graph that an attendant is published as."""

import copy

import pytest
from jsonschema import Draft7Validator

from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.model.flow import FLOW_SCHEMA, MOST_NODES, validate_flow

SPEC = AutoAttendant.model_validate(
    {
        "greeting": {"say": "Hello"},
        "options": {
            "2": "auto_attendant/sub",
            "1": "ring_group/sales",
            "0": "operator",
            "*": "repeat",
            "#": "back",
            "9": "hangup",
            "8": "busy",
        },
        "operator": "extension/4201",
        "dial_extension": {"allow": "all"},
        "timeout": {"after": "8s", "retries": "1", "to": "operator"},
        "invalid": {"to": "voicemail_box/4201", "say": "Again"},
    }
).spec()

GRAPH = {
    "format": 1,
    "name": "main",
    "start": "menu",
    "nodes": {
        "auto_attendant/sub": {"type": "goto", "to": "auto_attendant/sub"},
        "back": {"type": "back"},
        "busy": {"type": "hangup", "cause": "busy"},
        "extension/4201": {"type": "dial", "to": "extension/4201"},
        "hangup": {"type": "hangup", "cause": "normal"},
        "menu": {
            "type": "menu",
            "greeting": {"say": "Hello"},
            "options": {
                "#": "back",
                "*": "menu",
                "0": "extension/4201",
                "1": "ring_group/sales",
                "2": "auto_attendant/sub",
                "8": "busy",
                "9": "hangup",
            },
            "timeout": {"after": "8s", "retries": 1, "next": "extension/4201"},
            "invalid": {"retries": 2, "next": "voicemail_box/4201", "say": "Again"},
            "dial_extension": {"allow": ["all"], "inter_digit": "2s"},
        },
        "ring_group/sales": {"type": "dial", "to": "ring_group/sales"},
        "voicemail_box/4201": {"type": "dial", "to": "voicemail_box/4201"},
    },
}


def test_a_menu_is_compiled_to_its_graph():
    assert AutoAttendant.compiled("main", SPEC) == GRAPH


def test_a_compiled_graph_is_sound():
    assert validate_flow(GRAPH) == ()
    Draft7Validator(FLOW_SCHEMA).validate(GRAPH)


def test_the_order_of_options_does_not_matter():
    turned = {**SPEC, "options": dict(reversed(SPEC["options"].items()))}

    assert repr(AutoAttendant.compiled("main", turned)) == repr(GRAPH)


def test_a_menu_that_is_not_to_be_published_has_no_graph():
    assert AutoAttendant.compiled("main", {**SPEC, "publish": False}) is None


def test_hours_stand_before_the_menu():
    spec = {**SPEC, "schedule": "office", "closed": "voicemail_box/4201", "holiday": "hangup"}

    graph = AutoAttendant.compiled("main", spec)

    assert graph["start"] == "hours"
    assert graph["nodes"]["hours"] == {
        "type": "schedule",
        "schedule": "schedule/office",
        "open": "menu",
        "closed": "voicemail_box/4201",
        "holiday": "hangup",
    }
    assert validate_flow(graph) == ()
    Draft7Validator(FLOW_SCHEMA).validate(graph)


def _nodes(graph, **nodes):
    graph["nodes"].update(nodes)


BROKEN = {
    "no start": (lambda g: g.update(start="x"), "start"),
    "no nodes": (lambda g: g.pop("nodes"), "no nodes"),
    "unknown type": (lambda g: g["nodes"]["back"].update(type="teleport"), "no known type"),
    "edge to nowhere": (lambda g: g["nodes"]["menu"]["options"].update({"5": "x"}), "'x'"),
    "timeout to nowhere": (lambda g: g["nodes"]["menu"]["timeout"].update(next="x"), "'x'"),
    "no key": (lambda g: g["nodes"]["menu"]["options"].update({"55": "back"}), "'55'"),
    "not reachable": (lambda g: _nodes(g, island={"type": "back"}), "'island'"),
    "a circle without a menu": (
        lambda g: (
            _nodes(g, a={"type": "play", "next": "b"}, b={"type": "play", "next": "a"}),
            g["nodes"]["menu"]["options"].update({"5": "a"}),
        ),
        "for ever",
    ),
    "too many nodes": (
        lambda g: _nodes(g, **{f"n{i}": {"type": "back"} for i in range(MOST_NODES)}),
        "the most",
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_a_broken_graph_is_told(case):
    break_it, words = case
    graph = copy.deepcopy(GRAPH)
    break_it(graph)

    found = validate_flow(graph)

    assert len(found) == 1
    assert words in found[0]


def test_a_circle_through_a_menu_is_allowed():
    graph = copy.deepcopy(GRAPH)
    _nodes(graph, sound={"type": "play", "say": "x", "next": "menu"})
    graph["nodes"]["menu"]["options"]["5"] = "sound"

    assert validate_flow(graph) == ()
