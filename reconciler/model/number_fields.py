"""What the kinds of a public number share: fields of its entry, states and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from reconciler.model.act import Refusal
from reconciler.model.resource import Model
from reconciler.model.supply import NOT_CHECKED, Holding, NumberState, Supply
from reconciler.model.types import Label

CARRIER_FIELDS = ("connector", "handoff")
"""Fields of a number's entry that its carrier holds; `connector` stands at both homes."""

LATER = frozenset(
    {
        "cnam",
        "cnam_lookup",
        "forward",
        "translation",
        "fax_to",
        "sms",
        "campaign",
        "port_out_pin",
        "pass_caller_id",
    }
)
"""Fields of a number's entry at its carrier that are named and not built yet."""

HandoffName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]{0,62}$")]
"""A gateway, by the name that the project gives it."""


class HandoffObject(Model):
    """A destination inside the carrier's own system, looked up there by its name."""

    type: HandoffName
    """What it is there, such as ``Extension``."""

    name: Label
    """Its name there."""


def has(spec: Mapping[str, object], name: str) -> str:
    """Read a text field of a spec that may come from outside."""
    value = spec.get(name)
    return value if isinstance(value, str) else ""


def not_checked(e164: str, connector: str) -> Refusal:
    """Refuse to decide without knowing what the carrier holds."""
    where = f"the account {connector}" if connector else "where it is"
    return Refusal(
        NOT_CHECKED,
        f"{e164}: {where} could not be read, so nothing is decided about it.",
        "Plan again when it can be reached.",
    )


def is_theirs(supply: Supply) -> bool:
    """Tell whether the platform's record gives the number to another tenant."""
    record = supply.pool
    free = {NumberState.AVAILABLE, NumberState.RELEASED}
    return (
        record is not None and record.state not in free and record.tenant not in {"", supply.tenant}
    )


def theirs(e164: str, supply: Supply) -> Refusal:
    """Refuse a number of another tenant."""
    record = supply.pool
    state, owner = (record.state, record.tenant) if record else ("", "")
    return Refusal(
        "TEL410",
        f"{e164} is another tenant's: {owner} has it ({state}).",
        f"Leave its line with {owner}, and take it out of {supply.tenant}: this version does not"
        " move a number from one tenant to another.",
    )


def frozen(e164: str, holding: Holding) -> Refusal:
    """Refuse to touch a number while something is under way at its carrier."""
    return Refusal(
        "TEL411",
        f"{e164} is frozen at {holding.connector}: {holding.frozen}.",
        "Wait until that is over, then plan again.",
    )


def other_carrier(e164: str, here: str, wanted: str) -> Refusal:
    """Refuse to change a number's carrier by changing a word."""
    to = wanted or "no connector"
    return Refusal(
        "E412",
        f"{e164} is at {here or 'no connector'}, and YAML says {to}: changing carrier is a port.",
        f"Write connector: {here} again, and move the number by a port order."
        if here
        else "Take `connector` out again.",
    )
