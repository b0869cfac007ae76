"""The place of renames in the order of a plan: before all that touches their objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reconciler.engine.renames import Renaming
from reconciler.engine.steps import Ident, Ordered, Pointers, Step
from reconciler.model.address import Address
from reconciler.model.spec import Key


def put_first(renaming: Renaming, ordered: Ordered, pointers: Pointers) -> Ordered:
    """Put renames before all other steps; what touches their objects waits for them."""
    if not renaming.steps:
        return ordered
    earlier = _Earlier()
    waits: dict[Ident, tuple[Ident, ...]] = {}
    waves: dict[Ident, int] = {}
    for step in renaming.steps:
        waits[step.ident] = earlier.add(step)
        waves[step.ident] = 1 + max((waves[ident] for ident in waits[step.ident]), default=0)
    last = max(waves.values())
    for step in ordered.steps:
        waits[step.ident] = (*ordered.waits_for[step.ident], *earlier.needed_by(step, pointers))
        waves[step.ident] = ordered.waves[step.ident] + last
    return Ordered((*renaming.steps, *ordered.steps), waits, waves)


class _Earlier:
    """What renames, and what makes room for them, have changed: addresses, names and keys."""

    def __init__(self) -> None:
        self._at: dict[Address | str | Key, set[Ident]] = defaultdict(set)

    def add(self, step: Step) -> tuple[Ident, ...]:
        """Add a step; those before it that it has to wait for."""
        moved = [(step.address, step.cls, step.was, step.before, step.after)]
        moved += [(one.address, one.cls, one.was, one.before, one.after) for one in step.also]
        leaves: set[Address | str | Key] = set()
        takes: set[Address | str | Key] = set()
        for new, cls, was, before, after in moved:
            leaves |= {new} if was is None else {new, was, new.reference}
            had = set(cls.keys((was or new).name, before or {}))
            has = set(cls.keys(new.name, after or {}))
            leaves |= had - has
            takes |= has - had
        waits = self._on(leaves | takes)
        for one in leaves:
            self._at[one].add(step.ident)
        return waits

    def needed_by(self, step: Step, pointers: Pointers) -> tuple[Ident, ...]:
        """Those that changed what a step changes, points at or takes a key from."""
        about: set[Address | str | Key] = {step.address}
        for spec in (step.before, step.after):
            about |= pointers.of(step.cls, step.address.name, spec)
        about |= pointers.claims(step.cls, step.address.name, step.after)
        return self._on(about)

    def _on(self, about: Iterable[Address | str | Key]) -> tuple[Ident, ...]:
        return tuple(sorted({ident for one in about for ident in self._at.get(one, ())}))
