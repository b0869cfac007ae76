"""What git asks for and nobody here can bring about: told, left alone, never done by half."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from reconciler.engine.plan import Held
from reconciler.model.address import Address, account_name
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Observed, Wanted

Kinds = Mapping[str, type[Resource]]


@dataclass(frozen=True, slots=True)
class Able:
    """What connectors that were read can bring about; one that was not is not judged.

    Attributes:
        fields: For each connector, the fields of each kind that it can hold.
        cannot: Why a connector can never bring an object's settings about, as a clause; "" if
            it can.
        lasting: For each connector, the `kind.field` that it can change and never take away.
        there: What the connectors hold.
        awaits: What its account lacks for it and is not about to get, as a clause; "" for
            nothing.
        unknown: What is not judged either, as its connector did not answer.
    """

    fields: Mapping[str, Mapping[str, frozenset[str]]]
    cannot: Callable[[str, Address, Spec], str] = lambda *of: ""  # noqa: ARG005
    lasting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    there: Mapping[Address, Observed] = field(default_factory=dict)
    awaits: Callable[[str, Address, Spec], str] = lambda *of: ""  # noqa: ARG005
    unknown: frozenset[Address] = frozenset()

    def lacks(self, cls: type[Resource], connector: str, address: Address, spec: Spec) -> str:
        """Say why a connector cannot have an object as it is wanted, "" when it can."""
        if connector not in self.fields or address in self.unknown:
            return ""
        held = self.fields[connector]
        if address.kind not in held:
            return f"connector {connector} keeps no {address.kind} in this version"
        foreign = sorted(spec.keys() - held[address.kind])
        if foreign:
            return f"connector {connector} cannot hold {_listed(foreign)} in this version"
        kept = self._kept(cls, connector, address, spec)
        if kept:
            return f"connector {connector} can change {_listed(kept)}, and never take it away"
        return self.cannot(connector, address, spec)

    def _kept(self, cls: type[Resource], connector: str, address: Address, spec: Spec) -> list[str]:
        """Fields that are there, are to go, and cannot go while the object stays."""
        have = self.there.get(address)
        if have is None or cls.brings or have.spec == spec:
            return []  # of an order nothing at all can be changed: its kind says so
        if have.spec.get("connector") != connector:
            return []
        gone = have.spec.keys() - cls.as_it_runs(have.spec, spec).keys()
        lasting = self.lasting.get(connector, frozenset())
        return sorted(name for name in gone if f"{address.kind}.{name}" in lasting)


def unheld(
    kinds: Kinds, desired: Mapping[Address, Wanted], applied: Collection[Address], able: Able
) -> tuple[tuple[Held, ...], frozenset[Address]]:
    """Find what cannot be brought about: the line that tells it, and what is left alone.

    A number with a setting that its connector does not hold stays as it is, or is not ordered:
    done without it, it would not be what YAML says, and nobody would see it. What is only
    beside a number is told, and the number is done. An order that cannot be submitted leaves
    the numbers alone that it was to bring.

    Args:
        kinds: Every kind, by name.
        desired: What git says.
        applied: What the last apply left: numbers that are there already.
        able: What connectors hold.

    """
    lines: list[tuple[Address, Wanted, str, str]] = []
    left: set[Address] = set()
    for address, want in desired.items():
        cls = kinds[address.kind]
        if cls.home is Home.CARRIER:
            connector = str(want.spec.get("connector", ""))
            why = able.lacks(cls, connector, address, want.spec)
            step = f"correct it at {want.location}, or take it out there"
            if not why:
                why = able.awaits(connector, address, want.spec)
                step = f"see {account_name(connector)} in a plan of all tenants: reconciler plan"
            if why:
                lines.append((address, want, why, step))
                left |= {address, want.entry} if cls.supplies else {address}
                if cls.brings:
                    left |= {at for at, other in desired.items() if other.entry == want.entry}
    told = []
    for address, want, why, step in lines:
        cls = kinds[address.kind]
        state = _state(cls, there=address in applied, whole=want.entry in left)
        at = str(want.entry) if cls.under else str(address)
        told.append(Held(address=at, what="unsupported", detail=f"{why}: {state}", next=step))
    return tuple(sorted(told, key=lambda line: line.address)), frozenset(left)


def _state(cls: type[Resource], *, there: bool, whole: bool) -> str:
    """Say what becomes of one; `whole`: all of its entry is left as it is."""
    if cls.under and not (cls.supplies or cls.brings) and not whole:
        return "only that is left out"
    if there:
        return "it stays as it is"
    if cls.brings:
        return "it is not submitted"
    if cls.under and not cls.supplies:
        return f"it is left out, as its {cls.under} is"
    return "it is not ordered" if cls.supplies else "it is not made"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
