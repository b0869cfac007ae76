"""What makes a PIN weak (TEL311)."""

from __future__ import annotations

import re
from itertools import pairwise

FEWEST_DIGITS = 6
MOST_DIGITS = 30
CONFERENCE_DIGITS = 12
"""The most digits of a conference's PIN."""
_RUN = 3


def weak_pin(pin: str, extension: str, most: int = MOST_DIGITS) -> str:
    """Say why a PIN is weak, "" when it is not. The reason never holds the PIN.

    Source: the PIN policies of Webex Calling and FusionPBX.

    Args:
        pin: The PIN as it was resolved.
        extension: Digits of the extension or box it opens; "" for none.
        most: The most digits that it may have.
    """
    if not re.fullmatch(r"[0-9]+", pin):
        return "it has other characters than the digits 0 to 9"
    if not FEWEST_DIGITS <= len(pin) <= most:
        return f"it does not have {FEWEST_DIGITS} to {most} digits"
    if extension and pin in {extension, extension[::-1]}:
        return "it is the extension or its reverse"
    if re.fullmatch(r"([0-9]+?)\1+", pin):
        return "it repeats one block of digits"
    if _has_run(pin):
        return f"it has {_RUN} or more digits in a row that are equal, rise or fall by one"
    return ""


def _has_run(pin: str) -> bool:
    digits = [int(digit) for digit in pin]
    steps = [after - before for before, after in pairwise(digits)]
    return any(first == second and first in {-1, 0, 1} for first, second in pairwise(steps))
