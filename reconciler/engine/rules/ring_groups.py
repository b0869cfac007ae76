"""Ring groups: somebody must be there to ring, and a call must have somewhere to go."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from reconciler.engine.draft import Draft, Finding
from reconciler.engine.rounds import circles
from reconciler.errors import Severity
from reconciler.kinds.device import Device
from reconciler.kinds.extension import Extension
from reconciler.kinds.ring_group import Member, RingGroup
from reconciler.model.reference import Reference

EXPLAIN = {
    "TEL210": (
        "Callers wait long",
        (
            "The worst case is longer than `max_wait` of the group, 90 s unless it says otherwise: "
            "`overflow.after`, counted from the first ring, or without an overflow the ringing of "
            "all members, one after the other or at once, as often as they are tried."
        ),
    ),
    "TEL301": (
        "A ring group that rings nobody",
        (
            "A group without members, or whose members are all disabled, suspended or without a "
            "device, answers nobody (fspbx #222)."
        ),
    ),
    "TEL302": (
        "Overflow half given, or none",
        (
            "`after` and `to` are given together: one without the other says nothing. Without an "
            "overflow the caller hears busy at the end."
        ),
    ),
    "TEL303": (
        "A mobile's own voicemail can answer for the group",
        (
            "A member outside the tenant that need not press a key takes the call by its "
            "voicemail, and nobody else is rung any more."
        ),
    ),
    "TEL304": (
        "Many telephones at once",
        (
            "Ringing more than 10 members at once strains telephones and lines; platforms set "
            "their limits there (RingCentral 10, Webex 50)."
        ),
    ),
    "TEL305": (
        "A ring group in itself",
        "Groups that contain each other ring in circles.",
    ),
    "TEL306": (
        "A member that never rings",
        "Its `delay` is as long as it would ring, or longer.",
    ),
}

FIXED = {
    "TEL302": "the platform takes both or neither",
    "TEL305": "callers would reach nobody",
}

_MANY, _TOO_MANY = 10, 50


def somebody_to_ring(draft: Draft) -> Iterator[Finding]:
    """Find groups without members, or without one that can ring (TEL301)."""
    with_device = {address.name.partition("-")[0] for address, _ in draft.of(Device)}
    for address, group in draft.of(RingGroup):
        if not group.members:
            yield Finding(
                "TEL301",
                draft.path(address, "members"),
                f"{address.reference} has no members.",
                "Add one, such as `members: [extension/4201]`.",
                address=address,
            )
        elif not any(_rings(draft, member, with_device) for member in group.members):
            yield Finding(
                "TEL301",
                draft.path(address, "members"),
                f"No member of {address.reference} can ring: all are disabled, suspended or "
                "without a device.",
                "Enable one, or give one a device.",
                Severity.WARNING,
                address,
            )


def _rings(draft: Draft, member: Member, with_device: set[str]) -> bool:
    if not member.enabled:
        return False
    extension = draft.find(Extension, member.to.name) if _is_extension(member.to) else None
    if extension is None:
        return True
    return extension.status == "active" and member.to.name in with_device


def _is_extension(to: str) -> bool:
    return isinstance(to, Reference) and to.kind == Extension.kind


def overflow(draft: Draft) -> Iterator[Finding]:
    """Find overflows half given (an error) or not at all (a warning) (TEL302)."""
    for address, group in draft.of(RingGroup):
        path = draft.path(address, "overflow")
        if group.overflow is None:
            yield Finding(
                "TEL302",
                draft.path(address),
                f"{address.reference} has no overflow: the caller hears busy when nobody answers.",
                "Add `overflow: {after: 40s, to: ...}`.",
                Severity.WARNING,
                address,
                key=True,
            )
        elif (group.overflow.after is None) != (group.overflow.to is None):
            given, lacks = ("after", "to") if group.overflow.to is None else ("to", "after")
            yield Finding(
                "TEL302",
                path,
                f"The overflow of {address.reference} gives `{given}` without `{lacks}`.",
                f"Add `{lacks}`.",
                address=address,
            )


def confirmed(draft: Draft) -> Iterator[Finding]:
    """Find members outside that need not press a key (TEL303)."""
    for address, group in draft.of(RingGroup):
        for index, member in group.outside():
            if not member.confirm:
                yield Finding(
                    "TEL303",
                    draft.path(address, "members", index),
                    f"The voicemail of {member.to.name} can answer the calls of "
                    f"{address.reference}.",
                    "Set `confirm: true`.",
                    Severity.WARNING,
                    address,
                )


def not_too_many(draft: Draft) -> Iterator[Finding]:
    """Find groups that ring very many at once (TEL304)."""
    for address, group in draft.of(RingGroup):
        count = len(group.members)
        if group.strategy == "simultaneous" and count > _MANY:
            limit = _TOO_MANY if count > _TOO_MANY else _MANY
            yield Finding(
                "TEL304",
                draft.path(address, "members"),
                f"{address.reference} rings {count} members at once, more than {limit}.",
                "Use another strategy, or fewer members.",
                Severity.WARNING,
                address,
            )


def not_in_itself(draft: Draft) -> Iterator[Finding]:
    """Find groups that contain themselves or each other (TEL305)."""
    inside = {
        address.name: [
            member.to.name
            for member in group.members
            if isinstance(member.to, Reference) and member.to.kind == RingGroup.kind
        ]
        for address, group in draft.of(RingGroup)
    }
    groups = {address.name: address for address, _ in draft.of(RingGroup)}
    for circle in circles(inside):
        address = groups[circle[0]]
        chain = " in ".join(f"ring_group/{name}" for name in (*circle, circle[0]))
        yield Finding(
            "TEL305",
            draft.path(address, "members"),
            f"{chain}: the groups contain each other."
            if len(circle) > 1
            else f"{address.reference} is a member of itself.",
            "Take one of them out.",
            address=address,
            related=tuple((draft.path(groups[n], "members"), "and here") for n in circle[1:]),
        )


def rings_at_all(draft: Draft) -> Iterator[Finding]:
    """Find members whose delay is as long as they would ring (TEL306)."""
    for address, group in draft.of(RingGroup):
        for index, member in enumerate(group.members):
            ring = member.ring or group.ring
            if member.delay >= ring:
                yield Finding(
                    "TEL306",
                    draft.path(address, "members", index),
                    f"{member.to} waits {member.delay:f}s of its {ring:f}s: it never rings.",
                    "Shorten `delay` or lengthen `ring`.",
                    Severity.WARNING,
                    address,
                )


def not_too_long(draft: Draft) -> Iterator[Finding]:
    """Find groups where a caller may wait longer than `max_wait` (TEL210)."""
    for address, group in draft.of(RingGroup):
        given = group.overflow is not None and group.overflow.after is not None
        worst = _worst_wait(group)
        if worst > group.max_wait:
            yield Finding(
                "TEL210",
                draft.path(address, *(("overflow", "after") if given else ("members",))),
                f"A caller may wait {worst:f}s in {address.reference}, longer than "
                f"{group.max_wait:f}s.",
                "Let the overflow come sooner, or raise `max_wait`.",
                Severity.WARNING,
                address,
            )


def _worst_wait(group: RingGroup) -> Decimal:
    after: Decimal | None = group.overflow.after if group.overflow is not None else None
    if after is not None:
        return after
    each = [one.delay + (one.ring or group.ring) for one in group.members if one.enabled]
    if group.strategy == "simultaneous":
        return max(each, default=Decimal(0)) * group.repeats
    return sum(each, Decimal(0)) * group.repeats


RULES = (
    somebody_to_ring,
    overflow,
    confirmed,
    not_too_many,
    not_in_itself,
    rings_at_all,
    not_too_long,
)
