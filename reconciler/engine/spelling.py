"""How what a tenant file says is spelled: as plans and specs spell it, meaning the same.

Nothing here knows a field: a value that was read and written again by its own type is its
canonical spelling, `120s` for `2m`, `extension/4201` for the digits 4201.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.engine.draft import Path
from reconciler.errors import SetValue
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.address import Address
from reconciler.model.secret import is_marked
from reconciler.model.state import DesiredTenant

Schema = Mapping[str, Any]


def respelled(value: Mapping[str, Any], desired: DesiredTenant) -> tuple[SetValue, ...]:
    """Find every value of a tenant that is spelled differently from what it is read as."""
    found = {path: SetValue(path, text) for path, text in _respelled(value, desired)}
    return tuple(found.values())


def _respelled(value: Mapping[str, Any], desired: DesiredTenant) -> Iterator[tuple[Path, str]]:
    header = desired.header.model_dump(mode="json", exclude_none=True, exclude={"defaults"})
    yield from _differences((), value, header)
    defaults = value.get("defaults")
    usual = defaults if isinstance(defaults, Mapping) else {}
    for section, cls in SECTIONS.items():
        for name, entry in (value.get(section) or {}).items():
            for part in cls.lower(name, entry or {}):
                wanted = desired.objects.get(Address(desired.tenant, part.kind, part.name))
                if wanted is None or not isinstance(part.values, Mapping):
                    continue
                yield from _differences((section, name, *part.path), part.values, wanted.spec)
                lent = {k: v for k, v in usual.items() if k not in KINDS and k not in part.values}
                yield from _differences(("defaults",), lent, wanted.spec)
                own = usual.get(part.kind) or {}
                lent = {k: v for k, v in own.items() if k not in part.values}
                yield from _differences(("defaults", part.kind), lent, wanted.spec)


def _differences(path: Path, written: Any, spec: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(written, str):
        if isinstance(spec, Mapping):
            spec = spec.get("to")  # a destination may be written without its mapping
        if isinstance(spec, str) and spec != written:
            yield path, spec
    elif isinstance(written, Mapping) and isinstance(spec, Mapping) and not is_marked(spec):
        for name in written.keys() & spec.keys():
            yield from _differences((*path, name), written[name], spec[name])
    elif isinstance(written, list) and isinstance(spec, list) and _is_respelled(written, spec):
        for index, item in enumerate(written):
            yield from _differences((*path, index), item, spec[index])


def _is_respelled(written: list[Any], spec: list[Any]) -> bool:
    """Tell whether two lists may be the same one, spelled differently, rather than re-ordered."""
    return len(written) == len(spec) and sorted(map(str, written)) != sorted(map(str, spec))


# Which fields take text only.


def texts(value: Any, schema: Schema, asked: Callable[[str], bool]) -> Iterator[Path]:
    """Find the values in fields that take text only, where `asked` says yes to their text.

    Args:
        value: A document's values.
        schema: The JSON Schema (draft-07) of the file.
        asked: Picks texts, as those that look like numbers.
    """
    definitions = schema.get("definitions", {})
    yield from _texts((), value, _alternatives([schema], definitions), definitions, asked)


def _texts(
    path: Path,
    value: Any,
    schemas: Sequence[Schema],
    definitions: Schema,
    asked: Callable[[str], bool],
) -> Iterator[Path]:
    if isinstance(value, str):
        if asked(value) and schemas and not any(map(_takes_other, schemas)):
            yield path
        return
    if not isinstance(value, dict | list):
        return
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in steps:
        inner = _alternatives([_inner(one, step) for one in schemas], definitions)
        yield from _texts((*path, step), item, inner, definitions, asked)


def _alternatives(schemas: Sequence[Any], definitions: Schema) -> list[Schema]:
    """Follow references and combinations down to plain schemas."""
    found: list[Schema] = []
    for schema in schemas:
        if not isinstance(schema, Mapping):
            continue
        named = schema.get("$ref", "").rpartition("/")[2]
        plain = definitions[named] if named else schema
        mixed = [one for word in ("allOf", "anyOf", "oneOf") for one in plain.get(word, ())]
        found += _alternatives(mixed, definitions)
        if not mixed or "properties" in plain:
            found.append(plain)
    return found


def _inner(schema: Schema, step: str | int) -> Any:
    if isinstance(step, int):
        items = schema.get("items")
        if isinstance(items, list):
            return items[step] if step < len(items) else schema.get("additionalItems")
        return items
    if step in schema.get("properties", {}):
        return schema["properties"][step]
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, step):
            return inner
    return schema.get("additionalProperties")


def _takes_other(schema: Schema) -> bool:
    """Tell whether a schema takes a scalar that is no text; nothing known counts as that."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is not None:
        return not all(isinstance(one, str) for one in values)
    types = schema.get("type")
    if types is None:
        return not ("pattern" in schema or "properties" in schema)
    named = {types} if isinstance(types, str) else set(types)
    return bool(named & {"integer", "number", "boolean"})
