"""An order that brings numbers from another carrier to one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.address import Address
from reconciler.model.number_fields import Cnam, HandoffName, has, is_theirs, not_checked, theirs
from reconciler.model.numbering import impossible, place_of
from reconciler.model.place import Line, Postcode
from reconciler.model.reference import Destination, as_written, named
from reconciler.model.resource import Home, Model, Part, Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.supply import Holding, NumberState, Stage, Supply
from reconciler.model.types import (
    E164,
    Country,
    Date,
    Derived,
    Label,
    Name,
    Secret,
    mistake,
)


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
    brings: ClassVar[str] = "numbers"

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

    handoff: HandoffName | None = None
    """Where the carrier hands their calls to the platform; left out: as the project says."""

    cnam: Cnam | None = None
    """The caller name that is registered for them, 1 to 15 capitals, digits and blanks."""

    campaign: Name | None = None
    """The messaging campaign (10DLC) that they come into, by its name at the connector."""

    location: named("location") | None = None  # type: ignore[valid-type]
    """The emergency location that is registered for them once they are in service."""

    order: Annotated[str | None, Derived()] = None
    """The carrier's id of it, once it is submitted."""

    letter: Annotated[str | None, Derived()] = None
    """Where a person signs the letter of authority, which only the submission's answer says."""

    def spec(self) -> dict[str, Any]:
        """Its settings, the numbers in their order: no carrier keeps the order of a list."""
        made = super().spec()
        return {**made, "numbers": sorted(made["numbers"])}

    @classmethod
    def needs_of_account(cls, spec: Spec) -> frozenset[str]:
        """Need the gateway that its numbers are handed to, and the campaign that they come into."""
        named = {"gateway": has(spec, "handoff"), "campaign": has(spec, "campaign")}
        return frozenset(f"{kind}/{name}" for kind, name in named.items() if name)

    def alongside(self, name: str) -> Iterable[Part]:
        """Let the platform know each number before it comes, so that no caller meets nobody."""
        for e164 in sorted(self.numbers):
            country, sort = place_of(e164)
            made = {
                "connector": self.connector,
                "to": as_written(self.to),
                "country": country or None,
                "type": sort or None,
                "state": NumberState.PORTING_IN.value,
                "port": name,
            }
            yield Part("number", e164, made)

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim its numbers among all port orders."""
        del name
        yield from (Key("port of", e164, everywhere=True) for e164 in spec.get("numbers", ()))

    @classmethod
    def approvals(
        cls, address: Address, action: Action, after: Spec | None = None, to: str = ""
    ) -> frozenset[str]:
        """Ask before it is paid for and nobody can call it off."""
        del after, to
        return frozenset({_approval(*address[::2])} if action is Action.PORT else ())

    @classmethod
    def held_as(cls, name: str, spec: Spec, held: Mapping[str, Holding]) -> Holding | None:
        """Find it by the carrier's id where we know that, else by its numbers, newest first."""
        del name
        known = held.get(has(spec, ORDER))
        if known is not None:
            return known
        wanted = spec.get("numbers")
        return next((one for one in held.values() if one.spec.get("numbers") == wanted), None)

    @classmethod
    def remembered(cls, spec: Spec, after: Spec, external_id: str, note: str) -> Spec:
        """Keep the carrier's id of it, and where a person signs the letter of authority."""
        link = re.search(r"https://\S+", note)
        letter = link[0].rstrip(".") if link else has(after, LETTER)
        kept = {ORDER: external_id or has(after, ORDER), LETTER: letter}
        return {**spec, **{name: value for name, value in kept.items() if value}}

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with what is only known of it since it was submitted."""
        kept = {name: before[name] for name in (ORDER, LETTER) if name in before}
        return {**after, **kept} if kept else after

    @classmethod
    def priced_as(cls, name: str, spec: Spec) -> tuple[str, ...]:
        """Pay for each number."""
        del name
        return tuple(spec.get("numbers", ()))

    @classmethod
    def bills_for(cls, spec: Spec) -> tuple[tuple[str, str], ...]:
        """Have each number billed, and the emergency address that it is to be registered with."""
        registered = ("emergency_record",) if has(spec, "location") else ()
        kinds = ("carrier_number", *registered)
        return tuple((kind, e164) for e164 in spec.get("numbers", ()) for kind in kinds)

    # How it comes, changes and goes.

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Submit it once; refuse what is there already, or was submitted and is gone."""
        connector = has(spec, "connector")
        if supply is None or not supply.checked:
            return not_checked(f"port/{name}", connector)
        for e164, known in supply.brings.items():
            if is_theirs(known):
                return theirs(e164, known)
        if supply.known_as:
            return _renamed(name, supply.known_as, supply.holding)
        there = [e164 for e164, known in supply.brings.items() if known.holding is not None]
        if supply.managed:
            whole = len(there) == len(supply.brings)
            return _complete(name, spec, there) if whole else _lost(name, connector)
        if there:
            return Refusal(
                "E418",
                f"{_listed(there)} of port/{name} {_be(there)} on the account {connector} already.",
                "Take what is there out of the port, and write it under `numbers`.",
            )
        return Act(
            Action.PORT,
            "in YAML; its carrier charges for it at once and cannot call it off",
            Reversibility.IRREVERSIBLE,
            Charge.PAID,
            approval=_approval(supply.tenant, name),
        )

    @classmethod
    def stays(cls, name: str, spec: Spec, supply: Supply | None) -> Refusal | None:
        """Ask for the entries of its numbers once it is complete."""
        holding = supply.holding if supply is not None else None
        stage = holding.stage if holding is not None else None
        if stage is Stage.OVER:
            return _complete(name, spec, spec.get("numbers", ()))
        if stage is Stage.DROPPED and holding is not None:
            return Refusal(
                "E418",
                f"port/{name} was called off at {holding.connector}: {_status(holding)}.",
                "Take its entry out and apply that; to try again, write it then, and by another"
                " name.",
            )
        return None

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Change what only we keep of it; nothing else of an open port can be changed."""
        names = (before.keys() | after.keys()) - {ORDER, LETTER}
        differ = {name for name in names if before.get(name) != after.get(name)}
        if differ and differ <= _OURS:
            return Act(Action.UPDATE, "its carrier is not told; nothing is sent", remote=False)
        holding = supply.holding if supply is not None else None
        what = (
            f"YAML changes {_listed([f'`{key}`' for key in sorted(differ)])} of it"
            if differ
            else "its carrier lists other numbers in it than were asked for"
        )
        return Refusal(
            "TEL411",
            f"port/{name} is on its way{_where(holding)}, and {what}: no carrier takes a change.",
            f"Put the entry back as it was. {_ask(holding)}",
        )

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Be forgotten once its numbers stand for themselves, or it was called off."""
        connector = has(spec, "connector")
        if supply is None or not supply.checked or supply.holding is None:
            return not_checked(f"port/{name}", connector)
        if supply.holding.stage is Stage.DROPPED:
            return Act(Action.DELETE, "called off at its carrier", remote=False), None
        lacking = [e164 for e164, known in supply.brings.items() if not known.wanted]
        if supply.holding.stage is not Stage.OVER:
            return Refusal(
                "TEL411",
                f"port/{name} is on its way{_where(supply.holding)}, and gone from YAML: that does"
                " not stop it.",
                f"Put its entry back. {_ask(supply.holding)}",
            )
        if lacking:
            return _complete(name, spec, lacking)
        return Act(Action.DELETE, "complete; its numbers stand under `numbers`", remote=False), None


