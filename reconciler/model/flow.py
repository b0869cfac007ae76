"""The flow graph of an auto-attendant: what is published and what callers meet.

Seven sorts of nodes, joined by edges that are the names of nodes. It is ours; the form that
a platform's API wants is a translation of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

FORMAT = 1

To = str | Mapping[str, str]
"""A destination as it stands in a spec: text, or `{to, after}`."""

MOST_NODES = 200
START = "menu"

_EDGE = {"type": "string", "minLength": 1, "maxLength": 200}
_SPOKEN = {"type": "string", "minLength": 1, "maxLength": 2000}
_DURATION = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?s$"}
_RETRIES = {"type": "integer", "minimum": 0, "maximum": 10}
_KEY_PATTERN = r"^[0-9*#]$"
_REFERENCE = {"type": "string", "pattern": r"^[a-z][a-z_]*/.+$"}
_DIALLED = {"type": "string", "pattern": r"^([a-z][a-z_]*/.+|directory)$"}
_SOUND = {
    "say": _SPOKEN,
    "play": _REFERENCE,
    "language": {"type": "string"},
    "voice": {"type": "string"},
}


def _node(kind: str, required: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, **fields},
        "required": ["type", *required],
        "additionalProperties": False,
    }


def _object(required: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


FLOW_SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Flow graph of an auto-attendant",
    "type": "object",
    "properties": {
        "format": {"const": FORMAT},
        "name": {"type": "string"},
        "start": {**_EDGE, "description": "The node where a call enters."},
        "nodes": {
            "type": "object",
            "maxProperties": MOST_NODES,
            "minProperties": 1,
            "additionalProperties": {
                "oneOf": [
                    _node(
                        "menu",
                        ("greeting", "options", "timeout", "invalid"),
                        greeting=_object((), **_SOUND),
                        options={
                            "type": "object",
                            "patternProperties": {_KEY_PATTERN: _EDGE},
                            "additionalProperties": False,
                        },
                        timeout=_object(
                            ("after", "retries", "next"),
                            after=_DURATION,
                            retries=_RETRIES,
                            next=_EDGE,
                        ),
                        invalid=_object(
                            ("retries", "next"), retries=_RETRIES, say=_SPOKEN, next=_EDGE
                        ),
                        dial_extension=_object(
                            ("allow", "inter_digit"),
                            allow={"type": "array", "items": {"type": "string"}, "minItems": 1},
                            inter_digit=_DURATION,
                        ),
                    ),
                    _node("goto", ("to",), to=_REFERENCE, after=_DURATION),
                    _node("play", ("next",), next=_EDGE, **_SOUND),
                    _node(
                        "schedule",
                        ("schedule", "open", "closed"),
                        schedule=_REFERENCE,
                        open=_EDGE,
                        closed=_EDGE,
                        holiday=_EDGE,
                    ),
                    _node("dial", ("to",), to=_DIALLED, after=_DURATION),
                    _node("back", ()),
                    _node("hangup", (), cause={"enum": ["normal", "busy"]}, after=_DURATION),
                ]
            },
        },
    },
    "required": ["format", "name", "start", "nodes"],
    "additionalProperties": False,
}
"""What a graph looks like, as JSON Schema draft-07."""


def compile_flow(name: str, attendant: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an attendant's settings into its graph. Equal settings give an equal graph.

    Args:
        name: The attendant's name.
        attendant: Its spec, as the kind `auto_attendant` writes it.

    """
    nodes: dict[str, Any] = {}

    def edge(to: To) -> str:
        """Name the node that a destination or word leads to, and make it when it is new."""
        target, after = target_of(to), after_in(to)
        if target == "repeat":
            return START
        if target == "operator":
            operator = attendant["operator"]
            target, after = target_of(operator), after or after_in(operator)
        name = f"{target} after {after}" if after else target
        nodes.setdefault(name, {**_leaf(target), **({"after": after} if after else {})})
        return name

    nodes[START] = _menu(attendant, edge)
    start = START
    if attendant.get("schedule"):
        start = "hours"
        nodes[start] = _hours(attendant, edge)
    return {
        "format": FORMAT,
        "name": name,
        "start": start,
        "nodes": {key: nodes[key] for key in sorted(nodes)},
    }


