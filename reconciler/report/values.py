"""How values of an object are shown: secrets never, lists as sets, what all share left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from reconciler.engine.fields import FieldChange
from reconciler.engine.plan import FieldDifference
from reconciler.model.secret import MARK, is_marked

LONGEST = 120
"""Characters of one value that are shown; --full shows all."""

NOTHING = "(none)"


def field_name(path: str) -> str:
    """A field as its author knows it: `options/1` for the pointer `/options/1`."""
    shown = path.split(f"/{MARK}", 1)[0]
    return shown.removeprefix("/").replace("~1", "/").replace("~0", "~")


def change_text(change: FieldDifference | FieldChange, *, full: bool = False) -> str:
    """What a changed field was and becomes, such as ``20s → 25s`` or ``101 102  +103``."""
    before, after = change.before, change.after
    if change.path.endswith(f"/{MARK}/version"):
        return f"(secret, v{before} → v{after})"
    if MARK in change.path.split("/"):
        return "(secret, its reference changes)"
    if is_marked(before) or is_marked(after):
        return _secret_change(before, after)
    if isinstance(before, list) and isinstance(after, list):
        return _list_change(before, after, full=full)
    return f"{value_text(before, full=full)} → {value_text(after, full=full)}"


def sides_text(change: FieldDifference | FieldChange) -> str:
    """What git says of a field, and what is there instead."""
    if _hides(change):
        return change_text(change)
    return f"git {value_text(change.after)}, live {value_text(change.before)}"


def _hides(change: FieldDifference | FieldChange) -> bool:
    marked = is_marked(change.before) or is_marked(change.after)
    return marked or MARK in change.path.split("/")


def value_text(value: Any, *, full: bool = False) -> str:
    """One value of an object, on one line."""
    if isinstance(value, str):
        text = value if full or len(value) <= LONGEST else _cut(value, full=full)
        return text if text and " " not in text else f'"{text}"'
    if value is None or isinstance(value, (bool, int)):
        return NOTHING if value is None else str(value).lower()
    if is_marked(value):
        return _secret(value)
    shown = _mapping(value, full=full) if _is_mapping(value) else _list(value, full=full)
    return _cut(shown, full=full)


def _cut(text: str, *, full: bool) -> str:
    return text if full or len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _mapping(value: Mapping[str, Any], *, full: bool) -> str:
    shown = [f"{key} {value_text(value[key], full=full)}" for key in sorted(value)]
    return f"({', '.join(shown)})"


def _is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    # Most are dictionaries, and asking an abstract class takes twenty times as long.
    kind = type(value)
    return kind is dict or (kind is not str and kind is not list and isinstance(value, Mapping))


# Secrets: where they come from and how often they were rotated, never a reference's own text,
# which for a sealed one is the encrypted value.


def _secret(value: Mapping[str, Any]) -> str:
    return f"(secret, {_version(value)})"


def _secret_change(before: Any, after: Any) -> str:
    if not is_marked(before):
        return "(secret, new)" if before is None else "(becomes a secret)"
    if not is_marked(after):
        return "(secret, goes)" if after is None else "(is no secret any more)"
    had, has = _version(before), _version(after)
    return f"(secret, {had} → {has})" if had != has else f"(secret, its reference changes, {has})"


def _version(value: Mapping[str, Any]) -> str:
    body = value[MARK]
    version = body.get("version") if isinstance(body, Mapping) else None
    return f"v{version}" if isinstance(version, int) else "v?"


# Lists.


def _list(value: Sequence[Any], *, full: bool) -> str:
    shared = _shared(value)
    each = ", ".join(f"{key} {value_text(shared[key], full=full)}" for key in sorted(shared))
    shown = " ".join(_items(value, shared, full=full))
    return f"{shown} (each: {each})" if each else shown or "(empty)"


def _list_change(before: list[Any], after: list[Any], *, full: bool) -> str:
    shared = _shared([*before, *after])
    had, have = _items(before, shared, full=full), _items(after, shared, full=full)
    same_kind = {item.split("/", 1)[0] for item in (*had, *have)}
    if len(same_kind) == 1 and all("/" in item for item in (*had, *have)):
        had, have = ([item.split("/", 1)[1] for item in items] for items in (had, have))
    kept = [item for item in have if item in had]
    if kept != [item for item in had if item in have] or len(kept) != len(set(kept)):
        return f"{' '.join(had) or '(empty)'} → {' '.join(have) or '(empty)'}"  # another order
    added = "".join(f" +{item}" for item in have if item not in had)
    removed = "".join(f" -{item}" for item in had if item not in have)
    moves = f"{added}{removed}".strip()
    return _cut(f"{' '.join(kept)}  {moves}".strip() if kept else moves, full=full)


def _shared(items: Sequence[Any]) -> Mapping[str, Any]:
    """What all mappings of a list say alike, and so need not be told of each."""
    mappings = [item for item in items if _is_mapping(item) and "to" in item]
    if not mappings:
        return {}
    first = mappings[0]
    return {k: v for k, v in first.items() if k != "to" and all(m.get(k) == v for m in mappings)}


def _items(items: Sequence[Any], shared: Mapping[str, Any], *, full: bool) -> list[str]:
    return [_item(item, shared, full=full) for item in items]


def _item(item: Any, shared: Mapping[str, Any], *, full: bool) -> str:
    if not _is_mapping(item) or not isinstance(item.get("to"), str):
        return value_text(item, full=full)
    own = [key for key in sorted(item) if key != "to" and key not in shared]
    extras = ", ".join(f"{key} {value_text(item[key], full=full)}" for key in own)
    return f"{item['to']}({extras})" if extras else str(item["to"])
