"""What git asks for and nobody here can bring about: told, left alone, never done by half."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reconciler.engine.plan import Held
from reconciler.model.address import Address, account_name
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Spec, kept_until
from reconciler.model.state import Observed, Wanted

Kinds = Mapping[str, type[Resource]]


class Lack(NamedTuple):
    """One thing that a connector cannot bring about.

    Attributes:
        why: The reason, as a clause.
        field: The one setting that it is about; "" for the object as a whole.
        waits: Whether it will come about by itself: no failure, and nothing to correct.
        next: The next step; "" for what corrects a setting.
    """

    why: str
    field: str = ""
    waits: bool = False
    next: str = ""


class Beyond(NamedTuple):
    """What cannot be brought about.

    Attributes:
        held: The lines that tell it.
        left: Objects that are left alone as a whole.
        fields: Of other objects, the settings that stay as they are while the rest is done.
    """

    held: tuple[Held, ...]
    left: frozenset[Address]
    fields: Mapping[Address, frozenset[str]]


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
        today: The day, as in 2026-12-24; "" for none: then nothing waits for a day.
    """

    fields: Mapping[str, Mapping[str, frozenset[str]]]
    cannot: Callable[[str, Address, Spec], str] = lambda *of: ""  # noqa: ARG005
    lasting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    there: Mapping[Address, Observed] = field(default_factory=dict)
    awaits: Callable[[str, Address, Spec], str] = lambda *of: ""  # noqa: ARG005
    unknown: frozenset[Address] = frozenset()
    today: str = ""

    def lacks(self, cls: type[Resource], address: Address, want: Wanted) -> tuple[Lack, ...]:
        """Say what a connector cannot have of an object as it is wanted; nothing if it can.

        One lack of the object as a whole is told alone: it is left as it is then. That is what
        its kind is not kept for, and any setting that is not `apart`: without a hand-off or a
        forward calls would go somewhere that nobody wrote.
        """
        connector, spec = str(want.spec.get("connector", "")), want.spec
        if connector not in self.fields or address in self.unknown:
            return ()
        if address.kind not in self.fields[connector]:
            return (Lack(f"connector {connector} keeps no {address.kind} in this version"),)
        found = [
            *self._foreign(cls, connector, address, spec),
            *self._kept(cls, connector, address, want),
            *self._locked(cls, address, spec),
        ]
        whole = [lack for lack in found if not lack.field]
        if not whole:
            held = {lack.field for lack in found}
            asked = {name: value for name, value in spec.items() if name not in held}
            found += self._judged(cls, connector, address, asked)
            whole = [lack for lack in found if not lack.field]
        return tuple(whole[:1] or found)

    def _foreign(
        self, cls: type[Resource], connector: str, address: Address, spec: Spec
    ) -> Iterator[Lack]:
        """Settings that a connector has no place for."""
        foreign = spec.keys() - self.fields[connector][address.kind]
        why = f"connector {connector} cannot hold {{}} in this version"
        yield from _by_field(cls, foreign, why)

    def _kept(
        self, cls: type[Resource], connector: str, address: Address, want: Wanted
    ) -> Iterator[Lack]:
        """Settings that are there, are to go, and cannot go while the object stays."""
        have, spec = self.there.get(address), want.spec
        if have is None or cls.brings or have.spec == spec:
            return  # of an order nothing at all can be changed: its kind says so
        if have.spec.get("connector") != connector:
            return
        gone = have.spec.keys() - cls.as_it_runs(have.spec, spec).keys()
        lasting = self.lasting.get(connector, frozenset())
        stays = {name for name in gone if f"{address.kind}.{name}" in lasting}
        why = f"connector {connector} can change {{}}, and never take it away"
        step = f"put its line back at {want.location}, with another value if you like"
        yield from (lack._replace(next=step) for lack in _by_field(cls, stays, why))

    def _locked(self, cls: type[Resource], address: Address, spec: Spec) -> Iterator[Lack]:
        """Settings that a connector keeps until a day that it, or its papers, told."""
        have = self.there.get(address)
        there = have.spec if have is not None else {}
        for name in sorted(cls.apart & spec.keys() & there.keys()):
            until = kept_until(there[name])
            if until > self.today:
                yield Lack(
                    f"an earlier one is kept by its carrier until {until} at the latest",
                    name,
                    waits=True,
                    next=f"nothing: an apply from {until} on sets it",
                )

    def _judged(
        self, cls: type[Resource], connector: str, address: Address, spec: Spec
    ) -> list[Lack]:
        """What a connector or its account says against settings, each beside those of calls."""
        apart = cls.apart & spec.keys()
        calls = {name: value for name, value in spec.items() if name not in apart}
        all_of_it = self._judgement(connector, address, spec)
        if all_of_it is None:
            return []
        without = self._judgement(connector, address, calls) if apart else all_of_it
        if without is not None:
            return [without._replace(waits=False)]
        found = []
        for name in sorted(apart):
            lack = self._judgement(connector, address, {**calls, name: spec[name]})
            if lack is not None:
                step = f"nothing: an apply sets it then; {lack.next}" if lack.waits else ""
                found.append(lack._replace(field=name, next=step))
        return found

    def _judgement(self, connector: str, address: Address, spec: Spec) -> Lack | None:
        if why := self.cannot(connector, address, spec):
            return Lack(why)
        see = f"see {account_name(connector)} in a plan of all tenants: reconciler plan"
        why = self.awaits(connector, address, spec)
        return Lack(why, waits=True, next=see) if why else None


