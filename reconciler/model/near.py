"""What an author certainly meant by a word that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.8
"""How alike two words are at least, as `difflib` counts it: a letter or two of typing."""

_DIGITS = re.compile(r"^\+?[0-9*#]+$")


def one_near(word: str, known: Iterable[str]) -> str:
    """Find the only known word that `word` can be a slip of the keyboard for, "" without one.

    Digits are never guessed: one digit more or less is another number.
    """
    if _DIGITS.match(word):
        return ""
    words = [one for one in known if one != word]
    same = [one for one in words if _plain(one) == _plain(word)]
    near = same or get_close_matches(word, words, 2, _CUTOFF)
    return near[0] if len(near) == 1 else ""


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
