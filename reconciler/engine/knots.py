"""Knots: steps that all wait for each other, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

Node = TypeVar("Node", bound=Any)
"""Whatever has an order and a hash; both of numbers and texts are found faster than others'."""


def knots(edges: Iterable[tuple[Node, Node]]) -> list[frozenset[Node]]:
    """The strongly connected components of more than one step, iteratively.

    Args:
        edges: Pairs of what comes first and what comes then.

    Source:
        Gabow, Path-based depth-first search for strong and biconnected components (2000).
    """
    after: dict[Node, list[Node]] = defaultdict(list)
    before: dict[Node, list[Node]] = defaultdict(list)
    for first, then in edges:
        after[first].append(then)
        before[then].append(first)
    _trim(after, before)
    search = _Search(after)
    for root in sorted(after):
        if root not in search.number:
            search.from_(root)
    return search.found


def _trim(after: dict[Node, list[Node]], before: dict[Node, list[Node]]) -> None:
    """Leave out of `after` what leads to no knot, which are most of the steps."""
    left = {node: len(following) for node, following in after.items()}
    ended = [node for node in before if node not in left]
    for node in ended:  # which grows meanwhile
        for first in before[node]:
            left[first] -= 1
            if not left[first]:
                ended.append(first)
                del after[first]


def knotted(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Each name with all that are in a knot with it, in order; one that is in none, with itself."""
    together: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    for knot in knots(edges):
        members = tuple(sorted(knot))
        for name in members:
            together[name] = members
    return together


class _Search(Generic[Node]):
    """A walk in depth, with what it knows of the steps that it has met."""

    def __init__(self, after: dict[Node, list[Node]]) -> None:
        self.found: list[frozenset[Node]] = []
        self.number: dict[Node, int] = {}
        self._after = after
        # Those met whose knot is not complete yet, and those that may be the first of one.
        self._open: dict[Node, None] = {}
        self._first: list[Node] = []

    def from_(self, root: Node) -> None:
        """Walk all that can be reached from `root` and was not met before."""
        path = [(root, self._meet(root))]
        while path:
            node, following = path[-1]
            for then in following:
                if then in self._open:
                    self._join(self.number[then])
                elif then in self._after and then not in self.number:
                    path.append((then, self._meet(then)))
                    break
            else:
                path.pop()
                self._close(node)

    def _meet(self, node: Node) -> Iterator[Node]:
        self.number[node] = len(self.number)
        self._open[node] = None
        self._first.append(node)
        return iter(self._after[node])

    def _join(self, number: int) -> None:
        """All on the path from a step on are in one knot: they lead back to it."""
        while self.number[self._first[-1]] > number:
            self._first.pop()

    def _close(self, node: Node) -> None:
        """Take a knot out once the walk leaves the first of its members."""
        if self._first[-1] != node:
            return
        self._first.pop()
        members = set()
        while node not in members:
            member, _ = self._open.popitem()
            members.add(member)
        if len(members) > 1:
            self.found.append(frozenset(members))
