"""From the values of the project file to `Settings`, or to all its problems with places."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.errors import Location, Problem, Severity, by_place
from reconciler.model.secret import FORMS, SecretReference
from reconciler.settings.checks import checks
from reconciler.settings.codes import PLAIN_SECRET, Path, Place, did_you_mean, dotted, quoted, told
from reconciler.settings.connectors import KNOWN
from reconciler.settings.model import Settings
from reconciler.settings.project import OVERRIDES, overridden

_FORMS_HINT = f"Write it as one of {', '.join('{' + form + ': ...}' for form in FORMS)}."
_WORDS = re.compile(r"'([^']*)'")


def parse_settings(
    value: Mapping[str, Any],
    place: Place,
    environment: Mapping[str, str],
    overrides: Mapping[str, str],
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Type the project file.

    Args:
        value: The file's values: text, True, False, None, dicts and lists.
        place: Places in the file, such as `Document.place`.
        environment: The process environment; only the variables of `OVERRIDES` are read.
        overrides: Flags that were given, by the key of their override (`platform.url`).

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
        faults = error.errors(include_url=False, include_input=False, include_context=True)
        problems += [_problem(fault, whole, placed) for fault in faults]
        settings = Settings.model_validate(_without(whole, faults))
    problems += checks(settings, placed)
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


def _without(whole: Mapping[str, Any], faults: Sequence[ErrorDetails]) -> dict[str, Any]:
    """Leave out what has a fault, so that the rest can be checked in the same run."""
    rest = dict(whole)
    for fault in faults:
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


def _problem(fault: ErrorDetails, whole: Mapping[str, Any], place: Place) -> Problem:
    path = _real(fault["loc"], whole)
    kind = fault["type"]
    if kind == "extra_forbidden":
        return _unknown(path, place)
    if kind == PLAIN_SECRET:
        detail = f"{_shown(path)}: a secret stands in the file as it is."
        return told(PLAIN_SECRET, place(path), detail, _FORMS_HINT)
    location = place(path, key=fault["loc"][-1] == "[key]")
    return told("E146", location, f"{_shown(path)}: {_sentence(fault)}", _hint(fault, path, whole))


def _shown(path: Path) -> str:
    """Write a path, but no name of a credential that we do not know: it may be the secret."""
    if "credentials" in path:
        end = path.index("credentials") + 1
        names = {name for known in KNOWN.values() for name in known.credentials}
        path = path[: end + 1] if set(path[end : end + 1]) <= names else path[:end]
    return dotted(path)


def _real(loc: tuple[str | int, ...], whole: Mapping[str, Any]) -> Path:
    """Drop the steps that pydantic adds for a choice between types or for a key."""
    node: Any = whole
    path: list[str | int] = []
    for index, step in enumerate(loc):
        if (isinstance(node, Mapping) and step in node) or isinstance(node, list):
            node = node[step]  # type: ignore[index]
            path.append(step)
        elif index == len(loc) - 1 and isinstance(node, Mapping) and step != "[key]":
            path.append(step)
    return tuple(path)


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] == "missing":
        return "it is missing."
    if fault["type"] in {"tuple_type", "list_type"}:
        return "write a list."
    if fault["type"] in {"model_type", "dict_type", "mapping_type", "model_attributes_type"}:
        return "write a mapping."
    return f"{fault['msg'].removeprefix('Value error, ')}."


def _hint(fault: ErrorDetails, path: Path, whole: Mapping[str, Any]) -> str:
    if _is_secret(path):
        return "A program is a list: {exec: [pass, show, NAME]}." if "exec" in path else _FORMS_HINT
    written = _at(path, whole)
    words = _WORDS.findall(str(fault.get("ctx", {}).get("expected", "")))
    if words and isinstance(written, str):
        return did_you_mean(written, words, f"Write {' or '.join(words)}.")
    return "`reconciler schema` prints the form of the project file."


def _at(path: Path, whole: Mapping[str, Any]) -> object:
    node: Any = whole
    for step in path:
        if isinstance(node, Mapping) and step in node:
            node = node[step]
    return node


def _unknown(path: Path, place: Place) -> Problem:
    location = place(path, key=True)
    if _is_secret(path[:-1]):
        # Its name is not shown: what stands here may be the secret itself.
        detail = f"{_shown(path[:-1])}: there is no such way to write a secret."
        return told("E145", location, detail, _FORMS_HINT)
    names = _names_at(path[:-1])
    where = f" in {dotted(path[:-1])}" if len(path) > 1 else ""
    return told(
        "E145",
        location,
        f"There is no setting {quoted(str(path[-1]))}{where}.",
        did_you_mean(str(path[-1]), names, f"Settings here are {', '.join(names)}."),
    )


def _is_secret(path: Path) -> bool:
    return _model_at(path) is SecretReference or (
        len(path) > 1 and _model_at(path[:-1]) is SecretReference
    )


def _names_at(path: Path) -> list[str]:
    model = _model_at(path)
    return [info.alias or name for name, info in model.model_fields.items()] if model else []


def _model_at(path: Path) -> type[BaseModel] | None:
    """Find the model whose fields stand at `path`; a step into a mapping or list is skipped."""
    model: type[BaseModel] | None = Settings
    many = False
    for step in path:
        if many or model is None:
            many = False
            continue
        names = {info.alias or name: info for name, info in model.model_fields.items()}
        info = names.get(str(step))
        model, many = _inner(info.annotation) if info else (None, False)
    return model


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Find the model in an annotation, and whether a mapping or tuple holds several of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin = typing.get_origin(annotation)
    several = isinstance(origin, type) and issubclass(origin, Mapping | tuple)
    for part in typing.get_args(annotation):
        model, _ = _inner(part)
        if model is not None:
            return model, several
    return None, several
