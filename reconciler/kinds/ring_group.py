"""Several extensions, one call."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from reconciler.model.reference import EXTERNAL, Destination, Reference, Target, refers_to
from reconciler.model.resource import Model, Resource
from reconciler.model.spec import DIAL
from reconciler.model.types import (
    TEXT,
    Digits,
    DisplayName,
    Flag,
    Short,
    Unique,
    Whole,
    seconds,
)


def _as_member(value: object) -> object:
    """Read a bare reference as a member with the usual settings."""
    return {"to": value} if isinstance(value, str) else value


class Member(Model):
    """Somebody whom a group rings."""

    to: refers_to("extension", "ring_group", EXTERNAL)  # type: ignore[valid-type]
    """An extension, or a number outside as external/+12015550144."""

    ring: seconds("5s", "300s") | None = None  # type: ignore[valid-type]
    """How long it rings; left out: the group's `ring`."""

    delay: seconds("0s", "300s") = Decimal(0)  # type: ignore[valid-type]
    """How long to wait before it rings."""

    confirm: Flag = False
    """Whether a key must be pressed to take the call; usual for numbers outside."""

    enabled: Flag = True
    """Whether it is rung at all."""

    weight: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """How often it is chosen, against others."""

    @model_validator(mode="before")
    @classmethod
    def _confirmed_outside(cls, values: Any) -> Any:
        """Keep a mobile's own voicemail from answering, unless the author says otherwise."""
        to = values.get("to") if isinstance(values, dict) else None
        if isinstance(to, str) and to.startswith(f"{EXTERNAL}/"):
            return {"confirm": True, **values}
        return values


class Overflow(Model):
    """Where a call goes that nobody in the group took. Both or neither is given."""

    after: seconds("10s", "600s") | None = None  # type: ignore[valid-type]
    """How long after the group's first ring; it ends the group even if attempts remain."""

    to: Target | None = None
    """The destination."""


def _as_overflow(value: object) -> object:
    return {"to": value} if isinstance(value, str) else value


class RingGroup(Resource):
    """A ring group."""

    kind: ClassVar[str] = "ring_group"
    section: ClassVar[str] = "ring_groups"

    name: DisplayName | None = None
    """What people call it."""

    pilot: Annotated[Digits | None, Unique(DIAL)] = None
    """What colleagues dial for it."""

    strategy: Literal["simultaneous", "sequential", "round_robin", "longest_idle"] = "simultaneous"
    """In which order its members ring."""

    ring: seconds("5s", "300s") = Decimal(20)  # type: ignore[valid-type]
    """How long each member rings."""

    members: tuple[Annotated[Member, Short(_as_member, TEXT)], ...] = Field(
        default=(), max_length=200
    )
    """Whom it rings: ``extension/4201``, or a mapping with `to` and more."""

    repeats: Annotated[Whole, Field(ge=1, le=10)] = 1
    """How often its members are tried."""

    skip_busy: Flag = True
    """Whether members in a call are left out."""

    ignore_forward: Flag = True
    """Whether its members' own forwarding is left out of account."""

    max_wait: seconds("10s", "3600s") = Decimal(90)  # type: ignore[valid-type]
    """How long a caller may have to wait in it before `validate` warns."""

    overflow: Annotated[Overflow, Short(_as_overflow, TEXT)] | None = None
    """Where a call goes that nobody took; left out: the caller hears busy."""

    empty: Destination | None = None
    """Where a call goes when no member is active."""

    announce: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """What a member hears before it takes the call, spoken."""

    caller_id_prefix: DisplayName | None = None
    """Put before the caller's name."""

    status: Literal["active", "suspended"] = "active"
    """A suspended one rings nobody: calls go where `empty` says."""

    def outside(self) -> tuple[tuple[int, Member], ...]:
        """Its members outside the tenant, with their index."""
        return tuple(
            (index, member)
            for index, member in enumerate(self.members)
            if isinstance(member.to, Reference) and member.to.kind == EXTERNAL
        )
