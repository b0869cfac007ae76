"""Opening hours: complete, of this year, and somebody to talk to outside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.audio import Audio
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.kinds.extension import Extension
from reconciler.kinds.number import Number
from reconciler.kinds.ring_group import RingGroup
from reconciler.kinds.schedule import Exceptional, Holiday, Schedule
from reconciler.kinds.voicemail_box import VoicemailBox
from reconciler.model.address import Address
from reconciler.model.calendar import DAYS, minutes_of
from reconciler.model.reference import EXTERNAL, Reference

EXPLAIN = {
    "TEL208": (
        "Opening hours with a gap",
        (
            "A schedule is used without saying where calls go when it is closed, or has hours that "
            "overlap, hours that go on into the next day, or a holiday that is over for good."
        ),
    ),
    "TEL209": (
        "Nobody takes a message",
        (
            "Outside opening hours calls ring in a group, and nothing after it is a voicemail box: "
            "there is most likely nobody to answer, and no caller can leave a word."
        ),
    ),
}

_DAY, _WEEK = 24 * 60, 7 * 24 * 60


def closed_somewhere(draft: Draft) -> Iterator[Finding]:
    """Find schedules in use that do not say where calls go when they are closed (TEL208)."""
    for address, one in _with_hours(draft):
        if one.schedule is not None and one.closed is None:
            yield Finding(
                "TEL208",
                draft.path(address, "schedule"),
                f"{address.reference} follows {one.schedule} and has no `closed`.",
                "Add `closed`, such as `closed: voicemail_box/6401`.",
                Severity.WARNING,
                address,
            )


def _with_hours(draft: Draft) -> Iterator[tuple[Address, Number | AutoAttendant]]:
    yield from draft.of(Number)
    yield from draft.of(AutoAttendant)


def sound_hours(draft: Draft) -> Iterator[Finding]:
    """Find hours that overlap or pass midnight, and holidays that are over (TEL208)."""
    for address, schedule in draft.of(Schedule):
        yield from _overlaps(draft, address, schedule)
        yield from _overnight(draft, address, schedule)
        yield from _over(draft, address, schedule)


def _overnight(draft: Draft, address: Address, schedule: Schedule) -> Iterator[Finding]:
    for index, window in enumerate(schedule.open):
        if minutes_of(window.hours)[1] > _DAY:
            yield Finding(
                "TEL208",
                draft.path(address, "open", index, "hours"),
                f"{window.hours} of {address.reference} is read as: until "
                f"{window.hours.partition('-')[2]} of the next day.",
                "Split it at 24:00 if that is not meant.",
                Severity.INFO,
                address,
            )


def _overlaps(draft: Draft, address: Address, schedule: Schedule) -> Iterator[Finding]:
    spans = sorted(
        (day * _DAY + first, day * _DAY + last, index)
        for index, window in enumerate(schedule.open)
        for first, last in (minutes_of(window.hours),)
        for day in (DAYS.index(name) for name in window.days)
    )
    if spans:  # the week goes round: Sunday night may reach into Monday
        spans.append((spans[0][0] + _WEEK, spans[0][1] + _WEEK, spans[0][2]))
    told: set[int] = set()
    end, holder = -1, -1
    for first, last, index in spans:
        if first < end and index not in told:
            told.add(index)
            yield Finding(
                "TEL208",
                draft.path(address, "open", index, "hours"),
                f"{schedule.open[index].hours} of {address.reference} overlaps "
                f"{schedule.open[holder].hours} on {DAYS[first // _DAY % 7]}.",
                "Make one of the two.",
                Severity.WARNING,
                address,
                ((draft.path(address, "open", holder, "hours"), "the other hours"),),
            )
        if last > end:
            end, holder = last, index


def _over(draft: Draft, address: Address, schedule: Schedule) -> Iterator[Finding]:
    if not draft.facts.today:
        return
    today = date.fromisoformat(draft.facts.today)
    for field, index, one in _dated(schedule):
        last = _last_day(one)
        if last is not None and last < today:
            yield Finding(
                "TEL208",
                draft.path(address, field, index),
                f"{one.name or 'A day'} of {address.reference} was over on {last} and never "
                "comes again.",
                "Take it out, or leave the year out to have it every year.",
                Severity.WARNING,
                address,
            )


def _dated(schedule: Schedule) -> Iterator[tuple[str, int, Holiday | Exceptional]]:
    for index, holiday in enumerate(schedule.holidays):
        yield "holidays", index, holiday
    for index, exception in enumerate(schedule.exceptions):
        yield "exceptions", index, exception


def _last_day(one: Holiday | Exceptional) -> date | None:
    """The last day of what has a year; None for what comes again."""
    if isinstance(one, Holiday) and one.ends is not None:
        return date.fromisoformat(one.ends[:10])
    if one.date is None or len(one.date) < len("2026-12-25"):
        return None
    return date.fromisoformat(one.date) + timedelta(days=(one.days or 1) - 1)


def a_word_left(draft: Draft) -> Iterator[Finding]:
    """Find branches for closed hours that end in a group without voicemail (TEL209)."""
    known: dict[str, _End] = {}
    for address, one in _with_hours(draft):
        for field in ("closed", "holiday"):
            to = getattr(one, field, None)
            group = _unheard(draft, to, known) if isinstance(to, Reference) else ""
            if group:
                yield Finding(
                    "TEL209",
                    draft.path(address, field),
                    f"{address.reference} leads to {group} when `{field}` holds, and no voicemail "
                    "follows.",
                    "Send these calls to a voicemail box, or let the group overflow to one.",
                    Severity.WARNING,
                    address,
                )


_End = tuple[bool, str]
"""Whether somebody takes a message at the end of a call's way, and the first group on it."""


def _unheard(draft: Draft, to: Reference, known: dict[str, _End]) -> str:
    """The first group on a call's way where nobody takes a message at the end; "" for none.

    `known` keeps what was found for each object on the way, so that none is walked twice.
    """
    way: list[Reference] = []
    here: str | None = to
    heard, group = False, ""
    while isinstance(here, Reference) and here.reference not in known:
        known[here.reference] = (True, "")  # a circle has no end: another rule tells that
        way.append(here)
        heard = _takes_a_message(draft, here)
        here = None if heard else _onward(draft, here)
    if isinstance(here, Reference):
        heard, group = known[here.reference]
    for at in reversed(way):
        group = at.reference if at.kind == RingGroup.kind else group
        known[at.reference] = (heard, group)
    heard, group = known[to.reference]
    return "" if heard else group


def _takes_a_message(draft: Draft, at: Reference) -> bool:
    own = at.kind == Extension.kind and draft.find(VoicemailBox, at.name) is not None
    return own or at.kind in {VoicemailBox.kind, EXTERNAL}


def _onward(draft: Draft, at: Reference) -> str | None:
    """Where a call goes on that nobody takes and whose caller presses nothing."""
    group, menu = draft.find(RingGroup, at.name), draft.find(AutoAttendant, at.name)
    if at.kind == RingGroup.kind and group is not None:
        return group.overflow.to if group.overflow is not None else None
    if at.kind == AutoAttendant.kind and menu is not None:
        to: str = menu.timeout.to
        return menu.operator if to == "operator" else to
    if at.kind == Audio.kind:
        sound = draft.find(Audio, at.name)
        return sound.then if sound is not None else None
    extension = draft.find(Extension, at.name) if at.kind == Extension.kind else None
    forward = extension.forward.always or extension.forward.no_answer if extension else None
    return forward.to if forward is not None else None


RULES = (closed_somewhere, sound_hours, a_word_left)
