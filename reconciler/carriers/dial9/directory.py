"""What numbers of a unit may lead to, by type: which names there are, and which are unique."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from reconciler.carriers.dial9.wire import Destination


class Directory:
    """Names of destinations, as numbers and look-up lists tell them."""

    def __init__(self) -> None:
        self._names: dict[str, dict[int, str]] = {}
        self._listed: dict[str, bool] = {}

    def add(self, destination: Destination) -> None:
        """Take a destination that a number leads to."""
        self._names.setdefault(destination.type, {})[destination.id] = destination.name

    def learn(self, type_: str, names: Mapping[int, str] | None) -> None:
        """Take a look-up list; None where there is none."""
        self._listed[type_] = names is not None
        self._names.setdefault(type_, {}).update(names or {})

    def has_read(self, type_: str) -> bool:
        """Whether the look-up list of a type was asked for."""
        return type_ in self._listed

    def is_listed(self, type_: str) -> bool:
        """Whether there is such a list, as far as is known."""
        return self._listed.get(type_, True)

    def types(self) -> set[str]:
        """All types that were seen."""
        return set(self._names)

    def find(self, type_: str, name: str) -> list[int]:
        """The ids of all that have this type and name, sorted."""
        return sorted(id_ for id_, known in self._names.get(type_, {}).items() if known == name)

    def told(self, destination: Destination, shown: Callable[[object], str]) -> object:
        """A destination in our words: its name where that names one thing, else its id."""
        name = self._names[destination.type].get(destination.id, destination.name)
        if name and self.find(destination.type, name) == [destination.id]:
            return {"type": destination.type, "name": name}
        return f"object:{shown(destination.type)}/{destination.id}"


def by_id(told: object) -> Destination | None:
    """Read back what has no name of its own, such as `object:Followme/77`; None for others."""
    match = re.fullmatch(r"object:([A-Za-z]+)/([0-9]{1,18})", told if isinstance(told, str) else "")
    return Destination(match[1], int(match[2]), "") if match else None
