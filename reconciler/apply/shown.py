"""What a carrier's listing says of one operation: pure, as everything that it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from reconciler.apply.edges import seconds_between
from reconciler.engine.plan import Operation
from reconciler.model.act import PARTINGS, Action
from reconciler.model.address import Address
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding
from reconciler.protocols import (
    UNVERIFIED,
    AccountFacts,
    Capabilities,
    Entry,
    NotChecked,
)

CLOCKS_APART_SECONDS = 2.0
"""How far a carrier's clock and ours may differ."""

REPEATABLE = frozenset({Action.UPDATE, Action.ADOPT, Action.CREATE, Action.DELETE})
"""What can be done again without harm, as it sets something of one name: no order, and nothing
that leaves for good."""


TOLD_FOR_CERTAIN = PARTINGS | {Action.PORT}
"""What can be begun anew once two lists, a settle window apart, do not show it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One operation of a plan with its journal row's id."""

    operation: Operation
    op_id: str

    @property
    def address(self) -> Address:
        """The object it is about; its name is a number."""
        return Address(*self.operation.address.split("/", 2))

    @property
    def e164(self) -> str:
        """The number it is about, or our name of an order of several."""
        return self.address.name


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation beside what a listing has of its object.

    Attributes:
        operation: The operation.
        holding: What is listed; None for nothing.
        can: What the carrier can do.
        kind: The kind of the object.
    """

    operation: Operation
    holding: Holding | None
    can: Capabilities
    kind: type[Resource]

    @property
    def is_so(self) -> bool:
        """Whether the listing shows what the operation is to bring about."""
        if self.is_unlisted and self.operation.effects == "none":
            return True
        match self.operation.action:
            case Action.DELETE if self.operation.effects == "none":
                return True
            case Action.UPDATE if self.operation.effects == "none":
                return self.holding is not None
            case Action.RELEASE | Action.REMOVE | Action.MOVE | Action.DELETE:
                return self.holding is None or self._is_another
            case Action.ORDER | Action.PORT:
                return self.holding is not None
            case _:
                return self.holding is not None and self._left == self.holding.spec

    @property
    def is_to_go(self) -> bool:
        """Whether the operation takes its object away."""
        return self.operation.action in PARTINGS or self.operation.action is Action.DELETE

    @property
    def as_found(self) -> str:
        """How its object is found where the operation did not come about."""
        if self.is_to_go:
            return "still there"
        return "not there" if self.holding is None else "not as it was to be"

    @property
    def is_there(self) -> bool:
        """Whether all of it is so, as far as anything can be told at all."""
        return self.is_so and not self.is_blind

    @property
    def is_unlisted(self) -> bool:
        """Whether no listing will ever show it."""
        return self.operation.kind in self.can.unlisted | self.can.seldom

    @property
    def is_seldom(self) -> bool:
        """Whether only the account's own description shows it."""
        return self.operation.kind in self.can.seldom

    @property
    def makes_anew(self) -> bool:
        """Whether sending it a second time may make a second one."""
        return self.operation.action is Action.CREATE and self.operation.kind in self.can.makes_anew

    def known_as(self, entry: Entry, held: Mapping[str, Holding]) -> str:
        """What the listing calls an object that was made under another name; "" for none."""
        made = entry.external_id if self.makes_anew else ""
        return next((name for name, one in held.items() if made and one.external_id == made), "")

    @property
    def is_blind(self) -> bool:
        """Whether it sets what no listing will ever show.

        What is listed of an order was submitted with all that belongs to it.
        """
        if self.operation.action is Action.PORT or self.operation.effects == "none":
            return False
        before, after = self.operation.before or {}, self.operation.after or {}
        # What one request makes is there whole, or not at all.
        return not self.makes_anew and any(
            before.get(name) != after.get(name) for name in self._never_told
        )

    @property
    def gone(self) -> str:
        """Why the operation's precondition does not hold any more; "" when it does."""
        name = self.operation.address.rsplit("/", 1)[1]
        if self.holding is not None and self.holding.frozen:
            return f"{name} must not be touched: {self.holding.frozen}"
        arrives = self.operation.action in {Action.ORDER, Action.CREATE, Action.PORT}
        if self.holding is None and not arrives and not self.is_unlisted:
            return f"{name} is not on the account any more"
        return ""

    def applied(self, entry: Entry) -> Spec | None:
        """What counts as applied: what is there, with what was sent and is never told."""
        after = self.operation.after
        if after is None or self.holding is None:
            return after
        known = entry.external_id or self.holding.external_id
        there = self.can.with_untold(self.operation.kind, self.holding.spec, after)
        return self.kind.remembered(there, after, known, entry.note)

    @property
    def known(self) -> Holding | None:
        """What is there, with what the carrier never tells as the last apply left it."""
        if self.holding is None and self.is_unlisted and self.operation.before is not None:
            return Holding(self.operation.connector, spec=self.operation.before)
        if self.holding is None:
            return None
        before = self.operation.before or {}
        spec = self.can.with_untold(self.operation.kind, self.holding.spec, before)
        return replace(self.holding, spec=spec)

    def is_somebody_elses(self, entry: Entry) -> bool:
        """Whether what we ordered was got, or submitted, before we asked."""
        if self.operation.action not in {Action.ORDER, Action.PORT} or self.holding is None:
            return False
        if not self.holding.acquired_at or not entry.first_sent_at:
            return False
        earlier = seconds_between(self.holding.acquired_at, entry.first_sent_at)
        return earlier > CLOCKS_APART_SECONDS

    @property
    def _left(self) -> Spec:
        """What the carrier tells once the operation is done: all but what it never tells."""
        there = self.holding.spec if self.holding is not None else {}
        after = self.operation.after or {}
        told = {name: after[name] for name in after if name not in self._never_told}
        return self.kind.as_it_runs(there, told)

    @property
    def _is_another(self) -> bool:
        """Whether the number there is not the one that was planned, but was got again since."""
        planned = (self.operation.precondition.record or {}).get("external_id", "")
        there = self.holding.external_id if self.holding is not None else ""
        return self.can.deletes_by_id and bool(planned) and there != planned

    @property
    def _never_told(self) -> frozenset[str]:
        return self.can.never_told(self.operation.kind)


class Told(NamedTuple):
    """What an account itself says of a change of its settings.

    Attributes:
        otherwise: What is not as it was to be, as a clause; "" for nothing.
        unverified: That it is only believed, and why; "" where it was seen.
    """

    otherwise: str = ""
    unverified: str = ""


def told_of(operation: Operation, read: AccountFacts | NotChecked) -> Told:
    """Hold what an operation changes against what the account says now."""
    if isinstance(read, NotChecked):
        return Told(unverified=f"{UNVERIFIED}: {read.reason}")
    before, after = operation.before or {}, operation.after or {}
    changed = sorted(name for name in after if before.get(name) != after[name])
    other = [name for name in changed if read.settings.get(name, after[name]) != after[name]]
    if other:
        return Told(", ".join(f"{name} is {_word(read.settings[name])}" for name in other))
    untold = [name for name in changed if name != "connector" and name not in read.settings]
    return Told(unverified=f"{UNVERIFIED}: {', '.join(untold)} not told" if untold else "")


def _word(value: object) -> str:
    return (
        "not set"
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
