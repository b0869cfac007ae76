"""Writes docs/carriers/capabilities.md: what each home can hold of each field, from the code.

A row is a field of a kind that some carrier has to do with; of kinds that live on the platform
alone, one row says it for all their fields but the secret ones.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any, Final

from reconciler import carriers
from reconciler.kinds import KINDS
from reconciler.model.account_object import AccountObject
from reconciler.model.resource import Home, Resource
from reconciler.model.secret import SecretReference
from reconciler.model.types import Derived
from reconciler.protocols import NUMBER, Capabilities
from reconciler.settings.connectors import KNOWN

PATH: Final = "docs/carriers/capabilities.md"
PLATFORM: Final = "SQL platform"
ABSENT: Final = "absent"

HEAD: Final = """\
# What each home can hold

Made from the code by `python -m scripts.freshness --write`; a check fails when it is not current.

* **readable**: what is there is read back, and shows as drift where it differs.
* **writable**: it can be set. **clearable**: it can be taken away again.
* **asynchronous**: the home takes it and does it later; until then the plan says that it waits.
* **write-only**: it is set and never told: another value there cannot be seen.
* **absent**: the home has no such thing. A field that its connector lacks is named in the plan, and
  its object is left alone.

"""

LEAVES: Final = """
## How a number can leave an account for good

A release is what comes of a quarantine; `numbers remove` and `numbers move` are said by a person.
Each needs an approval of its own.

"""

STAYS: Final = """
## What stays at its account when its lines go

Every account has one of these, or its carrier has no way to take it back.

"""

TELLS: Final = """
## What each tells of the account itself

"""

Kind = type[Resource]
Column = Callable[[Kind, str], str]


def capabilities_text() -> str:
    """The text of the file."""
    columns: dict[str, Column] = {PLATFORM: _at_platform, **dict(_carriers())}
    lines = [_line("field", *columns), _line(*(["---"] * (len(columns) + 1)))]
    lines += [
        _line(_shown(cls, name), *(told(cls, name) for told in columns.values()))
        for cls, name in _rows()
    ]
    leaves = [f"* {title}: {', '.join(sorted(can.removals))}" for title, can in _known()]
    tells = [f"* {title}: {', '.join(sorted(can.tells)) or 'nothing'}" for title, can in _known()]
    stays = [f"* {title}: {', '.join(_staying(can)) or 'nothing'}" for title, can in _known()]
    sections = (HEAD, lines, LEAVES, leaves, STAYS, stays, TELLS, tells)
    return "".join(one if isinstance(one, str) else f"{chr(10).join(one)}\n" for one in sections)


def _staying(can: Capabilities) -> list[str]:
    """The kinds of an account that stay there whatever git says."""
    own = {kind: cls for kind, cls in KINDS.items() if issubclass(cls, AccountObject)}
    held = sorted(can.others.keys() & own.keys())
    return [k for k in held if k in can.permanent or own[k].leaves("", {}, None) is None]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


# Rows.


def _rows() -> Iterator[tuple[Kind, str]]:
    """Each kind with a field of it, or with "" for all that have no row of their own."""
    carried = {cls.under or cls.kind for cls in KINDS.values() if cls.home is Home.CARRIER}
    for cls in sorted(KINDS.values(), key=lambda one: (one.home.value, one.kind)):
        whole = cls.home is Home.CARRIER or cls.kind in carried
        fields = [name for name in cls.model_fields if _is_said(cls, name)]
        yield from ((cls, name) for name in fields if whole or _is_secret(cls, name))
        if not whole:
            yield cls, ""


def _is_said(cls: Kind, name: str) -> bool:
    """Whether a field is an author's, or is told to a carrier."""
    known = cls.model_fields[name]
    derived = any(isinstance(mark, Derived) for mark in known.metadata)
    return not known.exclude and not (derived and (cls.home is Home.PLATFORM or cls.brings))


def _shown(cls: Kind, name: str) -> str:
    if name:
        return f"`{cls.kind}.{_spoken(cls, name)}`"
    some = any(_is_secret(cls, each) for each in cls.model_fields)
    return f"`{cls.kind}`: all {'other ' if some else ''}fields"


def _is_secret(cls: Kind, name: str) -> bool:
    return _mentions(cls.model_fields[name].annotation)


def _mentions(annotation: Any) -> bool:
    if annotation is SecretReference:
        return True
    return any(map(_mentions, typing.get_args(annotation)))


def _spoken(cls: Kind, name: str) -> str:
    """What authors and carriers call a field; "" for all of a kind."""
    return (cls.model_fields[name].alias or name) if name else name


def _can_be_left_out(cls: Kind, name: str) -> bool:
    """Whether leaving it out of YAML takes it away, rather than leaving it as it is."""
    if cls.model_fields[name].is_required():
        return False
    written = _spoken(cls, name)
    return written not in cls.as_it_runs({written: ""}, {})


# Columns.


def _at_platform(cls: Kind, name: str) -> str:
    if cls.home is not Home.PLATFORM:
        return ABSENT
    if not name:
        return "readable, writable, clearable where optional"
    told = ["write-only"] if _is_secret(cls, name) else ["readable", "writable"]
    return ", ".join([*told, *(["clearable"] if _can_be_left_out(cls, name) else [])])


def _carriers() -> Iterator[tuple[str, Column]]:
    yield from ((title, at_carrier(known)) for title, known in _known())


def _known() -> Iterator[tuple[str, Capabilities]]:
    """Each carrier, or edition of one, with what it declares."""
    for kind in (each for each in KNOWN if each in carriers.kinds()):
        module = carriers.find(kind)
        for title, settings in module.EDITIONS.items() if module else ():
            yield title, module.capabilities_of({"sandbox": True, **settings})


def at_carrier(known: Capabilities) -> Column:
    """The column of a carrier that declares this."""

    def told(cls: Kind, field: str) -> str:
        name = _spoken(cls, field)
        if cls.home is not Home.CARRIER or name not in known.held.get(cls.kind, frozenset()):
            return ABSENT
        words = ["write-only"] if name in known.never_told(cls.kind) else ["readable", "writable"]
        full = name if cls.kind == NUMBER else f"{cls.kind}.{name}"
        if _can_be_left_out(cls, field) and full not in known.lasting:
            words.append("clearable")
        if name in known.later(cls.kind):
            words.append("asynchronous")
        return ", ".join(words)

    return told
