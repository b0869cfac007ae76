"""What a menu says and what its keys do: the one must be the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.auto_attendant import AutoAttendant

EXPLAIN = {
    "TEL211": (
        "The greeting and the keys differ",
        (
            "The greeting offers a key that does nothing, or never mentions one that does "
            "something. Spoken text in English is read; recordings and other languages are not."
        ),
    ),
}

_WORDS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "star": "*",
    "asterisk": "*",
    "pound": "#",
    "hash": "#",
}
_KEY = rf"(?<![\w.:-])([0-9*#]|{'|'.join(_WORDS)})(?![\w:-]|\.[0-9])"
_VERB = r"\b(?:press|dial|push|hit|select|choose|enter)\b"
_ANY_KEY = re.compile(_KEY, re.IGNORECASE)
_PRESSED = re.compile(rf"{_VERB}\s+(?:the\s+)?(?:key\s+|option\s+|number\s+)?{_KEY}", re.IGNORECASE)
_OFFERED = re.compile(rf"{_KEY}(?:\s+key)?,?\s+(?:for|to)\s+[a-z]", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?]\s")


def says_what_it_does(draft: Draft) -> Iterator[Finding]:
    """Find greetings that offer other keys than there are (TEL211)."""
    for address, menu in draft.of(AutoAttendant):
        text = menu.greeting.say
        if text is None or not (menu.greeting.language or "en").startswith("en"):
            continue
        for key in sorted(_offered(text) - menu.options.keys()):
            yield Finding(
                "TEL211",
                draft.path(address, "greeting", "say"),
                f"{address.reference} says to press {key}, which leads nowhere.",
                f'Give it an option "{key}", or change what it says.',
                Severity.WARNING,
                address,
            )
        mentioned = {_digit(match[1]) for match in _ANY_KEY.finditer(text)}
        silent = [key for key in menu.options if key not in mentioned]
        if silent:
            yield Finding(
                "TEL211",
                draft.path(address, "options", silent[0]),
                f"{address.reference} never says what pressing {' or '.join(silent)} does.",
                "Mention it in the greeting, or take it out.",
                Severity.WARNING,
                address,
                tuple((draft.path(address, "options", key), "nor this") for key in silent[1:]),
                key=True,
            )


def _offered(text: str) -> set[str]:
    """Keys that callers are told to press: "press 1", and "2 for billing" after that."""
    found: set[str] = set()
    for sentence in _SENTENCE.split(text):
        pressed = [*_PRESSED.finditer(sentence)]
        found |= {_digit(match[1]) for match in pressed}
        if pressed:
            rest = sentence[pressed[0].end() :]
            found |= {_digit(match[1]) for match in _OFFERED.finditer(rest)}
    return found


def _digit(word: str) -> str:
    return _WORDS.get(word.lower(), word)


RULES = (says_what_it_does,)
