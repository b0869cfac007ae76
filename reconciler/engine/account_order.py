"""Rules for the order of what is done on a carrier account itself; see `order`."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from reconciler.engine.steps import Edge, Steps
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


@functools.cache
def _settles(cls: type[Resource]) -> bool:
    """Whether a kind is how an account works, of which there is one; asked of every step."""
    return issubclass(cls, AccountObject) and cls.single
