"""Renames: each a step of its own before all that touches its objects.

`renamed` makes those steps and the three states as they are once they are done; everything
else is compared and ordered in that world. Whatever refers to an object is re-pointed in the
same write, as a platform with ids would do it: no reference ever leads to nothing, and
neither messages nor passwords nor published versions are made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from reconciler.engine.cuts import without_key
from reconciler.engine.diff import Scene
from reconciler.engine.fields import field_changes
from reconciler.engine.heirs import Heirs, Verdict, forgotten
from reconciler.engine.plan import Gate, Held, Note
from reconciler.engine.repoint import is_seen, regraphed, repointed
from reconciler.engine.steps import Beside, Pointers, Step
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from reconciler.model.canonical import graph_digest
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Key, Spec

STAGE = -1000
"""The stage of a rename: before whatever else happens at its address."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """The renames of one tenant.

    Attributes:
        scene: The three states once they are done.
        steps: They themselves, in their order, with what has to make room for them.
        gates: Why some are refused.
        held: Why some wait.
        notes: Lines of YAML that have no meaning any more.
    """

    scene: Scene
    steps: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    held: tuple[Held, ...] = ()
    notes: tuple[Note, ...] = ()


def unseen(scene: Scene) -> tuple[Address, ...]:
    """Objects whose live graph has to be read before `renamed` can let it lead elsewhere."""
    if not Heirs(scene).due():
        return ()
    objects = ((at, scene.kinds.get(at.kind)) for at in sorted(scene.observed))
    return tuple(
        at for at, cls in objects if cls is not None and not is_seen(cls, scene.observed[at])
    )


def renamed(scene: Scene, pointers: Pointers) -> Renaming:
    """Decide about every `was:` of a tenant. Pure."""
    heirs = Heirs(scene)
    due, forgetting = heirs.due(), tuple(forgotten(scene, heirs.old))
    if not heirs.old and not forgetting:
        return Renaming(scene)
    world = _World(scene, pointers)
    for new in sorted(heirs.old):
        _tell(world, new, heirs.old[new], heirs.verdict(new))
    for members in due:
        moves = {heirs.old[new]: new for new in members if new not in world.renamed}
        if moves:
            _Family(world, moves).rename(swaps=heirs.is_swap(members))
    world.steps += [_forget(scene, address) for address in forgetting]
    return world.renaming()


class _World:
    """The three states while renames are done to them, one after the other."""

    def __init__(self, scene: Scene, pointers: Pointers) -> None:
        self.scene = scene
        self.observed = dict(scene.observed)
        self.applied = dict(scene.applied)
        self.frozen = set(scene.frozen)
        self.renamed: set[Address] = set()
        self.steps: list[Step] = []
        self.gates: list[Gate] = []
        self.held: list[Held] = []
        self.notes: list[Note] = []
        self._pointers = pointers

    def renaming(self) -> Renaming:
        """What came of it."""
        frozen = frozenset(self.frozen)
        scene = replace(self.scene, observed=self.observed, applied=self.applied, frozen=frozen)
        return Renaming(
            scene, tuple(self.steps), tuple(self.gates), tuple(self.held), tuple(self.notes)
        )

    def cls(self, address: Address) -> type[Resource]:
        """The kind of what is at an address."""
        return self.scene.kinds[address.kind]

    def is_ours(self, address: Address) -> bool:
        """Whether an object is there that we may change."""
        return self.observed[address].managed and address in self.applied

    def refuse(self, address: Address, detail: str, hint: str, code: str = "E403") -> None:
        """Put a gate up."""
        gate = Gate(id=code, kind="refusal", address=str(address), detail=detail, hint=hint)
        self.gates.append(gate)

    def points(self, address: Address, spec: Spec) -> frozenset[str]:
        """What a spec points at, as `kind/name`."""
        return self._pointers.of(self.cls(address), address.name, spec)

    @cached_property
    def pointing(self) -> dict[str, set[Address]]:
        """Who may point at each `kind/name`: now, when last applied, or by what is live."""
        found: dict[str, set[Address]] = defaultdict(set)
        for address, have in self.observed.items():
            if address.kind in self.scene.kinds:
                self.index(found, address, have.spec)
                if address in self.applied:
                    self.index(found, address, self.applied[address].spec)
        return found

    def index(self, found: dict[str, set[Address]], address: Address, spec: Spec) -> None:
        """Note what a spec points at."""
        for reference in self.points(address, spec):
            found[reference].add(address)

    @cached_property
    def holders(self) -> dict[Key, Address]:
        """Who has each unique value."""
        return {
            key: address
            for address, have in self.observed.items()
            if address.kind in self.scene.kinds
            for key in self.cls(address).keys(address.name, have.spec)
        }

    def put(self, beside: Iterable[Beside]) -> None:
        """Let a family have its new names."""
        changed = list(beside)
        had = [self.observed.pop(one.was or one.address) for one in changed]
        kept = [self.applied.pop(one.was or one.address, None) for one in changed]
        for one, have, applied in zip(changed, had, kept, strict=True):
            for key in self.cls(one.address).keys(have.address.name, have.spec):
                self.holders.pop(key, None)
            live = graph_digest(one.graph) if one.graph is not None else have.published
            made = replace(have, address=one.address, spec=one.after, published=live)
            self.observed[one.address] = made
            if applied is not None and one.remember is not None:
                known = live if applied.published == have.published else applied.published
                self.applied[one.address] = replace(
                    applied, address=one.address, spec=one.remember, published=known
                )
            self.index(self.pointing, one.address, one.after)
        for one in changed:
            keys = self.cls(one.address).keys(one.address.name, one.after)
            self.holders.update(dict.fromkeys(keys, one.address))


def _tell(world: _World, new: Address, old: Address, verdict: Verdict) -> None:
    """Say what a line comes to that is not acted on."""
    name, was = new.reference, old.reference
    match verdict:
        case Verdict.DONE:
            text = f"`was: {old.name}` is done: {name} is there. The line can go."
            world.notes.append(Note(address=str(new), text=text))
        case Verdict.NOBODY:
            text = f"`was: {old.name}`: there is no {was} to rename; {name} is made new."
            world.notes.append(Note(address=str(new), text=text))
        case Verdict.THEIRS:
            detail = f"{name} says that it was {was}, which is there and is not ours to rename."
            hint = f"Write {was} into YAML and apply that, which takes it over; then rename it."
            world.refuse(new, detail, hint)
        case Verdict.BOTH:
            detail = f"{name} says that it was {was}, but both are there: one would be lost."
            hint = f"Take {name} out and apply that, then rename; or keep both, without `was`."
            world.refuse(new, detail, hint)
        case Verdict.DUE | Verdict.FOLLOWS:
            return
    if verdict in {Verdict.THEIRS, Verdict.BOTH}:
        world.frozen |= {new, old}  # nothing of what would be lost is planned


def _forget(scene: Scene, address: Address) -> Step:
    spec = dict(scene.observed[address].spec)
    return Step(
        address,
        scene.kinds[address.kind],
        Act(Action.UPDATE, "its `was` is gone from YAML: the ledger forgets it", remote=False),
        spec,
        spec,
        (),
        scene.desired[address],
        scene.observed[address],
        Cause.CONFIG,
        stage=STAGE,
        remember=scene.applied[address].spec,
    )


class _Family:
    """Objects that get their new names in one step, and all that is changed with them."""

    def __init__(self, world: _World, moves: dict[Address, Address]) -> None:
        self._world = world
        self._moves = moves
        self._follow()
        self._names = {old.reference: new.reference for old, new in self._moves.items()}

    def _follow(self) -> None:
        """Take along what YAML has no more, where its name holds one that changes."""
        names = {old.reference: new.reference for old, new in self._moves.items()}
        for address in sorted(self._candidates(names)):
            name = self._world.cls(address).follows(address.name, names)
            here = address in self._world.observed and address not in self._world.renamed
            if name is not None and here:
                self._moves.setdefault(address, address._replace(name=name))

    def _candidates(self, names: Iterable[str]) -> set[Address]:
        pointing = self._world.pointing
        return {address for name in names for address in pointing.get(name, ())}

    def rename(self, *, swaps: bool) -> None:
        """Add the step, or say why there is none."""
        world = self._world
        room = self._make_room() if self._has_room() else None
        if room is None:
            world.frozen |= {*self._moves, *self._moves.values()}
            return
        kept = {step.address: world.observed[step.address] for step in room}
        for step in room:
            world.observed[step.address] = replace(kept[step.address], spec=step.after or {})
        beside = [*self._moved(), *self._referring()]
        touched = {*self._moves, *self._moves.values(), *kept, *(one.address for one in beside)}
        stuck = sorted(touched & world.frozen)
        if stuck:
            world.observed.update(kept)
            world.frozen |= {*self._moves, *self._moves.values()}
            detail = f"is renamed once nothing is open at {stuck[0].reference} any more"
            world.held.append(Held(address=str(self._main), what="waiting", detail=detail))
            return
        world.steps += [*room, self._step(beside, swaps=swaps)]
        world.put(beside)
        world.renamed |= set(self._moves.values())

    @property
    def _main(self) -> Address:
        """The address that stands for all of them: that of an entry, where there is one."""
        desired = self._world.scene.desired
        wanted = sorted(new for new in self._moves.values() if new in desired)
        return next((new for new in wanted if desired[new].entry == new), wanted[0])

    # What changes.

    def _moved(self) -> Iterator[Beside]:
        for old, new in sorted(self._moves.items(), key=lambda pair: pair[1]):
            yield self._beside(old, new)

    def _referring(self) -> Iterator[Beside]:
        """What refers to one of them: now, when it was last applied, or by what is live."""
        world = self._world
        for address in sorted(self._candidates(self._names) | world.scene.graphs.keys()):
            here = address in world.observed and address not in self._moves
            if not here or world.cls(address).home is not Home.PLATFORM:
                continue
            made, applied = self._beside(address, address), world.applied.get(address)
            forgets = applied is not None and made.remember != applied.spec
            if made.after != made.before or made.graph is not None or forgets:
                yield made

    def _beside(self, old: Address, new: Address) -> Beside:
        world = self._world
        cls, have, applied = world.cls(old), world.observed[old], world.applied.get(old)
        after = self._repointed(old, have.spec)
        live = world.scene.graphs.get(old)
        return Beside(
            new,
            cls,
            old if old != new else None,
            dict(have.spec),
            after,
            regraphed(cls, have, after, new.name, self._names, live),
            have.published,
            self._repointed(old, applied.spec) if applied is not None else None,
        )

    def _repointed(self, address: Address, spec: Spec) -> dict[str, Any]:
        if self._world.points(address, spec).isdisjoint(self._names):
            return dict(spec)
        return repointed(self._world.cls(address), spec, self._names)

    # What has to make room.

    def _has_room(self) -> bool:
        """Whether every new name is free once the family has left its old ones."""
        seen: set[Address] = set()
        for new in self._moves.values():
            if new in seen or (new in self._world.observed and new not in self._moves):
                detail = f"Two objects would be called {new.reference}: one would be lost."
                self._world.refuse(new, detail, "Apply what goes by itself first, then rename.")
                return False
            seen.add(new)
        return True

    def _make_room(self) -> list[Step] | None:
        """Let others give up, in steps of their own, what the new names claim; None if refused."""
        steps = []
        for key in sorted(self.taken - self.freed, key=lambda key: (key.scope, key.value)):
            holder = self._world.holders.get(key)
            if holder is None or holder in self._moves:
                continue
            step = self._free(holder, key)
            if step is None:
                return None
            steps.append(step)
        return steps

    @property
    def taken(self) -> set[Key]:
        """What the new names claim."""
        return self._keys((new.name, old) for old, new in self._moves.items())

    @property
    def freed(self) -> set[Key]:
        """What the old names claimed."""
        return self._keys((old.name, old) for old in self._moves)

    def _keys(self, names: Iterable[tuple[str, Address]]) -> set[Key]:
        world = self._world
        return {
            key for name, at in names for key in world.cls(at).keys(name, world.observed[at].spec)
        }

    def _free(self, holder: Address, key: Key) -> Step | None:
        world, new = self._world, self._main
        cls, have, name = world.cls(holder), world.observed[holder], holder.reference
        if not world.is_ours(holder):
            detail = f"{key.value} is taken by {name}, which is there but not in YAML."
            world.refuse(new, detail, f"Write {name} into YAML, or choose another name.", "E402")
            return None
        spec = without_key(cls, have.spec, key)
        if spec is None:
            detail = f"{key.value} is what {name} is called, and that is to go."
            world.refuse(new, detail, f"Apply the removal of {name} first, then rename.")
            return None
        applied = world.applied[holder].spec
        return Step(
            holder,
            cls,
            Act(Action.UPDATE, "in the way of another step"),
            dict(have.spec),
            spec,
            field_changes(cls, have.spec, spec, None),
            world.scene.desired.get(holder),
            have,
            Cause.CONFIG,
            stage=STAGE - 1 - len(world.steps),
            because=f"gives {key.value} up, so that {new.reference} can take it",
            remember=without_key(cls, applied, key) or applied,
        )

    # The step.

    def _step(self, beside: list[Beside], *, swaps: bool) -> Step:
        desired = self._world.scene.desired
        main = next(one for one in beside if one.address == self._main)
        old = main.was or main.address
        told = [
            f"{one.address.reference}: {one.cls.known_by}"
            for one in beside
            if one.was is not None and one.cls.known_by and one.address in desired
        ]
        reason = "; ".join(["renamed in YAML", *told])
        return Step(
            main.address,
            main.cls,
            Act(Action.UPDATE, reason),
            main.before,
            main.after,
            field_changes(main.cls, main.before, main.after, None),
            desired[main.address],
            self._world.observed[old],
            Cause.CONFIG,
            graph=main.graph,
            stage=STAGE,
            remember=main.remember,
            was=old,
            also=tuple(one for one in beside if one is not main),
            swaps=swaps,
        )
