from __future__ import annotations

from typing import Annotated, Literal

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field

from reconciler.engine.draft7 import DIALECT, draft7

CASES = {
    "definitions": (
        {"$defs": {"A": {"type": "string"}}, "$ref": "#/$defs/A"},
        {"definitions": {"A": {"type": "string"}}, "allOf": [{"$ref": "#/definitions/A"}]},
    ),
    "a reference alone stays": (
        {"properties": {"a": {"$ref": "#/$defs/A"}}},
        {"properties": {"a": {"$ref": "#/definitions/A"}}},
    ),
    "a reference with neighbours, which draft-07 would not see": (
        {"items": {"$ref": "#/$defs/A", "minLength": 2}},
        {"items": {"allOf": [{"$ref": "#/definitions/A"}], "minLength": 2}},
    ),
    "a tuple": (
        {"prefixItems": [{"$ref": "#/$defs/A"}], "items": False},
        {"items": [{"$ref": "#/definitions/A"}], "additionalItems": False},
    ),
    "OpenAPI's discriminator": (
        {"oneOf": [{"$ref": "#/$defs/A"}], "discriminator": {"propertyName": "x"}},
        {"oneOf": [{"$ref": "#/definitions/A"}]},
    ),
    "a field called like a keyword": (
        {"properties": {"$ref": {"type": "string"}, "prefixItems": {"type": "string"}}},
        {"properties": {"$ref": {"type": "string"}, "prefixItems": {"type": "string"}}},
    ),
    "values are no schemas": (
        {"default": {"$ref": "#/$defs/A"}, "const": {"prefixItems": 1}},
        {"default": {"$ref": "#/$defs/A"}, "const": {"prefixItems": 1}},
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_what_is_spelled_otherwise(before, after):
    assert draft7(before) == {"$schema": DIALECT, **after}


def test_what_draft_7_has_no_word_for_is_an_error():
    with pytest.raises(ValueError, match="unevaluatedProperties"):
        draft7({"properties": {"a": {"unevaluatedProperties": False}}})


class Cat(BaseModel):
    sort: Literal["cat"]


class Dog(BaseModel):
    sort: Literal["dog"]


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="sort", description="Which.")]
    pair: tuple[int, str]
    best: Annotated[Cat | None, Field(description="The best.")] = None


def test_it_says_the_same_to_a_validator_of_draft_7():
    validator = Draft7Validator(draft7(Owner.model_json_schema()))
    Draft7Validator.check_schema(validator.schema)
    good = {"pet": {"sort": "cat"}, "pair": [1, "a"], "best": {"sort": "cat"}}

    assert validator.is_valid(good)
    assert not validator.is_valid(good | {"pet": {"sort": "cow"}})
    assert not validator.is_valid(good | {"pair": ["a", 1]})
    assert not validator.is_valid(good | {"best": {"sort": "dog"}})
