"""What the called see: a number that is the tenant's own."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.extension import Extension

EXPLAIN = {
    "TEL405": (
        "Caller ID that the tenant does not own",
        (
            "Carriers refuse or flag calls that show somebody else's number; STIR/SHAKEN "
            "attestation A needs one's own. A number that is still being ported is not one's own "
            "yet."
        ),
    ),
    "TEL407": (
        "Anonymous to those who must know",
        (
            "Emergency services and toll-free numbers see who calls, or refuse the call; a caller "
            "who hides the number cannot be called back. Emergency calls always show the emergency "
            "caller ID where the platform can."
        ),
    ),
}

FIXED = {"TEL405": "the platform could not hold it"}


def known_to_helpers(draft: Draft) -> Iterator[Finding]:
    """Find extensions that hide their number and may dial for help (TEL407)."""
    for address, extension in draft.of(Extension):
        if extension.caller_id == "anonymous" and "emergency" in extension.outbound:
            yield Finding(
                "TEL407",
                draft.path(address, "caller_id"),
                f"{address.reference} is anonymous and may dial emergency and toll-free numbers.",
                "Show a number of the tenant, or take `emergency` out of its `outbound`.",
                Severity.WARNING,
                address,
            )


RULES = (known_to_helpers,)
