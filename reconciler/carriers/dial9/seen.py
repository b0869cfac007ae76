"""What one reading of a Dial 9 unit shows: its numbers, their addresses, what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.carriers.dial9 import number, subscriber
from reconciler.carriers.dial9.dialled import TYPE, Dialled
from reconciler.carriers.dial9.directory import Directory
from reconciler.carriers.dial9.internal import Inner, InternalNumbers
from reconciler.carriers.dial9.reading import Reader
from reconciler.carriers.dial9.wire import Row, is_utility, row_of
from reconciler.model.supply import Holding

Shown = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading of the unit.

    Attributes:
        holdings: Each number by E.164.
        records: The emergency records of those that have one.
        odd: What could not be understood, a sentence each.
        directory: What numbers lead to, by name.
        inner: What was read of the internal numbers.
        internal: Each of those by its digits.
    """

    holdings: Mapping[str, Holding] = field(default_factory=dict)
    records: Mapping[str, Holding] = field(default_factory=dict)
    odd: tuple[str, ...] = ()
    directory: Directory = field(default_factory=Directory)
    inner: Inner = field(default_factory=Inner)
    internal: Mapping[str, Holding] = field(default_factory=dict)


def see(
    reader: Reader,
    connector: str,
    handoff: Mapping[str, str] | None,
    shown: Shown,
    internal: InternalNumbers,
    *,
    validated_as: Collection[str] = (),
) -> Seen:
    """Read all numbers of the unit, and the names of what they lead to.

    Utility numbers, which only colleagues dial, are no numbers of ours: `internal` has them.
    `validated_as` is what the unit says of a good address, beside what all do.

    Raises:
        Unavailable: Anything but whole lists.
    """
    found: dict[str, Row] = {}
    records: dict[str, Holding] = {}
    odd = []
    utility = []
    for told in reader.numbers():
        row = row_of(told)
        if is_utility(told):
            utility.append(told)
            continue
        if row is None or row.e164 in found:
            what = "has no readable number" if row is None else f"lists {row.e164} again"
            odd.append(f"A row of Dial 9's number list {what}: {shown(told)}")
            continue
        found[row.e164] = row
        if record := subscriber.record_of(told):
            spec = {"connector": connector, **{n: shown(v) for n, v in record.items()}}
            waiting = subscriber.waiting_of(told, shown)
            trouble = subscriber.trouble_of(told, row.e164, validated_as, shown)
            made = Holding(connector, _id(row), spec=spec, waiting=waiting, trouble=trouble)
            records[row.e164] = made
    inner = internal.read(utility)
    directory = _directory(reader, found.values(), handoff, inner)
    holdings = {e164: _holding(row, connector, directory, shown) for e164, row in found.items()}
    dialled = internal.holdings(inner, directory)
    return Seen(holdings, records, (*odd, *inner.odd), directory, inner, dialled)


def _directory(
    reader: Reader, numbers: Iterable[Row], handoff: Mapping[str, str] | None, inner: Inner
) -> Directory:
    """Learn what the listed numbers lead to, and what they may be handed to."""
    rows: tuple[Row | Dialled, ...] = (*numbers, *inner.rows)
    directory = Directory()
    for row in rows:
        if row.destination is not None:
            directory.add(row.destination)
    wanted = {handoff["type"]} if handoff else set()
    for type_ in sorted(directory.types() | wanted):
        known = inner.names if type_ == TYPE and inner.listed else reader.things(type_)
        directory.learn(type_, known)
    return directory


def _holding(row: Row, connector: str, directory: Directory, shown: Shown) -> Holding:
    spec: dict[str, object] = {"connector": connector}
    if row.destination is not None:
        spec["handoff"] = directory.told(row.destination, shown)
    elif row.odd_destination:
        spec["handoff"] = "object:?"
    spec |= number.told_of(row, shown)
    return Holding(connector, external_id=_id(row), acquired_at=row.acquired_at, spec=spec)


def _id(row: Row) -> str:
    return "" if row.id is None else str(row.id)
