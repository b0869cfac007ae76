"""Read `was: old-name` off an entry: which of its objects had another name before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.engine.draft import Path
from reconciler.model.naming import Naming
from reconciler.model.resource import Resource

WAS = "was"
"""The field that names the entry's former name."""


@dataclass
class Former:
    """An entry without its `was:` lines, and what they say.

    Attributes:
        entry: The entry as its kind reads it.
        names: The former name of each of its objects that had another one, by kind and by the
            object's place in the entry.
        places: Where in the entry each of them is said.
        wrong: What cannot be meant: the place, a sentence, a next step.

    """

    entry: Mapping[str, Any]
    names: dict[tuple[str, Path], str] = field(default_factory=dict)
    places: dict[tuple[str, Path], Path] = field(default_factory=dict)
    wrong: list[tuple[Path, str, str]] = field(default_factory=list)


def former(cls: type[Resource], name: str, entry: Mapping[str, Any]) -> Former | None:
    """Take the `was:` lines out of an entry and see which names they stand for; None: no line."""
    inner = _inner(cls, entry)
    if WAS not in entry and not any(map(_said_in, inner.values())):
        return None
    found = Former({key: value for key, value in entry.items() if key != WAS})
    own = _said(found, cls.naming, entry, name, (), lasting=bool(cls.brings))
    before = {**found.entry}
    moved: dict[Path, Path] = {}
    for section, values in inner.items():
        kept: dict[str, Any] = {}
        had: dict[str, Any] = {}
        for key, value in values.items():
            path = (section, key)
            old = _said(found, Naming.NAME, value, key, path)
            bare = isinstance(value, dict) and WAS in value
            kept[key] = {k: v for k, v in value.items() if k != WAS} if bare else value
            had[old or key] = {}
            moved[path] = (section, old or key)
        found.entry = {**found.entry, section: kept}
        before[section] = had
    _name(found, cls, name, own, before, moved)
    return found


def _inner(cls: type[Resource], entry: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What stands in an entry by names of its own, such as `devices`."""
    if cls.holds.keys().isdisjoint(entry):
        return {}
    held = [name for name, one in cls.holds.items() if one.form == "many"]
    return {name: entry[name] for name in held if isinstance(entry.get(name), dict)}


def _said_in(values: Mapping[str, Any]) -> bool:
    for value in values.values():  # noqa: SIM110 - most entries have one: a generator costs more
        if isinstance(value, dict) and WAS in value:
            return True
    return False


def _said(
    found: Former, naming: Naming, entry: object, name: str, path: Path, *, lasting: bool = False
) -> str:
    """What `was:` says in an entry, where it can be meant; "" where it says nothing."""
    if not isinstance(entry, Mapping) or WAS not in entry:
        return ""
    old, at = entry[WAS], (*path, WAS)
    if naming is Naming.E164:
        found.wrong.append((at, "A number's name is the number itself.", _NUMBER))
    elif lasting:
        found.wrong.append((at, "An order of numbers keeps its name while it is open.", _ORDER))
    elif not isinstance(old, str) or not naming.fits(old):
        shown = f'"{old[:60]}"' if isinstance(old, str) else "This"
        hint = f"Write the name that it had: {naming.words}."
        found.wrong.append((at, f"{shown} is no name that it can have had.", hint))
    elif old == name:
        hint = "Write the name that it had before, or take `was` out."
        found.wrong.append((at, f'It was "{old}" and is called so still.', hint))
    else:
        return old
    return ""


_NUMBER = (
    "Take `was` out. Another number is another entry; the old one is quarantined, never renamed."
)

_ORDER = (
    "Take `was` out and call it as before: no carrier knows the name, and the entry goes when the"
    " order is complete."
)


def _name(
    found: Former,
    cls: type[Resource],
    name: str,
    own: str,
    before: Mapping[str, Any],
    moved: Mapping[Path, Path],
) -> None:
    """Lower the entry as it was, to learn what each of its objects was called then."""
    had = {(part.kind, part.path): part.name for part in cls.lower(own or name, before)}
    for part in cls.lower(name, found.entry):
        old = had.get((part.kind, moved.get(part.path, part.path)))
        if old is None or old == part.name:
            continue
        said_here = part.path in moved and moved[part.path] != part.path
        found.names[part.kind, part.path] = old
        found.places[part.kind, part.path] = (*part.path, WAS) if said_here else (WAS,)
