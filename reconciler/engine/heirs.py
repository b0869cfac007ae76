"""Which `was:` lines are still to be acted on: names are all there is to tell it by.

A rename is due while its old name is there, ours, and its new one is free or becomes free by
another rename. One that was done leaves its line without meaning. Where names are exchanged
the same ones are there before and after: there the ledger remembers that it was done.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from reconciler.engine.diff import Scene
from reconciler.engine.knots import knots
from reconciler.model.address import Address


class Verdict(enum.Enum):
    """What a `was:` line comes to."""

    DUE = "due"
    DONE = "done"
    """Nothing has the old name and something of ours has the new one."""
    NOBODY = "nobody"
    """Nothing has either name."""
    FOLLOWS = "follows"
    """Not said by itself, and nothing to do."""
    THEIRS = "theirs"
    """What has the old name is not ours."""
    BOTH = "both"
    """Both names are there, and git knows one of them only."""


class Heirs:
    """The renames that a tenant's files ask for.

    Attributes:
        old: The old address of each new one.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.old = {at: want.was for at, want in scene.desired.items() if want.was is not None}
        self._new = {old: new for new, old in self.old.items()}

    def verdict(self, new: Address) -> Verdict:
        """Decide about one."""
        old, observed = self.old[new], self._scene.observed
        if not self._is_wanted(old) and self._is_ours(old):
            if self._is_free(new):
                return Verdict.DUE
            return Verdict.DONE if old in self.old else Verdict.BOTH
        if self._is_derived(new):
            return Verdict.FOLLOWS
        if self._is_ours(new):
            return Verdict.DONE
        return Verdict.THEIRS if old in observed else Verdict.NOBODY

    def due(self) -> list[tuple[Address, ...]]:
        """The addresses that are to be renamed to, as families in the order of their renames.

        One YAML entry is one family, and so are entries that exchange their names: each
        family changes in one step. Whatever leaves a name comes before who takes it.
        """
        due = [new for new in sorted(self.old) if self.verdict(new) is Verdict.DUE]
        entry = {new: self._scene.desired[new].entry for new in due}
        edges = [
            ((entry[self._new[new]], 0), (entry[new], 0))
            for new in due
            if new in self._scene.observed and self._new.get(new) in entry
        ]
        knot = {ident: min(one) for one in knots(edges) for ident in one}
        family = {new: knot.get((at, 0), (at, 0)) for new, at in entry.items()}
        order: TopologicalSorter[tuple[Address, int]] = TopologicalSorter()
        for one in sorted(set(family.values())):
            order.add(one)
        for edge in edges:
            first, then = (knot.get(ident, ident) for ident in edge)
            if first != then:
                order.add(then, first)
        return [tuple(new for new in due if family[new] == one) for one in order.static_order()]

    def is_swap(self, members: tuple[Address, ...]) -> bool:
        """Whether some of a family exchange names, so that existence does not tell it was done."""
        return any(self._circle(new) for new in members)

    def _is_free(self, new: Address) -> bool:
        if new not in self._scene.observed:
            return True
        circle = self._circle(new)
        if circle:
            return not self._was_done(circle)
        *_, last = self._leaving(new)
        return last not in self._scene.observed

    def _leaving(self, new: Address) -> Iterator[Address]:
        """Follow who takes what is at a name, to the end or back to the start."""
        name, seen = new, set[Address]()
        while name not in seen:
            yield name
            seen.add(name)
            taker = self._new.get(name)
            if taker is None or name not in self._scene.observed or not self._is_ours(name):
                return
            name = taker

    def _circle(self, new: Address) -> tuple[Address, ...]:
        """All that exchange names with one, itself among them; () for none."""
        found = tuple(self._leaving(new))
        last = found[-1]
        closed = self._new.get(last) == new and self._is_ours(last)
        return found if closed else ()

    def _was_done(self, circle: tuple[Address, ...]) -> bool:
        applied = self._scene.applied
        return all(applied[new].was == self.old[new].name for new in circle)

    def _is_ours(self, address: Address) -> bool:
        have = self._scene.observed.get(address)
        return have is not None and have.managed and address in self._scene.applied

    def _is_wanted(self, address: Address) -> bool:
        return address in self._scene.desired and address not in self.old

    def _is_derived(self, new: Address) -> bool:
        entry = self._scene.desired[new].entry
        return entry != new and entry in self.old


def forgotten(scene: Scene, old: Mapping[Address, Address]) -> Iterator[Address]:
    """Find what still remembers an exchange of names that git speaks of no more."""
    for address, applied in sorted(scene.applied.items()):
        known = address in scene.desired and address in scene.observed
        if applied.was and address not in old and known:
            yield address
