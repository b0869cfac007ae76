"""An order that brings numbers from another carrier to one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from reconciler.model.numbering import impossible
from reconciler.model.place import Line, Postcode
from reconciler.model.reference import Destination
from reconciler.model.resource import Home, Model, Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.types import E164, Country, Date, Label, Name, Secret, mistake


def _possible(value: str) -> str:
    why = impossible(value)
    if why:
        raise mistake("E112", f'"{value}" cannot exist: {why}', "Check its digits.")
    return value


def _once(value: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({number for number in value if value.count(number) > 1})
    if twice:
        raise mistake("E137", f"{twice[0]} stands here twice", "Take it out once.")
    return value


Ported = Annotated[E164, AfterValidator(_possible)]
"""A number that moves."""

Compass = Literal["N", "NE", "E", "SE", "S", "SW", "W", "NW"]


class Subscriber(Model):
    """Whose numbers they are, exactly as the losing carrier has it on its bill."""

    name: Label
    """The name on the bill."""

    type: Literal["business", "residential"] = "business"
    """What sort of customer it is there."""

    street_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z/ -]{1,10}$")]
    """House number."""

    street_prefix: Compass | None = None
    """A point of the compass before the street's name."""

    street: Line
    """The street's name alone."""

    street_type: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}$")] | None = None
    """What sort of street it is, shortened as the post office does: ST, AVE, RD."""

    street_suffix: Compass | None = None
    """A point of the compass after the street's name."""

    building: Line | None = None
    """The building, where there are several."""

    floor: Line | None = None
    """The floor."""

    unit: Line | None = None
    """Suite or room."""

    city: Line
    """City or town."""

    region: Line | None = None
    """State or province; two letters in the US and Canada."""

    postcode: Postcode
    """Post or ZIP code, in upper case."""

    country: Country
    """Two letters, such as US or GB."""


class LosingCarrier(Model):
    """What the carrier that has the numbers now knows the customer by."""

    billing_number: Ported
    """The number that its bill is for (BTN)."""

    account: Secret
    """The account number there."""

    pin: Secret | None = None
    """The PIN or passcode there, where the account has one."""

    resporg: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{5}$")] | None = None
    """Who administers a toll-free number now: five letters or digits (RespOrg)."""


class Port(Resource):
    """A port-in order. Its numbers move to `numbers` when they are in service."""

    kind: ClassVar[str] = "port"
    section: ClassVar[str] = "ports"
    home: ClassVar[Home] = Home.CARRIER
    deferred: ClassVar[str] = (
        "read and checked; submitting ports comes with a later version: nothing is sent for it, "
        "and its numbers stay where they are"
    )

    connector: Name
    """The carrier account that the numbers come to."""

    numbers: Annotated[
        tuple[Ported, ...], Field(min_length=1, max_length=1000), AfterValidator(_once)
    ]
    """The numbers, each in E.164, in quotes."""

    to: Destination
    """Where their calls go as soon as they are in service."""

    requested_date: Date | None = None
    """The day on which they are to move; left out: as soon as can be."""

    subscriber: Subscriber
    """Whose they are, as the losing carrier has it."""

    authorized_by: Label
    """Who may order it, and signs the letter of authority."""

    losing_carrier: LosingCarrier
    """What the carrier that has them now knows the customer by."""

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim its numbers among all port orders."""
        del name
        yield from (Key("port of", e164, everywhere=True) for e164 in spec.get("numbers", ()))
