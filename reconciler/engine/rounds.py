"""Circles in a graph of names, each found once, in time linear in nodes and edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


def circles(edges: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Yield one circle through each knot of names that reach each other.

    Args:
        edges: Name -> names that it leads to; names without an entry lead nowhere.

    Returns:
        Names in order, each leading to the next and the last to the first; the circle
        starts at its smallest name. Each name is in one circle at most.

    """
    done: set[str] = set()
    for start in sorted(edges):
        if start not in done:
            yield from _from(start, edges, done)


def _from(
    start: str, edges: Mapping[str, Iterable[str]], done: set[str]
) -> Iterator[tuple[str, ...]]:
    path = [start]
    at = {start: 0}
    todo = [iter(edges.get(start, ()))]
    told: set[str] = set()
    while path:
        target = next(todo[-1], None)
        if target is None:
            left = path.pop()
            todo.pop()
            del at[left]
            done.add(left)
        elif target in at:
            circle = path[at[target] :]
            if told.isdisjoint(circle):
                told.update(circle)
                least = circle.index(min(circle))
                yield (*circle[least:], *circle[:least])
        elif target in edges and target not in done:
            at[target] = len(path)
            path.append(target)
            todo.append(iter(edges[target]))
