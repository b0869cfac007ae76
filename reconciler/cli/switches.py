"""`sandbox switch`: what a sandbox does where the real carrier's documents leave it open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.errors import WrongUsage
from reconciler.report.text import Line, Span, line
from reconciler.settings.codes import did_you_mean

Switches = Mapping[str, tuple[Any, Any]]
"""Each switch by name: as it is, and as a sandbox starts."""


def turned(words: str, switches: Switches) -> tuple[str, Any]:
    """Read `NAME=VALUE`: the switch, and the value as what it starts with is.

    Raises:
        WrongUsage: There is no such switch, or the value is not of its sort.
    """
    name, separator, value = words.partition("=")
    if name not in switches:
        raise WrongUsage(
            f"There is no switch {name!r}.",
            did_you_mean(name, switches, "List them: reconciler sandbox switch"),
        )
    start = switches[name][1]
    if not separator:
        raise WrongUsage(f"{words!r} turns nothing.", f"Write {name}={written(start)}.")
    return name, start if value == "" else _read(name, value, start)


def _read(name: str, value: str, start: object) -> object:
    if isinstance(start, str):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        read = None
    if type(read) is not type(start):
        example = "true or false" if isinstance(start, bool) else f"it as {_EXAMPLES[type(start)]}"
        raise WrongUsage(f"{name} does not take {value!r}.", f"Give {example}.")
    return read


_EXAMPLES = {int: "a whole number, such as 3600", list: 'a list, such as ["a", "b"]'}


def written(value: object) -> str:
    """A value as it is written behind `NAME=`."""
    return value if isinstance(value, str) else json.dumps(value)


def switches_text(switches: Switches) -> Iterator[Line]:
    """List all, those that were turned first to be seen by what they start as."""
    width = max(map(len, switches), default=0)
    for name, (value, start) in sorted(switches.items()):
        told = f"{name:<{width}}  {written(value)}"
        if value == start:
            yield line(told.rstrip())
        else:
            yield line(told, Span(f"  (starts as {written(start) or 'nothing'})", "warning"))


def switches_record(connector: str, switches: Switches) -> dict[str, Any]:
    """The same for machines."""
    return {
        "connector": connector,
        "switches": [
            {"name": name, "value": value, "starts_as": start}
            for name, (value, start) in sorted(switches.items())
        ],
    }
