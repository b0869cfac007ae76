"""Secrets: never in git, never weak."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity

EXPLAIN = {
    "TEL311": (
        "Weak PIN",
        (
            "The PIN that a reference gives is one that callers try first: fewer than 6 digits, "
            "the extension or its reverse, one block repeated, or three digits in a row that are "
            "equal, rise or fall. It is checked when it is resolved, before anything is written, "
            "and never shown."
        ),
    ),
    "TEL321": (
        "A secret in plain text",
        (
            "PINs and passwords in git are known to everybody who ever reads it. A secret is "
            "written as a reference: {env: NAME}, {file: PATH}, {exec: [..]}, {sealed: TOKEN} or "
            "{generate: true}. One that stood in git is to be changed."
        ),
    ),
    "TEL322": (
        "Weak SIP password",
        (
            "A password of a device has fewer than 16 characters or contains its extension. It is "
            "checked when it is resolved, and never shown; one that is generated has 24. A carrier "
            "may cap it: VoiceTel takes 6 to 10 characters for a SIP account of its own."
        ),
    ),
}

FIXED = {"TEL321": "whoever reads git would have it"}

DECIDED_BY = {"TEL311": ("apply",), "TEL322": ("apply",)}

_KEY = re.compile(
    r"(?:^|[^A-Za-z0-9])"
    r"(?:(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat)[-_][A-Za-z0-9_-]{12,}|AKIA[A-Z0-9]{12,}"
    r"|(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{24,})"
)
"""Prefixes of well-known keys, or 24 letters of both cases and digits in one word."""


def no_keys_in_words(draft: Draft) -> Iterator[Finding]:
    """Find words for people that look like a key or token (TEL321); they are not repeated."""
    for address, spec in draft.specs.items():
        for field in ("label", "name"):
            if isinstance(spec.get(field), str) and _KEY.search(spec[field]):
                yield Finding(
                    "TEL321",
                    draft.path(address, field),
                    f"{field}: this looks like a key or token.",
                    "If it is one, take it out and change it: git remembers it.",
                    Severity.WARNING,
                    address,
                    secret=True,
                )


RULES = (no_keys_in_words,)
