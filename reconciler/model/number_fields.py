"""What the kinds of a public number share: fields of its entry, states and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import ConfigDict, StringConstraints, model_validator

from reconciler.model.act import Act, Action, Refusal, Reversibility
from reconciler.model.resource import Model
from reconciler.model.supply import (
    NOT_CHECKED,
    Holding,
    NumberState,
    Parting,
    Stage,
    Supply,
)
from reconciler.model.types import Email, Label, mistake, text_like

AT_CARRIER = (
    "handoff",
    "cnam",
    "cnam_lookup",
    "forward",
    "translation",
    "fax_to",
    "sms",
    "campaign",
    "port_out_pin",
    "pass_caller_id",
    "carrier_record",
    "carrier_caller_id_prefix",
)
"""Fields of a number's entry that only its carrier holds; `connector` stands at both homes."""


def _cnam(value: str) -> str:
    if value != value.strip():
        raise ValueError("it begins or ends with a blank")
    return value


Cnam = text_like(
    r"^[A-Z0-9 ]{1,15}$", "1 to 15 capital letters, digits and blanks", _cnam, "TEL406"
)
"""A caller name, as American carriers keep it (CNAM, LIDB): at most 15 characters."""


def _prefix(value: str) -> str:
    if not value.isprintable():
        raise ValueError("it has characters that nobody sees")
    return value.strip()


CarrierPrefix = text_like(
    r"^[^\x00-\x1f\x7f\"<>\\]{0,64}$",
    "up to 64 characters, without quotes, angle brackets and backslashes",
    _prefix,
)
"""What a carrier puts before a caller's name; blanks around it say nothing."""

Translation = text_like(
    r"^(\+[1-9][0-9]{1,14}|[0-9#]{1,20})$", "a number in E.164, or up to 20 digits and #"
)
"""What a carrier puts in the place of the number that was dialled."""

_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"

_Webhook = text_like(
    rf"^https://{_HOST}(:[0-9]{{1,5}})?([/?][!-~]{{0,1000}})?$",
    "an address that starts with https:// and holds no password",
)
_Sip = text_like(
    rf"^([A-Za-z0-9._+-]{{1,64}}@)?{_HOST}(:[0-9]{{1,5}})?$",
    "a host, or user@host, with a port where it is not the usual one",
)


class Messages(Model):
    """Where a carrier sends text messages that come in for a number: one of three ways."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    email: Email | None = None
    """An address."""

    webhook: _Webhook | None = None  # type: ignore[valid-type]
    """An address on the web that each message is posted to; https only."""

    sip: _Sip | None = None  # type: ignore[valid-type]
    """A SIP address that each message is sent to."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(way is not None for way in (self.email, self.webhook, self.sip)) != 1:
            hint = "Give one of `email`, `webhook` and `sip`."
            raise mistake("E123", "messages go one way", hint)
        return self


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


def may_leave(supply: Supply) -> bool:
    """Tell whether nothing that is known of a number keeps it from leaving its account."""
    record = supply.pool
    return (
        supply.due
        and supply.checked
        and record is not None
        and record.state is NumberState.QUARANTINED
        and record.tenant == supply.tenant
        and not record.protect
    )


def parted(e164: str, parting: Parting) -> Act:
    """Let a number leave its account for good, with an approval of its own."""
    return Act(
        parting.action,
        _PARTS[parting.action],
        Reversibility.IRREVERSIBLE,
        approval=parting.approval(e164),
        to=parting.to,
    )


_PARTS = {
    Action.RELEASE: "its quarantine is over",
    Action.REMOVE: "its quarantine is over, and its removal is asked for",
    Action.MOVE: "its move to another account is asked for",
}
"""Why a number leaves."""


def stays_for_now(e164: str, supply: Supply) -> Refusal:
    """Refuse to have a number leave that is not due for it."""
    verb = supply.parting.action.value
    return Refusal(
        "TEL413",
        f"{e164} is kept: a number is {_PAST[supply.parting.action]} only out of git, in quarantine"
        " just as it was left there, and not before the day that is set for it.",
        f"See until when it is kept: reconciler quarantine. Then say {verb} again.",
    )


_PAST = {Action.RELEASE: "released", Action.REMOVE: "removed", Action.MOVE: "moved"}


def frozen(e164: str, holding: Holding) -> Refusal:
    """Refuse to touch a number while something is under way at its carrier."""
    return Refusal(
        "TEL411",
        f"{e164} is frozen at {holding.connector}: {holding.frozen}.",
        "Wait until that is over, then plan again.",
    )


def coming(spec: Mapping[str, object], supply: Supply) -> Act:
    """Let the platform know a number that a port is to bring: its callers are led at once.

    That needs the approval of the port as long as that is not submitted.
    """
    port = has(spec, "port")
    approval = "" if supply.order is not None else f"port:{supply.tenant}/{port}"
    return Act(Action.ASSIGN, f"port/{port} is to bring it", approval=approval)


def not_coming(
    e164: str, spec: Mapping[str, object], supply: Supply
) -> tuple[Act, None] | Refusal | None:
    """Forget a number whose port was called off; None while that goes on."""
    if supply.order is not None and supply.order.stage is not Stage.DROPPED:
        return None
    if not supply.checked:
        return not_checked(e164, supply.connector)
    if supply.holding is not None:
        return Refusal(
            "E417",
            f"{e164} came by port/{has(spec, 'port')} and is on the account"
            f" {supply.holding.connector}, in service and billed.",
            "Write it under `numbers`: it is adopted, and nothing is bought.",
        )
    return Act(Action.DELETE, "the port that was to bring it was called off"), None


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
