"""`sandbox switch`: what a sandbox does where the real carrier's documents leave it open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.errors import WrongUsage
from reconciler.report.text import Line, Span, line
from reconciler.sandbox.desk import Switch
from reconciler.settings.codes import did_you_mean

Switches = Mapping[str, Switch]


def turned(words: str, switches: Switches) -> tuple[str, Any]:
    """Read `NAME=VALUE`: the switch, and its value; what it starts with where VALUE is empty.

    Raises:
        WrongUsage: There is no such switch, or it does not take the value.
    """
    name, separator, value = words.partition("=")
    if name not in switches:
        raise WrongUsage(
            f"There is no switch {name!r}.",
            did_you_mean(name, switches, "List them: reconciler sandbox switch [CONNECTOR]"),
        )
    setting = switches[name].setting
    if not separator:
        raise WrongUsage(f"{words!r} turns nothing.", f"Write {name}={written(setting.start)}.")
    if value == "":
        return name, setting.start
    read = value if setting.sort.as_text else _json(value)
    if not setting.sort.fits(read):
        raise WrongUsage(f"{name} does not take {value!r}.", f"Give {setting.sort.form}.")
    return name, read


def _json(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def written(value: object) -> str:
    """A value as it is written behind `NAME=`."""
    return value if isinstance(value, str) else json.dumps(value)


def switches_text(switches: Switches) -> Iterator[Line]:
    """List all with what they do; those that were turned are seen by what they start as."""
    width = max(map(len, switches), default=0)
    wide = max((len(written(each.value)) for each in switches.values()), default=0)
    for name, (value, setting) in sorted(switches.items()):
        told = f"{name:<{width}}  {written(value):<{min(wide, _WIDEST)}}  {setting.means}"
        if value == setting.start:
            yield line(told)
        else:
            start = written(setting.start) or "nothing"
            yield line(told, Span(f"  (starts as {start})", "warning"))


_WIDEST = 14
"""Where the column of values ends, whatever a longer one does to its line."""


def switches_record(connector: str, switches: Switches) -> dict[str, Any]:
    """The same for machines."""
    return {
        "connector": connector,
        "switches": [
            {
                "name": name,
                "value": value,
                "starts_as": setting.start,
                "takes": setting.sort.form,
                "means": setting.means,
            }
            for name, (value, setting) in sorted(switches.items())
        ],
    }
