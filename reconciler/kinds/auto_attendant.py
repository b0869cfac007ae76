"""A menu: a greeting, keys to press, and what happens when none is pressed."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from reconciler.model.flow import compile_flow
from reconciler.model.reference import DESTINATIONS, Destination, named, refers_to
from reconciler.model.resource import Model, Resource
from reconciler.model.sound import Language, Spoken, Voice
from reconciler.model.spec import DIAL, Spec
from reconciler.model.types import (
    Digits,
    DisplayName,
    Flag,
    Missing,
    Short,
    Unique,
    Whole,
    mistake,
    seconds,
)

_Callable = refers_to("extension", words=("all",))

Choice = refers_to(
    *DESTINATIONS, words=("hangup", "busy", "operator", "repeat", "back", "directory")
)
"""Where a key leads: a destination, or a word about this menu.

``directory`` asks for the name of a colleague, ``back`` leads to the menu before.
"""


class Greeting(Model):
    """What callers hear: either words to speak or a recording."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["say"]}, {"required": ["play"]}]}
    )

    say: Spoken | None = None
    """Text that is spoken."""

    play: named("audio") | None = None  # type: ignore[valid-type]
    """A recording."""

    language: Language | None = None
    """The language of `say`, such as ``en-US``."""

    voice: Voice | None = None
    """The voice of `say`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.say is None) == (self.play is None):
            raise mistake("E123", "a greeting either says or plays", "Give `say` or `play`.")
        return self


class Invalid(Model):
    """What happens when a key is pressed that leads nowhere."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    to: Annotated[
        Choice,  # type: ignore[valid-type]
        Missing("TEL204", "nothing says where callers go after the retries", "Give `to`."),
    ]
    """Where the call goes after that."""

    say: Spoken | None = None
    """What is said before the menu is played again."""


class Timeout(Model):
    """What happens when no key is pressed."""

    after: seconds("1s", "60s") = Decimal(10)  # type: ignore[valid-type]
    """How long to wait for a key."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    to: Annotated[
        Choice,  # type: ignore[valid-type]
        Missing("TEL204", "nothing says where callers go after the retries", "Give `to`."),
    ]
    """Where the call goes after that."""


def _as_list(value: object) -> object:
    return [value] if value == "all" else value


class DialExtension(Model):
    """Which extensions callers may dial while the menu plays."""

    allow: Annotated[
        tuple[_Callable, ...],  # type: ignore[valid-type]
        Field(min_length=1, max_length=500),
        Short(_as_list, ("const", "all")),
    ]
    """``all``, or a list of extensions."""

    inter_digit: seconds("0.5s", "10s") = Decimal(2)  # type: ignore[valid-type]
    """How long to wait for the next digit."""


_NO_WAY_ON = (
    "TEL204",
    "nothing says where callers go who {}: the menu would play for ever",
    "Give it with `to`, such as `{{to: operator}}`.",
)


def _missing(what: str) -> Missing:
    code, detail, hint = _NO_WAY_ON
    return Missing(code, detail.format(what), hint.format())


class AutoAttendant(Resource):
    """An auto-attendant; published when it is applied."""

    kind: ClassVar[str] = "auto_attendant"
    section: ClassVar[str] = "auto_attendants"
    published: ClassVar[bool] = True

    name: DisplayName | None = None
    """What people call it."""

    pilot: Annotated[Digits | None, Unique(DIAL)] = None
    """What colleagues dial for it."""

    schedule: named("schedule") | None = None  # type: ignore[valid-type]
    """When it is open."""

    closed: Destination | None = None
    """Where calls go outside its `schedule`."""

    holiday: Destination | None = None
    """Where calls go on holidays of its `schedule`."""

    greeting: Greeting
    """What callers hear."""

    options: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")], Choice],  # type: ignore[valid-type]
        Field(max_length=12),
    ] = Field(default_factory=dict)
    """Where each key leads: "0" to "9", "*" and "#", in quotes."""

    operator: Destination | None = None
    """Where the word ``operator`` leads."""

    dial_extension: DialExtension | None = None
    """Which extensions callers may dial; left out: none."""

    timeout: Annotated[Timeout, _missing("press nothing")]
    """What happens when no key is pressed."""

    invalid: Annotated[Invalid, _missing("press a wrong key")]
    """What happens when a key is pressed that leads nowhere."""

    publish: Flag = True
    """Whether callers meet it once it is applied; false keeps it a draft."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        wants = {self.timeout.to, self.invalid.to, *self.options.values()}
        if "operator" in wants and self.operator is None:
            raise mistake(
                "E132",
                "a key or retry leads to the operator, and there is none",
                "Give `operator`, such as `operator: extension/4201`.",
            )
        if self.schedule is None and (self.closed is not None or self.holiday is not None):
            raise mistake("E132", "`closed` and `holiday` need a `schedule`", "Give a `schedule`.")
        return self

    @classmethod
    def bare(cls, spec: Spec, without: frozenset[str]) -> dict[str, Any] | None:
        """Cut its links to `without`: callers without a key hang up until it is linked."""
        made = cls.model_validate(spec)
        cut = {str(path[0]) for path, ref in made.references() if ref.reference in without}
        left = {name: value for name, value in spec.items() if name not in cut}
        for name in cut & {"timeout", "invalid"}:
            left[name] = {**spec[name], "to": "hangup"}
        if "operator" in cut:
            left = _without_operator(left)
        return left

    @classmethod
    def compiled(cls, name: str, spec: Spec) -> dict[str, Any] | None:
        """Make the flow graph that callers meet; None while it is to stay a draft."""
        return compile_flow(name, spec) if spec.get("publish", True) else None


def _without_operator(spec: dict[str, Any]) -> dict[str, Any]:
    made = dict(spec)
    options = made.get("options", {})
    made["options"] = {key: to for key, to in options.items() if to != "operator"}
    for name in ("timeout", "invalid"):
        if made[name]["to"] == "operator":
            made[name] = {**made[name], "to": "hangup"}
    return made
