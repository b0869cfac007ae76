"""What pydantic says about a value, told with the place, the field's words and a next step.

Nothing here repeats a value that may be a secret: errors inside a secret are told without
it, and their line is not shown.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from reconciler.engine.draft import Path, called, written
from reconciler.errors import Fix
from reconciler.model.near import one_near
from reconciler.model.place import POSTCODE_PATTERN
from reconciler.model.reference import Refers
from reconciler.model.resource import Resource
from reconciler.model.secret import FORMS, SecretReference
from reconciler.model.spec import DIAL
from reconciler.model.types import (
    DIGITS_PATTERN,
    DISPLAY_PATTERN,
    E164_PATTERN,
    NAME_PATTERN,
    Derived,
    FromTenant,
    Missing,
    Unique,
    Zone,
)

_FORMS = {
    E164_PATTERN: 'E.164, in quotes, such as "+12015550144"',
    NAME_PATTERN: "1 to 63 lower-case letters, digits and hyphens",
    DISPLAY_PATTERN: "words without double quotes, angle brackets or backslashes",
    DIGITS_PATTERN: '2 to 8 digits, in quotes, such as "4201"',
    r"^[A-Z]{2}$": "two upper-case letters, such as US",
    r"^[0-9*#]$": 'one key of a telephone, in quotes: "0" to "9", "*" or "#"',
    r"^[0-9]{2,8}-[0-9]{2,8}$": "the first and the last, such as 4200-4299",
    POSTCODE_PATTERN: "capital letters, digits and blanks, such as 02110 or M1 1DZ",
}
"""What to write where a pattern is missed."""

_CODED = re.compile(r"^(?:E|TEL)[0-9]{3}$")
_SHOWN = 60
_SECRET_NAME = re.compile(r"pass|pin$|pin_|secret|token|credential|api_?key|auth", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong inside an object, by the way to it from the object.

    Attributes:
        path: Steps from the object's mapping that exist, or one further for a missing field.
        secret: Whether the line may hold a secret and is not to be shown.
        key: Whether the key is at fault, not its value.
        instead: The key or value that was certainly meant; None where a person must decide.

    """

    code: str
    path: tuple[str | int, ...]
    detail: str
    hint: str
    secret: bool = False
    key: bool = False
    instead: str | bool | None = None


def looks_secret(name: object) -> bool:
    """Tell whether a field of that name may hold a secret, known to us or not."""
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def remedy(wrong: Mistake, path: Path) -> Fix | None:
    """Make the fix of a mistake in the object at `path`; None where a person must decide."""
    if wrong.instead is None:
        return None
    at = (*path, *wrong.path)
    return called(at, str(wrong.instead)) if wrong.key else written([at], wrong.instead)


@functools.cache
def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Fields as authors write them, without those that are not for YAML."""
    return {
        info.alias or name: info
        for name, info in model.model_fields.items()
        if not any(isinstance(mark, Derived) for mark in info.metadata)
    }


@functools.cache
def derived_of(model: type[BaseModel]) -> frozenset[str]:
    """Fields that are not for YAML."""
    return frozenset(info.alias or name for name, info in model.model_fields.items()) - set(
        fields_of(model)
    )


@functools.cache
def unusable_of(model: type[Resource]) -> frozenset[str]:
    """Fields that no entry may give: not for YAML, or not built yet."""
    return derived_of(model) | model.later


@functools.cache
def dialled_by(model: type[Resource]) -> tuple[str, ...]:
    """Fields that hold what is dialled for it."""
    return tuple(
        name
        for name, info in fields_of(model).items()
        if any(isinstance(mark, Unique) and mark.scope == DIAL for mark in info.metadata)
    )


@functools.cache
def from_tenant(model: type[BaseModel]) -> tuple[str, ...]:
    """Fields that have the tenant's own value when they are left out."""
    return _marked(model, FromTenant)


@functools.cache
def zones_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Fields that name a time zone."""
    return _marked(model, Zone)


@functools.cache
def secretive(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Fields that hold a reference to a secret, or a model that does, and how each is written."""
    return tuple(
        (name, info.alias or name)
        for name, info in model.model_fields.items()
        if any(one is SecretReference or secretive(one) for one in _models_in(info.annotation))
    )


