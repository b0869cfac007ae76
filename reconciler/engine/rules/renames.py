"""Renames: each `was:` names one thing that has made room for its new name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.engine.draft import Draft, Finding
from reconciler.model.address import Address

EXPLAIN: Mapping[str, tuple[str, str]] = {}  # its code is one of fields


def one_heir(draft: Draft) -> Iterator[Finding]:
    """Find names that two entries say they had, or that something still has."""
    heirs: dict[Address, Address] = {}
    for address, origin in draft.origins.items():
        if not origin.was:
            continue
        old = address._replace(name=origin.was)
        first = heirs.setdefault(old, address)
        said_by_entry = address != origin.entry and origin.was_path[:-1] != origin.path
        if said_by_entry:
            continue  # it follows its entry, of which all is said already
        if first != address:
            yield Finding(
                "E139",
                origin.was_path,
                f"{address.reference} and {first.reference} cannot both have been {old.reference}.",
                "Leave `was` at the one that goes on with it.",
                address=address,
                related=((draft.origins[first].was_path, "said here too"),),
            )
        elif draft.has(old.reference) and not _renamed_itself(draft, old):
            yield Finding(
                "E139",
                origin.was_path,
                f"{address.reference} says that it was {old.reference}, which is still here.",
                f"Take {old.reference} out, give it a `was` of its own, or take this `was` out.",
                address=address,
            )


def _renamed_itself(draft: Draft, address: Address) -> bool:
    origin = draft.origins.get(address)
    return origin is not None and bool(origin.was)


RULES = (one_heir,)
