"""Types of single fields. Telephone digits are text, durations carry their unit."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from reconciler.model.secret import FORMS, SecretReference, is_marked, reference_of


def mistake(
    code: str, detail: str, hint: str = "", *, instead: str | bool | None = None
) -> PydanticCustomError:
    """Make the error of a field check that has a code of its own, such as ``TEL321``.

    Args:
        code: As in `reconciler explain CODE`.
        detail: A clause without its field's name: the reader gets that from the place.
        hint: The next step.
        instead: The value that was certainly meant; None where a person must decide.

    """
    return PydanticCustomError(
        code, "{detail}", {"detail": detail, "hint": hint, "instead": instead}
    )


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Marks a type whose values one function reads, from whatever an author wrote.

    Types that are met in nearly every object do without pydantic's own steps before and after:
    each of them costs as much again.

    Attributes:
        read: Makes the value, or says what is wrong.

    """

    read: Callable[[object, ValidationInfo], object]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Read by the function alone; written as text, unless a serializer says otherwise."""
        del source, handler
        return core_schema.with_info_plain_validator_function(
            self.read, serialization=core_schema.simple_ser_schema("str")
        )


TEXT = ("type", "string")
"""Plain text, in JSON Schema."""


def text_like(
    pattern: str, words: str, read: Callable[[str], str] = str, code: str = "E123"
) -> Any:
    """Make the type of a text of one form, whose mistakes say how it is written.

    Args:
        pattern: What it looks like, as JSON Schema has it too.
        words: How it is written, such as ``10:00-14:00``; ends up in hint and schema.
        read: Brings it into its one form; a ValueError says what else is wrong with it.
        code: The class of its mistakes.

    """

    def check(value: str) -> str:
        if not re.match(pattern, value):
            shown = f"{value[:60]}..." if len(value) > 60 else value  # noqa: PLR2004 - a line
            raise mistake(code, f'"{shown}" has another form', f"Write {words}.")
        try:
            return read(value)
        except ValueError as error:
            raise mistake(code, str(error), f"Write {words}.") from None

    return Annotated[
        str,
        AfterValidator(check),
        WithJsonSchema({"type": "string", "pattern": pattern, "description": f"Text: {words}."}),
    ]


E164_PATTERN = r"^\+[1-9][0-9]{1,14}$"
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
DISPLAY_PATTERN = r"^[^\x00-\x1f\x7f\"<>\\]*$"
DIGITS_PATTERN = r"^[0-9]{2,8}$"

E164 = Annotated[str, StringConstraints(pattern=E164_PATTERN)]
"""A public number: ``+`` and at most 15 digits, the first not 0 (ITU-T E.164 section 6)."""

Digits = Annotated[str, StringConstraints(pattern=DIGITS_PATTERN)]
"""What a colleague dials. Text, not an integer: ``0100`` is not ``100``."""

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The name of an object within its tenant: lower-case ASCII, digits, hyphens."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country in two upper-case letters (ISO 3166-1 alpha-2)."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""Words for people."""

DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=DISPLAY_PATTERN)
]
"""Words that end in a SIP header: no quotes, angle brackets, backslashes or line breaks."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\"',;:]{1,64}@[^@\s<>\"',;:]{1,255}$")]
"""An e-mail address, checked for its shape only."""


def _real_day(value: str) -> str:
    date.fromisoformat(value)
    return value


Date = text_like(
    r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    'a day that there is, as "2026-12-31"',
    _real_day,
)
"""A calendar day, ``2026-12-31``."""

_DURATION = re.compile(r"^([0-9]{1,7}(?:\.[0-9]{1,3})?)(ms|s|m|h)$")
_UNIT = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}


def parse_seconds(value: object) -> Decimal:
    """Read a duration such as ``20s``, ``2m`` or ``500ms``.

    Raises:
        ValueError: It has no unit or another form; the sentence says how to write it.

    """
    if isinstance(value, Decimal):
        return value
    made = _duration(value) if isinstance(value, str) else None
    if made is None:
        raise ValueError("write a duration with its unit, such as 20s or 2m")
    return made


@functools.lru_cache(maxsize=1024)  # a fleet has few of them, many times
def _duration(text: str) -> Decimal | None:
    match = _DURATION.match(text)
    return Decimal(match[1]) * _UNIT[match[2]] if match is not None else None


@functools.lru_cache(maxsize=1024)  # equal durations are written alike, 20 as 20.0
def seconds_text(value: Decimal) -> str:
    """Write a duration the one way it stands in specs and plans: ``20s``, ``0.5s``."""
    text = f"{value:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}s"


def seconds(low: str, high: str) -> Any:
    """Make the type of a duration from `low` to `high`, both included, such as ``5s``."""
    least, most = parse_seconds(low), parse_seconds(high)

    def read(value: object, _: ValidationInfo) -> Decimal:
        made = parse_seconds(value)
        if not least <= made <= most:
            raise ValueError(f"{seconds_text(made)} is not between {low} and {high}")
        return made

    return Annotated[
        Decimal,
        ReadBy(read),
        PlainSerializer(seconds_text, return_type=str),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$",
                "description": f"A duration from {low} to {high}, such as 20s.",
            }
        ),
    ]


_WHOLE = re.compile(r"-?[0-9]{1,9}")


def _whole(value: object) -> object:
    """Read a whole number: every scalar of YAML is text."""
    if isinstance(value, bool):
        raise ValueError("write a whole number")  # noqa: TRY004 - pydantic wants ValueError
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise ValueError("write a whole number")
        return int(value)
    return value


Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
"""A whole number. YAML gives text, so text of digits is read as one."""


_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""What other readers of YAML take for a truth (YAML 1.1, type bool), in small letters."""


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        meant = _TRUTHS.get(value.lower()) if isinstance(value, str) else None
        raise mistake("E123", "write true or false", instead=meant)
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false`, written so: `yes` and `on` are text here."""


_FORMS = frozenset(FORMS)
_FORMS_HINT = f"Write one of {', '.join(FORMS)}."


def _secret(value: object, info: ValidationInfo) -> object:
    if isinstance(value, SecretReference):
        return value
    if not isinstance(value, dict) and not isinstance(value, Mapping):
        raise mistake("TEL321", "a secret stands here as plain text", _FORMS_HINT)
    if is_marked(value):
        if info.context is not None:  # read from YAML: what an author wrote
            raise mistake("E131", "this is how plans write a secret", _FORMS_HINT)
        return reference_of(value)
    if not value.keys() & _FORMS:
        raise mistake("E131", "this is no reference to a secret", _FORMS_HINT)
    return value


Secret = Annotated[
    SecretReference,
    BeforeValidator(_secret),
    PlainSerializer(SecretReference.marked, return_type=dict[str, Any]),
]
"""A secret, as a reference. Its value is never in a model."""


@dataclass(frozen=True, slots=True)
class Unique:
    """Marks a field whose value may stand once in its scope.

    Attributes:
        scope: `dial` for what a tenant's colleagues dial; other words for other spaces.
        everywhere: Whether the space is the whole platform rather than one tenant.

    """

    scope: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Short:
    """Marks a type that may be written shorter, as annotation of the long one.

    Attributes:
        read: Turns the short form into the long one, and leaves everything else alone.
        written: The short form in JSON Schema: a keyword and its value.
        pattern: What text in the short form looks like; "" for any.

    """

    read: Callable[[object], object]
    written: tuple[str, str]
    pattern: str = ""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Read the short form before the long one is checked."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allow both forms."""
        short = dict([self.written, *([("pattern", self.pattern)] if self.pattern else [])])
        return {"anyOf": [short, handler(schema)]}


@dataclass(frozen=True, slots=True)
class Derived:
    """Marks a field that `reconciler` fills and nobody writes in YAML."""


@dataclass(frozen=True, slots=True)
class TenantWide:
    """Marks a field whose default stands at the top of a tenant's `defaults`."""


@dataclass(frozen=True, slots=True)
class FromTenant:
    """Marks a field that has the value of the tenant's field of that name when left out."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Marks a field that names a time zone."""


MAIN_NUMBER = "main number"
"""What calls show that neither an extension nor a default gives a number to."""


@dataclass(frozen=True, slots=True)
class LastResort:
    """Marks a field that one object of the tenant fills where neither it nor a default does.

    Attributes:
        key: What is asked for, as `Resource.lends` names it, such as "main number".

    """

    key: str


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """Marks a field that names a file of the project; the check looks whether it is there."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Marks a field that people set while calls run, such as a night switch.

    It is never in YAML, never drift, and every write leaves it as it is.
    """


@dataclass(frozen=True, slots=True)
class Missing:
    """Marks a required field whose absence has a code of its own.

    Attributes:
        code: As in `reconciler explain CODE`.
        detail: What its absence means.
        hint: The next step.

    """

    code: str
    detail: str
    hint: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The most items that a list field takes; each list has one."""

    most: int


@functools.cache
def marked_fields(cls: type[BaseModel], mark: type) -> tuple[str, ...]:
    """The fields of a model that bear a mark, as they are written."""
    return tuple(
        info.alias or name
        for name, info in cls.model_fields.items()
        if any(isinstance(one, mark) for one in info.metadata)
    )


@functools.cache
def unique_fields(cls: type[BaseModel]) -> tuple[tuple[str, Unique], ...]:
    """The fields of a model whose values only one object may have."""
    return tuple(
        (name, mark)
        for name, info in cls.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Unique)
    )