def _marked(model: type[BaseModel], mark: type) -> tuple[str, ...]:
    return tuple(
        name
        for name, info in fields_of(model).items()
        if any(isinstance(one, mark) for one in info.metadata)
    )


def mistakes(model: type[BaseModel], value: object, error: ValidationError) -> Iterator[Mistake]:
    """Tell each thing that is wrong with `value`, read as `model`."""
    items = error.errors(include_url=False, include_input=False)
    inside = {item["loc"][:depth] for item in items for depth in range(len(item["loc"]))}
    for item in items:
        # A list counts as too short when what is in it is wrong, and that is told already.
        if item["type"] != "too_short" or item["loc"] not in inside:
            yield _mistake(model, value, item)


def _mistake(model: type[BaseModel], value: object, item: Any) -> Mistake:
    kind, loc = str(item["type"]), tuple(item["loc"])
    path, node = _existing(value, loc)
    if kind == "union_tag_invalid" and isinstance(node, Mapping):
        path, node = (*path, "type"), node.get("type")
    holder, mark, fields = _innermost(model, loc)
    usual = _usual_hint(model, fields)
    in_secret = any(looks_secret(step) for step in loc) or holder is SecretReference
    if kind == "missing":
        return _missing((*path, loc[-1]), mark)
    if kind == "union_tag_not_found":
        return Mistake("E122", path, f"{_field(path)} has no `type`.", "Add `type`, as in schemas.")
    if kind == "extra_forbidden":
        return _extra(value, path, holder, in_secret)
    if _CODED.match(kind):
        context = item.get("ctx", {})
        field = _field(path)
        detail = f"{field}: {context['detail']}." if field else f"{_capital(context['detail'])}."
        hint = context["hint"] or usual
        in_secret = in_secret or kind == "TEL321"
        instead = None if in_secret or loc[-1:] == ("[key]",) else context["instead"]
        return Mistake(kind, path, detail, hint, secret=in_secret, instead=instead)
    key = bool(loc) and loc[-1] == "[key]"
    given = loc[-2] if key else node
    code, detail, hint = _worded(kind, item, None if in_secret else given, usual)
    if holder is SecretReference:
        hint = f"Write one of {', '.join(FORMS)}, such as {{env: VM_PIN}} or {{generate: true}}."
        code = "E131" if kind in {"missing", "value_error"} else code
    detail = f"{_field(path)}: {detail}." if path else f"{_capital(detail)}."
    choices = () if in_secret or key or kind != "literal_error" else _choices(item)
    instead = one_near(node, choices) if isinstance(node, str) else ""
    return Mistake(code, path, detail, hint, secret=in_secret, key=key, instead=instead or None)


def _choices(item: Any) -> list[str]:
    context = item.get("ctx", {})
    said = context.get("expected", context.get("expected_tags", ""))
    return re.findall(r"'([^']*)'", str(said))


def _existing(value: object, loc: Sequence[str | int]) -> tuple[tuple[str | int, ...], object]:
    """Follow a location as far as it exists, past the names that pydantic puts between."""
    node, path = value, list[str | int]()
    for step in loc:
        inside = (isinstance(node, Mapping) and step in node) or (
            isinstance(node, list | tuple) and isinstance(step, int) and step < len(node)
        )
        if inside:
            node = node[step]  # type: ignore[index]
            path.append(step)
    return tuple(path), node


def _innermost(
    model: type[BaseModel], loc: Sequence[str | int]
) -> tuple[type[BaseModel], Sequence[Any], list[str]]:
    """Find the model that a location lies in, the marks of its last field, and its fields."""
    holder, marks = model, ()
    sorts: list[type[BaseModel]] = []
    fields: list[str] = []
    for step in loc:
        info = holder.model_fields.get(str(step)) or next(
            (one for one in holder.model_fields.values() if one.alias == step), None
        )
        if info is None:
            # Of several sorts, pydantic puts the one that was read between the steps.
            holder = next((one for one in sorts if _is_sort(one, step)), holder)
            continue
        marks = tuple(info.metadata)
        fields.append(str(step))
        if step != loc[-1] or step in loc[:-1]:
            sorts = [*_models_in(info.annotation), *_long_forms(marks)]
            holder = next(iter(sorts), holder)
    return holder, marks, fields


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, Refers):
        yield from () if annotation.long is None else (annotation.long,)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for item in get_args(annotation):
            yield from _models_in(item)


