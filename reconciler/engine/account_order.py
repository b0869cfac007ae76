"""Rules for the order of what is done on a carrier account itself; see `order`."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from reconciler.engine.room import excludes, takes_room
from reconciler.engine.steps import Edge, Step, Steps
from reconciler.model.account_object import AccountObject
from reconciler.model.resource import Resource


def kept_first(steps: Steps) -> Iterator[Edge]:
    """What is only known under another name from now on is so before another takes its old name."""
    for step in steps:
        if step.act.remote or step.wanted is not None or step.after is None:
            continue
        for new in steps.arriving.values():
            if new.address.kind == step.address.kind and new.address.tenant == step.address.tenant:
                yield step.ident, new.ident, None


def settled_last(steps: Steps) -> Iterator[Edge]:
    """How an account works changes once all that it then needs is there."""
    settling = [step for step in steps if _settles(step.cls)]
    for step in settling:
        for new in steps.arriving.values():
            if new.ident != step.ident and not new.act.approval:
                yield new.ident, step.ident, None


def room_first(steps: Steps) -> Iterator[Edge]:
    """What keeps another one out goes right before that comes, and all else that goes, later.

    So a list of networks has entries in between wherever it can.
    """
    coming = [step for step in steps if step.arrives and takes_room(step.cls)]
    going = [step for step in steps if step.goes and takes_room(step.cls)] if coming else []
    left = dict.fromkeys(step.ident for step in going)
    before = None
    for new in coming:
        out = [old for old in going if old.cls is new.cls and _keeps_out(old, new)]
        for old in out:
            yield old.ident, new.ident, None
            if before is not None and old.ident in left:
                yield before, old.ident, None
            left.pop(old.ident, None)
        before = new.ident if out else before
    for new in coming if left else ():
        yield from ((new.ident, old, None) for old in left)


def _keeps_out(old: Step, new: Step) -> bool:
    return excludes(new.cls, new.after or {}, old.before or {})


@functools.cache
def _settles(cls: type[Resource]) -> bool:
    """Whether a kind is how an account works, of which there is one; asked of every step."""
    return issubclass(cls, AccountObject) and cls.single
