"""What a setting of a sandbox takes: flags, whole numbers, money, words, texts and lists.

A setting that takes nonsense fails later, in the middle of an apply, and looks like a defect of
what is rehearsed; so each has its sort, looked at whenever it is changed, whoever changes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from reconciler.errors import WrongUsage

LONGEST_TEXT: Final = 200
MOST_WHOLE: Final = 1_000_000_000
"""Of seconds about 31 years: a clock that is moved by them still shows a date."""

_MONEY: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Sort:
    """What values a setting takes.

    Attributes:
        fits: Whether it takes this one.
        form: The same in words; ends the sentence "Give …".
        as_text: Whether a value typed by hand is taken as it stands, else it is JSON.
    """

    fits: Callable[[object], bool]
    form: str
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a sandbox.

    Attributes:
        start: What a sandbox starts with.
        means: What it does, in a few words.
        sort: What it takes.
        by_hand: Whether the command line turns it; else it is a key, or kept by a fault.
    """

    start: Any
    means: str
    sort: Sort
    by_hand: bool = True


def wholes(least: int, most: int) -> Sort:
    """Whole numbers within bounds."""

    def fits(value: object) -> bool:
        return _is_whole(value, least, most)

    return Sort(fits, f"a whole number from {least} to {most}")


def seconds(most: int) -> Sort:
    """Seconds from 0 on; not whole ones either."""

    def fits(value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return math.isfinite(value) and 0 <= value <= most

    return Sort(fits, f"a number of seconds from 0 to {most}")


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable()


def _is_money(value: object) -> bool:
    return isinstance(value, str) and bool(_MONEY.fullmatch(value))


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


FLAG: Final = Sort(_is_flag, "true or false")
TEXT: Final = Sort(_is_text, f"text of up to {LONGEST_TEXT} characters", as_text=True)
SAID: Final = Sort(lambda value: isinstance(value, str), "text", as_text=True)
MONEY: Final = Sort(_is_money, "an amount of 0 or more, such as 2.50", as_text=True)


def boolean(field: str, value: str) -> bool:
    """Read a field that is true or false.

    Raises:
        WrongUsage: It is neither.
    """
    if value not in {"true", "false"}:
        raise WrongUsage(f"{field} does not take {value!r}.", "Give true or false.")
    return value == "true"


# The settings of each sort.


def flag(means: str, *, start: bool) -> Setting:
    """A defence or a habit of the carrier, on or off."""
    return Setting(start, means, FLAG)


def whole(start: int, means: str, *, least: int = 0, most: int = MOST_WHOLE) -> Setting:
    """A whole number within bounds."""
    return Setting(start, means, wholes(least, most))


def span(means: str) -> Setting:
    """A number of seconds, 0 at first."""
    return Setting(0, means, seconds(MOST_WHOLE))


def money(start: str, means: str) -> Setting:
    """An amount of the carrier's currency as text: digits, and a point before its fractions."""
    return Setting(start, means, MONEY)


def word(means: str, *words: str) -> Setting:
    """One of a few words; a sandbox starts with the first."""
    named = [each or "nothing" for each in words]
    form = f"{', '.join(named[:-1])} or {named[-1]}"
    return Setting(words[0], means, Sort(lambda value: value in words, form, as_text=True))


def text(start: str, means: str) -> Setting:
    """Whatever the carrier says: no document limits it, and what cannot be printed is a test."""
    return Setting(start, means, SAID)


def texts(means: str, pattern: str, example: str) -> Setting:
    """A list of texts that all have a form; empty at first."""

    def fits(value: object) -> bool:
        return isinstance(value, list) and all(
            isinstance(each, str) and re.fullmatch(pattern, each) for each in value
        )

    return Setting([], means, Sort(fits, f'a list, such as ["{example}"]'))


def ids(means: str) -> Setting:
    """A list of the carrier's ids, "*" for any; empty at first."""

    def fits(value: object) -> bool:
        return isinstance(value, list) and all(
            each == "*" or _is_whole(each, 1, 2**63 - 1) for each in value
        )

    return Setting([], means, Sort(fits, "a list of ids, such as [4243]"))


def key(means: str) -> Setting:
    """What opens an account: a secret as much as any, so it is switched over HTTP only."""
    return Setting("", means, TEXT, by_hand=False)


def kept(means: str) -> Setting:
    """What a fault remembers that no single request meets."""
    fits = Sort(lambda value: value is None or isinstance(value, dict), "nothing")
    return Setting(None, means, fits, by_hand=False)
