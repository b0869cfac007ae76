"""Conference rooms: only those get in who should, and somebody leads where one must."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.engine.rules.reach import called_from_outside
from reconciler.errors import Severity
from reconciler.kinds.conference import Conference
from reconciler.model.address import Address
from reconciler.model.secret import SecretReference

EXPLAIN = {
    "TEL331": (
        "A conference that anybody or nobody can hold",
        (
            "Those who take part and those who lead have PINs of their own, and so has each room: "
            "some platforms find the room by its PIN. Waiting for a moderator needs a moderator's "
            "PIN. A room that a public number reaches has a PIN at all, and says how many it "
            "takes. Files alone tell that two references are one: the same variable, file, program "
            "or token, whatever its version. `apply` resolves PINs and compares the two of one "
            "room by their values, before anything is written. PINs of two rooms that come from "
            "different references are compared nowhere: give each room a reference of its own."
        ),
    ),
}


DECIDED_BY = {"TEL331": ("validate", "apply")}


def pins(draft: Draft) -> Iterator[Finding]:
    """Find rooms without the PINs they need (TEL331)."""
    rooms = draft.of(Conference)
    open_to_all = any(room.pin is None and room.moderator_pin is None for _, room in rooms)
    outside = called_from_outside(draft) if open_to_all else frozenset[str]()
    for address, room in rooms:
        if room.wait_for_moderator and room.moderator_pin is None:
            yield _finding(
                draft,
                address,
                "wait_for_moderator",
                f"{address.reference} waits for a moderator, and nobody can come in as one.",
                "Add `moderator_pin`.",
            )
        same = _value(room.pin) is not None and _value(room.pin) == _value(room.moderator_pin)
        if same:
            yield _finding(
                draft,
                address,
                "moderator_pin",
                f"{address.reference} has one PIN for all: everybody comes in as moderator.",
                "Give `moderator_pin` a reference of its own.",
            )
        if room.pin is None and room.moderator_pin is None and address.reference in outside:
            yield Finding(
                "TEL331",
                draft.path(address),
                f"{address.reference} has no PIN, and a public number leads to it.",
                "Add `pin`, such as `pin: {env: CONF_PIN}`.",
                Severity.WARNING,
                address,
                key=True,
            )
        if "capacity" not in room.model_fields_set:
            yield Finding(
                "TEL331",
                draft.path(address),
                f"{address.reference} does not say how many it takes; it takes {room.capacity}.",
                "Add `capacity`.",
                Severity.WARNING,
                address,
                key=True,
            )


def rooms_apart(draft: Draft) -> Iterator[Finding]:
    """Find rooms that share a PIN (TEL331)."""
    first: dict[str, tuple[Address, str]] = {}
    for address, room in draft.of(Conference):
        for field in ("pin", "moderator_pin"):
            value = _value(getattr(room, field))
            if value is None:
                continue
            other, its_field = first.setdefault(value, (address, field))
            if other != address:
                yield _finding(
                    draft,
                    address,
                    field,
                    f"{address.reference} and {other.reference} have one PIN: it opens either.",
                    "Give each room a PIN of its own.",
                    ((draft.path(other, its_field), "the other room's"),),
                )


def _value(secret: SecretReference | None) -> str | None:
    """What a reference stands for, as text; None for what nobody can compare."""
    if secret is None or secret.generate:
        return None
    if secret.file is not None:
        steps = [step for step in secret.file.split("/") if step not in {"", "."}]
        return f"file {'/' * secret.file.startswith('/')}{'/'.join(steps)}"
    return f"{secret.form} {getattr(secret, secret.form)}"


def _finding(
    draft: Draft,
    address: Address,
    field: str,
    said: str,
    hint: str,
    related: tuple[tuple[tuple[str | int, ...], str], ...] = (),
) -> Finding:
    path = draft.path(address, field)
    return Finding("TEL331", path, said, hint, address=address, related=related)


RULES = (pins, rooms_apart)
