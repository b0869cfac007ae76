"""What git asks for and nobody here can bring about: told, left alone, never done by half."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reconciler.engine.plan import Held
from reconciler.model.address import Address
from reconciler.model.resource import Home, Resource
from reconciler.model.state import Wanted

Kinds = Mapping[str, type[Resource]]
Fields = Mapping[str, Mapping[str, frozenset[str]]]
"""For each connector that was read, the fields of each kind that it can hold."""


def unheld(
    kinds: Kinds, desired: Mapping[Address, Wanted], applied: Collection[Address], fields: Fields
) -> tuple[tuple[Held, ...], frozenset[Address]]:
    """Find what cannot be brought about: the line that tells it, and what is left alone.

    A number with a field that its connector does not hold stays as it is, or is not ordered:
    done without the field it would not be what YAML says, and nobody would see it. A kind
    that this version only checks is told, and stands in nobody's way.

    Args:
        kinds: Every kind, by name.
        desired: What git says.
        applied: What the last apply left: numbers that are there already.
        fields: What each connector holds; one that is not in it is not judged.

    """
    lines: list[Held] = []
    left: set[Address] = set()
    for address, want in desired.items():
        cls = kinds[address.kind]
        if not cls.deferred and cls.home is not Home.CARRIER:
            continue
        nowhere = _nowhere(address, cls, want, fields)
        if nowhere is not None:
            lines.append(nowhere)
            left.add(address)
            continue
        line = _deferred(address, cls) or _beyond(address, want, applied, fields)
        if line is not None:
            lines.append(line)
            left |= {address, want.entry}
    return tuple(sorted(lines, key=lambda line: line.address)), frozenset(left)


def _deferred(address: Address, cls: type[Resource]) -> Held | None:
    if not cls.deferred:
        return None
    return Held(address=str(address), what="waiting", detail=cls.deferred)


def _nowhere(address: Address, cls: type[Resource], want: Wanted, fields: Fields) -> Held | None:
    """A kind that a connector holds nothing of: told, and its entry is done without it."""
    connector = str(want.spec.get("connector", ""))
    if cls.deferred or connector not in fields or address.kind in fields[connector]:
        return None
    return Held(
        address=str(want.entry) if cls.under else str(address),
        what="unsupported",
        detail=f"connector {connector} keeps no {address.kind} in this version",
        next=f"enter it at the carrier of {connector} by hand, as {want.location} says it",
    )


def _beyond(
    address: Address, want: Wanted, applied: Collection[Address], fields: Fields
) -> Held | None:
    connector = str(want.spec.get("connector", ""))
    if connector not in fields:
        return None
    lacks = sorted(want.spec.keys() - fields[connector][address.kind])
    if not lacks:
        return None
    names = _listed(lacks)
    state = "it stays as it is" if address in applied else "it is not ordered"
    return Held(
        address=str(want.entry),
        what="unsupported",
        detail=f"connector {connector} cannot hold {names} in this version: {state}",
        next=f"take {names} out at {want.location}, or wait for a version that can",
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
