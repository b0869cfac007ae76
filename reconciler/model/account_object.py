"""The base of the kinds that live on a carrier account and belong to no tenant.

They are declared in a connector's section of the project file. An account's objects are planned
as those of a tenant named `@<connector>`: the same comparison, order, guard and journal serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from reconciler.model.act import Act, Refusal
from reconciler.model.resource import Home, Resource
from reconciler.model.spec import Spec
from reconciler.model.supply import Supply
from reconciler.model.types import Name


class AccountObject(Resource):
    """One object of a carrier account."""

    home: ClassVar[Home] = Home.CARRIER

    of_account: ClassVar[str] = ""
    """Its section in a connector of the project file."""
    told_apart_by: ClassVar[tuple[str, ...]] = ()
    """Fields by which the carrier tells it apart: with other values it is another object.

    Empty: its name alone does.
    """
    single: ClassVar[bool] = False
    """Whether each account has exactly one, that is changed and neither made nor removed."""

    receives: ClassVar[bool] = False
    """Whether numbers are led to it: an order that is open may have been told to."""

    connector: Name
    """The carrier account."""

    @classmethod
    def declared(
        cls, connector: str, section: Any
    ) -> Iterator[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
        """List what a section declares: the name, the fields and the path in the section.

        `section` has been typed already. What each account has one of has the account's name.
        """
        if cls.single:
            yield connector, section.model_dump(mode="json", exclude_none=True), ()
            return
        for name, entry in section.items():
            yield name, entry.model_dump(mode="json", exclude_none=True), (name,)

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Stay as it is where there is no account without one."""
        return None if cls.single else super().leaves(name, spec, supply)

    @classmethod
    def is_said_to_be_there(cls, spec: Spec) -> bool:
        """Whether git says that an account has it already, where no carrier tells."""
        del spec
        return False

    @classmethod
    def excludes(cls, one: Spec, other: Spec) -> bool:
        """Whether an account cannot have both at once."""
        del one, other
        return False

    @classmethod
    def identity(cls, spec: Spec) -> tuple[object, ...]:
        """What the carrier tells it apart by; empty where its name alone does that."""
        return tuple(spec.get(name) for name in cls.told_apart_by)
