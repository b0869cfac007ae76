"""The journal: what is written of each operation before and after it is done."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reconciler.model.act import Action, Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.spec import Spec


class State(enum.StrEnum):
    """States of an operation in the journal."""

    INTENDED = "intended"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
    PARKED = "parked"


OPEN = frozenset({State.INTENDED, State.SENT, State.DONE, State.UNKNOWN, State.PARKED})
"""States in which an operation is not over."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An operation as it is written when its part of the plan is consumed."""

    op: str
    """Its id in the plan, such as `op-04`."""
    address: Address
    home: str
    account: str
    """The platform's name or the carrier account's id."""
    resource_key: str
    """What must not be acted on twice at once: the E.164 for numbers, else the address."""
    action: Action
    reversibility: Reversibility
    charge: Charge
    body: str
    """The operation as canonical JSON: all that `resume` needs, no secrets."""


@dataclass(frozen=True, slots=True)
class Move:
    """What is remembered of an object that was renamed, or that refers to one.

    Attributes:
        was: The address that it is remembered under.
        address: The one that it has from now on; the same for what only refers.
        spec: What counts as applied there.
        macs: Keyed fingerprints of its secrets, by field; None leaves those that it has.
        live: Digest of what was live and of what is from now on; None for no change. What is
            remembered of it changes only where it was what was live.
        former: The name that it had before it changed places with another one; "" forgets
            that, None leaves it.
    """

    was: Address
    address: Address
    spec: Spec
    macs: Mapping[str, str] | None = None
    live: tuple[str, str] | None = None
    former: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an address was left as.

    Attributes:
        address: Where.
        spec: Its settings; None forgets it.
        macs: Keyed fingerprints of its secrets, by field.
        published: The digest of what was made live, "" for no news.
    """

    address: Address
    spec: Spec | None
    macs: Mapping[str, str] = field(default_factory=dict)
    published: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is written of an operation before it may be sent.

    Attributes:
        op_id: The operation.
        key: Its idempotency key.
        body_digest: What is sent under that.
        deadline: When it is answered at the latest.
        attempt: Which try it is, from 1.
    """

    op_id: str
    key: str
    body_digest: str
    deadline: str
    attempt: int


class Journal(Protocol):
    """One open, fenced transaction of the ledger. It commits when its block ends."""

    def consume(self, plan_id: str, part: str, digest: str, intents: Sequence[Intent]) -> None:
        """Use a part of a plan up and write all its intents.

        Raises:
            Stale: It was used before; the message names the run.
        """
        ...

    def send(self, op_id: str, *, key: str, body_digest: str, deadline: str, attempt: int) -> None:
        """Move to `sent`: from here on it may have been sent."""
        ...

    def send_all(self, sendings: Sequence[Sending]) -> None:
        """Move many to `sent`, in as few trips as the database needs."""
        ...

    def move(self, op_id: str, state: State, note: str = "", **facts: str | bool) -> None:
        """Move to another state. `facts` are columns of `Entry`: external_id, waiting, ..."""
        ...

    def move_all(self, op_ids: Sequence[str], state: State, note: str = "") -> None:
        """Move many to one state."""
        ...

    def applied(
        self, address: Address, spec: Spec | None, macs: Mapping[str, str], published: str = ""
    ) -> None:
        """Remember what an address was left as; None forgets it.

        `macs` by secret field; `published` is the digest of what was made live, "" for no news.
        """
        ...

    def applied_all(self, left: Sequence[Remembered]) -> None:
        """Remember what many addresses were left as, the last of one address."""
        ...

    def renamed(self, moves: Sequence[Move]) -> None:
        """Remember what was left under other names, all at once."""
        ...

    def approve(self, kind: str, value: str, detail: str) -> None:
        """Record an approval or an allowed limit, with who gave it."""
        ...

    def taken_over(self, run_id: str) -> None:
        """Record that this run found out what became of one that never said how it ended."""
        ...

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Add a record to the audit chain."""
        ...
