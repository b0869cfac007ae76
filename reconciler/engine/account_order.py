"""Rules for the order of what is done on a carrier account itself; see `order`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.steps import Edge, Steps
from reconciler.model.account_object import AccountObject


def kept_first(steps: Steps) -> Iterator[Edge]:
    """What is only known under another name from now on is so before another takes its old name."""
    for step in steps:
        if step.act.remote or step.wanted is not None or step.after is None:
            continue
        for new in steps.arriving.values():
            if new.address.kind == step.address.kind and new.address.tenant == step.address.tenant:
                yield Edge(step.ident, new.ident, "kept first")


def settled_last(steps: Steps) -> Iterator[Edge]:
    """How an account works changes once all that it then needs is there."""
    settling = [s for s in steps if issubclass(s.cls, AccountObject) and s.cls.single]
    for step in settling:
        for new in steps.arriving.values():
            if new.ident != step.ident and not new.act.approval:
                yield Edge(new.ident, step.ident, "settled last")
