"""Let a spec or a graph point at the same objects once they have other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from reconciler.model.canonical import digest
from reconciler.model.reference import Reference
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Observed


def repointed(cls: type[Resource], spec: Spec, names: Mapping[str, str]) -> dict[str, Any]:
    """Change what a spec points at, and nothing else of it.

    Args:
        cls: Its kind.
        spec: Read from outside: it may be none that the kind can read. Then whole texts that
            are such a reference are changed.
        names: The new `kind/name` by the old one.
    """
    try:
        made = cls.model_validate(dict(spec))
    except ValueError:
        return dict(_by_text(spec, names))
    after = deepcopy(dict(spec))
    for path, reference in made.references():
        if reference.reference in names:
            _put(after, _as_written(made, path), reference, names[reference.reference])
    return after


def _by_text(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _by_text(item, names) for key, item in value.items()}
    return [_by_text(item, names) for item in value] if isinstance(value, list) else value


def _as_written(made: object, path: Sequence[str | int]) -> list[str | int]:
    """The way to a field in a spec, which has the names that authors write."""
    written: list[str | int] = []
    for step in path:
        if isinstance(made, BaseModel):
            written.append(type(made).model_fields[str(step)].alias or step)
            made = getattr(made, str(step))
        elif isinstance(made, str):
            written.append(step)  # the long form of a destination, which is read as its text
        else:
            written.append(step)
            made = made[step]  # type: ignore[index]
    return written


def _put(spec: Any, path: Iterable[Any], reference: Reference, name: str) -> None:
    """Write a reference in the form, long or bare, that stands there."""
    text = name if reference == reference.reference else name.partition("/")[2]
    for step in path:
        there = spec[step] if isinstance(spec, list) else spec.get(step)
        if there == reference:
            spec[step] = text  # also where a reference stands short for a mapping
            return
        if not isinstance(there, dict | list):
            return  # not written down: a default
        spec = there


def regraphed(
    cls: type[Resource],
    have: Observed,
    after: Spec,
    name: str,
    names: Mapping[str, str],
    live: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """Make the live graph of an object that has a new name, or leads to one that has.

    Args:
        cls: Its kind.
        have: What is there, under its old name.
        after: Its settings with the new names in them.
        name: Its name from now on.
        names: The new `kind/name` by the old one.
        live: What is live, where that is not what its settings make.

    Returns:
        What becomes live; None when nothing is live or nothing of it changes.
    """
    if not cls.published or not have.published:
        return None
    own = live is None
    made = cls.compiled(name, after) if own else cls.republished(name, live or {}, names)
    return None if made is None or digest(made) == have.published else made


def is_seen(cls: type[Resource], have: Observed) -> bool:
    """Whether what is live is what the object's settings make, so that nothing else is to know."""
    if not cls.published or not have.published:
        return True
    graph = cls.compiled(have.address.name, have.spec)
    return graph is not None and digest(graph) == have.published
