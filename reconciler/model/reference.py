"""References between objects: `kind/name` in YAML, text everywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from reconciler.model.near import one_near
from reconciler.model.supply import NOT_IN_SERVICE
from reconciler.model.types import E164_PATTERN, ReadBy, mistake, seconds, seconds_text

EXTERNAL = "external"
"""How a destination outside the tenant is written: `external/+1...`; not a kind."""

CALL_KINDS = (
    "extension",
    "voicemail_box",
    "ring_group",
    "auto_attendant",
    "conference",
    "audio",
)
"""What a call can be sent to (domain section 3.3)."""

_REFERENCE = re.compile(r"^([a-z][a-z_]*)/(\+?[A-Za-z0-9][A-Za-z0-9._-]*)$")


class Reference(str):
    """A pointer at another object of the same tenant.

    Its text is what the author wrote and what stands in a spec: `extension/4201`, or the
    bare name where a field takes one kind only.
    """

    __slots__ = ("after", "kind", "missing", "name", "reference")
    kind: str
    name: str
    reference: str
    """Always the long form, `kind/name`."""
    missing: str
    """The code of the problem when what is named is not there."""
    after: Decimal | None
    """How long a caller hears ringing before; None where the call goes there at once."""

    def __new__(
        cls,
        text: str,
        kind: str,
        name: str,
        missing: str = "TEL201",
        after: Decimal | None = None,
    ) -> Self:
        """Point at `name` of `kind`, as the author wrote it in `text`."""
        made = str.__new__(cls, text)
        made.kind = kind
        made.name = name
        made.reference = f"{kind}/{name}"
        made.missing = missing
        made.after = after
        return made


class Word(str):
    """A destination that is no object, such as `hangup`, and how long a caller waits before."""

    __slots__ = ("after",)
    after: Decimal

    def __new__(cls, text: str, after: Decimal) -> Self:
        """Say `text` after some seconds."""
        made = super().__new__(cls, text)
        made.after = after
        return made


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks a field that holds references, with the kinds it takes.

    Attributes:
        kinds: Kinds.
        words: Words that may stand in a reference's place.
        long: The model of its long form, `{to, after}`; None where it has none.
    """

    kinds: tuple[str, ...]
    words: tuple[str, ...] = ()
    long: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Dialled:
    """What each string of digits reaches in a tenant: the context in which fields are read.

    Attributes:
        objects: `kind/name` of everything that is dialled so, by digits.

    """

    objects: Mapping[str, Sequence[str]]

    def one(self, digits: str) -> str:
        """Find the only object that is dialled so, as `kind/name`.

        Raises:
            PydanticCustomError: There is none, or more than one.

        """
        found = self.objects.get(digits, ())
        if len(found) == 1:
            return found[0]
        if not found:
            raise mistake(
                "E126",
                f"nothing in this tenant is dialled as {digits}",
                "Declare it, or write out what you mean, such as extension/4201.",
            )
        raise mistake(
            "E126",
            f"{digits} is dialled for {' and for '.join(found)}",
            f"Write {found[0]} or {found[1]}.",
        )


def _destination(
    value: str, kinds: Sequence[str], words: Sequence[str], dialled: Dialled | None
) -> str:
    if value in words:
        return value
    if dialled is not None and value.isascii() and value.isdecimal():
        value = dialled.one(value)
    match = _REFERENCE.match(value)
    if match is None:
        raise _no_reference(value, kinds, words)
    kind, name = match[1], match[2]
    if kind == EXTERNAL and EXTERNAL in kinds:
        if not re.match(E164_PATTERN, name):
            raise mistake("E112", f"{name} is not in E.164", "Write it as external/+12015550144.")
        return Reference(value, EXTERNAL, name)
    if kind not in kinds:
        near = get_close_matches(kind, kinds, 1, 0.8)
        hint = f'Did you mean "{near[0]}/{name}"?' if near else ""
        meant = one_near(kind, kinds)
        instead = f"{meant}/{name}" if meant else None
        raise mistake("E125", f"{value} is no reference to {_listed(kinds)}", hint, instead=instead)
    return Reference(value, kind, name)


def _no_reference(value: str, kinds: Sequence[str], words: Sequence[str]) -> Exception:
    near = get_close_matches(value, words, 1)
    if near:
        hint = f'Did you mean "{near[0]}"?'
        instead = one_near(value, words) or None
        return mistake("E125", f'"{value}" is no word known here', hint, instead=instead)
    also = f", or one of {', '.join(words)}" if words else ""
    return mistake("E125", f'"{value}" is no reference', f"Write {kinds[0]}/NAME{also}.")


