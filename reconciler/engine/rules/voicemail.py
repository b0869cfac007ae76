"""Mailboxes: messages are kept until somebody has heard of them."""

from __future__ import annotations

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
        (
            "Messages are to be mailed and no address is known, or the box has no owner; or its "
            "messages are turned into text, and no caller is told of it."
        ),
    ),
}


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
                key=True,
            )
        if box.transcribe and box.consent is None:
            yield Finding(
                "TEL313",
                draft.path(address, "transcribe"),
                f"{address.reference} turns messages into text, and no caller is told of it.",
                "Add `consent`, such as `consent: Your message will be written down.`",
                Severity.WARNING,
                address,
            )


RULES = (kept_until_sent, heard_of)
