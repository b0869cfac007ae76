"""JSON Schema of a tenant file, generated from the kinds, for editors (draft-07).

yaml-language-server reads draft-07 and below; pydantic writes 2020-12, so it is translated.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from reconciler.engine.draft7 import BOUNDS, AsWritten
from reconciler.engine.quoted import with_quoted
from reconciler.engine.reading import derived_of, fields_of, from_tenant
from reconciler.engine.was import WAS
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.docs import describe
from reconciler.model.naming import Naming
from reconciler.model.resource import Held, Model, Resource
from reconciler.model.secret import SecretReference
from reconciler.model.tenant import TenantHeader
from reconciler.model.types import TenantWide

DRAFT = "http://json-schema.org/draft-07/schema#"
_TEMPLATE = "#/definitions/{model}"

Schema = dict[str, Any]


def tenant_schema() -> Schema:
    """Make the JSON Schema of a tenant file."""
    describe(Model, SecretReference)
    definitions: Schema = {}
    header = _model(TenantHeader, definitions)
    for cls in KINDS.values():
        definitions[cls.__name__] = _model(cls, definitions)
    for cls in SECTIONS.values():
        definitions[f"{cls.__name__}Entry"] = _entry(cls, definitions)
    header["properties"]["defaults"] = _defaults(definitions)
    # YAML reads `schema: 1` as a number; here every scalar is text.
    header["properties"]["schema"]["enum"] = [1, "1"]
    for keyword in ("type", "pattern"):
        del header["properties"]["schema"][keyword]
    for section, cls in SECTIONS.items():
        entry: Schema = {"$ref": f"#/definitions/{cls.__name__}Entry"}
        if not definitions[cls.__name__].get("required") and not _has_forms(cls):
            entry = {"anyOf": [entry, {"type": "null"}]}  # a name with nothing behind it
        header["properties"][section] = _named(cls, entry, f"{_first(cls)} By name.")
    made: Schema = with_quoted(
        {
            "$schema": DRAFT,
            "title": "Tenant file of reconciler",
            **header,
            "definitions": {name: definitions[name] for name in sorted(definitions)},
        }
    )
    return made


def _model(model: type[BaseModel], definitions: Schema) -> Schema:
    """Make the schema of one model; the models in it go to `definitions`."""
    made = model.model_json_schema(
        by_alias=True, ref_template=_TEMPLATE, schema_generator=AsWritten
    )
    for name, inner in made.pop("$defs", {}).items():
        definitions[name] = _translated(inner)
    made = _translated(made)
    for name in derived_of(model):
        made["properties"].pop(name, None)
    if "required" in made:
        made["required"] = [n for n in made["required"] if n not in from_tenant(model)]
    return dict(made)


def _translated(value: Any) -> Any:
    """Write what 2020-12 says the way draft-07 does."""
    if isinstance(value, list):
        return [_translated(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _translated(item) for name, item in value.items() if name != "title"}
    if made.get("type") == "integer":
        made = {BOUNDS.get(name, name): item for name, item in made.items()}
    if "oneOf" in made:
        made.pop("discriminator", None)  # OpenAPI's; each branch says its `type`
    if "prefixItems" in made:
        rest = made.pop("items", True)
        made = {**made, "items": made.pop("prefixItems"), "additionalItems": rest}
    if isinstance(value.get("title"), dict):
        made["title"] = _translated(value["title"])  # a field of that name
    if isinstance(made.get("patternProperties"), dict):
        made.setdefault("additionalProperties", False)
    if "$ref" in made and len(made) > 1:
        # Draft-07 reads nothing beside a `$ref`.
        made = {"allOf": [{"$ref": made.pop("$ref")}], **made}
    return made


def _has_forms(cls: type[Resource]) -> bool:
    """Whether one of several fields must be given, so that an empty entry is none."""
    extra = cls.model_config.get("json_schema_extra")
    return isinstance(extra, dict) and "oneOf" in extra


def _entry(cls: type[Resource], definitions: Schema) -> Schema:
    """Describe an entry: the kind's own fields and those of kinds that it is lowered to."""
    own = definitions[cls.__name__]
    held = {name: _held(name, one, definitions) for name, one in cls.holds.items()}
    return {**own, "properties": {**own["properties"], **held, **_was(cls.naming)}}


def _was(naming: Naming) -> Schema:
    """Describe `was:`, which every entry may have but those whose name is what they are."""
    if naming is Naming.E164:
        return {}
    text = "The name that it had before: it is renamed in place, with all that it has."
    return {WAS: {"type": "string", "pattern": naming.pattern, "description": text}}


def _held(name: str, held: Held, definitions: Schema) -> Schema:
    inner = KINDS[held.kind]
    reference = {"$ref": f"#/definitions/{inner.__name__}"}
    if held.form == "field":
        return dict(definitions[inner.__name__]["properties"][name])
    if held.form == "one":
        return {"anyOf": [{"const": False}, reference], "description": _first(inner)}
    own = definitions[inner.__name__]
    renamed = {**own, "properties": {**own["properties"], **_was(Naming.NAME)}}
    return {
        "type": "object",
        "description": f"{_first(inner)} By name.",
        "patternProperties": {Naming.NAME.pattern: {"anyOf": [renamed, {"type": "null"}]}},
        "additionalProperties": False,
    }


def _named(cls: type[Resource], entry: Schema, description: str) -> Schema:
    return {
        "type": ["object", "null"],
        "description": description,
        "patternProperties": {cls.naming.pattern: entry},
        "additionalProperties": False,
    }


def _defaults(definitions: Schema) -> Schema:
    properties: Schema = {}
    for cls in KINDS.values():
        own = definitions[cls.__name__]["properties"]
        held = {
            name: _held(name, one, definitions)
            for name, one in cls.holds.items()
            if one.form == "field"
        }
        for name, info in fields_of(cls).items():
            if any(isinstance(mark, TenantWide) for mark in info.metadata):
                properties[name] = own[name]
        properties[cls.kind] = {
            "type": "object",
            "properties": {**own, **held},
            "additionalProperties": False,
        }
    return {
        "type": "object",
        "description": TenantHeader.model_fields["defaults"].description or "",
        "properties": properties,
        "additionalProperties": False,
    }


def _first(cls: type[Resource]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]