def _listed(kinds: Sequence[str]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise mistake("E125", "a reference is text", "Write KIND/NAME.")
    return value


def refers_to(*kinds: str, words: tuple[str, ...] = ()) -> Any:
    """Make the type of a field that points at one of `kinds` or is one of `words`.

    Read with a `Dialled` as pydantic's context, plain digits are taken for what they reach.
    """

    def read(value: object, info: ValidationInfo) -> str:
        text = value if isinstance(value, str) else _text(value)
        return _destination(text, kinds, words, info.context)

    return Annotated[
        str,
        ReadBy(read),
        Refers(kinds, words),
        WithJsonSchema(_schema(kinds, words)),
    ]


_AT_ONCE = frozenset({"repeat", "back"})
"""Words about the menu itself: there is nowhere to wait for."""


def leads_to(*kinds: str, words: tuple[str, ...] = ()) -> Any:
    """Make the type of a place that says where a call goes: as `refers_to`, or `{to, after}`.

    `after` is how long the caller hears ringing before. It stands on the value that is read,
    which is the same text with and without it.
    """
    plain = refers_to(*kinds, words=words)

    class Delayed(BaseModel):
        """Where a call goes after a while."""

        model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

        to: plain  # type: ignore[valid-type]
        after: seconds("0s", "120s") = Decimal(0)  # type: ignore[valid-type]

    def read(value: object, info: ValidationInfo) -> str:
        if isinstance(value, str):
            to, after = _destination(value, kinds, words, info.context), after_of(value)
            return to if after is None else _delayed(to, after)
        if not isinstance(value, Mapping):
            return _text(value)
        long: Any = Delayed.model_validate(dict(value), context=info.context)
        return _delayed(long.to, long.after)

    return Annotated[
        str,
        ReadBy(read),
        PlainSerializer(as_written),
        Refers(kinds, words, Delayed),
        WithJsonSchema(
            {
                "anyOf": [
                    _schema(kinds, words),
                    {
                        "type": "object",
                        "description": "The same after a while, which the caller hears ringing.",
                        "properties": {
                            "to": _schema(kinds, words),
                            "after": {
                                "type": "string",
                                "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$",
                                "description": "A duration from 0s to 120s, such as 20s.",
                            },
                        },
                        "required": ["to"],
                        "additionalProperties": False,
                    },
                ]
            }
        ),
    ]


def _delayed(to: str, after: Decimal) -> str:
    if not after:
        return to
    if to in _AT_ONCE:
        raise mistake("E123", f"{to} happens at once", f"Write `{to}` alone, without `after`.")
    if isinstance(to, Reference):
        return Reference(to, to.kind, to.name, to.missing, after)
    return Word(to, after)


def as_written(value: str) -> str | dict[str, str]:
    """Write a destination as it stands in specs: its text, or `{to, after}`."""
    after = after_of(value)
    return str(value) if after is None else {"to": str(value), "after": seconds_text(after)}


def after_of(value: str) -> Decimal | None:
    """How long a caller hears ringing before a destination; None for not at all."""
    return value.after if isinstance(value, Reference | Word) else None


def _schema(kinds: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "string",
        "description": f"{_listed(kinds)}, as kind/name"
        + (f"; or {', '.join(words)}" if words else ""),
    }


def named(kind: str, words: tuple[str, ...] = (), missing: str = "TEL201") -> Any:
    """Make the type of a field that takes one kind only and is written as the bare name."""
    prefix = f"{kind}/"

    def bare(value: object, _: ValidationInfo) -> str:
        text = value if isinstance(value, str) else _text(value)
        if text in words:
            return text
        name = text.removeprefix(prefix)
        if "/" in name or not name:
            raise mistake("E125", f'"{text}" does not name one {kind}', "Write its name only.")
        return Reference(name, kind, name, missing)

    return Annotated[
        str,
        ReadBy(bare),
        Refers((kind,), words),
        WithJsonSchema(
            {
                "type": "string",
                "description": f"The name of a {kind}"
                + (f"; or {', '.join(words)}" if words else ""),
            }
        ),
    ]


def _outside(value: object, _: ValidationInfo) -> str:
    text = _text(value)
    e164 = text.removeprefix(f"{EXTERNAL}/")
    if not re.match(E164_PATTERN, e164):
        raise mistake("E112", f"{text[:60]} is not in E.164", 'Write it as "+12015550144".')
    return Reference(e164, EXTERNAL, e164)


def telephone() -> Any:
    """Make the type of a field that takes one telephone number outside the tenant."""
    return Annotated[
        str,
        ReadBy(_outside),
        Refers((EXTERNAL,)),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": rf"^({EXTERNAL}/)?{E164_PATTERN.removeprefix('^')}",
                "description": "A number in E.164, in quotes.",
            }
        ),
    ]


DESTINATIONS = (*CALL_KINDS, EXTERNAL)

Destination = leads_to(*DESTINATIONS, words=("hangup", "busy"))
"""Where a call goes: an object of the tenant, a number outside it, an end; or `{to, after}`."""

Inbound = leads_to(*DESTINATIONS, words=("hangup", "busy", NOT_IN_SERVICE))
"""Where a number's own callers go: the same, or to that announcement."""

Target = refers_to(*DESTINATIONS, words=("hangup", "busy"))
"""The same inside a `{to, after}`."""
