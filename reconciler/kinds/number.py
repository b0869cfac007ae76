"""A public number as the platform has it: given to a tenant, routed, guarded.

Its presence at a carrier is an object of its own, `carrier_number`, of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from reconciler.model.act import Act, Action, Refusal
from reconciler.model.naming import Naming
from reconciler.model.number_fields import (
    AT_CARRIER,
    coming,
    frozen,
    has,
    is_theirs,
    not_checked,
    not_coming,
    other_carrier,
    parted,
    stays_for_now,
    theirs,
)
from reconciler.model.number_record import PORTING_IN, QUARANTINED, record_after
from reconciler.model.numbering import place_of
from reconciler.model.reference import Destination, Inbound, named
from reconciler.model.resource import Held, Part, Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.supply import NumberState, PoolNumber, Stock, Supply
from reconciler.model.types import (
    MAIN_NUMBER,
    Country,
    Date,
    Derived,
    DisplayName,
    Flag,
    Label,
    Name,
    mistake,
)


class Number(Resource):
    """A public number; its key is the number in E.164, in quotes."""

    kind: ClassVar[str] = "number"
    section: ClassVar[str] = "numbers"
    naming: ClassVar[Naming] = Naming.E164
    protected: ClassVar[bool] = True
    holds: ClassVar[Mapping[str, Held]] = {
        name: Held("carrier_number", "field") for name in AT_CARRIER
    }
    spread: ClassVar[tuple[str, ...]] = ("connector", "location")
    supplies: ClassVar[bool] = True

    @classmethod
    def lends(cls, entry: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Be the caller ID of last resort where it is tagged as the tenant's main number."""
        tags = entry.get("tags")
        return ((MAIN_NUMBER, "tags"),) if isinstance(tags, list) and "main" in tags else ()

    label: Label | None = None
    """What people call it."""

    connector: Name | None = None
    """The carrier account that holds it; left out: it is in the platform's pool."""

    type: Literal["local", "national", "tollfree", "mobile"] | None = None
    """Left out: what its digits say."""

    country: Country | None = None
    """Two letters; left out: what its digits say."""

    to: Inbound
    """Where its calls go; ``hangup``, ``busy`` and ``not_in_service`` are allowed."""

    schedule: named("schedule") | None = None  # type: ignore[valid-type]
    """When it is open; outside these hours calls go to `closed`."""

    closed: Destination | None = None
    """Where its calls go outside its `schedule`."""

    caller_id_prefix: DisplayName | None = None
    """Put before the caller's name."""

    location: named("location") | None = None  # type: ignore[valid-type]
    """The emergency location that is registered for it."""

    recorded: Annotated[Flag, Field(alias="record")] = False
    """Whether its calls are recorded."""

    protect: Flag = False
    """Neither quarantine nor release while set."""

    release_after: Date | None = None
    """A day before which it is not released; it never shortens the quarantine."""

    tags: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    """Words to find it by. `main` makes it the tenant's main number, `retired` one that may end."""

    state: Annotated[Literal["quarantined", "porting_in"] | None, Derived()] = None
    """Set while it is in quarantine (out of YAML, still owned and billed) or being ported in."""

    port: Annotated[Name | None, Derived()] = None
    """The port order that is to bring it, while that does."""

    @model_validator(mode="after")
    def _closed_needs_a_schedule(self) -> Self:
        if self.closed is not None and self.schedule is None:
            raise mistake("E132", "`closed` stands without a `schedule`", "Give both or neither.")
        return self

    @classmethod
    def lower(cls, name: str, entry: Mapping[str, Any]) -> Iterable[Part]:
        """Become the number on the platform and, where it has a connector, at its carrier.

        With a location it is registered there for emergency calls too.
        """
        country, sort = place_of(name) if name.startswith("+") else ("", "")
        usual = {"country": country, "type": sort}
        own = {key: entry[key] for key in entry if key not in AT_CARRIER}
        yield Part(cls.kind, name, own, (), {key: usual[key] for key in usual if usual[key]})
        carried = {key: entry[key] for key in ("connector", *AT_CARRIER) if key in entry}
        if carried:
            yield Part("carrier_number", name, carried)
        if entry.get("connector") and entry.get("location"):
            registered = {key: entry[key] for key in ("connector", "location")}
            yield Part("emergency_record", name, registered)

    @classmethod
    def rests_on(cls, name: str, spec: Spec) -> frozenset[str]:
        """Rest on its presence at its carrier, or on the order that is to bring it."""
        if has(spec, "port"):
            return frozenset({f"port/{has(spec, 'port')}"})
        kept = has(spec, "connector") and spec.get("state") != QUARANTINED
        return frozenset({f"carrier_number/{name}"}) if kept else frozenset()

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim it among all tenants."""
        yield Key("number", name, everywhere=True)
        yield from super().keys(name, spec)

    # How it comes, changes and goes: the table of design section 7.

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Assign it, wherever it comes from; refuse what is not to be had."""
        wanted = has(spec, "connector")
        refusal = _refused(name, wanted, supply)
        if refusal is not None or supply is None:
            return refusal
        if is_theirs(supply):
            return theirs(name, supply)
        if spec.get("state") == PORTING_IN:
            return coming(spec, supply)
        if spec.get("state") == QUARANTINED:
            return Act(Action.QUARANTINE, "got, then taken out of YAML; still owned and billed")
        record = supply.pool
        known = supply.managed or (record is not None and record.state is not NumberState.RELEASED)
        if wanted and supply.holding is None and known:
            return _lost(name, wanted, record)
        if record is None or record.state is NumberState.RELEASED:
            return _from_carrier(name, wanted, supply)
        return Act(Action.ASSIGN, _FROM.get(record.state, "in YAML; from the pool"))

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Update it; end its quarantine; never change its carrier."""
        here, wanted = has(before, "connector"), has(after, "connector")
        if here != wanted:
            return other_carrier(name, here, wanted)
        refusal = _refused(name, wanted, supply)
        if refusal is not None:
            return refusal
        if supply is not None and supply.parting.is_asked:
            return stays_for_now(name, supply)
        if _some_quarantine(before, supply):
            return Act(Action.ASSIGN, "back in YAML, which ends its quarantine")
        if before.get("state") == PORTING_IN != after.get("state"):
            return Act(Action.ASSIGN, "ported, and in service")
        return Act(Action.UPDATE, "differs from YAML")

    @classmethod
    def stays(cls, name: str, spec: Spec, supply: Supply | None) -> Refusal | None:
        """Refuse to call it as it should be when its carrier does not hold it any more."""
        wanted = has(spec, "connector")
        if not wanted or supply is None or not supply.checked or supply.holding is not None:
            return None
        if spec.get("state") == PORTING_IN:
            return None
        return _lost(name, wanted, supply.pool)

    @classmethod
    def strays(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> Mapping[str, tuple[object, object]]:
        """Hold its record against what was left: the pool is a public table."""
        del name
        if supply is None:
            return {}
        record = supply.pool
        quarantined = spec.get("state") == QUARANTINED
        left: dict[str, object] = {
            "state": has(spec, "state") or NumberState.ASSIGNED.value,
            "tenant": supply.tenant,
            "release_after": has(spec, "release_after"),
        }
        if has(spec, "connector"):
            left["connector"] = has(spec, "connector")
        if not quarantined:
            left["protect"] = spec.get("protect") is True
        is_now = {key: getattr(record, key, None) for key in left}
        if record is not None:
            is_now["state"] = record.state.value
        return {key: (is_now[key], left[key]) for key in sorted(left) if is_now[key] != left[key]}

    @classmethod
    def left_alone(cls, name: str, below: Spec, supply: Supply | None) -> dict[str, Any] | None:
        """Quarantine what was got and then withdrawn before it was assigned: it is paid for."""
        del name
        if supply is None or supply.holding is None or is_theirs(supply):
            return None
        return _intercepted(below, supply)

    @classmethod
    def leaves(  # noqa: PLR0911 - a row of the table each
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Quarantine it; let it go when that is over; keep it when it is protected."""
        connector = has(spec, "connector")
        if supply is None:
            return not_checked(name, connector)
        if is_theirs(supply):
            return theirs(name, supply)
        if spec.get("state") == PORTING_IN:
            return not_coming(name, spec, supply)
        if spec.get("protect") is True or (supply.pool is not None and supply.pool.protect):
            return _protected(name)
        if supply.holding is not None and supply.holding.frozen:
            return frozen(name, supply.holding)
        left, whole = _intercepted(spec, supply), _whole_quarantine(spec, supply)
        if supply.parting.is_asked and not (whole and supply.due):
            return stays_for_now(name, supply)
        if not whole:
            return Act(Action.QUARANTINE, "gone from YAML; still owned and billed"), left
        if not supply.due:
            return Act(Action.UPDATE, "in quarantine, and not as it was left"), left
        return _going(name, connector, supply)

    @classmethod
    def record(
        cls,
        name: str,
        action: Action,
        spec: Spec | None,
        record: PoolNumber | None,
        *,
        tenant: str,
        now: str,
        to: str = "",
    ) -> PoolNumber | None:
        """Keep what outlives the line in YAML; None when nothing changes."""
        return record_after(name, action, spec, record, tenant=tenant, now=now, to=to)


