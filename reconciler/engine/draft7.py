"""JSON Schema as editors read it: from pydantic's draft 2020-12 to draft-07.

yaml-language-server reads draft-07 and older; pydantic writes 2020-12 only. What draft-07
spells differently is respelled, what it has no word for is an error rather than a schema
that quietly allows more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

DIALECT = "http://json-schema.org/draft-07/schema#"

_ONE = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
)
"""Keywords whose value is a schema."""

_LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
"""Keywords whose value is a list of schemas."""

_NAMED = frozenset({"$defs", "patternProperties", "properties"})
"""Keywords whose value maps names to schemas; the names are not keywords."""

_WITHOUT_A_WORD = frozenset(
    {
        "$anchor", "$dynamicAnchor", "$dynamicRef", "dependentRequired", "dependentSchemas",
        "maxContains", "minContains", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip

_POINTER = "#/$defs/"

BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""pydantic leaves its own words where a bound stands on what is read from text first."""


class AsWritten(GenerateJsonSchema):
    """Tells defaults in the form in which an author would write them: ``20s``, not 20."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        """Describe a field that has a default."""
        made = super().default_schema(schema)
        default = self.get_default_value(schema)
        write = _writer(schema["schema"])
        if "default" in made and default is not None and write is not None:
            made["default"] = write(default)
        return made


def _writer(schema: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    """Find the function that writes a value of a field, if there is one."""
    own = schema.get("serialization", {})
    if own.get("type") == "function-plain" and not own.get("info_arg"):
        found: Callable[[Any], Any] = own["function"]
        return found
    inner = schema.get("schema")
    return _writer(inner) if isinstance(inner, Mapping) else None


def draft7(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite a schema of pydantic's as draft-07.

    Raises:
        ValueError: It uses a keyword that draft-07 does not have.
    """
    return {"$schema": DIALECT, **_schema(schema)}


def _schema(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema  # true and false are schemas as well
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _WITHOUT_A_WORD:
            raise ValueError(f"draft-07 has no {keyword}")
        if keyword not in {"discriminator", "$schema"}:  # OpenAPI's word; ours is put in front
            made[_respelled(keyword, schema)] = _value(keyword, value)
    return _reference_alone(made)


def _respelled(keyword: str, schema: Mapping[str, Any]) -> str:
    if keyword == "items" and "prefixItems" in schema:
        return "additionalItems"
    return {"$defs": "definitions", "prefixItems": "items", **BOUNDS}.get(keyword, keyword)


def _value(keyword: str, value: Any) -> Any:
    if keyword == "$ref":
        return value.replace(_POINTER, "#/definitions/") if value.startswith(_POINTER) else value
    if keyword in _ONE:
        return _schema(value)
    if keyword in _LISTED:
        return [_schema(item) for item in value]
    if keyword in _NAMED:
        return {name: _schema(item) for name, item in value.items()}
    return value


def _reference_alone(schema: dict[str, Any]) -> dict[str, Any]:
    """Put `$ref` into an `allOf` where it has neighbours: draft-07 ignores those (section 8.3)."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    rest = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
    return {"allOf": [{"$ref": schema["$ref"]}, *rest.pop("allOf", ())], **rest}
