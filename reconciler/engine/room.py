"""What an account takes only once something else of it has gone: the two go side by side.

An entry of an access list that overlaps another one is refused as long as that is there. So the
old one goes right before the new one comes, in the part that removes; and it never goes for one
that does not come.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.engine.diff import Change, Scene
from reconciler.engine.plan import Held
from reconciler.model.account_object import AccountObject
from reconciler.model.address import Address
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec

Changes = tuple[Change, ...]


@functools.cache
def takes_room(cls: type[Resource]) -> bool:
    """Whether an object of a kind may keep another one out."""
    return issubclass(cls, AccountObject) and cls.excludes is not AccountObject.excludes


def excludes(cls: type[Resource], one: Spec, other: Spec) -> bool:
    """Whether an account cannot have both."""
    return issubclass(cls, AccountObject) and cls.excludes(one, other)


def with_room(scene: Scene, changes: Changes) -> tuple[Changes, tuple[Held, ...]]:
    """Leave out what has no room, and what would make room for nothing.

    An entry that stays, as it is somebody else's or something of it is not over, keeps a new one
    out. What is in the way of one that git wants and that is not planned stays, too: calls come
    by it until then.
    """
    planned = {change.address: change for change in changes}
    held: dict[Address, Held] = {}
    found = True
    while found:
        news = {**dict(_without_room(scene, planned)), **dict(_in_vain(scene, planned))}
        held |= news
        found = bool(news)
        planned = {at: change for at, change in planned.items() if at not in news}
    return tuple(planned.values()), tuple(held[at] for at in sorted(held))


def _without_room(
    scene: Scene, planned: Mapping[Address, Change]
) -> Iterator[tuple[Address, Held]]:
    """What comes and is kept out by something that stays."""
    for at, change in planned.items():
        if change.before is not None or change.after is None or not takes_room(change.cls):
            continue
        for other, have in sorted(scene.observed.items()):
            stays = other.kind == at.kind and not _goes(planned.get(other))
            if stays and excludes(change.cls, change.after, have.spec):
                yield at, _kept_out(at, other, ours=other in scene.applied)
                break


def _kept_out(at: Address, other: Address, *, ours: bool) -> Held:
    detail = f"it overlaps {other.reference}, which stays, and both cannot be: it is not made"
    if ours:
        return Held(address=str(at), what="waiting", detail=f"{detail} yet")
    step = f"write {other.reference} into YAML instead, or have it removed there by whoever made it"
    return Held(address=str(at), what="unsupported", detail=detail, next=step)


def _in_vain(scene: Scene, planned: Mapping[Address, Change]) -> Iterator[tuple[Address, Held]]:
    """What goes and is in the way of something that git wants and that does not come."""
    missing = [
        (at, want.spec)
        for at, want in scene.desired.items()
        if at not in scene.observed and at not in planned and takes_room(scene.kinds[at.kind])
    ]
    for at, change in planned.items():
        for wanted, spec in missing if _goes(change) and change.before is not None else ():
            if wanted.kind == at.kind and excludes(change.cls, spec, change.before or {}):
                detail = f"it makes room for {wanted.reference}, which is not planned: it stays"
                yield at, Held(address=str(at), what="waiting", detail=detail)
                break


def _goes(change: Change | None) -> bool:
    return change is not None and change.after is None


def in_two(changes: Changes) -> tuple[Changes, Changes]:
    """Part what comes and changes at once from what goes, with what takes the place of that.

    How an account works changes with the latter where there is any: then all that it needs is
    there.
    """
    gone = tuple(change for change in changes if change.after is None)
    late = dict(_late(changes, gone))
    if late:
        late |= {c.address: c for c in changes if _settles(c) and c.act.remote}
    first = (c for c in changes if c.after is not None and c.address not in late)
    return tuple(first), (*gone, *late.values())


def _settles(change: Change) -> bool:
    return issubclass(change.cls, AccountObject) and change.cls.single


def _late(changes: Changes, gone: Changes) -> Iterator[tuple[Address, Change]]:
    """What comes right after something that keeps it out has gone, told with what that means."""
    for change in changes:
        if change.before is not None or change.after is None or not takes_room(change.cls):
            continue
        out = [
            other.address.reference
            for other in gone
            if other.cls is change.cls and excludes(change.cls, change.after, other.before or {})
        ]
        if out:
            why = (
                f"in YAML; it overlaps {', '.join(out)}, removed right before it: a call from"
                " there may be refused in between"
            )
            yield change.address, change._replace(act=replace(change.act, reason=why))
