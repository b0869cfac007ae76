"""The words for what is done to an object, and what each of them risks."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


class Action(enum.StrEnum):
    """One act at one home; the same words for people and machines."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ASSIGN = "assign"
    ADOPT = "adopt"
    ORDER = "order"
    PORT = "port"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    REMOVE = "remove"
    MOVE = "move"
    PUBLISH = "publish"


PARTINGS: Final = frozenset({Action.RELEASE, Action.REMOVE, Action.MOVE})
"""The acts by which a number leaves its account for good."""


class Reversibility(enum.StrEnum):
    """Whether an act can be undone.

    `lossy` can be made again, but not with its contents: a mailbox with messages, a SIP
    password in use.
    """

    REVERSIBLE = "reversible"
    LOSSY = "lossy"
    IRREVERSIBLE = "irreversible"


class Charge(enum.StrEnum):
    """Whether the act itself costs money."""

    FREE = "free"
    PAID = "paid"
    UNKNOWN = "unknown"


class Cause(enum.StrEnum):
    """Why a field differs: git changed it, somebody else did, or both."""

    CONFIG = "config"
    DRIFT = "drift"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Act:
    """What a kind says is to be done, and what that means."""

    action: Action
    reason: str
    reversibility: Reversibility = Reversibility.REVERSIBLE
    charge: Charge = Charge.FREE
    remote: bool = True
    """False when nothing is sent: the record of who owns it is all that changes."""
    approval: str = ""
    """The approval without which it is skipped, such as `release:+12015550188`."""
    sets: frozenset[str] | None = None
    """The only settings that it can leave behind; others follow in an act of their own."""
    comes_with: Mapping[str, object] = field(default_factory=dict, hash=False)
    """Settings that it leaves behind though nobody asks for them, where `sets` is said."""
    to: str = ""
    """Of what a number's move takes away, where the number goes: `Parting.to`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a kind will not be brought about, as a gate: code, sentence, next step."""

    code: str
    detail: str
    hint: str
