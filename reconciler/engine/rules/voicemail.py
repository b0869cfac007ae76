"""Mailboxes and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.voicemail_box import VoicemailBox

EXPLAIN = {
    "TEL312": (
        "Messages would vanish",
        (
            "A message that is deleted after it was sent must have been sent whole: to an address, "
            "with the recording attached."
        ),
    ),
    "TEL313": (
        "A mailbox that nobody hears of",
        "Messages are to be mailed and no address is known, or the box has no owner.",
    ),
    "TEL321": (
        "A secret in plain text",
        (
            "PINs and passwords in git are known to everybody who ever reads it. A secret is "
            "written "
            "as a reference: {env: NAME}, {file: PATH}, {exec: [..]}, {sealed: TOKEN} or "
            "{generate: true}. One that stood in git is to be changed."
        ),
    ),
}

_KEY = re.compile(
    r"(?:^|[^A-Za-z0-9])"
    r"(?:(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat)[-_][A-Za-z0-9_-]{12,}|AKIA[A-Z0-9]{12,}"
    r"|(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{24,})"
)
"""Prefixes of well-known keys, or 24 letters of both cases and digits in one word."""


def kept_until_sent(draft: Draft) -> Iterator[Finding]:
    """Find boxes that delete messages which were not sent whole (TEL312)."""
    for address, box in draft.of(VoicemailBox):
        email = box.email
        if email is not None and email.delete_after_send and not (email.to and email.attach):
            yield Finding(
                "TEL312",
                draft.path(address, "email"),
                f"{address.reference} deletes messages after sending, without "
                f"{'an address' if not email.to else 'the recording attached'}.",
                "Give `to` and `attach: true`, or take `delete_after_send` out.",
                address=address,
            )


def heard_of(draft: Draft) -> Iterator[Finding]:
    """Find boxes with mail and no address, or without an owner (TEL313)."""
    for address, box in draft.of(VoicemailBox):
        if box.email is not None and not box.email.to:
            yield Finding(
                "TEL313",
                draft.path(address),
                f"{address.reference} mails its messages and has no address.",
                "Give the extension an `email`, or set `email: false`.",
                Severity.WARNING,
                address,
                key=True,
            )
        if not box.owners:
            yield Finding(
                "TEL313",
                draft.path(address),
                f"{address.reference} has no owner.",
                "Name one: `owners: [extension/4201]`.",
                Severity.WARNING,
                address,
            )


def no_keys_in_words(draft: Draft) -> Iterator[Finding]:
    """Find words for people that look like a key or token (TEL321); they are not repeated."""
    for address, spec in draft.specs.items():
        for field in ("label", "name"):
            if isinstance(spec.get(field), str) and _looks_like_a_key(spec[field]):
                yield Finding(
                    "TEL321",
                    draft.path(address, field),
                    f"{field}: this looks like a key or token.",
                    "If it is one, take it out and change it: git remembers it.",
                    Severity.WARNING,
                    address,
                    secret=True,
                )


def _looks_like_a_key(text: str) -> bool:
    return _KEY.search(text) is not None


RULES = (kept_until_sent, heard_of, no_keys_in_words)
