"""What a model's values point at."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel

from reconciler.model.reference import EXTERNAL, Reference, Refers, Word


def references_in(
    value: object, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], Reference]]:
    """Find each reference in a model's value, with the path that leads to it."""
    if isinstance(value, Reference):
        return [(_told_at(path, value), value)]
    found: list[tuple[tuple[str | int, ...], Reference]] = []
    _gather(value, path, found)
    return found


@functools.cache
def _pointing(model: type[BaseModel]) -> tuple[str, ...]:
    """Fields that may hold references: most of a tenant's fields never do."""
    return tuple(
        name
        for name, info in model.model_fields.items()
        if any(map(_may_point, (info.annotation, *info.metadata)))
    )


def _may_point(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_pointing(annotation))
    # What stands for anything may be a reference, too.
    return (
        isinstance(annotation, Refers)
        or annotation in {Any, object}
        or any(map(_may_point, get_args(annotation)))
    )


def pointed_at(references: Iterable[Reference]) -> frozenset[str]:
    """The objects of the same tenant that references name, as `kind/name`."""
    return frozenset([ref.reference for ref in references if ref.kind != EXTERNAL])


_WITHOUT = frozenset({str, int, bool, type(None), Decimal, Word})
"""Types of which no value is or holds a reference, told before a call is made for it."""


def _gather(
    value: object,
    path: tuple[str | int, ...],
    found: list[tuple[tuple[str | int, ...], Reference]],
) -> None:
    items: Iterable[tuple[str | int, object]]
    if isinstance(value, BaseModel):
        names = _pointing(type(value))
        items = zip(names, map(value.__dict__.__getitem__, names), strict=True)
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, tuple | list):
        items = enumerate(value)
    else:
        return
    for step, item in items:
        if isinstance(item, Reference):
            found.append((_told_at((*path, step), item), item))
        elif type(item) not in _WITHOUT:
            _gather(item, (*path, step), found)


def _told_at(path: tuple[str | int, ...], reference: Reference) -> tuple[str | int, ...]:
    return path if reference.after is None else (*path, "to")
