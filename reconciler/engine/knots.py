"""Knots: steps that all wait for each other, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from reconciler.engine.steps import Edge, Ident


def knots(nodes: Iterable[Ident], edges: Iterable[Edge]) -> list[frozenset[Ident]]:
    """The strongly connected components of more than one step (Tarjan 1972), iteratively."""
    after: dict[Any, list[Any]] = defaultdict(list)
    for edge in edges:
        after[edge.first].append(edge.then)
    number: dict[Any, int] = {}
    low: dict[Any, int] = {}
    on_stack: set[Any] = set()
    stack: list[Any] = []
    found: list[frozenset[Ident]] = []
    for root in sorted(nodes):
        if root in number:
            continue
        work = [(root, iter(after[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for then in following:
                if then not in number:
                    number[then] = low[then] = len(number)
                    stack.append(then)
                    on_stack.add(then)
                    work.append((then, iter(after[then])))
                    break
                if then in on_stack:
                    low[node] = min(low[node], number[then])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    members = _pop_to(stack, on_stack, node)
                    if len(members) > 1:
                        found.append(members)
    return found


def _pop_to(stack: list[Any], on_stack: set[Any], node: object) -> frozenset[Any]:
    members = set()
    while True:
        item = stack.pop()
        on_stack.discard(item)
        members.add(item)
        if item == node:
            return frozenset(members)
