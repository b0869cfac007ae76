"""From the values of the project file to `Settings`, or to all its problems with places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from reconciler.errors import Location, Problem, Severity, by_place
from reconciler.settings.checks import checks
from reconciler.settings.codes import Path, Place, did_you_mean, told
from reconciler.settings.faults import Written
from reconciler.settings.model import Settings
from reconciler.settings.project import OVERRIDES, overridden


def parse_settings(
    value: Mapping[str, Any],
    place: Place,
    environment: Mapping[str, str],
    overrides: Mapping[str, str],
    zones: Callable[[], Collection[str]] = tuple,
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Type the project file.

    Args:
        value: The file's values: text, True, False, None, dicts and lists.
        place: Places in the file, such as `Document.place`.
        environment: The process environment; only the variables of `OVERRIDES` are read.
        overrides: Flags that were given, by the key of their override (`platform.url`).
        zones: Names all time zones, asked where one is written; none where nobody knows.

    Returns:
        The settings, None when any problem is an error; and all problems.
    """
    found = overridden(environment, overrides)
    whole = _merged(value, {path: text for path, (text, _) in found.items()})
    placed = _Placed(place, {path: origin for path, (_, origin) in found.items()})
    problems = list(_variable_problems(environment))
    try:
        settings = Settings.model_validate(whole)
    except ValidationError as error:
        problems += Written(Settings, "project", whole, placed).problems(error)
        settings = Settings.model_validate(_without(whole, error))
    problems += checks(settings, placed, zones)
    refused = any(each.severity is Severity.ERROR for each in problems)
    return None if refused else settings, by_place(problems)


class _Placed:
    """Places, where a setting that is overridden stands in its variable or flag."""

    def __init__(self, place: Place, origins: Mapping[Path, str]) -> None:
        self._place = place
        self._origins = origins

    def __call__(self, path: Sequence[str | int], *, key: bool = False) -> Location:
        for length in range(1, len(path) + 1):
            origin = self._origins.get(tuple(path[:length]))
            if origin:
                return Location(origin)
        return self._place(path, key=key)


def _merged(value: Mapping[str, Any], found: Mapping[Path, str]) -> dict[str, Any]:
    whole = dict(value)
    for path, text in found.items():
        first = str(path[0])
        if len(path) == 1:
            whole[first] = text
        elif isinstance(whole.get(first, {}), Mapping):
            whole[first] = {**whole.get(first, {}), str(path[1]): text}
    return whole


def _without(whole: Mapping[str, Any], error: ValidationError) -> dict[str, Any]:
    """Leave out what has a fault, so that the rest can be checked in the same run."""
    rest = dict(whole)
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        first, *others = fault["loc"]
        connectors = rest.get("connectors")
        if first == "connectors" and others and isinstance(connectors, Mapping):
            rest["connectors"] = {k: v for k, v in connectors.items() if k != others[0]}
        else:
            rest.pop(str(first), None)
    return rest


def _variable_problems(environment: Mapping[str, str]) -> Iterator[Problem]:
    """Warn of a variable that nearly overrides a setting: it would name another database."""
    known = [each.variable for each in OVERRIDES]
    for name in environment:
        if name.startswith("RECONCILER_") and name not in known:
            hint = did_you_mean(name, known, "")
            if hint and abs(len(name) - len(hint.split('"')[1])) <= 1:
                yield told(
                    "E145",
                    Location(name),
                    f"The variable {name} is not read.",
                    hint,
                    severity=Severity.WARNING,
                )