def _by_field(cls: type[Resource], names: Collection[str], why: str) -> Iterator[Lack]:
    """Tell settings one by one where each can be left out, and all at once where one cannot."""
    if cls.apart.issuperset(names):
        yield from (Lack(why.format(name), name) for name in sorted(names))
    else:
        yield Lack(why.format(_listed(sorted(names))))


def unheld(
    kinds: Kinds, desired: Mapping[Address, Wanted], applied: Collection[Address], able: Able
) -> Beyond:
    """Find what cannot be brought about: the lines that tell it, and what is left alone.

    A setting that is `apart` holds back itself only. A number with any other one that its
    connector does not hold stays as it is, or is not ordered: its calls would go elsewhere, and
    nobody would see it. What is only beside a number is told, and the number is done. An order
    that cannot be submitted leaves the numbers alone that it was to bring.

    Args:
        kinds: Every kind, by name.
        desired: What git says.
        applied: What the last apply left: numbers that are there already.
        able: What connectors hold.

    """
    lines: list[tuple[Address, Wanted, Lack]] = []
    left: set[Address] = set()
    fields: dict[Address, frozenset[str]] = {}
    for address, want in desired.items():
        cls = kinds[address.kind]
        lacks = able.lacks(cls, address, want) if cls.home is Home.CARRIER else ()
        lines += [(address, want, lack) for lack in lacks]
        if lacks and not lacks[0].field:
            left |= {address, want.entry} if cls.supplies else {address}
            if cls.brings:
                left |= {at for at, other in desired.items() if other.entry == want.entry}
        elif lacks:
            fields[address] = frozenset(lack.field for lack in lacks)
    told = [_told(kinds[at.kind], at, want, lack, applied, left) for at, want, lack in lines]
    return Beyond(
        tuple(sorted(told, key=lambda line: line.address)),
        frozenset(left),
        {address: names for address, names in fields.items() if address not in left},
    )


def _told(
    cls: type[Resource],
    address: Address,
    want: Wanted,
    lack: Lack,
    applied: Collection[Address],
    left: Collection[Address],
) -> Held:
    at = str(want.entry) if cls.under else str(address)
    step = lack.next or f"correct it at {want.location}, or take it out there"
    if lack.field:
        what, only = ("waiting", "waits") if lack.waits else ("unsupported", "is left as it is")
        detail = f"{lack.field}: {lack.why}: only that {only}"
        return Held(address=at, what=what, detail=detail, next=step, field=lack.field)
    state = _state(cls, there=address in applied, whole=want.entry in left)
    return Held(address=at, what="unsupported", detail=f"{lack.why}: {state}", next=step)


def as_held(
    desired: Mapping[Address, Wanted],
    fields: Mapping[Address, frozenset[str]],
    instead: Callable[[Address], Spec],
) -> Mapping[Address, Wanted]:
    """What git says, with the settings that are held back as they are in `instead`.

    So they differ from nothing: no plan changes them or shows them as drift, and what an apply
    leaves has them as they are. Once nothing holds them back they are a change of git's.
    """
    if not fields:
        return desired
    made = dict(desired)
    for address, names in fields.items():
        there = instead(address)
        spec = {name: value for name, value in desired[address].spec.items() if name not in names}
        spec |= {name: there[name] for name in sorted(names & there.keys())}
        made[address] = replace(desired[address], spec=spec)
    return made


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
