"""Values as YAML text: bare where every reader of YAML takes them as meant, else in quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.errors import Fix, ReplaceText

_OTHER = re.compile(
    r"""
    (?: ~ | null | true | false | yes | no | on | off | y | n | << | =
    | [-+]? [0-9][0-9_]*                                  # 0123 is octal to some
    | [-+]? 0 [xob] [0-9a-f_]+
    | [-+]? (?: [0-9][0-9_]* \.? [0-9_]* | \. [0-9_]+ ) (?: e [-+]? [0-9]+ )?
    | [-+]? \. (?: inf | nan )
    | [-+]? [0-9][0-9_]* (?: : [0-5]? [0-9] )+ (?: \. [0-9_]* )?     # base 60
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} (?: (?: t | [ \t]+ ) .* )?
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""What YAML 1.1 (types int, float, bool, null, timestamp, merge, value) or the core schema of
YAML 1.2.2 (section 10.3.2) takes for something other than text."""

_SPECIAL = {True: "true", False: "false", None: "null"}
_NO_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def is_read_otherwise(text: str) -> bool:
    """Tell whether some reader of YAML takes the bare `text` for a number, date or truth."""
    return text == "" or _OTHER.fullmatch(text) is not None


def is_bare(text: str, *, in_flow: bool) -> bool:
    """Tell whether `text` can be written without quotes and is taken as text by everybody."""
    if is_read_otherwise(text) or not text.isprintable() or text != text.strip():
        return False
    if text[0] in _NO_FIRST or text.startswith("...") or text.endswith(":"):
        return False
    if ": " in text or " #" in text:
        return False
    return not (in_flow and any(char in text for char in ",[]{}"))


def in_quotes(text: str, quote: str = '"') -> str:
    """Write `text` in quotes, double ones unless single ones can hold it."""
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def quoting(start: int, text: str, file: str) -> Fix:
    """Make the fix that puts quotes around the text at offset `start`."""
    said = in_quotes(text)
    return Fix(f"Quote it: {said}.", (ReplaceText(start, start + len(text), said, file),))


def _escaped(char: str) -> str:
    if char in _ESCAPED:
        return _ESCAPED[char]
    return char if char >= " " else f"\\x{ord(char):02x}"


def scalar(value: str | bool | None, *, in_flow: bool, quote: str = "") -> str:  # noqa: FBT001
    """Write a single value.

    Args:
        value: Text, True, False or None.
        in_flow: Whether it will stand inside `{}` or `[]`.
        quote: Which quotes to use even where none are needed; "" for none.
    """
    if not isinstance(value, str):
        return _SPECIAL[value]
    if not quote and is_bare(value, in_flow=in_flow):
        return value
    return in_quotes(value, quote or '"')


def flow(value: Any, *, in_flow: bool = False) -> str:
    """Write any value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(pair(name, item) for name, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(item, in_flow=True) for item in value) + "]"
    return scalar(value, in_flow=in_flow)


def pair(name: str, value: Any) -> str:
    """Write a key and its value inside `{}`."""
    return f"{scalar(name, in_flow=True)}: {flow(value, in_flow=True)}"
