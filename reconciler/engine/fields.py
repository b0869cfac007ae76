"""Which fields of two specs differ, and who changed each.

Specs are compared by plain inequality first; DeepDiff only explains a pair of nested values
that is already known to differ, as it is 400 times slower.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.model.act import Cause
from reconciler.model.resource import Resource
from reconciler.model.spec import KEPT, Spec

RECORD = "pool"
"""First part of the path of a change to a number's record: ``/pool/state``."""


LIVE = "published"
"""Path of a change to what is live of an object that is published: its digest."""

WHOLE = frozenset({RECORD, LIVE})
"""Fields that are no part of an object's spec and are written with it as a whole."""


class FieldChange(NamedTuple):
    """One field that differs, with the reason why.

    Attributes:
        path: A JSON pointer into the spec, such as ``/ring`` or ``/options/1``.
        before: What is there; None when it is not.
        after: What it becomes; None when it goes.
        cause: `config`, `drift` or `both`.
    """

    path: str
    before: Any
    after: Any
    cause: Cause

    @property
    def field(self) -> str:
        """The top-level field it lies in."""
        return self.path.split("/")[1].replace("~1", "/").replace("~0", "~")


def fields_of_new(spec: Spec, cause: Cause) -> tuple[FieldChange, ...]:
    """List the fields of an object that is not there yet: all of them."""
    made = FieldChange._make
    return tuple([made((_path(name), None, spec[name], cause)) for name in sorted(spec)])


def field_changes(
    cls: type[Resource], before: Spec, after: Spec, applied: Spec | None
) -> tuple[FieldChange, ...]:
    """List the fields in which two specs of a kind differ, each with its cause.

    A field that `before` or `applied` lacks counts as having the kind's default, so that a
    field that is new in this version is no change of every object there is.
    """
    usual = defaults(cls)
    found: list[FieldChange] = []
    for name in sorted(before.keys() | after.keys()):
        have, want = before.get(name, usual.get(name)), after.get(name)
        if have == want:
            continue
        was = applied.get(name, usual.get(name)) if applied is not None else have
        cause = _cause(want, have, was)
        found.extend(_explained(f"/{_pointer(name)}", have, want, cause))
    return tuple(found)


@functools.cache
def defaults(cls: type[Resource]) -> Mapping[str, Any]:
    """The value that each optional field of a kind has in a spec when nobody sets it."""
    dumped = cls.model_construct().model_dump(mode="json", exclude_none=True, warnings=False)
    optional = (name for name, info in cls.model_fields.items() if not info.is_required())
    return {name: dumped[name] for name in optional if name in dumped}


def _cause(want: object, have: object, was: object) -> Cause:
    if want == was:
        return Cause.DRIFT
    return Cause.CONFIG if have == was else Cause.BOTH


def overall(fields: tuple[FieldChange, ...]) -> Cause:
    """The cause of several fields together."""
    causes = {change.cause for change in fields}
    if not causes or causes == {Cause.CONFIG}:
        return Cause.CONFIG
    return Cause.DRIFT if causes == {Cause.DRIFT} else Cause.BOTH


def _explained(path: str, have: object, want: object, cause: Cause) -> Iterator[FieldChange]:
    """Go into a nested mapping, so that one changed option is one change."""
    if isinstance(have, Mapping) and isinstance(want, Mapping) and not _ONE_VALUE & have.keys():
        for inner in _inner_paths(have, want):
            yield FieldChange(f"{path}{inner}", _at(have, inner), _at(want, inner), cause)
    else:
        yield FieldChange(path, have, want, cause)


_ONE_VALUE = frozenset({"$secret", KEPT})
"""Mappings that stand for one value."""


def _inner_paths(have: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - 0.25 s, needed for nested changes only

    tree = DeepDiff(dict(have), dict(want), view="tree", threshold_to_diff_deeper=0)
    paths = set()
    for items in tree.values():
        for item in items:
            keys = item.path(output_format="list")
            names = [key for key in keys if isinstance(key, str)]
            # A list is compared whole: only the mapping keys before it count.
            upto = next((n for n, key in enumerate(keys) if not isinstance(key, str)), len(names))
            paths.add("".join(f"/{_pointer(key)}" for key in names[:upto]))
    return sorted(paths)


def _at(value: Mapping[str, Any], pointer: str) -> Any:
    found: Any = value
    for key in pointer.split("/")[1:]:
        found = found.get(key.replace("~1", "/").replace("~0", "~")) if found else None
    return found


@functools.lru_cache(maxsize=1000)
def _path(name: str) -> str:
    """The pointer to a top-level field; kept, as kinds have few."""
    return f"/{_pointer(name)}"


def _pointer(key: str) -> str:
    if "~" not in key and "/" not in key:
        return key
    return key.replace("~", "~0").replace("/", "~1")
