"""Internal numbers of a unit as this project keeps them: listed, made, changed, removed.

The two editions have opposite gaps. `connect` has a controller of its own, with no documented way
to remove one. `telcom` does not say whether its list of numbers has them, so that one is
also asked for by its id, which the answer to its making told; it is removed as a number is,
and only after it was looked at: an id that is a public number by now must not be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.carriers.dial9.dialled import KIND, TYPE, Dialled, dialled_of
from reconciler.carriers.dial9.directory import Directory
from reconciler.carriers.dial9.outcome import prepared_of
from reconciler.carriers.dial9.reading import Reader
from reconciler.carriers.dial9.wire import UTILITY, Destination, whole_of
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Prepared, Refused

SHARED: Final = frozenset({"connector", "handoff", "caller_id_prefix", "pass_caller_id"})
OLDER: Final = SHARED | {"record"}
NEWER: Final = SHARED | {"name"}
LASTING: Final = frozenset(f"{KIND}.{name}" for name in ("connector", "handoff", "pass_caller_id"))
LIST: Final = "internal_numbers/list"

Shown = Callable[[object], str]
Find = Callable[[object], Destination | str | None]
"""Looks up a hand-off: a clause where it is not there."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the project has to do with.

    Attributes:
        declared: The digits that its section has.
        left: What the last apply left there, by digits, with Dial 9's `id` where it is known.
        made: Dial 9's ids of those whose making is not over, by digits.
    """

    declared: frozenset[str] = frozenset()
    left: Mapping[str, Spec] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Own:
        """Read it from a connector's settings."""
        declared = frozenset(settings.get("internal_numbers") or ())
        left = (settings.get("left") or {}).get(KIND, {})
        return cls(declared, left, (settings.get("made") or {}).get(KIND, {}))

    def ids(self) -> dict[str, int]:
        """The ids that are known before anything is read."""
        told = {**self.made, **{name: spec.get("id") for name, spec in self.left.items()}}
        found = {name: whole_of(id_) for name, id_ in told.items()}
        return {name: id_ for name, id_ in found.items() if id_ is not None}


@dataclass(frozen=True, slots=True)
class Inner:
    """One reading of the internal numbers.

    Attributes:
        rows: Those that could be read, by id.
        odd: What could not be understood, a sentence each.
        listed: Whether there is a list of them at all.
    """

    rows: tuple[Dialled, ...] = ()
    odd: tuple[str, ...] = ()
    listed: bool = False

    @property
    def names(self) -> dict[int, str]:
        """What numbers may call them, by id."""
        return {row.id: row.name for row in self.rows}


