"""Descriptions of fields, from the docstrings under them."""

from pydantic import BaseModel

from reconciler.model.docs import describe


class Inner(BaseModel):
    name: str
    """What people call it."""


class Outer(BaseModel):
    inner: Inner
    """What it holds."""


def test_what_was_described_before_knows_what_is_described_of_its_parts():
    describe(Outer)
    describe(Inner)

    held = Outer.model_json_schema()["$defs"]["Inner"]["properties"]["name"]

    assert held["description"] == "What people call it."
