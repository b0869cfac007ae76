"""The last line of defence: known secrets are taken out of text that leaves.

No secret is meant to reach a text at all. What did is replaced, also where it was encoded on
its way: base64 (at any offset), URL, JSON, HTML, `repr`, and line by line.
"""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterator

MASK = "***"
SHORTEST = 4
"""Shorter values are not looked for: they would be found everywhere."""

_WHOLE_WORDS_BELOW = 8
"""Shorter values are replaced as whole words only: a PIN is no part of a longer number."""


class Redactor:
    """Knows the values that were revealed, and replaces them in any text."""

    __slots__ = ("_added", "_forms")

    def __init__(self) -> None:
        self._added: set[str] = set()
        self._forms: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce__(self) -> str:
        raise TypeError("a redactor holds secrets and is not pickled")

    def add(self, value: str) -> None:
        """Look for a value from now on."""
        if value in self._added:  # a secret is revealed to be sealed, and again to be told
            return
        self._added.add(value)
        for form in _forms_of(value):
            start = form[:SHORTEST]
            known = self._forms.get(start, ())
            if form not in known:
                self._forms[start] = tuple(sorted((*known, form), key=len, reverse=True))

    def redact(self, text: str) -> str:
        """Replace each known secret. Give whole messages: halves of a value are not found."""
        if not self._forms:
            return text
        parts, done = [], 0
        for start, end in self._found(text):
            parts += [text[done:start], MASK]
            done = end
        parts.append(text[done:])
        return "".join(parts)

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        forms, done = self._forms, 0
        for at in range(len(text) - SHORTEST + 1):
            known = forms.get(text[at : at + SHORTEST])
            if known is None or at < done:
                continue
            for form in known:
                end = at + len(form)
                if text.startswith(form, at) and _stands_alone(text, at, end):
                    yield at, end
                    done = end
                    break


def _stands_alone(text: str, start: int, end: int) -> bool:
    if end - start >= _WHOLE_WORDS_BELOW:
        return True
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _forms_of(value: str) -> Iterator[str]:
    for piece in {value, *value.splitlines()}:
        for form in {piece, *_encoded(piece)}:
            if len(form) >= SHORTEST and len(piece) >= SHORTEST:
                yield form


def _encoded(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    yield from _base64(raw)
    yield raw.hex()
    for safe in ("", "/", "/:@!$&'()*+,;="):
        quoted = urllib.parse.quote(raw, safe=safe)
        yield quoted
        yield _lower_escapes(quoted)
    yield urllib.parse.quote_plus(raw)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield ascii(value)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)


def _base64(raw: bytes) -> Iterator[str]:
    """Encode at each of the three offsets that the value can have inside a longer one."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        # Characters that also depend on what stands before or after are cut off.
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        sure = encoded[first:last]
        if len(sure) >= _WHOLE_WORDS_BELOW:
            yield sure
            yield sure.replace("+", "-").replace("/", "_")
    yield base64.b64encode(raw).decode()
    yield base64.urlsafe_b64encode(raw).decode()


def _lower_escapes(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])