def _going(name: str, connector: str, supply: Supply) -> tuple[Act, None] | Refusal:
    """Let it go, from the account that it was left at and from no other."""
    if connector and not supply.checked:
        return not_checked(name, connector)
    if supply.holding is not None and supply.holding.connector != connector:
        return other_carrier(name, supply.holding.connector, connector)
    if supply.parting.is_asked and supply.holding is None:
        return _lost(name, connector, supply.pool)
    return parted(name, supply.parting), None


_FROM = {
    NumberState.QUARANTINED: "back in YAML, which ends its quarantine",
    NumberState.ASSIGNED: "given to this tenant, and its routing is missing",
    NumberState.RESERVED: "in YAML; from the pool, reserved for this tenant",
}
"""Why it is assigned, by what its record says it was."""


def _refused(name: str, wanted: str, supply: Supply | None) -> Refusal | None:
    """Find what speaks against touching it, whatever is to be done."""
    if supply is None or (wanted and not supply.checked):
        return not_checked(name, wanted)
    if supply.holding is not None and supply.holding.frozen:
        return frozen(name, supply.holding)
    here = _where(supply)
    if wanted and here and here != wanted:
        return other_carrier(name, here, wanted)
    return None


def _where(supply: Supply) -> str:
    """Tell the connector that holds it: what was seen, before what was once written down."""
    if supply.holding is not None:
        return supply.holding.connector
    gone = supply.pool is None or supply.pool.state is NumberState.RELEASED
    return "" if gone or supply.pool is None else supply.pool.connector


