"""Fields of YAML by their dotted path, as their models describe them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from reconciler.engine.reading import fields_of
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.docs import describe
from reconciler.model.resource import Model, Resource
from reconciler.model.secret import FORMS, SecretReference
from reconciler.model.tenant import TenantHeader
from reconciler.model.types import DIGITS_PATTERN, E164_PATTERN, NAME_PATTERN, FromTenant
from reconciler.settings import Settings
from reconciler.settings.prices import Prices

describe(Model, SecretReference)

ROOTS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {**KINDS, "tenant": TenantHeader, "project": Settings, "prices": Prices}
)
"""Where a path starts: a kind, the top of a tenant file, the project file or its price file."""

_PATTERNS = {
    E164_PATTERN: 'a number in E.164, in quotes, such as "+12015550144"',
    NAME_PATTERN: "a name: 1 to 63 lower-case letters, digits and hyphens",
    DIGITS_PATTERN: '2 to 8 digits, in quotes, such as "4201"',
    r"^[A-Z]{2}$": "two upper-case letters, such as US",
    r"^[0-9*#]$": 'one key of a telephone, in quotes: "0" to "9", "*" or "#"',
}


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of one field.

    Attributes:
        path: As it was found, such as `ring_group.overflow.after`.
        description: What it means.
        takes: What may be written, with its bounds.
        required: Whether it must be given.
        default: What holds where it is left out, as text.
        inner: Fields inside it, with the first sentence of each.
        is_root: Whether it is a kind or a file, not a field.
    """

    path: str
    description: str
    takes: str = ""
    required: bool = False
    default: str = ""
    inner: Mapping[str, str] = field(default_factory=dict)
    is_root: bool = False


def find(path: str) -> Field | None:
    """Find a field by its dotted path; None when there is none."""
    first, *steps = path.split(".")
    root = ROOTS.get(first) or SECTIONS.get(first)
    if root is None:
        return _top(path)
    where = getattr(root, "kind", first)
    found = Field(where, _clean(root.__doc__), inner=_inner((root,)), is_root=True)
    models: tuple[type[BaseModel], ...] = (root,)
    for step in steps:
        stepped = _step(models, step)
        if stepped is None:
            return None
        info, models = stepped
        where = f"{where}.{step}"
        found = _described(where, info, models)
    return found


def _top(path: str) -> Field | None:
    """Find a field of the top of a file, which needs no word in front of it."""
    return next(
        (found for root in ("tenant", "project") if (found := find(f"{root}.{path}"))), None
    )


def names(path: str) -> list[str]:
    """List what a mistyped path may have meant: the roots, and fields beside the wrong step."""
    known = [*ROOTS, *SECTIONS]
    first, *steps = path.split(".")
    root = ROOTS.get(first) or SECTIONS.get(first)
    models: tuple[type[BaseModel], ...] = (root,) if root is not None else ()
    for depth, step in enumerate(steps):
        before = ".".join([first, *steps[:depth]])
        known += [f"{before}.{name}" for name in _inner(models)]
        stepped = _step(models, step)
        models = stepped[1] if stepped else ()
    if root is None and steps:
        known += [f"{name}.{steps[0]}" for name in ROOTS]
    return known


def _step(
    models: tuple[type[BaseModel], ...], name: str
) -> tuple[FieldInfo | None, tuple[type[BaseModel], ...]] | None:
    for one in models:
        model = one
        if issubclass(model, Resource) and name in model.holds:
            held = model.holds[name]
            inner = KINDS[held.kind]
            if held.form != "field":
                return None, (inner,)
            model = inner
        info = fields_of(model).get(name)
        if info is not None:
            return info, tuple(_models(info.annotation))
    return None


def _described(path: str, info: FieldInfo | None, models: tuple[type[BaseModel], ...]) -> Field:
    if info is None:  # an object of another kind that stands inside this one
        what = "false for none, or its fields" if len(models) == 1 else ""
        return Field(path, _clean(models[0].__doc__), what, inner=_inner(models))
    adapter: TypeAdapter[Any] = TypeAdapter(info.rebuild_annotation())
    secret = SecretReference in models
    inherited = any(isinstance(mark, FromTenant) for mark in info.metadata)
    return Field(
        path=path,
        description=_clean(info.description),
        takes=_SECRET if secret else _words(adapter.json_schema(by_alias=True)),
        required=info.is_required() and not inherited,
        default="the tenant's" if inherited else _default(info, adapter),
        inner={} if secret else _inner(models),
    )


_SECRET = f"a reference to a secret, never the secret itself: {', '.join(FORMS)}, and version"


def _default(info: FieldInfo, adapter: TypeAdapter[Any]) -> str:
    if info.is_required():
        return ""
    value = info.get_default(call_default_factory=True, validated_data={})
    shown = adapter.dump_python(value, mode="json", by_alias=True)
    if shown is None or shown in ([], {}) or isinstance(value, BaseModel):
        return "may be left out"
    return shown if isinstance(shown, str) else json.dumps(shown)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _inner(models: tuple[type[BaseModel], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for model in models:
        for name, info in fields_of(model).items():
            found.setdefault(name, _first(_clean(info.description)))
        for name, held in getattr(model, "holds", {}).items():
            found.setdefault(name, _first(_clean(KINDS[held.kind].__doc__)))
    return found


def _first(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "." if text else ""


def _clean(text: str | None) -> str:
    return " ".join((text or "").replace("``", "").replace("`", "").split())


# What may be written, from JSON Schema.


def _words(schema: Mapping[str, Any]) -> str:
    """Say what a schema allows, for people."""
    whole = dict(schema)
    definitions = whole.pop("$defs", {})
    pieces = dict.fromkeys(piece for piece in _alternatives(whole, definitions) if piece)
    return ", or ".join(pieces)


def _alternatives(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _alternatives(one, definitions)
    if "$ref" in schema:
        yield from _alternatives(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield f"one of {', '.join(map(str, values))}" if len(values) > 1 else str(values[0])
    elif "type" in schema:
        yield _of_type(schema, definitions)


def _of_type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    match schema["type"]:
        case "string":
            return _text_words(schema)
        case "integer":
            return f"a whole number{_bounds(schema)}"
        case "boolean":
            return "true or false"
        case "array":
            items = ", or ".join(dict.fromkeys(_alternatives(schema.get("items", {}), definitions)))
            most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
            return f"a list{most}, of: {items or 'anything'}"
        case "object":
            return "a mapping with fields of its own"
        case _:
            return ""


def _text_words(schema: Mapping[str, Any]) -> str:
    said = schema.get("description") or _PATTERNS.get(schema.get("pattern", ""))
    if said:
        return str(said[:1].lower() + said[1:]).rstrip(".")
    most = f" of at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    form = f" of the form {schema['pattern']}" if "pattern" in schema and not most else ""
    return f"text{most}{form}"


def _bounds(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("ge"))
    high = schema.get("maximum", schema.get("le"))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return f" of at most {high}" if high is not None else ""


def secret_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    """Name the fields of a kind that are secrets, those in a group as `losing_carrier.pin`."""
    found: list[str] = []
    for name, info in fields_of(cls).items():
        for model in _models(info.annotation):
            if model is SecretReference:
                found.append(name)
            else:
                found += [f"{name}.{inner}" for inner in secret_fields(model)]
    return tuple(found)
