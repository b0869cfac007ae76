"""A mailbox. A personal one is `voicemail` on its extension and has its digits.

A shared one stands in a section of its own, and its digits are dialled for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from reconciler.model.naming import Naming
from reconciler.model.pin import weak_pin
from reconciler.model.reference import refers_to
from reconciler.model.resource import Model, Part, Resource
from reconciler.model.sound import Spoken
from reconciler.model.spec import DIAL, Key, Spec
from reconciler.model.types import Derived, Email, Flag, Label, Secret, Short, Whole, seconds


class Mailing(Model):
    """Where new messages are sent, and whether they stay."""

    to: tuple[Email, ...] = Field(default=(), max_length=20)
    """Addresses; left out for a personal box: its extension's."""

    attach: Flag = True
    """Whether the recording is attached."""

    delete_after_send: Flag = False
    """Whether a message that was sent is deleted from the box."""


def _mailing(value: object) -> object:
    """Read `true` as "with the usual settings"."""
    return {} if value is True else value


class VoicemailBox(Resource):
    """A mailbox, personal or shared."""

    kind: ClassVar[str] = "voicemail_box"
    section: ClassVar[str] = "voicemail_boxes"
    naming: ClassVar[Naming] = Naming.DIGITS
    dialled: ClassVar[bool] = True
    under: ClassVar[str] = "extension"
    loses: ClassVar[str] = "its messages"

    name: Label | None = None
    """What people call it."""

    owners: tuple[refers_to("extension"), ...] = Field(default=(), max_length=100)  # type: ignore[valid-type]
    """Extensions that may listen to it; a personal box has its extension."""

    address: Annotated[Email | None, Derived()] = Field(default=None, exclude=True)
    """The extension's e-mail address, used where `email` names none."""

    shared: Annotated[Literal[True] | None, Derived()] = None
    """Set for a box that is no extension's own, and has digits of its own."""

    pin: Secret | None = None
    """PIN, 6 to 30 digits; left out: the owner sets one at first use."""

    email: Annotated[Mailing, Short(_mailing, ("type", "boolean"))] | None = None
    """`true`, `false` or where to; left out: true where an address is known."""

    transcribe: Flag = False
    """Whether messages are turned into text."""

    consent: Spoken | None = None
    """What callers hear before they leave a message that is turned into text, spoken."""

    max_message: seconds("15s", "600s") = Decimal(180)  # type: ignore[valid-type]
    """Longest message."""

    max_messages: Annotated[Whole, Field(ge=1, le=1000)] = 100
    """How many messages it keeps."""

    keep_local: Flag = True
    """Whether messages stay on the platform."""

    @model_validator(mode="before")
    @classmethod
    def _with_address(cls, values: Any) -> Any:
        """Send to the extension's address where none is named."""
        if not isinstance(values, dict):
            return values
        email, address = values.get("email"), values.get("address")
        rest = {key: value for key, value in values.items() if key != "email"}
        if email is False:
            return rest
        if email is None or email is True:
            if address is None and email is None:
                return rest
            email = {}
        if isinstance(email, dict) and "to" not in email and address is not None:
            email = {**email, "to": [address]}
        return {**rest, "email": email}

    @classmethod
    def lower(cls, name: str, entry: Mapping[str, Any]) -> Iterable[Part]:
        """Become a shared box: what stands in a section of its own is nobody's alone."""
        yield Part(cls.kind, name, entry, (), {"shared": True})

    @classmethod
    def folded_under(cls, spec: Spec) -> str:
        """A personal box stands on the line of its extension, a shared one on its own."""
        return "" if spec.get("shared") is True else cls.under

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim its digits, but where they are its extension's."""
        if spec.get("shared") is True:
            yield Key(DIAL, name)

    @classmethod
    def unfit(cls, name: str, field_name: str, value: str) -> str:
        """Say why a PIN is weak, without it; its digits are those of the extension."""
        return weak_pin(value, name) if field_name == "pin" else ""