def _long_forms(marks: Iterable[object]) -> Iterator[type[BaseModel]]:
    """The models behind the marks of a field."""
    for mark in marks:
        yield from _models_in(mark)


def _is_sort(model: type[BaseModel], step: str | int) -> bool:
    """Whether a model is the sort that its field `type` names so."""
    info = model.model_fields.get("type")
    return info is not None and get_args(info.annotation) == (step,)


def _missing(path: tuple[str | int, ...], marks: Sequence[Any]) -> Mistake:
    mark = next((one for one in marks if isinstance(one, Missing)), None)
    if mark is not None:
        return Mistake(mark.code, path, f"{_field(path)}: {mark.detail}.", mark.hint)
    return Mistake("E122", path, f"{_field(path)} is missing.", f"Add `{path[-1]}`.")


def _extra(
    value: object,
    path: tuple[str | int, ...],
    holder: type[BaseModel],
    in_secret: bool,  # noqa: FBT001
) -> Mistake:
    name = str(path[-1]) if path else ""
    held = holder.holds if issubclass(holder, Resource) else {}
    known = sorted({*fields_of(holder), *held})
    near = get_close_matches(name, known, 1)
    if holder is SecretReference:
        hint = f"Write one of {', '.join(FORMS)}."
        return Mistake(
            "E131", path, f"{_shown(name)} is no way to give a secret.", hint, secret=True
        )
    hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(known)}."
    secret = in_secret or (bool(near) and looks_secret(near[0]))
    _, beside = _existing(value, path[:-1])
    meant = one_near(name, known)
    is_free = meant and not (isinstance(beside, Mapping) and meant in beside)
    return Mistake(
        "E121",
        path,
        f"There is no field {_shown(name)}.",
        hint,
        secret=secret,
        key=True,
        instead=meant if is_free else None,
    )


def _worded(  # noqa: PLR0911 - a sentence each
    kind: str, item: Any, node: object, usual: str
) -> tuple[str, str, str]:
    context = item.get("ctx", {})
    given = f"{_shown(node)} " if isinstance(node, str) else "it "
    match kind:
        case "literal_error" | "union_tag_invalid":
            known = _choices(item)
            near = get_close_matches(str(node), known, 1) if isinstance(node, str) else []
            hint = f'Did you mean "{near[0]}"?' if near else f"Write one of {', '.join(known)}."
            return "E123", f"{given}is none of {', '.join(known)}", hint
        case "string_pattern_mismatch":
            words = _FORMS.get(str(context.get("pattern")), "")
            hint = f"Write {words}." if words else usual
            return "E123", f"{given}has another form than this field takes", hint
        case "greater_than_equal" | "less_than_equal":
            word = "at least" if kind.startswith("greater") else "at most"
            bound = context.get("ge", context.get("le"))
            return "E123", f"{given}is out of bounds: {word} {bound}", f"Write {word} {bound}."
        case "too_long" | "string_too_long":
            most = context.get("max_length")
            return "E123", f"it is too long: {most} are the most", f"Shorten it to {most}."
        case "too_short" | "string_too_short":
            return "E123", "it is empty or too short", usual
        case "string_type":
            return "E123", "this field is text", 'Write text, in quotes: "...".'
        case "tuple_type" | "list_type":
            return (
                "E133",
                "this field is a list",
                "Write a list: [a, b] or lines that start with -.",
            )
        case "model_type" | "dict_type" | "mapping_type" | "model_attributes_type":
            return "E133", "fields belong here", "Write {name: value}, or `name: value` lines."
        case "value_error":
            said = str(context.get("error", "it is not valid"))
            return "E123", said, usual
        case _:
            return "E123", "it is not valid", usual


def _usual_hint(model: type[BaseModel], fields: Sequence[str]) -> str:
    """Name a field in full, as `explain` takes it."""
    head = model.kind if issubclass(model, Resource) else "tenant"
    return f"See `reconciler explain {'.'.join((head, *fields))}`."


def _field(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _shown(value: object) -> str:
    text = str(value)
    return f'"{text[:_SHOWN]}..."' if len(text) > _SHOWN else f'"{text}"'


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
