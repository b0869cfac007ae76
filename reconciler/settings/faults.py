"""What pydantic says of a file of settings, told as problems with places.

No sentence holds a secret, nor a name that stands where a secret belongs.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.errors import Problem, by_place
from reconciler.model.secret import FORMS, SecretReference
from reconciler.settings.codes import PLAIN_SECRET, Path, Place, did_you_mean, dotted, quoted, told
from reconciler.settings.connectors import KNOWN

M = TypeVar("M", bound=BaseModel)

_FORMS_HINT = f"Write it as one of {', '.join('{' + form + ': ...}' for form in FORMS)}."
_WORDS = re.compile(r"'([^']*)'")


def typed(
    model: type[M], name: str, value: Mapping[str, Any], place: Place
) -> tuple[M | None, tuple[Problem, ...]]:
    """Type a file that stands beside the project file, such as `prices.yaml`.

    Args:
        model: What it is to become.
        name: The name of its JSON Schema: `prices`.
        value: The file's values: text, True, False, None, dicts and lists.
        place: Places in the file, such as `Document.place`.

    Returns:
        The model, None where there is a problem; and all problems.
    """
    try:
        return model.model_validate(value), ()
    except ValidationError as error:
        return None, by_place(Written(model, name, value, place).problems(error))


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was written, and the model that it does not fit.

    Attributes:
        model: What it should be.
        name: The name of its JSON Schema.
        whole: Its values.
        place: Places in it.
    """

    model: type[BaseModel]
    name: str
    whole: Mapping[str, Any] = field(repr=False)
    place: Place

    def problems(self, error: ValidationError) -> Iterator[Problem]:
        """Tell each fault at its place."""
        faults = error.errors(include_url=False, include_input=False, include_context=True)
        yield from map(self._problem, faults)

    def _problem(self, fault: ErrorDetails) -> Problem:
        path = self._real(fault["loc"])
        kind = fault["type"]
        if kind == "extra_forbidden":
            return self._unknown(path)
        if kind == PLAIN_SECRET:
            detail = f"{_shown(path)}: a secret stands in the file as it is."
            return told(PLAIN_SECRET, self.place(path), detail, _FORMS_HINT)
        location = self.place(path, key=fault["loc"][-1] == "[key]")
        detail = f"{_shown(path)}: {_sentence(fault)}"
        return told("E146", location, detail, self._hint(fault, path))

    def _real(self, loc: tuple[str | int, ...]) -> Path:
        """Drop the steps that pydantic adds for a choice between types or for a key."""
        node: Any = self.whole
        path: list[str | int] = []
        for index, step in enumerate(loc):
            if (isinstance(node, Mapping) and step in node) or isinstance(node, list):
                node = node[step]  # type: ignore[index]
                path.append(step)
            elif index == len(loc) - 1 and isinstance(node, Mapping) and step != "[key]":
                path.append(step)
        return tuple(path)

    def _hint(self, fault: ErrorDetails, path: Path) -> str:
        if self._is_secret(path):
            program = "A program is a list: {exec: [pass, show, NAME]}."
            return program if "exec" in path else _FORMS_HINT
        written = self._at(path)
        words = _WORDS.findall(str(fault.get("ctx", {}).get("expected", "")))
        if words and isinstance(written, str):
            return did_you_mean(written, words, f"Write {' or '.join(words)}.")
        if self.name == "project":
            return "`reconciler schema` prints the form of the project file."
        return f"`reconciler schema {self.name}` prints the form of this file."

    def _at(self, path: Path) -> object:
        node: Any = self.whole
        for step in path:
            if (isinstance(node, Mapping) and step in node) or isinstance(node, list):
                node = node[step]  # type: ignore[index]
        return node

    def _unknown(self, path: Path) -> Problem:
        location = self.place(path, key=True)
        if self._is_secret(path[:-1]):
            # Its name is not shown: what stands here may be the secret itself.
            detail = f"{_shown(path[:-1])}: there is no such way to write a secret."
            return told("E145", location, detail, _FORMS_HINT)
        names = self._names_at(path[:-1])
        where = f" in {dotted(path[:-1])}" if len(path) > 1 else ""
        return told(
            "E145",
            location,
            f"There is no setting {quoted(str(path[-1]))}{where}.",
            did_you_mean(str(path[-1]), names, f"Settings here are {', '.join(names)}."),
        )

    def _is_secret(self, path: Path) -> bool:
        return self._model_at(path) is SecretReference or (
            len(path) > 1 and self._model_at(path[:-1]) is SecretReference
        )

    def _names_at(self, path: Path) -> list[str]:
        model = self._model_at(path)
        return [info.alias or name for name, info in model.model_fields.items()] if model else []

    def _model_at(self, path: Path) -> type[BaseModel] | None:
        """Find the model whose fields stand at `path`; a step into a mapping or list is skipped."""
        model: type[BaseModel] | None = self.model
        many = False
        for step in path:
            if many or model is None:
                many = False
                continue
            names = {info.alias or name: info for name, info in model.model_fields.items()}
            info = names.get(str(step))
            model, many = _inner(info.annotation) if info else (None, False)
        return model


def _shown(path: Path) -> str:
    """Write a path, but no name of a credential that we do not know: it may be the secret."""
    if "credentials" in path:
        end = path.index("credentials") + 1
        names = {name for known in KNOWN.values() for name in known.credentials}
        path = path[: end + 1] if set(path[end : end + 1]) <= names else path[:end]
    return dotted(path)


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] == "missing":
        return "it is missing."
    if fault["type"] in {"tuple_type", "list_type"}:
        return "write a list."
    if fault["type"] in {"model_type", "dict_type", "mapping_type", "model_attributes_type"}:
        return "write a mapping."
    return f"{fault['msg'].removeprefix('Value error, ')}."


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
