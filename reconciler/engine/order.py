"""Put acts in an order in which no step leaves a caller or a reference with nothing.

The order is searched, never read from a table of kinds. Each rule of `RULES` looks at all
steps and says which must come before which, and why:

    target first      what is pointed at exists before the pointer does
    linked first      callers come to what was made bare once its links are there
    live first        what is published is live before a caller is sent to it
    re-point first    nothing points at an object any more when it goes
    key freed first   a unique value is given up by one before another takes it
    draft first       a draft is written before it is published
    carrier first     a number is the carrier's again before our record says so
    got first         a number is got and routed before another leaves service

Releases come last of all: what cannot be undone waits for everything else (`_rank`).

Where the rules go in a circle it is cut (`cuts`): two groups that swap their pilots, new
objects that point at each other, old ones that do. The proof that every prefix of the order
keeps calls alive plugs in as one more rule.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reconciler.engine.cuts import cut
from reconciler.engine.diff import Change
from reconciler.engine.fields import LIVE, fields_of_new
from reconciler.engine.knots import knots
from reconciler.engine.steps import Circle, Edge, Ident, Ordered, Pointers, Step, Steps
from reconciler.model.act import Act, Action, Cause
from reconciler.model.canonical import digest
from reconciler.model.reference import CALL_KINDS
from reconciler.model.resource import Home
from reconciler.model.spec import Key

# The rules.


def target_first(steps: Steps) -> Iterator[Edge]:
    """What is pointed at exists before the pointer does."""
    for step in steps:
        for reference in _among(steps.needs_after[step.ident], steps.arriving):
            target = steps.arriving[reference]
            if target.address != step.address:
                yield Edge(target.ident, step.ident, "target first")


def _among(references: Iterable[str], those: Container[str]) -> list[str]:
    """Those of some references, in order: mostly none or one."""
    found = [reference for reference in references if reference in those]
    if len(found) > 1:
        found.sort()
    return found


def linked_first(steps: Steps) -> Iterator[Edge]:
    """Callers come to new objects that were made bare once all their links are there.

    What they come by may be new too, unless it is in the same knot: that cannot wait.
    """
    linked = {reference: _links(steps, reference) for reference in _called(steps)}
    if not any(linked.values()):
        return
    together = _arriving_together(steps)
    lacking = {r: together[r] for r in linked if any(map(linked.get, together[r]))}
    for step in steps:
        found = {lacking[r] for r in steps.needs_after[step.ident] if r in lacking}
        for knot in sorted(found):
            if step.address.reference not in knot:
                for ident in (ident for member in knot for ident in linked.get(member, ())):
                    yield Edge(ident, step.ident, "linked first")


def _called(steps: Steps) -> Iterator[str]:
    return (r for r, step in steps.arriving.items() if step.address.kind in CALL_KINDS)


def _arriving_together(steps: Steps) -> dict[str, tuple[str, ...]]:
    """New objects, each with those that it points at in a circle."""
    new = steps.arriving
    return _by_name(
        new,
        (
            (reference, pointer)
            for step in steps
            if (pointer := step.address.reference) in new
            for reference in steps.needs_after[step.ident]
            if reference in new
        ),
    )


def _links(steps: Steps, reference: str) -> tuple[Ident, ...]:
    """The steps that give a new object the links to callers' next hops that it lacked."""
    return tuple(
        ident
        for ident in steps.later(steps.arriving[reference])
        if any(
            added.split("/")[0] in CALL_KINDS
            for added in steps.needs_after[ident] - steps.needs_before[ident]
        )
    )


def live_first(steps: Steps) -> Iterator[Edge]:
    """What is published is live before a caller is sent to it.

    A draft may point at a draft: there its own publishing waits, not its writing. What
    leads to each other goes live in any order, as nobody is sent there before all of it is.
    """
    together = _live_together(steps)
    for step in steps if together else ():
        if step.cls.published and not step.publishes:
            continue
        for reference in _among(steps.needs_after[step.ident], together):
            for other in together[reference]:
                if step.address.reference not in together[reference]:
                    yield Edge(steps.publishing[other].ident, step.ident, "live first")


def _live_together(steps: Steps) -> dict[str, tuple[str, ...]]:
    """What goes live for the first time, each with all that it leads to and that leads to it."""
    new = {
        reference: step
        for reference, step in steps.publishing.items()
        if step.have is None or not step.have.published
    }
    return _by_name(
        new,
        (
            (target, reference)
            for reference, step in new.items()
            for target in steps.needs_after[step.ident]
            if target in new
        ),
    )


