"""Objects that no call ever reaches."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.model.pointing import references_in
from reconciler.model.reference import CALL_KINDS
from reconciler.model.spec import DIAL

EXPLAIN = {
    "TEL206": (
        "Nothing leads here",
        (
            "No number, menu, overflow, forward or dialled digits lead to the object: no caller "
            "ever meets it. That is fine while something is being built, and untidy afterwards."
        ),
    ),
}

_ENTRANCES = frozenset({"number", "port"})
"""Where calls come in from outside."""


def reached(draft: Draft) -> Iterator[Finding]:
    """Find objects that nothing leads to (TEL206): one pass over all references.

    While something could not be read or points nowhere, nobody knows what it was meant to reach.
    """
    if draft.undecided or draft.dangling:
        return
    met = _met(draft)
    for address in draft.objects:
        own = draft.origins[address].entry == address
        if own and address.kind in CALL_KINDS and address.reference not in met:
            yield Finding(
                "TEL206",
                draft.path(address),
                f"Nothing leads to {address.reference}: no number, no menu, no digits.",
                "Point something at it, give it digits, or take it out.",
                Severity.INFO,
                address,
                key=True,
            )


def _met(draft: Draft) -> frozenset[str]:
    """Everything that a call can come to, as `kind/name`."""
    met = {address.reference for address, key, _ in draft.claims if key.scope == DIAL}
    met |= {address.reference for address in draft.objects if address.kind in _ENTRANCES}
    for field in ("fallback", "intercept"):
        met |= {ref.reference for _, ref in references_in(getattr(draft.header, field, None))}
    return _all_from(draft, met)


def called_from_outside(draft: Draft) -> frozenset[str]:
    """Everything that a call from a public number can come to, as `kind/name`."""
    numbers = (address.reference for address in draft.objects if address.kind in _ENTRANCES)
    return _all_from(draft, set(numbers))


def _all_from(draft: Draft, met: set[str]) -> frozenset[str]:
    todo = list(met)
    while todo:
        ahead = draft.targets.get(todo.pop(), frozenset()) - met
        met |= ahead
        todo += ahead
    return frozenset(met)


RULES = (reached,)
