"""Knots: steps that all wait for each other, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

Node = TypeVar("Node", bound=Any)
"""Whatever has an order and a hash; both of numbers and texts are found faster than others'."""


def knots(edges: Iterable[tuple[Node, Node]]) -> list[frozenset[Node]]:
    """The strongly connected components of more than one step (Tarjan 1972), iteratively.

    Args:
        edges: Pairs of what comes first and what comes then.
    """
    inner = list(edges)
    for _ in range(_TRIMS):
        leading = {first for first, _ in inner}
        inner = [edge for edge in inner if edge[1] in leading]
    if not inner:
        return []
    search = _Search(inner)
    for root in sorted({first for first, _ in inner}):
        if root not in search.number:
            search.from_(root)
    return search.found


_TRIMS = 3
"""How often what leads nowhere is left out before the search: most steps lead to no knot."""


class _Search(Generic[Node]):
    """A walk in depth, with what it knows of the steps that it has met."""

    def __init__(self, edges: Iterable[tuple[Node, Node]]) -> None:
        self.found: list[frozenset[Node]] = []
        self.number: dict[Node, int] = {}
        self._low: dict[Node, int] = {}
        self._after: dict[Node, list[Node]] = defaultdict(list)
        for first, then in edges:
            self._after[first].append(then)
        # Those met whose knot is not complete yet; a dictionary, as it keeps their sequence.
        self._open: dict[Node, None] = {}

    def from_(self, root: Node) -> None:
        """Walk all that can be reached from `root` and was not met before."""
        path = [(root, self._meet(root))]
        while path:
            node, following = path[-1]
            then = next(following, None)
            if then is None:
                path.pop()
                if path:
                    self._lower(path[-1][0], self._low[node])
                self._close(node)
            elif then not in self.number:
                path.append((then, self._meet(then)))
            elif then in self._open:
                self._lower(node, self.number[then])

    def _meet(self, node: Node) -> Iterator[Node]:
        self.number[node] = self._low[node] = len(self.number)
        self._open[node] = None
        return iter(self._after[node])

    def _lower(self, node: Node, number: int) -> None:
        self._low[node] = min(self._low[node], number)

    def _close(self, node: Node) -> None:
        """Take a knot out once the walk leaves the first of its members."""
        if self._low[node] != self.number[node]:
            return
        members = set()
        while node not in members:
            member, _ = self._open.popitem()
            members.add(member)
        if len(members) > 1:
            self.found.append(frozenset(members))