def _by_name(new: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Each object with all that are in a knot with it; one that is in none, with itself."""
    together: dict[str, tuple[str, ...]] = {reference: (reference,) for reference in new}
    for knot in knots(edges):
        names = tuple(sorted(knot))
        for name in names:
            together[name] = names
    return together


def repoint_first(steps: Steps) -> Iterator[Edge]:
    """Nothing points at an object any more when it goes.

    Callers follow the published graph of what is published, so it counts there. What goes
    and points at each other is left alone by callers before the first link of it is cut.
    """
    if not steps.going:
        return
    together = _going_together(steps)
    for step in steps:
        if step.publishes:
            continue
        dropped = steps.needs_before[step.ident] - steps.needs_after[step.ident]
        for reference in _among(dropped, steps.going):
            goes = steps.going[reference]
            if goes.address == step.address or _released_together(step, goes):
                continue
            publish = steps.publishing.get(step.address.reference)
            for last in (step, publish) if publish is not None else (step,):
                yield Edge(last.ident, goes.ident, "re-point first")
                if step.address.reference not in together.get(reference, frozenset()):
                    for first in _unlinking(steps, together.get(reference, frozenset())):
                        yield Edge(last.ident, first.ident, "re-point first")
    yield from _unseen_first(steps)


def _released_together(step: Step, goes: Step) -> bool:
    """Whether both are one number's way out, whose order is `carrier_first`'s."""
    released = step.act.action is Action.RELEASE and goes.act.action is Action.RELEASE
    return released and step.address.name == goes.address.name


def _going_together(steps: Steps) -> dict[str, frozenset[str]]:
    """What goes, with all that goes too, points at it and is pointed at by it."""
    points: dict[str, set[str]] = defaultdict(set)
    for step in steps:
        if step.address.reference in steps.going:
            points[step.address.reference] |= steps.needs_before[step.ident] & steps.going.keys()
    found = knots((first, then) for first, targets in points.items() for then in targets)
    return {name: knot for knot in found for name in knot}


def _unlinking(steps: Steps, knot: frozenset[str]) -> Iterator[Step]:
    """The steps that cut a link between objects that go together."""
    for reference in sorted(knot):
        address, last = steps.going[reference].ident
        for ident in ((address, stage) for stage in steps.stages[address] if stage < last):
            if (steps.needs_before[ident] - steps.needs_after[ident]) & knot:
                yield steps.all[ident]


def _unseen_first(steps: Steps) -> Iterator[Edge]:
    """What is live and is not the draft that we see may lead anywhere: it is replaced first."""
    for step in steps.publishing.values():
        if step.have is None or not step.have.published:
            continue
        graph = step.cls.compiled(step.address.name, step.have.spec)
        if graph is None or digest(graph) != step.have.published:
            for reference in sorted(steps.going):
                if steps.going[reference].address.kind in CALL_KINDS:
                    yield Edge(step.ident, steps.going[reference].ident, "re-point first")


def key_freed_first(steps: Steps) -> Iterator[Edge]:
    """A unique value is given up by one before another takes it."""
    freed: dict[Key, Step] = {}
    for step in steps:
        if step.before is not None:
            for key in steps.keys(step, step.before) - steps.keys(step, step.after):
                freed[key] = step
    if not freed:
        return
    for step in steps:
        taken = steps.keys(step, step.after) - steps.keys(step, step.before)
        for key in sorted(taken & freed.keys()):
            if freed[key].address != step.address:
                yield Edge(freed[key].ident, step.ident, "key freed first", key)


def draft_first(steps: Steps) -> Iterator[Edge]:
    """A draft is written before it is published; steps of one object keep their sequence."""
    for address, stages in steps.stages.items():
        for first, then in pairwise(stages):
            yield Edge((address, first), (address, then), "draft first")


def carrier_first(steps: Steps) -> Iterator[Edge]:
    """A number is the carrier's again before our record says so."""
    releases = [step for step in steps if step.act.action is Action.RELEASE]
    at_carrier = {s.address.name: s for s in releases if s.cls.home is Home.CARRIER}
    for release in releases:
        carrier = at_carrier.get(release.address.name)
        if carrier is not None and carrier is not release:
            yield Edge(carrier.ident, release.ident, "carrier first")


def got_first(steps: Steps) -> Iterator[Edge]:
    """A number is got and routed before another leaves service.

    Changing a tenant's only number must not end with neither, should the order be refused, or
    with a number that its carrier hands to nobody.
    """
    got = [s for s in steps if s.act.action in {Action.ORDER, Action.ASSIGN}]
    for step in steps:
        if step.act.action is Action.QUARANTINE:
            for first in got:
                idents = (first.ident, *steps.later(first))
                yield from (Edge(ident, step.ident, "got first") for ident in idents)


Rule = Callable[[Steps], Iterable[Edge]]

RULES: tuple[Rule, ...] = (
    target_first,
    linked_first,
    live_first,
    repoint_first,
    key_freed_first,
    draft_first,
    carrier_first,
    got_first,
)
"""Every rule of the order. A further one, such as the call-by-call proof, is added here."""


# The search.


def in_order(
    changes: Iterable[Change],
    rules: Sequence[Rule] = RULES,
    pointers: Pointers | None = None,
) -> Ordered:
    """Order the changes of one tenant.

    Raises:
        Circle: No order keeps the rules, even with circles cut.
    """
    steps = list(_steps(changes))
    pointers = pointers or Pointers()
    index = None
    for _ in range(len(steps) + 1):
        index = Steps(steps, pointers, index)
        edges = [edge for rule in rules for edge in rule(index)]
        idents = sorted(index.all)
        number = {ident: n for n, ident in enumerate(idents)}
        pairs = [(number[edge.first], number[edge.then]) for edge in edges]
        circles = knots(pairs)
        if not circles:
            return _sorted([index.all[ident] for ident in idents], pairs)
        steps = cut(index, edges, [frozenset(idents[n] for n in one) for one in circles])
    raise Circle(tuple(steps))


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
        writes = any(item.field != LIVE for item in change.fields)
        if writes or change.before is None or change.after is None or not change.act.remote:
            yield from _as_it_comes(step)
        yield from _publishing(step)


def _as_it_comes(step: Step) -> Iterator[Step]:
    """A step; with one after it for the settings that its act itself cannot leave behind."""
    after, sets = step.after, step.act.sets
    if after is None or sets is None or after.keys() <= sets:
        yield step
        return
    first = {name: value for name, value in after.items() if name in sets}
    yield replace(step, after=first, fields=fields_of_new(first, step.cause), remember=None)
    rest = {name: value for name, value in after.items() if name not in sets}
    yield replace(
        step,
        act=Act(Action.UPDATE, "set once it is there"),
        before=first,
        fields=fields_of_new(rest, step.cause),
        stage=1,
        because=f"cannot be set with the {step.act.action}",
    )


PUBLISHES_AT = 1000
"""The stage of a publish: after every write of its draft."""


def _publishing(step: Step) -> Iterator[Step]:
    if not step.cls.published or step.after is None:
        return
    graph = step.cls.compiled(step.address.name, step.after)
    live = step.have.published if step.have else ""
    if graph is None or digest(graph) == live:
        return
    act = Act(Action.PUBLISH, "its draft is not what callers meet")
    fields = tuple(item for item in step.fields if item.field == LIVE)
    cause = Cause.DRIFT if fields == step.fields else Cause.CONFIG
    yield replace(
        step,
        act=act,
        before=step.after,
        fields=fields,
        graph=graph,
        stage=PUBLISHES_AT,
        cause=cause if fields else step.cause,
    )


def _sorted(steps: Sequence[Step], pairs: Iterable[tuple[int, int]]) -> Ordered:
    """Sort by the edges; among steps that are free, carrier acts first, then by address.

    Args:
        steps: Sorted by address and stage.
        pairs: Their numbers: which comes first, and which then.
    """
    before: list[set[int]] = [set() for _ in steps]
    after: list[set[int]] = [set() for _ in steps]
    for first, then in pairs:
        before[then].add(first)
        after[first].add(then)
    open_count = list(map(len, before))
    ready = [(_rank(steps[n]), n) for n, count in enumerate(open_count) if count == 0]
    heapq.heapify(ready)
    order: list[Step] = []
    waves = [0] * len(steps)
    while ready:
        _, n = heapq.heappop(ready)
        order.append(steps[n])
        waves[n] = 1 + max((waves[first] for first in before[n]), default=0)
        for then in after[n]:
            open_count[then] -= 1
            if open_count[then] == 0:
                heapq.heappush(ready, (_rank(steps[then]), then))
    waits = {
        step.ident: tuple([steps[n].ident for n in sorted(firsts)])
        for step, firsts in zip(steps, before, strict=True)
    }
    idents = (step.ident for step in steps)
    return Ordered(tuple(order), waits, dict(zip(idents, waves, strict=True)))


def _rank(step: Step) -> int:
    """Where a step goes when it is free: orders early, deletes late, releases last of all.

    Nothing ever waits for a release, so the highest rank is enough to put it at the end.
    """
    match step.act.action:
        case Action.RELEASE:
            return 3
        case Action.ORDER:
            return 0
        case _:
            return 2 if step.goes else 1
