"""Feature codes of a tenant that a carrier's own system answers as well (TEL102).

Whoever is registered there and dials one never reaches the platform. Nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.engine.part import Note
from reconciler.model.address import Address


def answered_there(
    feature_codes: Mapping[str, str], codes: Mapping[str, str], connector: str, number: Address
) -> Iterator[Note]:
    """Tell each function whose code is in the way of one of the carrier, or behind it.

    Args:
        feature_codes: The tenant's, by function.
        codes: What the carrier's system answers: ``*55``, or ``*30*{number}`` for any digits.
        connector: The carrier account.
        number: A number of the tenant there, which the note is about.
    """
    for function, code in sorted(feature_codes.items()):
        for dialled, does in sorted(codes.items()):
            if _meet(code, dialled):
                text = (
                    f"{connector} answers {dialled} itself ({does}): telephones registered there"
                    f" never reach the feature code {function} ({code}) of the platform (TEL102)."
                )
                yield Note(address=str(number), text=text)


def _meet(code: str, dialled: str) -> bool:
    """Whether a telephone that dials the one may be taken to dial the other."""
    fixed, open_end, _ = dialled.partition("{")
    return code == fixed or bool(open_end and code.startswith(fixed))
