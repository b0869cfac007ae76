"""Changing a platform object as a colleague does who knows SQL and not git."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reconciler.database import Database
from reconciler.errors import WrongUsage
from reconciler.kinds import KINDS
from reconciler.model.address import Address

BY = "sandbox poke"
_AT = "tenant = ? AND kind = ? AND name = ?"


def poke_object(database: Database, address: Address, field: str, value: str, at: str) -> None:
    """Change one field of an object by plain SQL, past versions, journal and git.

    Args:
        database: The platform's.
        address: The object.
        field: Its field; steps into a group are joined by dots, such as `overflow.to`.
        value: As it stands in YAML; "" takes the field away.
        at: UTC instant with Z.

    Raises:
        WrongUsage: There is no such object or field, or the value does not fit it.
    """
    rows = database.execute(f"SELECT CAST(spec AS TEXT) FROM object WHERE {_AT}", address)
    if not rows:
        raise WrongUsage(
            f"The platform has no {address}.", "Apply it first, or see: reconciler plan --full"
        )
    spec: dict[str, Any] = json.loads(rows[0][0])
    after = _changed(spec, field.split("."), value)
    top = field.split(".", maxsplit=1)[0]
    typed = _typed(address, after, field, value)
    after = {
        name: typed[name] if name == top else spec[name]
        for name in spec.keys() | {top}
        if name != top or top in typed
    }
    database.execute(
        f"UPDATE object SET spec = ?, updated_by = ?, updated_at = ? WHERE {_AT}",
        (json.dumps(after, sort_keys=True), BY, at, *address),
    )


def _changed(spec: Mapping[str, Any], steps: list[str], value: str) -> dict[str, Any]:
    """Copy `spec` with one leaf changed or, for an empty value, taken away."""
    first, rest = steps[0], steps[1:]
    if rest:
        inner = spec.get(first)
        held = inner if isinstance(inner, Mapping) else {}
        return {**spec, first: _changed(held, rest, value)}
    if value == "":
        return {name: held for name, held in spec.items() if name != first}
    return {**spec, first: _scalar(value)}


def _scalar(value: str) -> Any:
    """Read a value as YAML on one line would be: true, false, a list or mapping, else text."""
    if value in {"true", "false"} or value[0] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _typed(address: Address, spec: Mapping[str, Any], field: str, value: str) -> dict[str, Any]:
    """Write the object the way its kind does: text scalars become numbers where they belong."""
    cls = KINDS.get(address.kind)
    if cls is None:
        raise WrongUsage(f"There is no kind {address.kind!r}.", f"Use one of {', '.join(KINDS)}.")
    try:
        return cls.model_validate(spec).spec()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        unknown = first["type"] == "extra_forbidden"
        why = "it has no such field" if unknown else first["msg"].removeprefix("Value error, ")
    raise WrongUsage(
        f"{address} does not take {field}={value}: {why}.",
        f"See what it takes: reconciler explain {address.kind}{'' if unknown else f'.{field}'}",
    )
