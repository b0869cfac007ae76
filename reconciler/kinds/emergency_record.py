"""Where help is sent when a number calls for it, as the number's carrier has it registered.

Lowered from the entry of a number with a `location`: the address of that location is copied
into the record, in the form in which carriers give it back, so that a later correction of
the location is a change of every number that is registered there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.address import Address
from reconciler.model.naming import Naming
from reconciler.model.number_fields import frozen, has, may_leave, not_checked
from reconciler.model.postal import registered
from reconciler.model.reference import named
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Key, Spec
from reconciler.model.supply import Parting, Supply
from reconciler.model.types import Derived, Name

Registered = Annotated[str | None, Derived()]


class EmergencyRecord(Resource):
    """The dispatchable address of a number at its carrier (RAY BAUM's Act section 506)."""

    kind: ClassVar[str] = "emergency_record"
    home: ClassVar[Home] = Home.CARRIER
    naming: ClassVar[Naming] = Naming.E164
    under: ClassVar[str] = "number"
    protected: ClassVar[bool] = True

    connector: Name
    """The carrier account that registers it."""

    location: named("location") | None = Field(default=None, exclude=True)  # type: ignore[valid-type]
    """The location whose address it has."""

    caller_name: Registered = None
    """Who is shown to the emergency call centre."""

    street: Registered = None
    """House number and street."""

    unit: Registered = None
    """Floor, suite or room."""

    city: Registered = None
    """City or town."""

    region: Registered = None
    """State or province."""

    postcode: Registered = None
    """Post or ZIP code."""

    country: Registered = None
    """Two letters."""

    def completed(self, find: Callable[[str], Resource | None]) -> Self:
        """Take over the address of the location."""
        place = find(f"location/{self.location}")
        return self if place is None else self.model_copy(update=registered(place.spec()))

    @classmethod
    def rests_on(cls, name: str, spec: Spec) -> frozenset[str]:
        """Rest on the number's presence: nothing is registered for what is not ours."""
        del spec
        return frozenset({f"carrier_number/{name}"})

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim it among all tenants."""
        del spec
        yield Key("emergency_record", name, everywhere=True)

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Register it; what the carrier has already is set to what YAML says."""
        if supply is None or not supply.checked:
            return not_checked(name, has(spec, "connector"))
        counted = "; its price was counted with its port" if cls.kind in supply.counted else ""
        return Act(Action.CREATE, f"in YAML, not registered yet{counted}", charge=Charge.PAID)

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Register another address; the number itself refuses another carrier."""
        del before, after
        if supply is not None and supply.holding is not None and supply.holding.frozen:
            return frozen(name, supply.holding)
        return Act(Action.UPDATE, "differs from YAML")

    @classmethod
    def approvals(
        cls, address: Address, action: Action, after: Spec | None = None, to: str = ""
    ) -> frozenset[str]:
        """Ask before nobody knows any more where its callers are."""
        del after
        if action is not Action.DELETE:
            return frozenset()
        if to:
            return frozenset({Parting(Action.MOVE, to).approval(address.name)})
        words = ("emergency", Action.RELEASE.value, Action.REMOVE.value)
        return frozenset(f"{word}:{address.name}" for word in words)

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay as long as the number does; go just before that leaves its account.

        Taken from a number that stays, nobody would know where its callers are: that needs an
        approval of its own.
        """
        if supply is None or not supply.checked:
            return not_checked(name, has(spec, "connector"))
        if supply.wanted:
            why, approval, to = "its number has no location any more", f"emergency:{name}", ""
        elif may_leave(supply):
            why, approval = "its number leaves the account", supply.parting.approval(name)
            to = supply.parting.to
        else:
            return None
        return Act(Action.DELETE, why, Reversibility.LOSSY, approval=approval, to=to), None
