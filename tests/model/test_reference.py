"""References are found wherever a model can hold one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from reconciler.engine.reading import secretive
from reconciler.model.pointing import references_in
from reconciler.model.reference import Destination, Target, named
from reconciler.model.secret import SecretReference
from reconciler.model.types import Secret, Short


class Inner(BaseModel):
    """Fields of a field."""

    to: Target
    pin: Secret | None = None
    said: str = ""


class Outer(BaseModel):
    """A field of each sort that holds references, and two that do not."""

    words: tuple[str, ...] = ("a/b",)
    length: Decimal = Decimal(1)
    site: named("location") | None = None  # type: ignore[valid-type]
    then: Destination = "hangup"
    listed: Annotated[tuple[Target, ...], Field(max_length=3)] = ()
    by_key: dict[str, Destination] = {}
    inner: Annotated[Inner, Short(lambda value: value, ("type", "string"))] | None = None
    many: tuple[Inner, ...] = ()
    anything: Any = None


def test_each_reference_is_found_with_its_path() -> None:
    made = Outer.model_validate(
        {
            "site": "boston",
            "then": {"to": "extension/4201", "after": "5s"},
            "listed": ["extension/4202"],
            "by_key": {"1": "ring_group/sales", "2": "hangup"},
            "inner": {"to": "audio/hello"},
            "many": [{"to": "busy"}, {"to": "extension/4203"}],
        }
    )
    found = {path: ref.reference for path, ref in references_in(made)}
    assert found == {
        ("site",): "location/boston",
        ("then", "to"): "extension/4201",
        ("listed", 0): "extension/4202",
        ("by_key", "1"): "ring_group/sales",
        ("inner", "to"): "audio/hello",
        ("many", 1, "to"): "extension/4203",
    }


def test_a_field_of_any_sort_is_looked_into() -> None:
    site = Outer.model_validate({"site": "boston"}).site
    made = Outer.model_construct(anything={"at": [site]})
    assert [path for path, _ in references_in(made)] == [("anything", "at", 0)]


def test_a_reference_by_itself_is_found() -> None:
    made = Outer.model_validate({"then": {"to": "extension/4201", "after": "5s"}})
    assert [path for path, _ in references_in(made.then, ("fallback",))] == [("fallback", "to")]


def test_fields_with_secrets_are_known_by_their_model() -> None:
    assert secretive(Inner) == (("pin", "pin"),)
    assert secretive(Outer) == (("inner", "inner"), ("many", "many"))
    assert secretive(SecretReference) == ()
