"""Classes of mistake in the project file, and how they are told: without any secret."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from reconciler.errors import Location, Problem, Severity

Path = tuple[str | int, ...]
"""Steps from the top of the project file to a setting."""

CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "E145": (
            "Unknown setting",
            (
                "The project file and what it names are closed: a name that means nothing is "
                "refused, since a limit with a typing mistake would be no limit."
            ),
        ),
        "E146": (
            "Invalid setting",
            (
                "The setting is known, but its value cannot be used as it is written, or it "
                "contradicts another one."
            ),
        ),
        "E147": (
            "Unusable URL",
            (
                "A carrier is reached by https only, at a host name that belongs to it, without "
                "user, port tricks or IP addresses, so that no edit can send its key elsewhere; "
                "`sandbox: true` takes this machine only. A database is sqlite:///PATH or "
                "postgresql://..."
            ),
        ),
        "E148": (
            "Not in this version",
            (
                "The setting is documented and was read, but this version does not act on it. It "
                "is an error where something depends on it, else a warning."
            ),
        ),
        "E149": (
            "Secret reference not allowed",
            (
                "What references in tenant files may reach stands under `secrets.allow` of the "
                "project file, so that a change of a tenant cannot read a carrier's key or run a "
                "program."
            ),
        ),
        "E159": (
            "Unwise setting",
            "The setting can be used as it is written, but has cost others numbers or secrets.",
        ),
        "E170": (
            "Not for a policy",
            (
                "Policies decide how bad the rules TEL101 to TEL416 are. What keeps emergency "
                "calls, numbers and secrets safe stays an error, as does what the platform could "
                "not hold; and a policy cannot reach what only `plan` or `apply` can decide."
            ),
        ),
        "E171": (
            "Silence expired",
            (
                "The last day of a silence is over. The rule is told again, and so is the silence, "
                "until somebody mends what it was for or gives it another day."
            ),
        ),
        "E172": (
            "Silence without effect",
            (
                "The rule has nothing to say of the object, so that its silence waits for a "
                "mistake that nobody has made yet and would then hide it."
            ),
        ),
    }
)
"""Code -> (summary, explanation). E140 to E144 and E150 to E158 belong to the loader."""

PLAIN_SECRET = "TEL321"  # noqa: S105 - the code of a rule
_SUMMARIES = {PLAIN_SECRET: "Secret in plain text", "TEL414": "Aging of numbers"}

_SENSITIVE = re.compile(r"key|token|secret|pass|pin\b|credential|@", re.IGNORECASE)
_SHOWN = 80


class Place(Protocol):
    """Tells where a setting (or its key) stands; a missing one by its nearest ancestor."""

    def __call__(self, path: Sequence[str | int], *, key: bool = False) -> Location:
        """Place the value at `path`."""
        ...


def told(
    code: str,
    location: Location,
    detail: str,
    hint: str,
    *,
    severity: Severity = Severity.ERROR,
    address: str = "",
) -> Problem:
    """Build a problem of the class `code`. Its line is left out where it may hold a secret."""
    summary = _SUMMARIES.get(code) or CODES[code][0]
    return Problem(code, summary, detail, hint, veiled(location), severity, address=address)


def veiled(location: Location) -> Location:
    """Drop the line of a location when a report of it could show a secret under the caret."""
    return replace(location, text="") if _SENSITIVE.search(location.text) else location


def is_sensitive(name: str) -> bool:
    """Tell whether what goes by this name may be a secret."""
    return bool(_SENSITIVE.search(name))


def quoted(text: str) -> str:
    """Show `text` in a sentence: in quotes, cut at 80 characters, all but ASCII escaped.

    Unlike in labels, a letter that only looks like another one matters in a URL or a name.
    """
    return json.dumps(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def dotted(path: Iterable[str | int]) -> str:
    """Write a path the way people do: `limits.deletes.percent`."""
    return ".".join(str(step) for step in path)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Suggest the known word that is nearest to `word`, or say `otherwise`."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else otherwise
