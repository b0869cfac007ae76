"""Knots: steps that all wait for each other, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reconciler.engine.steps import Edge, Ident


def knots(nodes: Iterable[Ident], edges: Iterable[Edge]) -> list[frozenset[Ident]]:
    """The strongly connected components of more than one step (Tarjan 1972), iteratively."""
    inner = list(edges)
    for _ in range(_TRIMS):
        leading = {edge.first for edge in inner}
        inner = [edge for edge in inner if edge.then in leading]
    if not inner:
        return []
    search = _Search(inner)
    leading = {edge.first for edge in inner}
    for root in sorted(leading.intersection(nodes)):
        if root not in search.number:
            search.from_(root)
    return search.found


_TRIMS = 3
"""How often what leads nowhere is left out before the search: most steps lead to no knot."""


class _Search:
    """A walk in depth, with what it knows of the steps that it has met."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self.found: list[frozenset[Ident]] = []
        self.number: dict[Ident, int] = {}
        self._low: dict[Ident, int] = {}
        self._after: dict[Ident, list[Ident]] = defaultdict(list)
        for edge in edges:
            self._after[edge.first].append(edge.then)
        # Those met whose knot is not complete yet; a dictionary, as it keeps their sequence.
        self._open: dict[Ident, None] = {}

    def from_(self, root: Ident) -> None:
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

    def _meet(self, node: Ident) -> Iterator[Ident]:
        self.number[node] = self._low[node] = len(self.number)
        self._open[node] = None
        return iter(self._after[node])

    def _lower(self, node: Ident, number: int) -> None:
        self._low[node] = min(self._low[node], number)

    def _close(self, node: Ident) -> None:
        """Take a knot out once the walk leaves the first of its members."""
        if self._low[node] != self.number[node]:
            return
        members = set()
        while node not in members:
            member, _ = self._open.popitem()
            members.add(member)
        if len(members) > 1:
            self.found.append(frozenset(members))
