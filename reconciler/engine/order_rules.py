"""What must come before what among the steps of a plan, and why: one function a rule.

Each looks at all steps and says which must come before which:

    target first      what is pointed at exists before the pointer does
    linked first      callers come to what was made bare once its links are there
    live first        what is published is live before a caller is sent to it
    re-point first    nothing points at an object any more when it goes
    key freed first   a unique value is given up by one before another takes it
    draft first       a draft is written before it is published
    carrier first     a number is the carrier's again before our record says so
    kept first, room first, settled last: on a carrier account, see `account_order`
    got first         a number is got and routed before another leaves service

The proof that every prefix keeps calls alive plugs in as one more rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import pairwise

from reconciler.engine.account_order import kept_first, room_first, settled_last
from reconciler.engine.knots import knots, knotted
from reconciler.engine.steps import Edge, Ident, Step, Steps
from reconciler.model.act import PARTINGS, Action
from reconciler.model.canonical import digest
from reconciler.model.reference import CALL_KINDS
from reconciler.model.resource import Home


def target_first(steps: Steps) -> Iterator[Edge]:
    """What is pointed at exists before the pointer does."""
    arriving = steps.arriving
    for ident, needs in steps.needs_after.items():
        for reference in needs:  # in any order: each leads from another step
            target = arriving.get(reference)
            if target is not None and target.address != ident[0]:
                yield target.ident, ident, None


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
    links: dict[str, list[Ident]] = defaultdict(list)
    for reference, found in _linked(steps):
        links[_knot(steps, reference)] += found
    if not links:
        return
    lacking = {r: knot for r in steps.arriving if (knot := _knot(steps, r)) in links}
    for ident, needs in steps.needs_after.items():
        for knot in sorted({lacking[r] for r in needs if r in lacking and _is_called(r)}):
            if lacking.get(ident[0].reference) != knot:
                yield from ((link, ident, None) for link in links[knot])


def _knot(steps: Steps, reference: str) -> str:
    """The name of the knot that a new object is in: the first of those in it."""
    return steps.arriving_together[reference][0]


def _linked(steps: Steps) -> Iterator[tuple[str, list[Ident]]]:
    """New objects that callers come to, with the steps that link them to callers' next hops."""
    for reference, step in steps.arriving.items():
        if len(steps.stages[step.address]) > 1 and _is_called(reference):
            links = [ident for ident in steps.later(step) if _links(steps, ident)]
            if links:
                yield reference, links


def _links(steps: Steps, ident: Ident) -> bool:
    return any(map(_is_called, steps.needs_after[ident] - steps.needs_before[ident]))


def _is_called(reference: str) -> bool:
    return reference.partition("/")[0] in CALL_KINDS


def live_first(steps: Steps) -> Iterator[Edge]:
    """What is published is live before a caller is sent to it.

    A draft may point at a draft: there its own publishing waits, not its writing. What
    leads to each other goes live in any order, as nobody is sent there before all of it is.
    """
    together = _live_together(steps)
    if not together:
        return
    for ident, needs in steps.needs_after.items():
        for reference in needs:  # in any order, as above
            knot = together.get(reference, ())
            if knot and ident[0].reference not in knot and not _is_draft(steps.all[ident]):
                yield from ((steps.publishing[other].ident, ident, None) for other in knot)


def _is_draft(step: Step) -> bool:
    return step.cls.published and not step.publishes


def _live_together(steps: Steps) -> dict[str, tuple[str, ...]]:
    """What goes live for the first time, each with all that it leads to and that leads to it."""
    new = {
        reference: step
        for reference, step in steps.publishing.items()
        if step.have is None or not step.have.published
    }
    return knotted(
        new,
        (
            (target, reference)
            for reference, step in new.items()
            for target in steps.needs_after[step.ident]
            if target in new
        ),
    )


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
            if goes.address == step.address or _leave_together(step, goes):
                continue
            publish = steps.publishing.get(step.address.reference)
            for last in (step, publish) if publish is not None else (step,):
                yield last.ident, goes.ident, None
                if step.address.reference not in together.get(reference, frozenset()):
                    for first in _unlinking(steps, together.get(reference, frozenset())):
                        yield last.ident, first.ident, None
    yield from _unseen_first(steps)


def _leave_together(step: Step, goes: Step) -> bool:
    """Whether both are one number's way out, whose order is `carrier_first`'s."""
    leaves = step.act.action in PARTINGS and goes.act.action in PARTINGS
    return leaves and step.address.name == goes.address.name


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
                    yield step.ident, steps.going[reference].ident, None


def key_freed_first(steps: Steps) -> Iterator[Edge]:
    """A unique value is given up by one before another takes it."""
    if not steps.freeing:
        return
    freed = {key: ident for ident in steps.all for key in steps.freeing.get(ident, ())}
    for step in steps:
        taken = steps.keys(step, step.after) - steps.keys(step, step.before)
        for key in sorted(taken & freed.keys()):
            if freed[key][0] != step.address:
                yield freed[key], step.ident, key


def draft_first(steps: Steps) -> Iterator[Edge]:
    """A draft is written before it is published; steps of one object keep their sequence."""
    for address, stages in steps.stages.items():
        if len(stages) > 1:
            idents = [(address, stage) for stage in stages]
            yield from ((first, then, None) for first, then in pairwise(idents))


def carrier_first(steps: Steps) -> Iterator[Edge]:
    """A number has left its account before our record says so."""
    leaving = [step for step in steps if step.act.action in PARTINGS]
    at_carrier = {s.address.name: s for s in leaving if s.cls.home is Home.CARRIER}
    for leaves in leaving:
        carrier = at_carrier.get(leaves.address.name)
        if carrier is not None and carrier is not leaves:
            yield carrier.ident, leaves.ident, None


def got_first(steps: Steps) -> Iterator[Edge]:
    """A number is got and routed before another leaves service.

    Changing a tenant's only number must not end with neither, should the order be refused, or
    with a number that its carrier hands to nobody.
    """
    leaving = [step.ident for step in steps if step.act.action is _QUARANTINE]
    if not leaving:
        return
    got = [s for s in steps if s.act.action in {Action.ORDER, Action.ASSIGN}]
    idents = [ident for first in got for ident in (first.ident, *steps.later(first))]
    yield from ((ident, last, None) for last in leaving for ident in idents)


_QUARANTINE = Action.QUARANTINE


Rule = Callable[[Steps], Iterable[Edge]]
RULES: tuple[Rule, ...] = (
    target_first,
    linked_first,
    live_first,
    repoint_first,
    key_freed_first,
    draft_first,
    carrier_first,
    kept_first,
    room_first,
    settled_last,
    got_first,
)
"""Every rule of the order. A further one, such as the call-by-call proof, is added here."""