ORDER, LETTER = "order", "letter"
"""What is kept of a port beside its settings: the carrier's id, and the link to the letter."""

_OURS = frozenset({"to", "location"})
"""Settings that no carrier is told."""


def _approval(tenant: str, name: str) -> str:
    return f"port:{tenant}/{name}"


def _complete(name: str, spec: Spec, e164s: Iterable[str]) -> Refusal:
    numbers, where = list(e164s), has(spec, "connector")
    without = " They have no emergency address." if has(spec, "location") else ""
    then = ", which registers their emergency address" if without else ""
    return Refusal(
        "E417",
        f"port/{name} is complete: {_listed(numbers)} {_be(numbers)} on the account {where},"
        f" in service and billed, and not under `numbers`.{without}",
        f"Let `reconciler fix` write the entries and take the port out, then apply{then}.",
    )


def _lost(name: str, connector: str) -> Refusal:
    return Refusal(
        "E418",
        f"port/{name} was submitted, and {connector} lists it no more.",
        "Ask the carrier what became of it, then take its entry out; it is not submitted again.",
    )


def _renamed(name: str, former: str, holding: Holding | None) -> Refusal:
    """Refuse another name: what is kept of an order, and its numbers, go by the one it has."""
    return Refusal(
        "TEL411",
        f"port/{name} is port/{former} by another name, which is on its way{_where(holding)}: an"
        " open port keeps its name.",
        f"Call it `{former}` again: no carrier knows the name, and the entry goes when the port is"
        " complete.",
    )


def _where(holding: Holding | None) -> str:
    return f" at {holding.connector} ({_status(holding)})" if holding is not None else ""


def _status(holding: Holding) -> str:
    said = holding.progress
    if said is None:
        return "no status"
    return f"{said.status}: {said.message}".rstrip(": .") if said.message else said.status


def _ask(holding: Holding | None) -> str:
    link = holding.progress.link if holding is not None and holding.progress is not None else ""
    return f"Only the carrier can change it or call it off{f': ask at {link}' if link else ''}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _be(words: list[str]) -> str:
    return "is" if len(words) == 1 else "are"
