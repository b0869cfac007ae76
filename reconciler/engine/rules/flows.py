"""Flows that an author wrote node by node: every caller gets somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from reconciler.engine.draft import Draft, Finding
from reconciler.engine.rounds import circles
from reconciler.engine.rules.routes import entered_directly
from reconciler.kinds.auto_attendant import AutoAttendant

EXPLAIN = {
    "TEL213": (
        "A part of a flow that nobody reaches",
        (
            "No key and no node leads to it, so what it says never happens: most often the key "
            "that was meant to lead there is missing."
        ),
    ),
}

Path = tuple[str, ...]

_EDGES: Mapping[str, tuple[Path, ...]] = {
    "menu": (("timeout", "next"), ("invalid", "next")),
    "play": (("next",),),
    "schedule": (("open",), ("closed",), ("holiday",)),
}
"""The fields of each sort of node that hold the name of another one, but for keys."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing wrong in a flow.

    Attributes:
        code: As in `reconciler explain`.
        path: The way to it in the flow.
        detail: A full sentence.
        hint: The next step.
        key: Whether the key at `path` is at fault rather than its value.
        related: Other places that belong to it.
    """

    code: str
    path: Path
    detail: str
    hint: str
    key: bool = False
    related: tuple[Path, ...] = ()


def sound_flows(draft: Draft) -> Iterator[Finding]:
    """Find what keeps a flow that an author wrote from being sound."""
    written = [address for address, menu in draft.of(AutoAttendant) if menu.flow is not None]
    direct = entered_directly(draft) if written else frozenset[str]()
    for address in written:
        flow = draft.specs[address].get("flow")
        if flow is None:
            continue
        for fault in _faults(flow, direct=address.reference in direct):
            yield Finding(
                fault.code,
                draft.path(address, "flow", *fault.path),
                fault.detail,
                fault.hint,
                address=address,
                related=tuple(
                    (draft.path(address, "flow", *path), "and on here") for path in fault.related
                ),
                key=fault.key,
            )


def _faults(flow: Mapping[str, Any], *, direct: bool) -> Iterator[_Fault]:
    """`direct`: calls come to it other than from a menu, so that `back` plays it again."""
    nodes: Mapping[str, Any] = flow["nodes"]
    edges = {name: tuple(_edges(name, node)) for name, node in nodes.items()}
    lost = list(_lost(flow, edges))
    yield from lost
    if not lost:
        yield from _unreached(flow, edges)
        yield from _endless(flow, edges, direct=direct)


def _edges(name: str, node: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where a node leads, each with the place that says so."""
    for key, to in node.get("options", {}).items():
        yield ("nodes", name, "options", key), to
    for path in _EDGES.get(node["type"], ()):
        value: Any = node
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            yield ("nodes", name, *path), value


def _lost(
    flow: Mapping[str, Any], edges: Mapping[str, tuple[tuple[Path, str], ...]]
) -> Iterator[_Fault]:
    start: tuple[Path, str] = ("start",), flow["start"]
    for path, to in (start, *(edge for found in edges.values() for edge in found)):
        if to not in flow["nodes"]:
            near = get_close_matches(to, flow["nodes"], 1)
            hint = f'Did you mean "{near[0]}"?' if near else "Write the name of a node."
            yield _Fault("TEL201", path, f'"{to}" is no node of this flow.', hint)


def _unreached(
    flow: Mapping[str, Any], edges: Mapping[str, tuple[tuple[Path, str], ...]]
) -> Iterator[_Fault]:
    seen, todo = {flow["start"]}, [flow["start"]]
    while todo:
        for _, to in edges[todo.pop()]:
            if to not in seen:
                seen.add(to)
                todo.append(to)
    for name in flow["nodes"]:
        if name not in seen:
            detail = f'No caller ever comes to the node "{name}".'
            hint = "Lead a key or another node to it, or take it out."
            yield _Fault("TEL213", ("nodes", name), detail, hint, key=True)


def _endless(
    flow: Mapping[str, Any],
    edges: Mapping[str, tuple[tuple[Path, str], ...]],
    *,
    direct: bool,
) -> Iterator[_Fault]:
    """Find where callers go round who press nothing, or a wrong key each time."""
    told: set[frozenset[str]] = set()
    for sort, doing in (("timeout", "press nothing"), ("invalid", "press a wrong key")):
        onward = {
            name: list(_without_keys(flow, name, edges[name], sort, direct=direct))
            for name in flow["nodes"]
        }
        found = circles({name: [to for _, to in ahead] for name, ahead in onward.items()})
        for circle in found:
            if frozenset(circle) in told:
                continue
            told.add(frozenset(circle))
            places = [_place(onward, circle, index) for index in range(len(circle))]
            chain = " to ".join(f'"{name}"' for name in (*circle, circle[0]))
            yield _Fault(
                "TEL204",
                places[0],
                f"Callers who {doing} go round for ever: {chain}.",
                "Lead them to a person, a voicemail box or a hang-up instead.",
                related=tuple(places[1:]),
            )


def _without_keys(
    flow: Mapping[str, Any],
    name: str,
    edges: tuple[tuple[Path, str], ...],
    sort: str,
    *,
    direct: bool,
) -> Iterator[tuple[Path, str]]:
    node = flow["nodes"][name]
    if node["type"] == "menu":
        yield from ((path, to) for path, to in edges if path[2] == sort)
    elif node["type"] == "back" and direct:
        yield ("nodes", name, "type"), flow["start"]
    else:
        yield from edges


def _place(
    onward: Mapping[str, list[tuple[Path, str]]], circle: tuple[str, ...], index: int
) -> Path:
    then = circle[(index + 1) % len(circle)]
    return next(path for path, to in onward[circle[index]] if to == then)


RULES = (sound_flows,)
