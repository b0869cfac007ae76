"""What is known of where a number is: in our pool, at a carrier, at another tenant."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.act import Action

NOT_CHECKED = "not-checked"
"""Code of the refusal to decide on a number whose carrier account could not be read."""


class NumberState(enum.StrEnum):
    """The life of a number (design section 7)."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    ORDERED = "ordered"
    PORTING_IN = "porting_in"
    QUARANTINED = "quarantined"
    RELEASED = "released"


NOT_IN_SERVICE: Final = "not_in_service"
"""Where callers hear the platform's own announcement that a number is not in service."""


@dataclass(frozen=True, slots=True)
class Parting:
    """How a number that is out of git leaves its account for good.

    Attributes:
        action: `release` gives it back to the network, `remove` takes it off the account and
            leaves it with the carrier, `move` hands it to another account of the carrier.
        to: Of a move the other account and the route there, in the carrier's words: `99/4`.
    """

    action: Action = Action.RELEASE
    to: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether somebody said so: a release is what comes of a quarantine by itself."""
        return self.action is not Action.RELEASE

    def kept_days(self, quarantine_days: int) -> int:
        """How long a number is in quarantine before it may leave so.

        One that moves goes on serving its callers: nobody is helped by keeping it silent.
        """
        return 0 if self.action is Action.MOVE else quarantine_days

    def approval(self, e164: str) -> str:
        """The approval that a number needs for it: `move:+12015550188=99/4`."""
        return f"{self.action.value}:{e164}{f'={self.to}' if self.to else ''}"

    def __str__(self) -> str:
        return f"{self.action.value} {self.to}".rstrip()


RELEASED: Final = Parting()
"""How a number leaves where nobody said anything else."""


@dataclass(frozen=True, slots=True)
class PoolNumber:
    """The platform's record of a number; it outlives the YAML line.

    Attributes:
        e164: The number.
        state: Where it is in its life.
        tenant: Who has it or for whom it is reserved, "" for nobody.
        connector: The carrier account that holds it, "" when none was named.
        country: Two letters, upper case.
        type: local, national, tollfree or mobile.
        protect: No quarantine and no release while set.
        quarantined_at: UTC instant with Z, "" unless quarantined.
        release_after: A date before which no release is allowed, "" for none.
        version: Rises by one with each change.
        updated_by: Who changed it last.
        left_by: How it left us: `release`, `remove` or `move 99/4`; "" while it is ours.

    """

    e164: str
    state: NumberState
    tenant: str = ""
    connector: str = ""
    country: str = ""
    type: str = ""
    protect: bool = False
    quarantined_at: str = ""
    release_after: str = ""
    version: int = 1
    updated_by: str = ""
    left_by: str = ""


class Stock(enum.StrEnum):
    """What a carrier's inventory says of a number that we do not hold."""

    OFFERED = "offered"
    ABSENT = "absent"
    UNSAID = "unsaid"
    """The carrier cannot say (it shows a few random numbers only)."""


class Stage(enum.StrEnum):
    """How far an order has come that takes its carrier days or weeks."""

    OPEN = "open"
    STUCK = "stuck"
    """It does not go on before a person has done something."""
    OVER = "over"
    """It is carried out."""
    DROPPED = "dropped"
    """It ended without being carried out."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where such an order stands, as its carrier tells it.

    Attributes:
        stage: What that means.
        status: The carrier's own word.
        since: When it was taken, UTC instant with Z; "" when the carrier does not say.
        date: The day on which it is carried out, `2026-12-24`; "" for none yet.
        message: The carrier's words, safe to print.
        link: Where a person goes on with it, "" for nowhere that is known.
    """

    stage: Stage
    status: str
    since: str = ""
    date: str = ""
    message: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """A number on one of our carrier accounts.

    Attributes:
        connector: The account.
        external_id: The carrier's id of it; it changes when a number is bought again.
        acquired_at: UTC instant to the second, "" when the carrier does not say.
        spec: Its settings in our words, as the kind `carrier_number` writes them.
        frozen: Why nothing may be done to it (a port in flight), "" for nothing.
        waiting: What the carrier still works on of what it was asked for, "" for nothing;
            None where it does not tell.
        trouble: Why its carrier did not take what it was asked for, as a sentence; "" for nothing.
        progress: Where it stands, for an order that takes long; None for anything else.

    """

    connector: str
    external_id: str = ""
    acquired_at: str = ""
    spec: Mapping[str, object] = field(default_factory=dict)
    frozen: str = ""
    waiting: str | None = None
    trouble: str = ""
    progress: Progress | None = None

    @property
    def stage(self) -> Stage | None:
        """What the order has come to; None for what is no order."""
        return self.progress.stage if self.progress is not None else None


@dataclass(frozen=True, slots=True)
class Supply:
    """All that is known about one number, or about one order that brings several.

    It is gathered for the decision how that comes and goes.

    Attributes:
        tenant: The tenant that is being planned.
        pool: The platform's record, None when it has none.
        holding: Where a carrier of ours holds it, None when no account that was read does.
        managed: Whether the ledger knows that holding as ours.
        stock: What the wanted carrier's inventory says, when it was asked.
        checked: Whether the wanted connector's holdings are known at all.
        due: Whether nothing that is known of it keeps it from leaving as `parting` says.
        parting: How it leaves its account.
        connector: The connector that the YAML names, "" for none.
        order_sets: The settings that an order at that connector leaves behind; None: all.
        order_comes_with: Settings that it leaves behind there though nobody asks for them.
        intercept: Where the tenant sends callers of a quarantined number.
        wanted: Whether this tenant's YAML has it, other than in an order that is to bring it.
        wanted_by: Another tenant whose YAML asks for it, "" for none that is known.
        order: The order that is to bring it, as its carrier has it; None for none.
        counted: The kinds of which it has one whose price by the month was counted when the order
            that is to bring it was submitted.
        brings: Of an order, what is known of each number that it is to bring; else nothing.
        known_as: Of an order, the name under which the last apply left it where git calls it by
            another one now; "" where it has the name that it had.
        follows: Settings that it gets though its line has gone, as what they name on its account
            is another object by now: its gateway, which moves to another host.

    """

    tenant: str
    pool: PoolNumber | None = None
    holding: Holding | None = None
    managed: bool = False
    stock: Stock = Stock.UNSAID
    checked: bool = True
    due: bool = False
    parting: Parting = RELEASED
    connector: str = ""
    order_sets: frozenset[str] | None = None
    order_comes_with: Mapping[str, object] = field(default_factory=dict)
    intercept: str | Mapping[str, str] = NOT_IN_SERVICE
    wanted: bool = False
    wanted_by: str = ""
    order: Holding | None = None
    counted: frozenset[str] = frozenset()
    brings: Mapping[str, Supply] = field(default_factory=dict)
    known_as: str = ""
    follows: Mapping[str, str] = field(default_factory=dict)
