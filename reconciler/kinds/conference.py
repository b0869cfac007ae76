"""A room in which many calls are one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from reconciler.model.pin import CONFERENCE_DIGITS, weak_pin
from reconciler.model.resource import Resource
from reconciler.model.spec import DIAL
from reconciler.model.types import Digits, DisplayName, Flag, Secret, Unique, Whole


class Conference(Resource):
    """A conference room."""

    kind: ClassVar[str] = "conference"
    section: ClassVar[str] = "conferences"

    name: DisplayName | None = None
    """What people call it."""

    room: Annotated[Digits, Unique(DIAL)]
    """What colleagues dial for it."""

    capacity: Annotated[Whole, Field(ge=2, le=500)] = 20
    """How many can be in it at once."""

    pin: Secret | None = None
    """PIN of those who take part, 6 to 12 digits; left out: none is asked for."""

    moderator_pin: Secret | None = None
    """PIN of those who lead it, 6 to 12 digits and another one than `pin`."""

    wait_for_moderator: Flag = False
    """Whether it begins only when somebody who leads it is there."""

    recorded: Annotated[Flag, Field(alias="record")] = False
    """Whether it is recorded."""

    muted: Flag = False
    """Whether those who take part are muted when they come in."""

    status: Literal["active", "suspended"] = "active"
    """A suspended one lets nobody in."""

    @classmethod
    def unfit(cls, name: str, field_name: str, value: str) -> str:
        """Say why a PIN is weak, without it."""
        del name, field_name
        return weak_pin(value, "", CONFERENCE_DIGITS)

    @classmethod
    def alike(cls, values: Mapping[str, str]) -> tuple[str, str, str] | None:
        """Refuse one PIN for those who take part and those who lead."""
        if "pin" in values and values["pin"] == values.get("moderator_pin"):
            return "moderator_pin", "TEL331", "it is that of `pin`: everybody would lead the room"
        return None
