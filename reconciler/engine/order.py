"""Put acts in an order in which no step leaves a caller or a reference with nothing.

The order is searched, never read from a table of kinds: the rules (`order_rules`) say which step
must come before which. Releases come last of all: what cannot be undone waits for everything
else (`_rank`).

Where the rules go in a circle it is cut (`cuts`): two groups that swap their pilots, objects that
point at each other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from reconciler.engine.cuts import cut
from reconciler.engine.diff import Change
from reconciler.engine.fields import LIVE, field_changes, fields_of_new
from reconciler.engine.knots import knots
from reconciler.engine.order_rules import RULES, Rule
from reconciler.engine.steps import Circle, Ident, Ordered, Pointers, Step, Steps
from reconciler.model.act import PARTINGS, Act, Action, Cause
from reconciler.model.canonical import digest


def in_order(
    changes: Iterable[Change],
    rules: Sequence[Rule] = RULES,
    pointers: Pointers | None = None,
) -> Ordered:
    """Order the changes of one tenant.

    Raises:
        Circle: No order keeps the rules, even with circles cut.
    """
    index = Steps(_steps(changes), pointers or Pointers())
    for _ in range(len(index.all) + 1):
        edges = {rule.__name__: list(rule(index)) for rule in rules}
        idents = sorted(index.all)
        number = {ident: n for n, ident in enumerate(idents)}
        pairs = [(number[one[0]], number[one[1]]) for found in edges.values() for one in found]
        circles = knots(pairs)
        if not circles:
            return _sorted([index.all[ident] for ident in idents], idents, pairs)
        index.put(cut(index, edges, [frozenset(idents[n] for n in one) for one in circles]))
    raise Circle(tuple(index))


def _steps(changes: Iterable[Change]) -> Iterator[Step]:
    for change in changes:
        step = Step(
            change.address,
            change.cls,
            change.act,
            change.before,
            change.after,
            change.fields,
            change.wanted,
            change.have,
            change.cause,
            remember=change.remember,
        )
        if change.before is None or change.after is None or not change.act.remote or _writes(step):
            yield from _as_it_comes(step)
        if change.cls.published:
            yield from _publishing(step)


def _writes(step: Step) -> bool:
    """Whether it changes more than what is live."""
    return any(item.field != LIVE for item in step.fields)


def _as_it_comes(step: Step) -> Iterator[Step]:
    """A step; with one after it for the settings that its act itself cannot leave behind."""
    after, sets = step.after, step.act.sets
    if after is None or sets is None:
        yield step
        return
    first = {name: value for name, value in after.items() if name in sets}
    there = {**step.act.comes_with, **first}
    if there == after:
        yield step
        return
    yield step._replace(after=first, fields=fields_of_new(first, step.cause), remember=None)
    changed = field_changes(step.cls, there, after, None)
    yield step._replace(
        act=Act(Action.UPDATE, "set once it is there"),
        before=there,
        fields=tuple([item._replace(cause=step.cause) for item in changed]),
        stage=1,
        because=f"cannot be set with the {step.act.action}",
    )


PUBLISHES_AT = 1000
"""The stage of a publish: after every write of its draft."""


def _publishing(step: Step) -> Iterator[Step]:
    if step.after is None:
        return
    graph = step.cls.compiled(step.address.name, step.after)
    live = step.have.published if step.have else ""
    if graph is None or digest(graph) == live:
        return
    act = Act(Action.PUBLISH, "its draft is not what callers meet")
    fields = tuple(item for item in step.fields if item.field == LIVE)
    cause = Cause.DRIFT if fields == step.fields else Cause.CONFIG
    yield step._replace(
        act=act,
        before=step.after,
        fields=fields,
        graph=graph,
        stage=PUBLISHES_AT,
        cause=cause if fields else step.cause,
    )


def _sorted(
    steps: Sequence[Step], idents: Sequence[Ident], pairs: Iterable[tuple[int, int]]
) -> Ordered:
    """Sort by the edges; among steps that are free, carrier acts first, then by address.

    Args:
        steps: Sorted by address and stage.
        idents: Of each.
        pairs: Their numbers: which comes first, and which then.
    """
    before: list[set[int]] = [set() for _ in steps]
    after: list[list[int]] = [[] for _ in steps]
    for first, then in pairs:
        if first not in before[then]:
            before[then].add(first)
            after[first].append(then)
    open_count = list(map(len, before))
    ready = [(_rank(steps[n]), n) for n, count in enumerate(open_count) if count == 0]
    heapq.heapify(ready)
    order: list[Step] = []
    waves = [1] * len(steps)
    while ready:
        _, n = heapq.heappop(ready)
        order.append(steps[n])
        next_wave = waves[n] + 1
        for then in after[n]:
            waves[then] = max(waves[then], next_wave)
            open_count[then] -= 1
            if open_count[then] == 0:
                heapq.heappush(ready, (_rank(steps[then]), then))
    waits = [tuple([idents[n] for n in sorted(firsts)]) for firsts in before]
    return Ordered(
        tuple(order), dict(zip(idents, waits, strict=True)), dict(zip(idents, waves, strict=True))
    )


def _rank(step: Step) -> int:
    """Where a step goes when it is free: orders early, deletes late, numbers that go last of all.

    Nothing ever waits for one that goes, so the highest rank is enough to put it at the end.
    """
    return _RANKS.get(step.act.action, 2 if step.goes else 1)


_RANKS = {**dict.fromkeys(PARTINGS, 3), Action.ORDER: 0}