class InternalNumbers:
    """The internal numbers of one unit; what the project has nothing to do with is not read."""

    def __init__(
        self, connector: str, own: Own, reader: Reader, shown: Shown, *, newer: bool
    ) -> None:
        self._connector = connector
        self._own = own
        self._reader = reader
        self._shown = shown
        self._newer = newer
        self._ids = own.ids()
        self._listed = True

    @property
    def concern(self) -> bool:
        """Whether the project has, or had, any of them."""
        return bool(self._own.declared or self._own.left or self._own.made)

    # Reading.

    def read(self, utility: Iterable[object]) -> Inner:
        """Read all of them; `utility` are those that the list of numbers has.

        Raises:
            Unavailable: They cannot be read.
        """
        if not self.concern:
            return Inner()
        told = self._reader.internal() if self._newer else list(utility)
        read = [(row, dialled_of(row)) for row in told or ()]
        rows = [row for _, row in read if row is not None]
        odd = tuple(
            f"A row of Dial 9's internal numbers cannot be read: {self._shown(row)}"
            for row, known in read
            if known is None
        )
        if not self._newer:
            rows += self._by_id({row.id for row in rows})
        self._listed = told is not None
        return Inner(tuple(sorted(rows, key=lambda row: row.id)), odd, self._listed)

    def _by_id(self, listed: set[int]) -> Iterator[Dialled]:
        """Those that are ours and that the list does not have."""
        for digits, id_ in sorted(self._ids.items()):
            row = None if id_ in listed else dialled_of(self._reader.number(id_))
            if row is not None and row.digits == digits:
                yield row

    def holdings(self, inner: Inner, directory: Directory) -> dict[str, Holding]:
        """Each by its digits; of two with the same ones, the later by its id as well."""
        found: dict[str, Holding] = {}
        for row in inner.rows:
            name = row.digits if row.digits not in found else f"{row.digits}-{row.id}"
            spec = self._spec(row, directory)
            found[name] = Holding(self._connector, external_id=str(row.id), spec=spec)
        if not self._newer:
            found |= {name: one for name, one in self._believed() if name not in found}
        return found

    def _believed(self) -> Iterator[tuple[str, Holding]]:
        """Those of which somebody said that they were made, and nobody knows the id."""
        for digits, spec in self._own.left.items():
            if digits not in self._ids:
                yield digits, Holding(self._connector, spec=spec)

    def _spec(self, row: Dialled, directory: Directory) -> dict[str, object]:
        spec: dict[str, object] = {"connector": self._connector}
        if row.destination is not None:
            spec["handoff"] = directory.told(row.destination, self._shown)
        elif row.odd_destination:
            spec["handoff"] = "object:?"
        words = {"name": row.name if self._newer else "", "caller_id_prefix": row.prefix}
        spec |= {name: self._shown(value) for name, value in words.items() if value}
        if row.passthrough is not None:
            spec["pass_caller_id"] = row.passthrough
        if row.recording and not self._newer:
            spec["record"] = True
        return spec

    def unsure(self, inner: Inner) -> dict[str, str]:
        """What is said where none is listed, and why that proves little."""
        if not self._newer or not self.concern or inner.rows:
            return {}
        return {KIND: LIST if inner.listed else f"Dial 9, which has no {LIST} here,"}

    # What cannot be.

    def cannot(self, digits: str, spec: Spec, find: Find, codes: Mapping[str, str]) -> str:
        """Say why one can never be as it is wanted, as a clause; "" if it can.

        Raises:
            Unavailable: What it is to lead to cannot be looked up.
        """
        for code, does in sorted(codes.items()):
            fixed, open_end, _ = code.partition("{")
            if digits == fixed or (open_end and fixed and digits.startswith(fixed)):
                return f"Dial 9 answers {code} itself ({does})"
        if not self._listed:
            return (
                f"Dial 9 has no {LIST} for connector {self._connector!r}, so that nobody could tell"
                f" whether {digits} is there"
            )
        wanted = spec.get("handoff")
        named = wanted if isinstance(wanted, Mapping) else {}
        if named.get("type") == TYPE and named.get("name") in {digits, spec.get("name")}:
            return f"{digits} would lead to itself"
        found = find(wanted)
        return found if isinstance(found, str) else ""

    # Writing.

    def prepare(
        self, act: CarrierAct, find: Find, led_to: Callable[[int], list[str]]
    ) -> Prepared | Refused:
        """Make the request ready that an act asks for; `led_to` names numbers that lead to one.

        Raises:
            Unavailable: What it is to lead to, or what is to go, cannot be read.
        """
        match act.action:
            case Action.CREATE | Action.UPDATE:
                return self._prepare_settings(act, find)
            case Action.DELETE if not self._newer:
                return self._prepare_removal(act, led_to)
            case _:
                what = f"no way to {act.action} an internal number"
                return Refused(f"Dial 9's connector has {what}.")

    def _prepare_settings(self, act: CarrierAct, find: Find) -> Prepared | Refused:
        after = act.after or {}
        foreign = sorted(after.keys() - (NEWER if self._newer else OLDER))
        if foreign:
            return Refused(f"Dial 9 cannot hold {', '.join(foreign)} of an internal number.")
        if not re.fullmatch(r"[0-9]{2,8}", act.e164):
            return Refused(f"{self._shown(act.e164)} is no internal number.")
        destination = find(after.get("handoff"))
        if not isinstance(destination, Destination):
            return Refused(f"{destination or f'{act.e164} leads nowhere'}.")
        settings = self._settings(after, destination)
        if act.action is Action.CREATE:
            return self._prepare_making(act, settings)
        id_ = _id(act)
        if id_ is None:
            return _nameless(act)
        if self._newer:
            return prepared_of(act, "internal_numbers/update", {"id": str(id_), **settings})
        return prepared_of(act, "numbers/save", {"id": id_, **settings})

    def _prepare_making(self, act: CarrierAct, settings: Mapping[str, object]) -> Prepared:
        known = {name: value for name, value in settings.items() if value is not None}
        content = {"number": act.e164, **known}
        if self._newer:
            return prepared_of(act, "internal_numbers/create", {**self._reader.unit, **content})
        # Without its context it would be an order of a public number.
        return prepared_of(act, "numbers/save", {**content, "context": UTILITY})

    def _settings(self, after: Spec, destination: Destination) -> dict[str, object]:
        """All settings as they are to be; None clears."""
        passes = "caller_id_passthrough" if self._newer else "callerid_passthrough"
        made: dict[str, object] = {
            "destination_type": destination.type,
            "destination_id": destination.id,
            "caller_id_prefix": after.get("caller_id_prefix"),
            passes: after.get("pass_caller_id", True),
        }
        if self._newer:
            made["name"] = after.get("name")
        else:
            made["recording_enabled"] = after.get("record") is True
        return made

    def _prepare_removal(
        self, act: CarrierAct, led_to: Callable[[int], list[str]]
    ) -> Prepared | Refused:
        id_ = _id(act)
        if id_ is None:
            return _nameless(act)
        told = self._reader.number(id_)
        row = dialled_of(told)
        if told is None or row is None or row.digits != act.e164 or "context" not in told:
            return Refused(
                f"Number {id_} at Dial 9 is not the internal number {act.e164}: it is not deleted,"
                " plan again.",
                moved=True,
            )
        if numbers := led_to(id_):
            return Refused(
                f"{', '.join(numbers)} would lead nowhere without {act.e164}: hand them to"
                " something else first."
            )
        return prepared_of(act, "numbers/delete", {"id": id_})

    def learn(self, digits: str, id_: str) -> None:
        """Keep the id that the answer to a making told."""
        known = whole_of(id_)
        if known is not None:
            self._ids[digits] = known


def _id(act: CarrierAct) -> int | None:
    return whole_of(act.holding.external_id) if act.holding else None


def _nameless(act: CarrierAct) -> Refused:
    return Refused(
        f"Dial 9 told no id of the internal number {act.e164}, and it knows them by their id:"
        " change or remove it in Dial 9's portal."
    )
