"""What each fault of a sandbox does to a write and to a read that meets it.

A fault that a sandbox has and this file has not makes the suite fail: every one has a class.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.protocols import Done, NotSent, Refused, Unknown, Waiting

Outcomes = tuple[type, ...]


class Read(enum.Enum):
    """What becomes of a list that meets it."""

    BROKEN = enum.auto()
    """It is no list: it cannot be read."""
    EMPTY = enum.auto()
    """It has no row, and says so in a good form."""
    WHOLE = enum.auto()
    """It is as ever."""
    NEVER = enum.auto()
    """None meets it."""


@dataclass(frozen=True)
class Met:
    """One fault.

    Attributes:
        outcomes: What may be said of a write.
        moments: When it can be planted: before the write is carried out, after it.
        done: Whether the write is carried out; None: as it was planted.
        read: What becomes of a list.
        only: The writes that it can meet, by how their names begin; none: a test of its own.
        says_no: Whether it says no to what was done, so that Refused may be believed where a
            write that is repeated does no harm.
    """

    outcomes: Outcomes
    moments: tuple[bool, ...] = (False,)
    done: bool | None = None
    read: Read = Read.BROKEN
    only: tuple[str, ...] = ("",)
    says_no: bool = False


BOTH: Final = (False, True)
GOOD: Final[Outcomes] = (Done, Waiting)
AS_EVER: Final = Met(GOOD, done=True, read=Read.WHOLE)
LOST: Final = Met((Unknown,), BOTH)
"""No answer, or one of which nobody knows who gave it."""

FAULTS: Final[Mapping[str, Met]] = MappingProxyType(
    {
        **dict.fromkeys(("500", "502", "503", "504", "html", "drop", "soft-error"), LOST),
        "301": Met((Unknown,), BOTH),
        "unknown-status": Met((Unknown,), BOTH),
        "plain-error": Met((Refused, Unknown), BOTH, says_no=True),
        "unknown-code": Met((Refused, Unknown), BOTH, says_no=True),
        "slow": Met((Unknown,), BOTH, done=True),
        "truncated": Met((Unknown,), done=True),
        "garbage": Met((Unknown,), done=True),
        "empty": Met((*GOOD, Unknown), done=True, read=Read.EMPTY),
        "duplicate": Met((*GOOD, Unknown), done=True, read=Read.NEVER),
        "no-effect": Met(GOOD, done=False, read=Read.NEVER),
        "429": Met((NotSent, Unknown)),
        "404": Met((Refused, Unknown)),
        "refuse": Met((Refused,)),
        "denied": Met((Refused,)),
        "address-refused": Met((), read=Read.NEVER, only=()),
        "lost-race": Met((Refused, NotSent), done=False, read=Read.NEVER, only=("order",)),
        "partial": Met((Refused,), done=False, read=Read.NEVER, only=("order",)),
        "port-exception": Met(GOOD, done=True, read=Read.NEVER, only=("port",)),
        "stale": Met((), read=Read.WHOLE, only=()),
        "blank-data": AS_EVER,
    }
)

ELSEWHERE: Final[Mapping[tuple[str, str], Met]] = MappingProxyType(
    {
        # How VoiceTel says that a list is empty.
        ("voicetel", "404"): Met((Refused, Unknown), read=Read.EMPTY),
    }
)
"""Those that are another thing at one kind of carrier."""


def met(kind: str, fault: str) -> Met:
    """The class of a fault at a kind of carrier."""
    return ELSEWHERE.get((kind, fault)) or FAULTS[fault]


def of_lists(kind: str, faults: Iterable[str]) -> list[str]:
    """Those that a list can meet."""
    known = sorted(set(faults) & FAULTS.keys())
    return [fault for fault in known if met(kind, fault).read is not Read.NEVER]


def unclassified(faults: Iterable[str]) -> list[str]:
    """Those without a class."""
    return sorted(set(faults) - FAULTS.keys())


def moments(kind: str, faults: Iterable[str], write: str) -> list[tuple[str, bool]]:
    """Each fault that a write can meet, with each moment at which it can be planted."""
    known = sorted(set(faults) & FAULTS.keys())
    meeting = [fault for fault in known if write.startswith(met(kind, fault).only)]
    return [(fault, after) for fault in meeting for after in met(kind, fault).moments]
