"""What a write did, at any home: one of five outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

UNVERIFIED: Final = "not verified"
"""How the note of what is done begins that no read could show: its home's word is all there is."""


@dataclass(frozen=True, slots=True)
class Done:
    """The home said so, in an answer that decodes and names our object."""

    external_id: str = ""
    acquired_at: str = ""
    digest: str = ""
    """Digest of the answer."""
    amount: Decimal | None = None
    currency: str = ""
    version: int = 0
    note: str = ""
    """What only this answer tells and a person needs, as a sentence."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The home accepted it and will finish it later; reading will tell."""

    reason: str
    external_id: str = ""
    digest: str = ""
    note: str = ""
    """What only this answer tells, as of `Done`."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Definitely not done and not worth repeating as it is."""

    reason: str
    moved: bool = False
    """Whether it was refused because the object is not what we relied on."""
    by: str = ""
    """Who moved it, where the home can tell."""
    stops_account: bool = False
    """Whether the same answer awaits every further order there (no money, no access)."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Definitely not done: nothing left this process, or the home said "not processed"."""

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and nothing says whether it was done."""

    reason: str
    retry_after_seconds: float | None = None
    """How long the home wants to be left in peace, where it says so."""


Outcome = Done | Waiting | Refused | NotSent | Unknown
