"""A number's presence on a carrier account; its entry in YAML is the number's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Tag, model_validator

from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.document import ProjectFacts
from reconciler.model.naming import Naming
from reconciler.model.number_fields import (
    AT_CARRIER,
    CarrierPrefix,
    Cnam,
    HandoffName,
    HandoffObject,
    Messages,
    Translation,
    frozen,
    has,
    is_theirs,
    may_leave,
    not_checked,
    other_carrier,
    parted,
)
from reconciler.model.reference import telephone
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import KEPT, Key, Spec
from reconciler.model.supply import NumberState, Stock, Supply
from reconciler.model.types import Email, Flag, Missing, Name, Secret

AS_THERE = ("cnam_lookup", "pass_caller_id")
"""Settings that stay as they are at the carrier where YAML says nothing of them."""


DIVERTS = ("forward", "translation", "fax_to", "sms", "campaign")
"""Settings that keep callers of a number in quarantine from its intercept, or go on serving
whoever had it; a campaign must be off a number before that leaves its account."""

GOES_ON = ("carrier_record",)
"""Settings that divert nobody, and go on for whoever had a number in quarantine."""


NOTHING: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        "handoff": lambda value: value is None,
        "carrier_record": lambda value: value is False,
        "carrier_caller_id_prefix": lambda value: isinstance(value, str) and not value.strip(),
    }
)
"""What says the same as leaving a setting out, by the setting."""


def _is_nothing(name: str, value: object) -> bool:
    return name in NOTHING and NOTHING[name](value)


LEADS = frozenset({"handoff", "forward", "translation", "fax_to"})
"""Settings that say where calls and faxes go: without one of them they would go elsewhere."""


def _form(value: object) -> str:
    return "gateway" if isinstance(value, str) else "object"


Handoff = Annotated[
    Annotated[HandoffName, Tag("gateway")] | Annotated[HandoffObject, Tag("object")],
    Discriminator(_form),
]
"""A gateway's name, or what the carrier's own system is to look up."""


class CarrierNumber(Resource):
    """A number on one of our carrier accounts."""

    kind: ClassVar[str] = "carrier_number"
    home: ClassVar[Home] = Home.CARRIER
    naming: ClassVar[Naming] = Naming.E164
    under: ClassVar[str] = "number"
    protected: ClassVar[bool] = True
    supplies: ClassVar[bool] = True
    apart: ClassVar[frozenset[str]] = frozenset(AT_CARRIER) - LEADS

    connector: Annotated[
        Name,
        Missing(
            "E132",
            "what a carrier holds (such as `handoff` or `cnam`) stands without a `connector`",
            "Name the connector.",
        ),
    ]
    """The carrier account."""

    handoff: Handoff | None = None
    """Where the carrier hands its calls to the platform; left out: as the project says."""

    cnam: Cnam | None = None
    """The caller name that is registered for it, 1 to 15 capitals, digits and blanks."""

    cnam_lookup: Flag | None = None
    """Whether the carrier looks up who calls; left out: as it is there."""

    forward: telephone() | None = None  # type: ignore[valid-type]
    """A number that the carrier sends all its calls to: they never reach the platform."""

    translation: Translation | None = None
    """What the carrier hands over in the place of the dialled number."""

    fax_to: Email | None = None
    """An address that the carrier sends faxes to."""

    sms: Messages | None = None
    """Where the carrier sends text messages: `email`, `webhook` or `sip`."""

    campaign: Name | None = None
    """The messaging campaign (10DLC) that it is in, by its name at the connector."""

    port_out_pin: Secret | None = None
    """What another carrier must know to take it over, 4 to 10 digits."""

    pass_caller_id: Flag | None = None
    """Whether callers' own numbers are handed on; left out: as it is at the carrier."""

    carrier_record: Flag | None = None
    """Whether the carrier itself records its calls; left out: it does not."""

    carrier_caller_id_prefix: CarrierPrefix | None = None
    """Put before the caller's name by the carrier; left out: nothing."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_says_nothing(cls, values: Any) -> Any:
        """Have one spelling of nothing: what is off, empty or null is left out."""
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if not _is_nothing(name, value)}

    @classmethod
    def lent(cls, values: Mapping[str, Any], facts: ProjectFacts) -> Mapping[str, Any]:
        """Lend the hand-off that the project gives its connector."""
        connector = facts.connectors.get(has(values, "connector"))
        if connector is None or connector.handoff is None:
            return {}
        return {"handoff": connector.handoff}

    @classmethod
    def needs_of_account(cls, spec: Spec) -> frozenset[str]:
        """Need the gateway that it is handed to, and the campaign that it is in."""
        named = {"gateway": has(spec, "handoff"), "campaign": has(spec, "campaign")}
        return frozenset(f"{kind}/{name}" for kind, name in named.items() if name)

    @classmethod
    def unfit(cls, name: str, field_name: str, value: str) -> str:
        """Say why a PIN for porting out does not fit, without it."""
        del name
        wrong = field_name == "port_out_pin" and not re.fullmatch(r"[0-9]{4,10}", value)
        return "it does not have 4 to 10 digits" if wrong else ""

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with what the carrier does and YAML is silent about."""
        theirs = {name: before[name] for name in AS_THERE if name in before and name not in after}
        return {**after, **theirs} if theirs else after

    @classmethod
    def remembered(cls, spec: Spec, after: Spec, external_id: str, note: str) -> Spec:
        """Know of a PIN that its carrier did not take until when it keeps the one before."""
        del after, external_id
        kept = re.search(r"port_out_pin: .* until ([0-9]{4}-[0-9]{2}-[0-9]{2})", note)
        return {**spec, "port_out_pin": {KEPT: kept[1]}} if kept else spec

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim it among all tenants."""
        yield Key("carrier_number", name, everywhere=True)
        yield from super().keys(name, spec)

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Adopt it where it is ours already, order it where it is offered.

        None where the platform's record is at odds: the kind `number` refuses then.
        """
        wanted = has(spec, "connector")
        if supply is None or not supply.checked:
            return not_checked(name, wanted)
        holding = supply.holding
        if is_theirs(supply) or (supply.managed and holding is None):
            return None
        if holding is not None:
            return _held(name, wanted, supply)
        if supply.pool is not None and supply.pool.state is not NumberState.RELEASED:
            return None
        if supply.stock is Stock.ABSENT:
            return Refusal(
                "E416",
                f"{wanted} neither holds nor offers {name}.",
                f"Choose a number that {wanted} offers, and write that one.",
            )
        said = "offered" if supply.stock is Stock.OFFERED else "the carrier cannot say beforehand"
        return Act(
            Action.ORDER,
            f"in YAML; {said}",
            Reversibility.IRREVERSIBLE,
            Charge.PAID,
            sets=supply.order_sets,
            comes_with=supply.order_comes_with,
        )

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Change its settings at the carrier, never the carrier."""
        here, wanted = has(before, "connector"), has(after, "connector")
        if here != wanted:
            return other_carrier(name, here, wanted)
        if supply is not None and supply.holding is not None and supply.holding.frozen:
            return frozen(name, supply.holding)
        return Act(Action.UPDATE, "differs from YAML")

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay owned, billed and handed off, diverted by nothing; go when the quarantine is over.

        Nothing but a platform record in quarantine, of this tenant, unprotected, read
        together with a holding at this connector, lets it go.
        """
        if supply is None or supply.pool is None or supply.holding is None:
            return None
        holding = supply.holding
        here = not holding.frozen and holding.connector == has(spec, "connector")
        if here and may_leave(supply):
            return parted(name, supply.parting), None
        if supply.parting.is_asked:
            return None  # refused at the platform, once
        leaves_us = here and not is_theirs(supply) and not supply.pool.protect
        return _kept(spec, DIVERTS + GOES_ON if leaves_us else (), supply.follows)


def _kept(
    spec: Spec, ending: tuple[str, ...], follows: Mapping[str, str]
) -> tuple[Act, dict[str, Any]]:
    """Make what stays of a number whose line has gone."""
    ended = [name for name in ending if name in spec]
    left = {name: value for name, value in spec.items() if name not in ended} | dict(follows)
    if follows:
        return Act(Action.UPDATE, "in quarantine, and its gateway is another one now"), left
    if any(name in DIVERTS for name in ended):
        return Act(Action.UPDATE, "in quarantine: nothing diverts it from the intercept"), left
    if ended:
        return Act(Action.UPDATE, "in quarantine: its carrier records no more calls"), left
    return Act(Action.UPDATE, "in quarantine, and not as it was left"), left


def _held(name: str, wanted: str, supply: Supply) -> Act | Refusal | None:
    holding = supply.holding
    if holding is None:
        return None
    if holding.connector != wanted:
        return None if supply.pool is not None else other_carrier(name, holding.connector, wanted)
    if holding.frozen:
        return frozen(name, holding)
    if supply.managed:
        return None
    return Act(Action.ADOPT, f"already held at {wanted}; nothing is bought", remote=False)
