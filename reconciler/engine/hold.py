"""What is left out of a plan, and why: not known, not there yet, still needed by what stays."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.engine.diff import Change, Difference, Scene
from reconciler.engine.plan import Gate, Held
from reconciler.engine.steps import Pointers
from reconciler.model.address import Address
from reconciler.model.resource import Home
from reconciler.model.spec import Key, Spec
from reconciler.model.state import Observed

# What is not known.


def with_entries_whole(scene: Scene) -> Scene:
    """Freeze an entry's own object with the objects folded under it.

    While nobody knows what became of a number at its carrier, its record stays as it is.
    """
    above = {above for _, above in _folded(scene, scene.frozen)}
    return replace(scene, frozen=scene.frozen | above) if above else scene


def without_unchecked(
    scene: Scene, unchecked: Mapping[str, str], unread: Mapping[tuple[str, str], str]
) -> tuple[Scene, tuple[Held, ...]]:
    """Freeze what lives at a connector that could not be read, and what rests on it.

    Args:
        scene: The three states.
        unchecked: Each such connector, with the reason.
        unread: The same for what is only of one kind, by connector and kind.
    """
    if not unchecked and not unread:
        return scene, ()
    blind: dict[Address, str] = {}
    for address, spec in _specs(scene):
        connector = str(spec.get("connector", ""))
        why = unchecked.get(connector) or unread.get((connector, address.kind))
        if why and scene.kinds[address.kind].home is Home.CARRIER:
            blind[address] = f"not checked: {connector}: {why}"
    blind |= {above: blind[below] for below, above in _folded(scene, tuple(blind))}
    held = tuple(
        Held(address=str(address), what="unchecked", detail=why)
        for address, why in sorted(blind.items())
    )
    names = {address.reference for address in blind}
    resting = {
        address
        for address, spec in _specs(scene)
        if names & scene.kinds[address.kind].rests_on(address.name, spec)
    }
    return replace(scene, frozen=scene.frozen | blind.keys() | resting), held


def without_wanted_elsewhere(scene: Scene) -> tuple[Scene, tuple[Held, ...]]:
    """Freeze numbers whose line has gone to another tenant's file.

    Quarantined here they would be refused there until they are released for good.
    """
    theirs = {
        address: supply.wanted_by
        for address in scene.applied
        if address not in scene.desired
        and (supply := scene.supply.get(address.name)) is not None
        and supply.wanted_by
    }
    held = tuple(
        Held(
            address=str(address),
            what="waiting",
            detail=f"out of YAML here, and in the YAML of {theirs[address]}: it stays as it is",
            next=f"put its line back here, and take it out of {theirs[address]}",
        )
        for address in sorted(theirs)
        if not scene.kinds[address.kind].under
    )
    return (replace(scene, frozen=scene.frozen | theirs.keys()) if theirs else scene), held


def _specs(scene: Scene) -> Iterator[tuple[Address, Spec]]:
    for at, wanted in scene.desired.items():
        yield at, wanted.spec
    for at, applied in scene.applied.items():
        if at.kind in scene.kinds:
            yield at, applied.spec


def _folded(scene: Scene, addresses: Iterable[Address]) -> Iterator[tuple[Address, Address]]:
    for address in addresses:
        cls = scene.kinds.get(address.kind)
        if cls is not None and cls.under:
            yield address, address._replace(kind=cls.under)


# What is not there yet, or still needed.


@dataclass(slots=True)
class _Kept:
    """The changes of a plan while some are taken out of it, and what each makes impossible."""

    scene: Scene
    pointers: Pointers
    changes: dict[Address, Change]
    needing: dict[str, list[Change]] = field(default_factory=dict)
    going: dict[str, Change] = field(default_factory=dict)
    taking: dict[Key, Change] = field(default_factory=dict)
    why: dict[Address, str] = field(default_factory=dict)
    taken: list[Gate] = field(default_factory=list)
    todo: deque[Change] = field(default_factory=deque)


def hold_back(
    scene: Scene, difference: Difference, pointers: Pointers
) -> tuple[tuple[Change, ...], tuple[Held, ...], tuple[Gate, ...]]:
    """Take out of a plan what would point at nothing, or take from what stays.

    Returns:
        The changes that are left, those that wait with the reason, and a refusal for each
        unique value that something has which is neither in YAML nor ours.
    """
    kept = _Kept(scene, pointers, {change.address: change for change in difference.changes})
    _index(kept)
    _without_targets(kept, {item.address.reference for item in difference.refused})
    if kept.going or kept.taking:
        theirs = {have.address for have in difference.unmanaged}
        for address, have in sorted(scene.observed.items()):
            if address.kind in scene.kinds and _may_stay(kept.changes.get(address)):
                _stays(kept, have, theirs)
    while kept.todo:
        _left_out(kept, kept.todo.popleft())
    left = tuple(change for address, change in kept.changes.items() if address not in kept.why)
    held = tuple(
        Held(address=str(address), what="waiting", detail=why)
        for address, why in sorted(kept.why.items())
    )
    return left, held, tuple(kept.taken)


def _index(kept: _Kept) -> None:
    pointers, needing = kept.pointers, kept.needing
    for change in kept.changes.values():
        for reference in pointers.of(change.cls, change.address.name, change.after):
            needing.setdefault(reference, []).append(change)
        if change.after is None:
            kept.going[change.address.reference] = change
    if kept.scene.observed:  # else nothing is there that anything could be taken from
        for change in kept.changes.values():
            kept.taking.update(dict.fromkeys(_taken_by(change, pointers), change))


def _taken_by(change: Change, pointers: Pointers) -> frozenset[Key]:
    cls, name = change.cls, change.address.name
    return pointers.claims(cls, name, change.after) - pointers.claims(cls, name, change.before)


def _without_targets(kept: _Kept, refused: set[str]) -> None:
    there = {address.reference for address in kept.scene.observed} | refused
    there |= {change.address.reference for change in kept.changes.values()}
    lacking: dict[Address, list[str]] = {}
    for reference in sorted(kept.needing.keys() - there):
        for change in kept.needing[reference]:
            lacking.setdefault(change.address, []).append(reference)
    for address, lacks in lacking.items():
        _wait(kept, kept.changes[address], f"waits for {', '.join(lacks)}")
    # A field that somebody changed and that is left as it is may point at what goes.
    for reference, goes in kept.going.items():
        for change in kept.needing.get(reference, ()):
            _wait(kept, goes, f"still needed by {change.address.reference}")


def _may_stay(change: Change | None) -> bool:
    """Whether nothing is done to an object, or only what waits for an approval."""
    return change is None or bool(change.act.approval)


def _stays(kept: _Kept, have: Observed, theirs: set[Address]) -> None:
    """Keep what an object needs that stays as it is, and from others what only it may have."""
    cls = kept.scene.kinds[have.address.kind]
    for reference in kept.pointers.of(cls, have.address.name, have.spec):
        goes = kept.going.get(reference)
        if goes is not None and goes.address != have.address and not _may_stay(goes):
            _wait(kept, goes, f"still needed by {have.address.reference}")
    for key in kept.pointers.claims(cls, have.address.name, have.spec):
        taker = kept.taking.get(key)
        if taker is None or taker.address == have.address:
            continue
        if have.address in theirs:
            kept.taken.append(_taken(taker, key, have))
        else:
            _wait(kept, taker, f"waits for {key.value}, which {have.address.reference} has")


def _wait(kept: _Kept, change: Change, why: str) -> None:
    if change.address not in kept.why:
        kept.why[change.address] = why
        kept.todo.append(change)


def _left_out(kept: _Kept, change: Change) -> None:
    """Follow up what a change that was taken out would have brought, or let go."""
    reference = change.address.reference
    if change.have is not None:
        _stays(kept, change.have, set())
        return
    for other in kept.needing.get(reference, ()):
        _wait(kept, other, f"waits for {reference}")
    for other in _below(kept, change.address):
        if other.have is None:  # nothing is bought that could not be used yet
            _wait(kept, other, f"waits for {reference}")


def _below(kept: _Kept, address: Address) -> Iterator[Change]:
    """The changes of the objects folded under one."""
    for kind, cls in kept.scene.kinds.items():
        found = kept.changes.get(address._replace(kind=kind))
        if cls.under == address.kind and found is not None:
            yield found


def _taken(taker: Change, key: Key, have: Observed) -> Gate:
    holder = have.address.reference
    return Gate(
        id="E402",
        kind="refusal",
        address=str(taker.address),
        detail=f"{key.value} is taken by {holder}, which is there but not in YAML.",
        hint=f"Write {holder} into YAML to take it over, or change {taker.address.reference}.",
    )