def _from_carrier(name: str, wanted: str, supply: Supply) -> Act | Refusal | None:
    if not wanted:
        return Refusal(
            "E413",
            f"{name} is not in the platform's pool, and YAML names no connector to get it from.",
            "See what is there with reconciler numbers list, or give it a connector.",
        )
    if supply.holding is None and supply.stock is Stock.ABSENT:
        return None  # refused at its carrier, once
    how = "is at" if supply.holding is not None else "comes from"
    return Act(Action.ASSIGN, f"in YAML; it {how} {wanted}")


def _lost(name: str, wanted: str, record: PoolNumber | None) -> Refusal:
    if record is None:
        return Refusal(
            "E414",
            f"{name} was got at {wanted}, which does not hold it any more.",
            "Ask the carrier what became of it; it is not ordered again by itself.",
        )
    if record.state in {NumberState.ORDERED, NumberState.PORTING_IN}:
        return Refusal(
            "E415",
            f"{name} is on its way to {wanted} ({record.state}) and not there yet.",
            "Wait until it is there, and take its line out until then: reconciler ports list, or"
            " reconciler runs list, shows the order.",
        )
    return Refusal(
        "E414",
        f"{name} is in the platform's pool ({record.state}), but {wanted} does not hold it: "
        "the pool lies.",
        f"Check the number at the carrier, then mend the pool: reconciler numbers list {name}.",
    )


def _some_quarantine(spec: Spec, supply: Supply | None) -> bool:
    """Whether anything says that it is in quarantine: putting the line back ends all of it."""
    record = supply.pool if supply else None
    return (record is not None and record.state is NumberState.QUARANTINED) or (
        spec.get("state") == QUARANTINED
    )


def _whole_quarantine(spec: Spec, supply: Supply) -> bool:
    """Whether both what we left and its record say so: one alone may have been made up."""
    record = supply.pool
    return (
        record is not None
        and record.state is NumberState.QUARANTINED
        and spec.get("state") == QUARANTINED
    )


def _intercepted(spec: Spec, supply: Supply) -> dict[str, Any]:
    """Leave where it is, and send its callers to the tenant's intercept."""
    kept = ("label", "connector", "type", "country", "release_after")
    left = {key: spec[key] for key in kept if key in spec}
    made = Number.model_validate({**left, "to": supply.intercept, "state": QUARANTINED})
    return made.spec()


def _protected(name: str) -> Refusal:
    return Refusal(
        "TEL412",
        f"{name} is protected and gone from YAML: it is neither quarantined nor released.",
        "Put its line back. To give it up, apply `protect: false` first, then remove it.",
    )