def written_flow(name: str, flow: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a flow that an author wrote into its graph.

    Args:
        name: The attendant's name.
        flow: Its `flow`, as the kind `auto_attendant` writes it into a spec: `start`, `nodes`.

    """
    nodes = flow["nodes"]
    return {
        "format": FORMAT,
        "name": name,
        "start": flow["start"],
        "nodes": {key: _long(nodes[key]) for key in sorted(nodes)},
    }


def target_of(to: To) -> str:
    """Tell where a destination leads, as it stands in a spec: text, or `{to, after}`."""
    return str(to["to"] if isinstance(to, Mapping) else to)


def after_in(to: To) -> str:
    """Tell how long a caller waits before it, such as `20s`; "" for not at all."""
    return str(to.get("after", "")) if isinstance(to, Mapping) else ""


_BARE = {"play": "audio", "schedule": "schedule"}
"""Fields of nodes that name one kind only, by its bare name where an author writes it."""


def _long(node: Mapping[str, Any]) -> dict[str, Any]:
    """Write out the references of a node."""
    made = dict(node)
    if "greeting" in made:
        made["greeting"] = _long(made["greeting"])
    for field, kind in _BARE.items():
        if field in made:
            made[field] = f"{kind}/{str(made[field]).removeprefix(f'{kind}/')}"
    return made


def _menu(attendant: Mapping[str, Any], edge: Callable[[To], str]) -> dict[str, Any]:
    timeout, invalid = attendant["timeout"], attendant["invalid"]
    options = attendant.get("options", {})
    greeting = dict(attendant["greeting"])
    if "play" in greeting:
        greeting["play"] = f"audio/{greeting['play']}"
    menu: dict[str, Any] = {
        "type": "menu",
        "greeting": greeting,
        "options": {key: edge(options[key]) for key in sorted(options)},
        "timeout": {
            "after": timeout["after"],
            "retries": timeout["retries"],
            "next": edge(timeout["to"]),
        },
        "invalid": {"retries": invalid["retries"], "next": edge(invalid["to"])},
    }
    if invalid.get("say"):
        menu["invalid"]["say"] = invalid["say"]
    if attendant.get("dial_extension"):
        menu["dial_extension"] = dict(attendant["dial_extension"])
    return menu


def _hours(attendant: Mapping[str, Any], edge: Callable[[To], str]) -> dict[str, Any]:
    node = {
        "type": "schedule",
        "schedule": f"schedule/{attendant['schedule']}",
        "open": START,
        "closed": edge(attendant.get("closed") or "hangup"),
    }
    if attendant.get("holiday"):
        node["holiday"] = edge(attendant["holiday"])
    return node


def _leaf(to: str) -> dict[str, Any]:
    match to.partition("/")[0]:
        case "hangup":
            return {"type": "hangup", "cause": "normal"}
        case "busy":
            return {"type": "hangup", "cause": "busy"}
        case "back":
            return {"type": "back"}
        case "auto_attendant":
            return {"type": "goto", "to": to}
        case _:
            return {"type": "dial", "to": to}


# The same graph once what it leads to has other names.


def repointed(graph: Mapping[str, Any], name: str, renamed: Mapping[str, str]) -> dict[str, Any]:
    """Let a graph lead to the same objects under their new names.

    Args:
        graph: Any graph, also one that is not sound.
        name: The attendant's name from now on.
        renamed: The new `kind/name` by the old one.
    """
    nodes = graph.get("nodes", {})
    changed = {renamed.get(key, key): _with_names(node, renamed) for key, node in nodes.items()}
    start = graph.get("start")
    return {
        **graph,
        "name": name,
        "start": renamed.get(str(start), start),
        "nodes": {key: changed[key] for key in sorted(changed)},
    }


def _with_names(value: Any, renamed: Mapping[str, str], field: str = "") -> Any:
    """Change names of nodes and of objects, and no text that is spoken."""
    if isinstance(value, str):
        return value if field in _WORDS else renamed.get(value, value)
    if isinstance(value, Mapping):
        return {key: _with_names(item, renamed, key) for key, item in value.items()}
    return [_with_names(item, renamed) for item in value] if isinstance(value, list) else value


_WORDS = ("type", "say", "language", "voice", "cause", "after", "inter_digit")
"""Fields that hold no name of a node or object."""


# Checking a graph that may come from anywhere.


def validate_flow(graph: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is wrong with a graph, a sentence each; nothing for a sound one.

    Its start and every edge lead to a node, every node can be reached, every circle holds a
    menu (where the caller can act), keys are of a telephone, and it is not too large.
    """
    nodes = graph.get("nodes")
    if not isinstance(nodes, Mapping) or not all(isinstance(n, Mapping) for n in nodes.values()):
        return ("It has no nodes.",)
    if len(nodes) > MOST_NODES:
        return (f"It has {len(nodes)} nodes; {MOST_NODES} are the most.",)
    edges = {name: tuple(_edges(node)) for name, node in nodes.items()}
    found = [*_unknown(nodes), *_unresolved(graph, nodes, edges)]
    if not found:
        found = [*_unreachable(str(graph["start"]), edges), *_endless(nodes, edges)]
    return tuple(found)


_EDGES: Mapping[str, tuple[str, ...]] = {
    "menu": (),
    "goto": (),
    "play": ("next",),
    "schedule": ("open", "closed", "holiday"),
    "dial": (),
    "back": (),
    "hangup": (),
}


def _edges(node: Mapping[str, Any]) -> Iterator[str]:
    for name in _EDGES.get(str(node.get("type")), ()):
        if name in node:
            yield str(node[name])
    if node.get("type") == "menu":
        yield from map(str, node.get("options", {}).values())
        for name in ("timeout", "invalid"):
            yield str(node.get(name, {}).get("next", ""))


def _unknown(nodes: Mapping[str, Any]) -> Iterator[str]:
    for name, node in nodes.items():
        if node.get("type") not in _EDGES:
            yield f"Node {name!r} is of no known type."
        for key in node.get("options", {}):
            if not re.match(_KEY_PATTERN, key):
                yield f"Node {name!r} has the key {key!r}, which no telephone has."


def _unresolved(
    graph: Mapping[str, Any], nodes: Mapping[str, Any], edges: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    if graph.get("start") not in nodes:
        yield "Its start is no node of it."
    for name, targets in edges.items():
        for target in targets:
            if target not in nodes:
                yield f"Node {name!r} leads to {target!r}, which is no node."


def _unreachable(start: str, edges: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    seen, todo = {start}, [start]
    while todo:
        for target in edges[todo.pop()]:
            if target not in seen:
                seen.add(target)
                todo.append(target)
    yield from (f"Node {name!r} cannot be reached." for name in edges if name not in seen)


def _endless(nodes: Mapping[str, Any], edges: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Find circles without a menu: what is left when nodes without a way on are taken away."""
    left = {
        name: {target for target in targets if nodes[target]["type"] != "menu"}
        for name, targets in edges.items()
        if nodes[name]["type"] != "menu"
    }
    while ends := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in ends:
            del left[name]
    if left:
        yield f"Callers go round for ever in {', '.join(map(repr, sorted(left)))}."
