"""What colleagues dial: a person or a room, with its devices and its personal mailbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from reconciler.model.naming import Naming
from reconciler.model.reference import Target, named
from reconciler.model.resource import Held, Model, Part, Resource
from reconciler.model.types import (
    MAIN_NUMBER,
    TEXT,
    DisplayName,
    Email,
    Flag,
    LastResort,
    Short,
    TenantWide,
    seconds,
)

CallerId = named("number", ("anonymous",), missing="TEL405")
Outbound = Literal["internal", "emergency", "local", "national", "international"]


def _as_target(value: object) -> object:
    """Read a bare destination as one without a delay."""
    return {"to": value} if isinstance(value, str) else value


class Forward(Model):
    """Where calls go, at once or after a while."""

    to: Target
    """The destination."""

    after: seconds("0s", "120s") | None = None  # type: ignore[valid-type]
    """How long to wait before; left out: not at all."""


class ForwardAfter(Model):
    """Where calls go after a while."""

    to: Target
    """The destination."""

    after: seconds("5s", "120s") = Decimal(20)  # type: ignore[valid-type]
    """How long it rings before."""


AtOnce = Annotated[Forward, Short(_as_target, TEXT)]
AfterAWhile = Annotated[ForwardAfter, Short(_as_target, TEXT)]


class Forwards(Model):
    """Where calls go that the extension does not take itself."""

    always: AtOnce | None = None
    """All calls; its devices do not ring."""

    busy: AtOnce | None = None
    """Calls while it is busy."""

    no_answer: AfterAWhile | None = None
    """Calls that nobody takes."""

    unregistered: AtOnce | None = None
    """Calls while none of its devices is registered."""


class Extension(Resource):
    """An extension; its key is what colleagues dial."""

    kind: ClassVar[str] = "extension"
    section: ClassVar[str] = "extensions"
    naming: ClassVar[Naming] = Naming.DIGITS
    dialled: ClassVar[bool] = True
    spread: ClassVar[tuple[str, ...]] = ("location",)
    holds: ClassVar[Mapping[str, Held]] = {
        "devices": Held("device", "many"),
        "voicemail": Held("voicemail_box", "one"),
    }

    name: DisplayName | None = None
    """The person or room, as shown to colleagues."""

    email: Email | None = None
    """Where its voicemail is sent."""

    caller_id: Annotated[CallerId | None, TenantWide(), LastResort(MAIN_NUMBER)] = None  # type: ignore[valid-type]
    """A number of the tenant, or anonymous; left out: `defaults.caller_id`, else the tenant's
    main number, which is the one with the tag `main`."""

    location: named("location") | None = None  # type: ignore[valid-type]
    """Where it is, for emergency calls."""

    forward: Forwards = Field(default_factory=Forwards)
    """Where calls go that it does not take."""

    outbound: tuple[Outbound, ...] = Field(
        default=("internal", "emergency", "local", "national"), max_length=5
    )
    """What it may call."""

    recorded: Annotated[Flag, Field(alias="record")] = False
    """Whether its calls are recorded."""

    status: Literal["active", "suspended"] = "active"
    """A suspended one neither rings nor calls, but for emergencies."""

    @classmethod
    def lower(cls, name: str, entry: Mapping[str, Any]) -> Iterable[Part]:
        """Become an extension, a device for each of `devices`, and the box of `voicemail`."""
        own = {key: entry[key] for key in entry if key not in {"devices", "voicemail"}}
        yield Part(cls.kind, name, own)
        lends = {key: entry[key] for key in ("location",) if entry.get(key) is not None}
        devices = entry.get("devices", {})
        if isinstance(devices, dict):
            for device, values in devices.items():
                path = ("devices", device)
                yield Part("device", f"{name}-{device}", values or {}, path, lends)
        else:
            yield Part("device", f"{name}-device", devices, ("devices",))
        voicemail = entry.get("voicemail", False)
        if voicemail is not False:
            yield Part("voicemail_box", name, voicemail, ("voicemail",), _lent_to_box(name, entry))


def _lent_to_box(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    lent: dict[str, Any] = {"owners": [f"extension/{name}"]}
    if isinstance(entry.get("email"), str):
        lent["address"] = entry["email"]
    if isinstance(entry.get("name"), str):
        lent["name"] = entry["name"]
    return lent
